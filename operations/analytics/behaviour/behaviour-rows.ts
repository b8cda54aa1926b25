import type { StreamedRow } from '../../row-stream';
import { type BinnedDimension, bins, type EntityDay, type NamedDimension, namedDimensions } from './entity-day';

/** A day with the facts beside its habits. */
export interface BehaviourDay extends EntityDay {
  /** Calls that were refused. */
  denied: number;
  /** Calls of the root user; console sign-ins without MFA; console sign-ins that failed. */
  root: number;
  withoutMfa: number;
  failedSignIns: number;
  /** Calls dated more than five minutes after they arrived. */
  skewed: number;
}

const namedKinds: Record<string, NamedDimension> = {
  a: 'action',
  p: 'pair',
  n: 'place',
  u: 'agent',
  r: 'region',
  e: 'error',
};
const binnedKinds: Record<string, BinnedDimension> = { h: 'hour', w: 'weekday', b: 'burst', g: 'gap' };

/** The bar behind the kind of a facet. */
const bar = 124;

/** The day in a row of behaviourSql; undefined for a row that is none (another shape, no entity, no calls). */
export function behaviourDay(row: StreamedRow): BehaviourDay | undefined {
  const value = (name: string) => row[name] ?? row[name.toUpperCase()];
  const entity = value('entity');
  const day = numberOf(value('day'));
  const facets = objectOf(value('facets'));
  if (typeof entity !== 'string' || entity === '' || !Number.isFinite(day) || facets === undefined) return undefined;
  const values: Partial<Record<NamedDimension, [string, number][]>> = {};
  const binned: Partial<Record<BinnedDimension, [number, number][]>> = {};
  const totals: Record<string, number> = {};
  for (const facet of Object.keys(facets)) {
    const calls = numberOf(facets[facet]);
    if (facet.charCodeAt(1) !== bar || !(calls > 0)) continue;
    const kind = facet.charAt(0);
    const dimension = namedKinds[kind];
    const bin = binnedKinds[kind];
    if (dimension !== undefined) {
      const counts = values[dimension] ?? [];
      values[dimension] = counts;
      counts.push([facet.slice(2), calls]);
    } else if (bin !== undefined) {
      const at = Math.trunc(Number(facet.slice(2)));
      if (at >= 0) {
        const counts = binned[bin] ?? [];
        binned[bin] = counts;
        counts.push([Math.min(at, bins[bin] - 1), calls]);
      }
    } else if (kind === 't') totals[facet.slice(2)] = calls;
  }
  // An object has no order that a data lake keeps; sums and lists must not depend on it.
  const named: Partial<Record<NamedDimension, Map<string, number>>> = {};
  for (const dimension of namedDimensions) {
    const counts = values[dimension];
    if (counts !== undefined) named[dimension] = new Map(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  for (const counts of Object.values(binned)) counts.sort(([a], [b]) => a - b);
  const { events = 0, moments = 0, denied = 0, root = 0, no_mfa = 0, login_failed = 0, skewed = 0 } = totals;
  if (events < 1) return undefined;
  return {
    entity,
    day: Math.trunc(day),
    events,
    moments: Math.max(1, moments),
    named,
    binned,
    denied,
    root,
    withoutMfa: no_mfa,
    failedSignIns: login_failed,
    skewed,
  };
}

/** A count, which some drivers give as text; NaN for anything else. Objects are not asked to turn into numbers. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

/** Snowflake gives a VARIANT as an object or as its JSON, depending on the driver. */
function objectOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'string') {
    try {
      return objectOf(JSON.parse(value));
    } catch {
      return undefined;
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
