import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { OperationError } from '../../operations/errors';
import { credentialTypes, hasCredential } from '../credentials';
import { errorShape, isFromN8n, toNodeError } from '../node-errors';
import { signingSecrets } from '../slack-trigger/signed-interaction';
import { newApprovalId } from './approval-id';
import { askOnBridge } from './bridge-request';
import { stampInput } from './input-stamp';
import { postRequest } from './post-request';
import { type Question, readQuestion } from './question';
import { pendingItem, timedOut } from './result';
import { keepWaiting, type Waiting } from './waiting';
import { workflowName } from './workflow-name';

/** n8n ends a wait that the bridge should have ended; by then the bridge had this long to say so. */
const graceMs = 60_000;

/**
 * Asks, and puts the execution to wait. What it returns is shown while it waits and then dropped: n8n goes on with what
 * the decision brings, or, when time is up, with the input that was replaced here.
 */
export async function sendAndWait(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  try {
    assertCanWait(context.getNode().type);
    const items = context.getExecuteData().data.main?.[0]?.length ?? 0;
    const question = readQuestion(context, context.getNode().executeOnce === true ? 1 : items);
    const { waiting, standing } = await ask(context, question);
    if (standing !== undefined) return [standing];
    const silence = timedOut(waiting);
    keepWaiting(context, waiting);
    stampInput(context, silence);
    const grace = waiting.by === 'bridge' ? graceMs : 0;
    await context.putExecutionToWait(new Date(Date.parse(waiting.expires_at) + grace));
    return [pendingItem(waiting)];
  } catch (error) {
    if (!(error instanceof OperationError) && !isFromN8n(error)) {
      context.logger.error('asking for an approval stopped on an unexpected condition', { error });
    }
    const shape = errorShape(error, undefined);
    if (!context.continueOnFail()) throw toNodeError(context.getNode(), shape, 0);
    // An approval that could not be asked for is none, also for whoever looks at `approved` alone.
    const refused = { approved: false, data: { approved: false } };
    const onErrorOutput = context.getNode().onError === 'continueErrorOutput';
    return [{ json: { ...(onErrorOutput ? {} : refused), error: { ...shape } }, pairedItem: { item: 0 } }];
  }
}

async function ask(
  context: IExecuteFunctions,
  question: Question,
): Promise<{ waiting: Waiting; standing?: INodeExecutionData }> {
  if (question.answerWith === 'buttons' && hasCredential(context, 'bridge')) return askOnBridge(context, question);
  assertOwnPowers(question);
  await assertCanBeDecided(context, question);
  const approvalId = newApprovalId();
  const waiting: Waiting = {
    by: question.answerWith === 'link' ? 'link' : 'clicks',
    reference: approvalId,
    approval_id: approvalId,
    action: question.action,
    action_digest: question.digest,
    justification: question.justification,
    case_id: question.caseId,
    requested_by: { principal: null, slack_user_id: question.requester, stated: workflowName(context) },
    approvers: question.approvers,
    ask_reason: question.askReason,
    expires_at: new Date(Date.now() + question.expiresInSeconds * 1000).toISOString(),
    channel: null,
    ts: null,
    permalink: null,
  };
  return { waiting: { ...waiting, ...(await postRequest(context, waiting, question.channel)) } };
}

function assertCanWait(type: string): void {
  if (!type.endsWith('Tool') || type.endsWith('HitlTool')) return;
  throw new OperationError(
    'invalid_input',
    'A tool of an AI Agent cannot wait for a decision. Connect SOC Slack for human review between the tool and the agent instead.',
    { field: 'operation' },
  );
}

/** What needs the bridge is refused without it, instead of being left out. */
function assertOwnPowers({ answerWith, approvers, forBridge, minApprovals }: Question): void {
  if (forBridge) {
    throw new OperationError(
      'invalid_input',
      'Approval Request: only the SOC bridge can carry it out, and it needs an approval of its own. Choose a credential of type SOC Bridge API, and answer with buttons.',
      { field: 'approvalRequest' },
    );
  }
  if (minApprovals > 1) {
    throw new OperationError(
      'invalid_input',
      'Minimum Approvals: more than one approval needs the SOC bridge, which counts them. Choose a credential of type SOC Bridge API, and answer with buttons.',
      { field: 'minApprovals' },
    );
  }
  if (answerWith === 'buttons' && approvers.length === 0) {
    throw new OperationError(
      'invalid_input',
      'Approvers: is empty, so nobody could decide. Name Slack users (U...) or user groups (S...), or choose a credential of type SOC Bridge API.',
      { field: 'approvers' },
    );
  }
}

/** A request that nobody could answer is refused when it is made, and not when its time is up. */
async function assertCanBeDecided(context: IExecuteFunctions, { answerWith }: Question): Promise<void> {
  if (!hasCredential(context, 'slack')) {
    throw new OperationError(
      'unauthenticated',
      'Nobody was asked: the node has no credential to ask with. Choose one of type SOC Slack API, or one of type SOC Bridge API to have the bridge ask.',
      { credential: credentialTypes.slack },
    );
  }
  if (answerWith === 'link' || (await signingSecrets(context)).length > 0) return;
  throw new OperationError(
    'unauthenticated',
    'Nobody was asked: the credential of type SOC Slack API has no Signing Secret, so every click would be refused. It is in Slack under Basic Information of the app.',
    { credential: credentialTypes.slack },
  );
}
