import type { CaseAddition, CaseChange, CaseEvent, CaseRecord, RelatedAlert } from '../cases';
import { severities } from './alert';
import type { Findings, Severity } from './evidence';

/** What holds a case up: additions and alerts that joined can only raise it, whatever is decided before or after them. */
export interface Raisers {
  /** The case is at least as severe. */
  severity: Severity | null;
  /** Why no rule may close it; null when nothing is in the way. */
  review: string | null;
}

/** Pure and independent of order: the same additions and alerts hold a case up in the same way. */
export function raisersOf(
  additions: readonly Pick<CaseAddition, 'id' | 'scrutiny' | 'severity'>[],
  related: readonly Pick<RelatedAlert, 'alert' | 'looked_at'>[],
): Raisers {
  const floors = [...additions.map(({ severity }) => severity), ...related.map(({ alert }) => alert.severity)];
  const severity = floors.reduce<Severity | null>(
    (highest, floor) => (floor === null ? highest : highest === null ? floor : moreSevere(highest, floor)),
    null,
  );
  const asked = additions.filter(({ scrutiny }) => scrutiny === 'raise').map(({ id }) => id);
  const unseen = related.filter(({ looked_at }) => !looked_at).map(({ alert }) => alert.id);
  const reasons = [
    ...(asked.length === 0 ? [] : [`${asked.slice(0, 5).join(', ')} asks a person to look`]),
    ...(unseen.length === 0
      ? []
      : [
          `${unseen.length === 1 ? 'a related alert' : `${unseen.length} related alerts`} joined that no query looked at`,
        ]),
  ];
  return { severity, review: reasons.length === 0 ? null : `${reasons.join('; ')}.` };
}

export function moreSevere(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) >= severities.indexOf(b) ? a : b;
}

/**
 * A change of a case as it may be made: with what was raised, no rule and no model lowers the severity below it, calls the
 * alert benign or false, or closes the case. A change that says nothing of these comes back as it is.
 */
export function heldUp(change: CaseChange, event: CaseEvent, { severity, review }: Raisers): [CaseChange, CaseEvent] {
  const held: CaseChange = { ...change };
  if (severity !== null && held.severity !== undefined) held.severity = moreSevere(held.severity, severity);
  const lowered = held.outcome === 'false_positive' || held.outcome === 'benign_positive';
  if (review !== null && lowered) {
    held.outcome = 'needs_review';
    held.reason =
      `Needs review: ${review} Before: ${change.reason ?? held.findings?.verdict.reason ?? 'no reason'}`.slice(0, 2000);
  }
  if (held.findings != null) held.findings = withVerdict(held.findings, held);
  if (review === null || held.status !== 'closed') return [held, event];
  return [
    { ...held, status: 'needs_review', closed_at: null },
    { type: 'handed_over', summary: `The automated part ended: needs_review, because ${review}` },
  ];
}

/** What has to change on a case right now for it to be held up; empty when it is already. */
export function raisedNow(record: CaseRecord, raisers: Raisers): CaseChange {
  const { severity, outcome, reason, findings } = record;
  const [held] = heldUp({ severity, outcome, reason, findings }, { type: '', summary: '' }, raisers);
  return {
    ...(held.severity === severity ? {} : { severity: held.severity }),
    ...(held.outcome === outcome ? {} : { outcome: held.outcome, reason: held.reason }),
    ...(held.severity === severity && held.outcome === outcome ? {} : { findings: held.findings }),
  };
}

function withVerdict(findings: Findings, { severity, outcome, reason }: CaseChange): Findings {
  const { verdict } = findings;
  const next = {
    ...verdict,
    severity: severity ?? verdict.severity,
    outcome: outcome ?? verdict.outcome,
    reason: reason ?? verdict.reason,
  };
  const decide = 'A person decides: read the evidence and what was not seen.';
  const raised = next.outcome === 'needs_review' && !findings.next_actions.includes(decide);
  return {
    ...findings,
    verdict: next,
    next_actions: raised ? [decide, ...findings.next_actions].slice(0, 20) : findings.next_actions,
  };
}
