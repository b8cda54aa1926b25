import { z } from 'zod';
import { actionSchema } from '../approvals';
import { defineOperation } from '../operation';
import { approvalOutput, approvalsOf, longestWaitSeconds, toApprovalOutput, waitForDecision } from './approval-waiting';
import { caseIdSchema, channelSchema } from './channels';

const approverId = z.string().regex(/^[UWS][A-Z0-9]{2,20}$/, 'is no id of a Slack user (U...) or user group (S...)');

export const requestAnalystApproval = defineOperation({
  name: 'request_analyst_approval',
  toolset: 'slack',
  resource: 'Approval',
  title: 'Request',
  action: 'Request an approval by analysts',
  description:
    'Asks people in Slack to approve one exact action, before it is done. Waits for wait_seconds, then returns the status pending with the approval_id: pending is not an approval, so do not act, and ask again with get_approval_status. Only the people set up in the bridge can decide, by a button in Slack; the requester cannot; one denial ends it; unanswered it is timed_out, which is a no. The approval is for this action, target and arguments alone, and serves once.',
  effect: 'write',
  idempotent: false,
  services: ['slack'],
  permissions: ['chat:write', 'users:read', 'usergroups:read', 'channels:history', 'groups:history'],
  runs: 'bridge',
  input: z.object({
    action: actionSchema.shape.name,
    target: actionSchema.shape.target,
    title: z.string().min(1).max(200).describe('One line for people: what is to be done and why now'),
    arguments: actionSchema.shape.arguments,
    justification: z
      .string()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Why, up to 10000 characters; the message shows the first 1000, marked as unchecked'),
    requested_by: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'The person who asks: Slack user id, handle or e-mail address. That person cannot decide. Without it the message says that the requester is unknown.',
      ),
    case_id: caseIdSchema.optional().describe('The case it is about, for people to look into'),
    channel: channelSchema
      .optional()
      .describe('Channel id (C...) or name; default: SLACK_APPROVAL_CHANNEL of the bridge'),
    approvers: z
      .array(approverId)
      .min(1)
      .max(50)
      .optional()
      .describe('Narrows who may decide to these Slack user (U...) and user group (S...) ids; never widens'),
    min_approvals: z
      .number()
      .int()
      .min(1)
      .max(10)
      .optional()
      .describe('So many different people have to approve; can only raise the number set up in the bridge'),
    expires_in_minutes: z.number().int().min(1).max(10_080).default(60).describe('Time to decide, 1 to 10080 minutes'),
    wait_seconds: z
      .number()
      .int()
      .min(0)
      .max(longestWaitSeconds)
      .default(45)
      .describe('How long this call waits for the decision; many clients give up after 60'),
    idempotency_key: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('The same key and action return the same approval instead of asking twice'),
    resume_url: z
      .string()
      .url()
      .max(2000)
      .optional()
      .describe(
        "Address that the bridge tells {approval_id, status} once it is settled: n8n's resume address, at an origin in N8N_RESUME_ORIGINS of the bridge",
      ),
  }),
  output: approvalOutput.extend({
    created: z.boolean().describe('False when the idempotency key found an approval asked for before'),
  }),
  example: {
    action: 'iam_deactivate_access_key',
    target: 'AKIASIMULATED000001',
    title: 'Switch off a leaked access key',
    arguments: { user: 'simulated-user' },
    requested_by: 'U0SIM0010',
    expires_in_minutes: 30,
    wait_seconds: 0,
  },
  varies: ['approval_id', 'ts', 'permalink', 'created_at', 'expires_at', 'note'],
  echoOnError: ['action', 'target', 'case_id'],
  async run(ports, input) {
    const { record, created } = await approvalsOf(ports).request({
      action: { name: input.action, target: input.target, arguments: input.arguments, title: input.title },
      justification: input.justification ?? null,
      requested_by: input.requested_by ?? null,
      case_id: input.case_id ?? null,
      channel: input.channel ?? null,
      approvers: input.approvers ?? null,
      min_approvals: input.min_approvals ?? null,
      expires_in_seconds: input.expires_in_minutes * 60,
      idempotency_key: input.idempotency_key ?? null,
      resume_url: input.resume_url ?? null,
    });
    return { ...toApprovalOutput(await waitForDecision(ports, record, input.wait_seconds)), created };
  },
});
