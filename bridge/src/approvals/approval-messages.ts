import type { ApprovalRecord } from '../../../operations/approvals';
import { type ApprovalButtons, approvalMessage, approvalNotice } from '../../../operations/slack/approval-card';
import type { Message } from '../../../operations/slack/blocks';
import { groupMrkdwn, type Mrkdwn, userMrkdwn } from '../../../operations/slack/escape';
import type { Mark } from '../../../operations/slack/post-once';
import type { ApprovalTasks } from '../store/tables';
import type { ApprovalSettings } from './approval-settings';

/** Beginning of every `action_id` and `callback_id` of approvals. */
export const approvalPrefix = 'soc_approval_';
export const approvalActions = { approve: 'soc_approval_approve', deny: 'soc_approval_deny' } as const;
export const denialCallback = 'soc_approval_denial';

/** Bound to the proposal: a click on a message that shows another one carries another block id, and is refused. */
export function blockIdOf({
  approval_id: id,
  action_digest: digest,
}: Pick<ApprovalRecord, 'approval_id' | 'action_digest'>) {
  return `soc_approval:${id}:${digest.slice(0, 16)}`;
}

export function markOf({ approval_id: id, kind }: Pick<ApprovalTasks, 'approval_id' | 'kind'>): Mark {
  return { eventType: 'soc_approval', effect: `${id}:${kind}` };
}

/** The card as it is now, for the first or the second channel. */
export function cardOf(
  record: ApprovalRecord,
  kind: 'card' | 'escalation',
  settings: ApprovalSettings,
  narrowed: readonly string[] | null,
): { message: Message; rest: Message[] } {
  const { approval_id: id } = record;
  const buttons: ApprovalButtons = {
    blockId: blockIdOf(record),
    approve: { actionId: approvalActions.approve, value: id },
    deny: { actionId: approvalActions.deny, value: id },
  };
  return approvalMessage(record, buttons, kind === 'card' ? calledFirst(settings, narrowed) : calledLater(settings));
}

/** A line for the thread: the reminder while it is pending, the outcome afterwards. */
export function noticeOf(
  record: ApprovalRecord,
  settings: ApprovalSettings,
  narrowed: readonly string[] | null,
): Message {
  return approvalNotice(record, record.status === 'pending' ? calledFirst(settings, narrowed) : []);
}

function calledFirst({ approvers }: ApprovalSettings, narrowed: readonly string[] | null): Mrkdwn[] {
  // A request narrows who may decide; it calls no user group but one that is set up.
  const called = narrowed?.filter((id) => approvers.includes(id) || !id.startsWith('S')) ?? approvers;
  return called.slice(0, 20).map(mentionOf);
}

function calledLater({ escalationGroup: group }: ApprovalSettings): Mrkdwn[] {
  return group === undefined ? [] : [mentionOf(group)];
}

function mentionOf(id: string): Mrkdwn {
  return id.startsWith('S') ? groupMrkdwn(id, 'approvers') : userMrkdwn(id, 'approvers');
}
