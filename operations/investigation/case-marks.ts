import type { CaseMark } from '../cases';
import type { Alert, Entity } from './alert';
import type { EvidenceItem } from './evidence';

/** An account is shared by everybody in it, and `other` by nobody knows whom: neither makes two alerts one. */
const tooWide: ReadonlySet<Entity['type']> = new Set(['aws_account', 'other']);

export function entityMarks({ entities }: Pick<Alert, 'entities'>): CaseMark[] {
  return unique(entities.map(({ type, value }) => ({ kind: 'entity', type, value: folded(value) })));
}

/** The entities by which an alert can join a case. */
export function joiningMarks(alert: Pick<Alert, 'entities'>): CaseMark[] {
  return entityMarks(alert).filter(({ type }) => !tooWide.has(type as Entity['type']));
}

/** A rule is one only within its system and tenant: tenants never meet. */
export function ruleMark({ rule, source, tenant }: Pick<Alert, 'rule' | 'source' | 'tenant'>): CaseMark | undefined {
  if (rule === null || rule.id.trim() === '') return undefined;
  return { kind: 'rule', type: JSON.stringify([source, tenant]), value: folded(rule.id) };
}

export function techniqueMarks(evidence: readonly Pick<EvidenceItem, 'family' | 'techniques'>[]): CaseMark[] {
  const observed = evidence.filter(({ family }) => family === 'hostile').flatMap(({ techniques }) => techniques);
  return unique(observed.map((technique) => ({ kind: 'technique', type: '', value: folded(technique) })));
}

/** The form in which values are stored and compared. */
export function folded(value: string): string {
  return value.trim().toLowerCase();
}

function unique(marks: readonly CaseMark[]): CaseMark[] {
  const byKey = new Map(marks.map((mark) => [JSON.stringify([mark.kind, mark.type, mark.value]), mark]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
}

const nearMs = 30 * 60_000;

/**
 * Whether the questions of a case cover a further alert: the same entities, raised at nearly the same time, and before
 * anything was asked. The same for two alerts in either order.
 */
export function isLookedAt(first: Alert, openedAt: string, further: Alert): boolean {
  const [a, b] = [Date.parse(first.created_at), Date.parse(further.created_at)];
  const opened = Date.parse(openedAt);
  const near = Math.abs(a - b) <= nearMs && a <= opened && b <= opened;
  return near && JSON.stringify(entityMarks(first)) === JSON.stringify(entityMarks(further));
}
