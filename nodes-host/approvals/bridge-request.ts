import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { type ApprovalRecord, approvalSchema } from '../../operations/approvals';
import { BadResponseError } from '../../operations/errors';
import { parseInput } from '../../operations/operation';
import { requestAnalystApproval } from '../../operations/slack/request-analyst-approval';
import { forwardToBridge } from '../forward-to-bridge';
import { n8nPorts } from '../n8n-ports';
import { addressQuery } from './address-query';
import { newApprovalId } from './approval-id';
import { settledItem } from './bridge-answer';
import type { Question } from './question';
import { pendingItem } from './result';
import type { Waiting } from './waiting';
import { workflowName } from './workflow-name';

/**
 * Has the bridge ask. It counts approvals, reminds, escalates and ends what nobody answers, and calls the resume address
 * of this execution when it is settled; the answer is then read from the bridge, and not from that call. `standing` is the
 * answer to what another execution asked already: there is nothing to wait for. Throws
 * OperationError when the bridge did not take the request.
 */
export async function askOnBridge(
  context: IExecuteFunctions,
  question: Question,
): Promise<{ waiting: Waiting; standing: INodeExecutionData | undefined }> {
  const { action, approvers: listed, requester, caseId } = question;
  // The bridge gives the approval its id; the address needs one before.
  const reference = newApprovalId();
  const input = parseInput(requestAnalystApproval, {
    action: action.name,
    target: action.target,
    arguments: action.arguments,
    title: (action.title || `${action.name} on ${action.target}`).slice(0, 200),
    justification: question.justification ?? undefined,
    // Stated, and shown as such: without a person, the workflow is who asks.
    requested_by: requester ?? workflowName(context).slice(0, 200),
    case_id: caseId ?? undefined,
    channel: question.channel ?? undefined,
    approvers: listed.length === 0 ? undefined : listed,
    min_approvals: question.minApprovals > 1 ? question.minApprovals : undefined,
    expires_in_minutes: Math.max(1, Math.ceil(question.expiresInSeconds / 60)),
    wait_seconds: 0,
    // A lost answer is asked for again under the same key, and nobody is asked twice.
    idempotency_key: question.idempotencyKey ?? reference,
    resume_url: context.getSignedResumeUrl({ [addressQuery.approval]: reference }),
  });
  const output = await forwardToBridge(context, n8nPorts(context), requestAnalystApproval, input);
  const record = approvalSchema.safeParse(output);
  if (!record.success)
    throw new BadResponseError('The SOC bridge', 'its result of request_analyst_approval has another form');
  const { data } = record;
  if (data.action_digest !== question.digest) {
    throw new BadResponseError('The SOC bridge', 'it asked for another action than this node had named');
  }
  const waiting: Waiting = {
    by: 'bridge',
    reference,
    approval_id: data.approval_id,
    action: data.action,
    action_digest: data.action_digest,
    justification: data.justification,
    case_id: data.case_id,
    requested_by: data.requested_by,
    approvers: listed,
    ask_reason: true,
    expires_at: data.expires_at,
    channel: data.channel,
    ts: data.ts,
    permalink: data.permalink,
  };
  // The bridge tells the execution that asked first; another one that waited would never hear of it.
  const known = question.idempotencyKey !== null && output.created === false;
  return { waiting, standing: known ? standingItem(waiting, data) : undefined };
}

/** What was asked before: decided, or still with the people asked. */
function standingItem(waiting: Waiting, record: ApprovalRecord): INodeExecutionData {
  if (record.status !== 'pending') return settledItem(waiting, record);
  return pendingItem(waiting);
}
