import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { type ApprovalRecord, approvalSchema } from '../../operations/approvals';
import { BadResponseError } from '../../operations/errors';
import { getApprovalStatus } from '../../operations/slack/get-approval-status';
import { forwardToBridge } from '../forward-to-bridge';
import { n8nPorts } from '../n8n-ports';
import type { HttpAnswer } from '../slack-trigger/http-answer';
import { reply, replyWith } from './reply';
import { asItem, resultOf, timedOut } from './result';
import type { Waiting } from './waiting';

/**
 * The bridge says that an approval is settled. Nothing of what it sends is believed, for whoever has the address could send
 * it: the bridge is asked. Throws OperationError when it cannot be; it calls again.
 */
export async function answerFromBridge(
  context: IWebhookFunctions,
  response: HttpAnswer,
  waiting: Waiting,
): Promise<IWebhookResponseData> {
  const input = { approval_id: waiting.approval_id, wait_seconds: 0 };
  const output = await forwardToBridge(context, n8nPorts(context), getApprovalStatus, input);
  const record = approvalSchema.safeParse(output);
  if (!record.success || record.data.approval_id !== waiting.approval_id) {
    throw new BadResponseError('The SOC bridge', 'its result of get_approval_status has another form');
  }
  const { data } = record;
  if (data.status === 'pending') {
    return replyWith(
      response,
      409,
      reply({ outcome: 'refused', tell: 'The approval is still pending on the bridge.' }),
    );
  }
  return { workflowData: [[settledItem(waiting, data)]], webhookResponse: reply({ outcome: 'settled' }) };
}

/** What the node gives out for an approval that the bridge has settled. */
export function settledItem(waiting: Waiting, data: ApprovalRecord): INodeExecutionData {
  const place = { channel: data.channel, ts: data.ts, permalink: data.permalink, requested_by: data.requested_by };
  const now: Waiting = { ...waiting, ...place, expires_at: data.expires_at };
  // What was decided has to be what was asked here; anything else is no yes.
  const same = data.action_digest === waiting.action_digest;
  const status = data.status === 'pending' || (data.status === 'approved' && !same) ? 'cancelled' : data.status;
  const said = status === 'timed_out' ? timedOut(now).data.chatInput : data.data.chatInput;
  const why = status === 'cancelled' ? (data.cancel_reason ?? said ?? 'The request was cancelled.') : said;
  return asItem(resultOf(now, status, data.decided_by, why));
}
