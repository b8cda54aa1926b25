import { z } from 'zod';
import { defineOperation } from '../operation';
import { approvalIdInput, approvalOutput, approvalsOf, toApprovalOutput } from './approval-waiting';

export const cancelApproval = defineOperation({
  name: 'cancel_approval',
  toolset: 'slack',
  resource: 'Approval',
  title: 'Cancel',
  action: 'Cancel an approval request',
  description:
    'Takes back a pending request for approval: its message loses the buttons, and nobody can approve it any more. An approval that is settled stays as it is and is returned. Only who asked can take it back.',
  effect: 'write',
  idempotent: true,
  services: ['slack'],
  permissions: ['chat:write'],
  runs: 'bridge',
  input: z.object({
    approval_id: approvalIdInput,
    reason: z.string().min(1).max(500).describe('Why, up to 500 characters; the message shows it'),
  }),
  output: approvalOutput,
  example: { approval_id: '$approval_id', reason: 'The key was switched off by its owner' },
  echoOnError: ['approval_id'],
  run: async (ports, { approval_id: id, reason }) => toApprovalOutput(await approvalsOf(ports).cancel(id, reason)),
});
