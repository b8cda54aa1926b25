import type { ApprovalRecord } from '../../../operations/approvals';
import type { CaseStatus, CasesPort } from '../../../operations/cases';
import type { Ports } from '../../../operations/ports';
import { isOfResponse } from '../../../operations/response/plan';
import { cleanLine } from '../../../operations/text';

/**
 * Writes into the chain of events of the case what was asked, or what came of it; once, whatever is repeated. A case that
 * this bridge does not keep has no chain, and nothing is written.
 */
export async function noteOnCase(ports: Ports, record: ApprovalRecord, what: 'asked' | 'case'): Promise<void> {
  const { cases } = ports;
  const { case_id: caseId, approval_id: id, status } = record;
  if (cases === undefined || caseId === null) return;
  if ((await cases.get(caseId)) === undefined) return;
  // Both are owed at once where a decision came quickly, and the question comes first in the story.
  if (what === 'case') await noteOnCase(ports, record, 'asked');
  const event =
    what === 'asked'
      ? { type: 'approval_requested', summary: cleanLine(`Approval ${id} asked for: ${actionOf(record)}`) }
      : {
          type: `approval_${status}`,
          summary: cleanLine(`Approval ${id}, ${actionOf(record)}: ${outcomeOf(record)}`, 1000),
        };
  await cases.stage(caseId, `approval:${id}:${what}`, async () => {
    const before = (await cases.get(caseId))?.status;
    const isLate = what === 'asked' && (await wasLeftToAPersonSince(cases, record));
    const change = (now: CaseStatus) => {
      // What was left to a person while this was looked at stays so.
      if (!isOfResponse(record.action) || (now === 'needs_review' && (isLate || now !== before))) return {};
      const next = statusAfter(record, now, what);
      return next === undefined ? {} : { status: next };
    };
    await cases.change(caseId, change, event);
    return { approval_id: id };
  });
}

/**
 * Notes are written when there is time for them, and a case has several containments: a no, silence or a stop about one of them
 * that came after the question about another stands, in whichever order the two are noted.
 */
async function wasLeftToAPersonSince(cases: CasesPort, { case_id: caseId, created_at: askedAt }: ApprovalRecord) {
  const history = caseId === null ? [] : await cases.history(caseId);
  return history.some(({ type, at }) => leftToAPerson.test(type) && at >= askedAt);
}

const leftToAPerson = /^(approval_(denied|timed_out|cancelled)|response_(stopped|failed|unverified))$/;

/** Where a case stands once a containment was asked for, or decided on: a no, or silence, leaves it to a person. */
function statusAfter(
  { status }: ApprovalRecord,
  now: CaseStatus,
  what: 'asked' | 'case',
): 'awaiting_approval' | 'responding' | 'needs_review' | undefined {
  if (what === 'asked') {
    const open = now === 'responding' || now === 'needs_review';
    return open && status === 'pending' ? 'awaiting_approval' : undefined;
  }
  if (status === 'approved') return now === 'awaiting_approval' ? 'responding' : undefined;
  return now === 'awaiting_approval' || now === 'responding' ? 'needs_review' : undefined;
}

function actionOf({ action, action_digest: digest }: ApprovalRecord): string {
  return `${action.name} on ${cleanLine(action.target, 150)} (sha256 ${digest.slice(0, 16)})`;
}

function outcomeOf({ status, decided_by: decisions }: ApprovalRecord): string {
  if (status === 'timed_out') return 'nobody decided in time';
  if (status === 'cancelled') return 'taken back';
  const deciding = decisions.filter(({ decision }) => decision === status);
  const names = deciding.map(({ name, id }) => `${name} (${id})`).join(', ');
  const reason = deciding.find((decision) => decision.reason !== undefined)?.reason;
  return `${status} by ${names}${reason === undefined ? '' : `: ${reason}`}`;
}
