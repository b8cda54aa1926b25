import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { ConflictError, InvalidInputError, OperationError } from '../../operations/errors';
import { Deadline } from '../../operations/retry';
import { SlackClient } from '../../operations/slack/client';
import { readMessage } from '../../operations/slack/read-message';
import { hasCredential } from '../credentials';
import { n8nPorts } from '../n8n-ports';
import { errorShape, isFromN8n, toNodeError } from '../node-errors';
import { closeMessage, closings } from './close-message';
import { approvalMark } from './post-request';
import { type ApprovalResult, resultSchema } from './result';

/** Value of the operation. */
export const closeUnansweredOperation = 'closeUnanswered';

/**
 * For the way that a workflow takes when nobody decided: n8n runs no code of the node that waited, so this one closes its
 * message. Every item is passed on as it came; those that were decided are left alone.
 */
export async function closeUnanswered(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const output: INodeExecutionData[] = [];
  for (const [index, item] of context.getInputData().entries()) {
    try {
      await closeOne(context, item);
      output.push({ json: item.json, pairedItem: { item: index } });
    } catch (error) {
      if (!(error instanceof OperationError) && !isFromN8n(error)) {
        context.logger.error('closing a request stopped on an unexpected condition', { error });
      }
      const shape = errorShape(error, undefined);
      if (!context.continueOnFail()) throw toNodeError(context.getNode(), shape, index);
      output.push({ json: { ...item.json, error: { ...shape } }, pairedItem: { item: index } });
    }
  }
  return output;
}

async function closeOne(context: IExecuteFunctions, { json }: INodeExecutionData): Promise<void> {
  const result = resultSchema.safeParse(json);
  if (!result.success) {
    throw new InvalidInputError(
      'Input',
      'is not what Send and Wait for Decision gives out; connect this node behind it',
    );
  }
  const { status, channel, ts } = result.data;
  if (status !== 'timed_out' || channel === null || ts === null) return;
  // The bridge closes what it asked for; without Slack's credential there is nothing else to do here.
  if (hasCredential(context, 'bridge') && !hasCredential(context, 'slack')) return;
  const ports = n8nPorts(context);
  const client = await SlackClient.connect(ports, new Deadline(ports, 30_000));
  const found = await readMessage(client, { channel, ts, thread: ts });
  // Somebody deleted it: there is nothing left to press.
  if (found === undefined) return;
  if (!found.own || !isMarked(found.metadata, result.data)) {
    throw new ConflictError('The message is not the one of this request, so it was left alone.', { channel, ts });
  }
  await closeMessage(client, { channel, ts }, closings.timedOut);
}

function isMarked(
  metadata: { event_type: string; event_payload: Record<string, unknown> } | null,
  { approval_id: id }: ApprovalResult,
): boolean {
  const { eventType, effect } = approvalMark(id);
  if (metadata?.event_type !== eventType) return false;
  const marked = metadata.event_payload.effect;
  // The bridge tells its messages about one request apart by what follows.
  return marked === effect || (typeof marked === 'string' && marked.startsWith(`${effect}:`));
}
