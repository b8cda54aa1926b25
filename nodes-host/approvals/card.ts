import type { Decision } from '../../operations/approvals';
import { type ApprovalCard, approvalMessage } from '../../operations/slack/approval-card';
import { type Block, context, type Message, marked, plain, section } from '../../operations/slack/blocks';
import { dateMrkdwn, linkMrkdwn, mrkdwn, plainLine } from '../../operations/slack/escape';
import type { Waiting } from './waiting';

/** Ids of the buttons of requests that n8n runs by itself. Those of the bridge have others. */
export const clickActions = { approve: 'soc_n8n_approve', deny: 'soc_n8n_deny' } as const;
export const denialCallback = 'soc_n8n_denial';

export interface Outcome {
  status: 'approved' | 'denied' | 'timed_out';
  decidedBy: Decision[];
  at: Date;
}

/** Changes with the proposal, so that a click on another one is told apart. */
export function blockIdOf({ approval_id, action_digest }: Pick<Waiting, 'approval_id' | 'action_digest'>): string {
  return `soc_n8n:${approval_id}:${action_digest.slice(0, 16)}`;
}

/** The request with two buttons; each carries the address of this very execution, with its own decision in it. */
export function clickCard(
  waiting: Waiting,
  addresses: { approve: string; deny: string },
): { message: Message; rest: Message[] } {
  return approvalMessage(pending(waiting), {
    blockId: blockIdOf(waiting),
    approve: { actionId: clickActions.approve, value: addresses.approve },
    deny: { actionId: clickActions.deny, value: addresses.deny },
  });
}

/** Blocks that are there only until somebody decides, besides those with buttons. */
const linkBlock = 'soc_n8n_link:';

/** Whether a block of a request, as Slack gives it back, is there to decide with. */
export function isDecisionBlock({ type, block_id: id }: { type: string; block_id?: string | null }): boolean {
  return type === 'actions' || id?.startsWith(linkBlock) === true;
}

/** The request with a link in place of the buttons, and what that means. */
export function linkCard(waiting: Waiting, address: string): { message: Message; rest: Message[] } {
  const { message, rest } = clickCard(waiting, { approve: '', deny: '' });
  const link: Block[] = [
    { ...section(marked(mrkdwn`*Decide here:* ${linkMrkdwn(address, 'link')}`)), block_id: `${linkBlock}address` },
    {
      ...context([
        marked(mrkdwn`*Without identity:* whoever opens the link can decide, and nobody will know who did.`),
      ]),
      block_id: `${linkBlock}note`,
    },
  ];
  return { message: { ...message, blocks: replaceActions(message.blocks, link) }, rest };
}

/** The message after the end, without anything left to press. */
export function settledCard(waiting: Waiting, { status, decidedBy, at }: Outcome): Message {
  const card = { ...pending(waiting), status, decided_by: decidedBy, settled_at: at.toISOString() };
  return approvalMessage(card, noButtons).message;
}

/** The same when the decision came through a link. */
export function settledLinkCard(waiting: Waiting, decision: 'approved' | 'denied', at: Date, reason?: string): Message {
  const { text, blocks } = settledCard(waiting, { status: decision, decidedBy: [], at });
  const word = decision === 'approved' ? mrkdwn`Approved` : mrkdwn`Denied`;
  const said = section(marked(mrkdwn`*${word}* through the link, by somebody unknown · ${dateMrkdwn(at)}`));
  const why = reason === undefined ? [] : [context([plain(plainLine(`Reason given: ${reason}`, 1000))])];
  // Second comes who decided, which nobody knows here.
  return { text, blocks: [...blocks.slice(0, 1), said, ...why, ...blocks.slice(2)] };
}

const noButtons = {
  blockId: 'none',
  approve: { actionId: 'none', value: '' },
  deny: { actionId: 'none', value: '' },
};

function pending(waiting: Waiting): ApprovalCard {
  const { approval_id, action, action_digest, justification, case_id, requested_by, expires_at } = waiting;
  return {
    approval_id,
    status: 'pending',
    action,
    action_digest,
    justification,
    case_id,
    requested_by,
    min_approvals: 1,
    decided_by: [],
    cancel_reason: null,
    expires_at,
    settled_at: null,
  };
}

function replaceActions(blocks: readonly Block[], others: Block[]): Block[] {
  return blocks.flatMap((block) => (block.type === 'actions' ? others : [block]));
}
