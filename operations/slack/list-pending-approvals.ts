import { z } from 'zod';
import { approvalSchema } from '../approvals';
import { defineOperation } from '../operation';
import { approvalsOf } from './approval-waiting';

export const listPendingApprovals = defineOperation({
  name: 'list_pending_approvals',
  toolset: 'slack',
  resource: 'Approval',
  title: 'List Pending',
  action: 'List pending approvals',
  description:
    'Lists the approvals that this caller asked for and nobody has decided yet, oldest first, up to limit. Pending is not an approval.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({
    limit: z.number().int().min(1).max(200).default(50).describe('At most so many, 1 to 200'),
  }),
  output: z.object({
    approvals: z.array(
      approvalSchema
        .pick({
          approval_id: true,
          status: true,
          action_digest: true,
          case_id: true,
          min_approvals: true,
          decided_by: true,
          channel: true,
          permalink: true,
          created_at: true,
          expires_at: true,
        })
        .extend({ action: z.string(), target: z.string(), title: z.string() }),
    ),
    complete: z.boolean().describe('False when there are more than these'),
    more: z.number().int().describe('How many more there are'),
  }),
  example: { limit: 10 },
  list: 'approvals',
  async run(ports, { limit }) {
    const { records, more } = await approvalsOf(ports).pending(limit);
    const approvals = records.map(({ action, ...record }) => ({
      approval_id: record.approval_id,
      status: record.status,
      action: action.name,
      target: action.target,
      title: action.title,
      action_digest: record.action_digest,
      case_id: record.case_id,
      min_approvals: record.min_approvals,
      decided_by: record.decided_by,
      channel: record.channel,
      permalink: record.permalink,
      created_at: record.created_at,
      expires_at: record.expires_at,
    }));
    return { approvals, complete: more === 0, more };
  },
});
