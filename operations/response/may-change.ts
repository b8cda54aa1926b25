import type { ApprovableAction, ApprovalRecord } from '../approvals';
import { ConflictError, InvalidInputError, OperationError } from '../errors';
import type { Ports } from '../ports';
import type { ResponsePort } from './response-port';

/** Throws unless responses are switched on and nobody halted them. Asked before every change, not once at the start. */
export async function requireSwitchedOn(responses: ResponsePort): Promise<void> {
  if (!responses.settings.enabled) {
    throw new OperationError(
      'missing_permission',
      'Responses are switched off in this bridge: plans can be made, and nothing is changed. Set RESPONSE_ENABLED=true, with RESPONSE_PROTECTED, in its environment and start it again.',
      { variable: 'RESPONSE_ENABLED' },
    );
  }
  const halted = await responses.halted();
  if (halted !== null) {
    throw new ConflictError(`All responses are halted: ${halted}. "soc-bridge response resume" ends that.`, {
      halted: true,
    });
  }
}

/** Uses the approval up for exactly this action. Throws InvalidInputError without one, and what `consume` throws. */
export async function useApproval(
  ports: Ports,
  approvalId: string | undefined,
  action: ApprovableAction,
  usedBy: string,
): Promise<ApprovalRecord> {
  if (approvalId === undefined)
    throw new InvalidInputError(
      'approval_id',
      'is needed to change anything; ask with request_analyst_approval, or use dry_run',
    );
  if (ports.approvals === undefined) {
    throw new OperationError(
      'unavailable',
      'Approvals are kept by the bridge and need Slack to be set up in it; nothing is changed without one.',
    );
  }
  return ports.approvals.consume({ approvalId, action, usedBy });
}

/** Who approved, for the case: names are to read, ids count. */
export function approvers(approval: ApprovalRecord): string {
  const people = approval.decided_by.filter(({ decision }) => decision === 'approved');
  return people.map(({ id, name }) => `${name} (${id})`).join(', ');
}
