import { OperationError } from '../errors';
import { attempt } from './approvals';
import { type AuditEvent, shapeAuditEvent, wireAuditEvent } from './audit-event-shape';
import { explainRefusal, type Need, type Unavailable, unreadable } from './availability';
import type { GitLab } from './client';
import type { Scope } from './scope';
import { isWithin, type TimeWindow, toIso } from './time-window';
import { hasRole, type Role, readStanding } from './token-standing';
import { readWire } from './wire-types';

/** Bounds one call where most events do not fit the filter: 2,000 events. */
const maxPages = 20;
/** Ids follow the order of writing, which time stamps may miss by a little. */
const slackMs = 60_000;

/** Whose events the token is shown: below a role GitLab leaves out those of others without a word. */
export type Coverage = 'everybody' | 'own_actions' | 'unknown';

export interface FoundAuditEvents {
  events: AuditEvent[];
  covers: Coverage;
  complete: boolean;
  /** The last event that was looked at, kept or not, when there may be more behind it. */
  stoppedAt: { id: number; time: number } | null;
}

export interface AuditEventQuery {
  window: TimeWindow;
  limit: number;
  keep(event: AuditEvent): boolean;
  /** Goes on behind this event. */
  after?: { id: number; time: number };
}

const needs: Record<Scope['kind'], { what: string; all: Role; edition: 'Premium' }> = {
  project: { what: 'Audit events of a project', all: 'Maintainer', edition: 'Premium' },
  group: { what: 'Audit events of a group', all: 'Owner', edition: 'Premium' },
  instance: { what: 'Audit events of the instance', all: 'administrator', edition: 'Premium' },
};

/**
 * Audit events of a scope, newest id first, read by keyset where the server knows it. A refusal is explained; anything
 * else throws what the client throws.
 */
export async function readAuditEvents(
  gitlab: GitLab,
  scope: Scope,
  query: AuditEventQuery,
): Promise<FoundAuditEvents | Unavailable> {
  const { what, all, edition } = needs[scope.kind];
  const need: Need = { what, role: scope.kind === 'instance' ? 'administrator' : 'Developer', edition };
  const standing = await readStanding(gitlab, scope.path);
  const found = await attempt(() => readPages(gitlab, scope, query));
  if (found instanceof OperationError) {
    const itself = scope.kind === 'instance' ? null : await attempt(() => gitlab.get(scope.path, {}, scope.what));
    if (itself instanceof OperationError) return unreadable(itself);
    return explainRefusal(gitlab, found, need, standing);
  }
  const sees = hasRole(standing, all);
  return { ...found, covers: sees === null ? 'unknown' : sees ? 'everybody' : 'own_actions' };
}

async function readPages(
  gitlab: GitLab,
  scope: Scope,
  query: AuditEventQuery,
): Promise<Omit<FoundAuditEvents, 'covers'>> {
  const { window, after } = query;
  const until = after === undefined ? window.to : Math.min(window.to, after.time + slackMs);
  const params = {
    created_after: toIso(window.from),
    created_before: toIso(until),
    pagination: 'keyset',
    order_by: 'id',
    sort: 'desc',
  };
  const events: AuditEvent[] = [];
  const seen = new Set<string>();
  let stoppedAt: { id: number; time: number } | null = null;
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await gitlab.page(
      `${scope.path}/audit_events`,
      params,
      `the audit events of ${scope.what}`,
      (value) => readWire(wireAuditEvent, value, 'an audit event of the list'),
      cursor,
    );
    for (const [index, wire] of page.items.entries()) {
      if (after !== undefined && wire.id >= after.id) continue;
      stoppedAt = { id: wire.id, time: Date.parse(wire.created_at ?? '') || window.from };
      if (!isWithin(window, wire.created_at)) continue;
      const event = shapeAuditEvent(wire);
      if (!query.keep(event)) continue;
      events.push(event);
      const isLast = index === page.items.length - 1 && page.next === undefined;
      if (events.length >= query.limit && !isLast) return { events, complete: false, stoppedAt };
    }
    gitlab.ports.progress(`Read the audit events of ${scope.what}`, events.length);
    if (page.next === undefined) return { events, complete: true, stoppedAt: null };
    if (pages >= maxPages || seen.has(page.next)) return { events, complete: false, stoppedAt };
    seen.add(page.next);
    cursor = page.next;
  }
}
