import type { ApprovalRecord, Decision } from '../approvals';
import {
  type ActionsBlock,
  actions,
  type Block,
  context,
  fields,
  header,
  type Message,
  type Modal,
  marked,
  plain,
  preformatted,
  section,
  type TextBlock,
  type TextObject,
} from './blocks';
import {
  dateMrkdwn,
  escapeMrkdwnLine,
  joinMrkdwn,
  type Mrkdwn,
  mrkdwn,
  plainLine,
  plainText,
  userMrkdwn,
} from './escape';
import { limits } from './limits';
import { literalJson, literalLine, literalPlain } from './literal-text';
import { continuations, splitText } from './split-text';

/** What a card shows of an approval. */
export type ApprovalCard = Pick<
  ApprovalRecord,
  | 'approval_id'
  | 'status'
  | 'action'
  | 'action_digest'
  | 'justification'
  | 'case_id'
  | 'requested_by'
  | 'min_approvals'
  | 'decided_by'
  | 'cancel_reason'
  | 'expires_at'
  | 'settled_at'
>;

/** What the buttons send back; a click tells the rest. */
export interface ApprovalButtons {
  /** Bound to the proposal, so that a click on another one is told apart. */
  blockId: string;
  approve: { actionId: string; value: string };
  deny: { actionId: string; value: string };
}

/** The action as a person has to read it before it goes on in the thread. */
const mostDetails = 2800;
const mostJustification = 1000;

export const approvalHeadings: Record<ApprovalCard['status'], string> = {
  pending: '⏳ Approval needed',
  approved: '✅ Approved',
  denied: '⛔ Denied',
  timed_out: '⌛ Not approved: nobody decided in time',
  cancelled: '🚫 Cancelled: no approval is needed any more',
};

/**
 * An approval as one message, and the end of a long action as messages for its thread. Everything is written by this code
 * from the structured action: name, target and arguments in fixed-width literal text with hidden characters shown; what
 * the requester wrote is literal, capped and labelled as unchecked, so that it cannot pose as a decision. Buttons only
 * while it is pending. `mention` is who is called, from the configuration.
 */
export function approvalMessage(
  card: ApprovalCard,
  buttons: ApprovalButtons,
  mention: readonly Mrkdwn[] = [],
): { message: Message; rest: Message[] } {
  const details = actionDetails(card);
  const pending = card.status === 'pending';
  const blocks: Block[] = [
    header(plainLine(approvalHeadings[card.status], limits.header)),
    ...(pending && mention.length > 0 ? [section(marked(joinMrkdwn(mention, ' ')))] : []),
    ...outcome(card),
    preformatted(details.first),
    ...(details.note === undefined ? [] : [context([marked(details.note)])]),
    facts(card),
    ...requesterText(card),
    ...(pending ? [controls(card, buttons)] : []),
    context([progress(card), plain(plainLine(`${card.approval_id} · sha256 ${card.action_digest}`))]),
  ];
  return { message: { text: fallback(card, mention), blocks }, rest: continuations(details.rest.map(preformatted)) };
}

/** Name, target and arguments, literally. */
function actionDetails({ action }: ApprovalCard) {
  const full = [
    `action  ${literalLine(action.name)}`,
    `target  ${literalLine(action.target)}`,
    ...(Object.keys(action.arguments).length === 0 ? [] : ['with', literalJson(action.arguments)]),
  ].join('\n');
  const { text, exact } = literalPlain(full, Number.MAX_SAFE_INTEGER);
  const [first = text, ...rest] = splitText(text, mostDetails);
  const notes = [
    ...(rest.length > 0 ? [mrkdwn`*This is not all of it:* read the rest in the thread before you decide.`] : []),
    ...(exact ? [] : [mrkdwn`Secrets in it are not shown; the digest covers them.`]),
  ];
  return { first, rest, note: notes.length === 0 ? undefined : joinMrkdwn(notes, ' ') };
}

function facts(card: ApprovalCard): TextBlock {
  const label = card.status === 'pending' ? mrkdwn`Expires` : mrkdwn`Would have expired`;
  const entries: TextObject[] = [
    ...requester(card),
    marked(mrkdwn`*${label}*\n${dateMrkdwn(new Date(card.expires_at))}`),
  ];
  if (card.case_id !== null) entries.push(marked(mrkdwn`*Case*\n${escapeMrkdwnLine(card.case_id)}`));
  return fields(entries);
}

/**
 * Who asked. A stated name is unchecked, and plain text, so that no bold word in it looks like ours; without any name,
 * nobody can tell whether the approver asked.
 */
function requester({ requested_by: { principal, slack_user_id: id, stated } }: ApprovalCard): TextObject[] {
  const known: TextObject[] = [];
  if (id !== null) known.push(marked(mrkdwn`*Requested by*\n${userMrkdwn(id, 'requested_by')}`));
  if (principal !== null) known.push(plain(plainText(`Requested by (signed in)\n${plainLine(principal, 100)}`)));
  if (stated !== null && stated !== id) {
    known.push(plain(plainText(`Requested by (as stated, unchecked)\n${plainLine(stated, 100)}`)));
  }
  if (known.length > 0) return known;
  return [
    marked(
      mrkdwn`*Requested by*\n*unknown*: a program that did not say for whom. Do not approve what you asked for yourself.`,
    ),
  ];
}

function requesterText({ action, justification }: ApprovalCard): Block[] {
  const text = plainText(`${action.title}${justification === null ? '' : `\n${justification}`}`, mostJustification);
  if (text.trim() === '') return [];
  return [
    context([marked(mrkdwn`*What the requester wrote about it* (unchecked; no part of the approval):`)]),
    section(plain(text)),
  ];
}

function controls({ action }: ApprovalCard, { blockId, approve, deny }: ApprovalButtons): ActionsBlock {
  const what = `${action.name} on ${action.target}`;
  return actions(blockId, [
    {
      type: 'button',
      action_id: approve.actionId,
      value: approve.value,
      style: 'primary',
      text: plain(plainLine('Approve')),
      accessibility_label: plainLine(`Approve ${what}`, 75),
    },
    {
      type: 'button',
      action_id: deny.actionId,
      value: deny.value,
      text: plain(plainLine('Deny')),
      accessibility_label: plainLine(`Deny ${what}`, 75),
    },
  ]);
}

function outcome(card: ApprovalCard): Block[] {
  const { status, decided_by: decisions } = card;
  const when = card.settled_at === null ? mrkdwn`` : mrkdwn` · ${dateMrkdwn(new Date(card.settled_at))}`;
  if (status === 'pending') return [];
  if (status === 'approved') return [section(marked(mrkdwn`*Approved* by ${people(decisions, 'approved')}${when}`))];
  if (status === 'timed_out') {
    return [section(marked(mrkdwn`*Expired.* Unanswered is a no: the action must not be taken.${when}`))];
  }
  if (status === 'cancelled') {
    return [
      section(marked(mrkdwn`*Cancelled* by the requester.${when}`)),
      ...quoted(mrkdwn`Reason given`, card.cancel_reason),
    ];
  }
  const reason = decisions.find(({ decision }) => decision === 'denied')?.reason ?? null;
  return [
    section(marked(mrkdwn`*Denied* by ${people(decisions, 'denied')}${when}`)),
    ...quoted(mrkdwn`Reason`, reason),
  ];
}

function quoted(label: Mrkdwn, text: string | null): Block[] {
  const shown = plainText(text ?? '', 1000);
  return shown.trim() === '' ? [] : [context([marked(mrkdwn`*${label}*`)]), section(plain(shown))];
}

function people(decisions: readonly Decision[], wanted: Decision['decision']): Mrkdwn {
  const own = decisions.filter(({ decision }) => decision === wanted);
  return joinMrkdwn(
    own.map(({ id }) => userMrkdwn(id, 'decided_by')),
    ' · ',
  );
}

/** `1 of 2 needed`, with names, also after the end. */
function progress({ status, min_approvals: needed, decided_by: decisions }: ApprovalCard) {
  const given = decisions.filter(({ decision }) => decision === 'approved');
  const count = mrkdwn`*${escapeMrkdwnLine(String(given.length))} of ${escapeMrkdwnLine(String(needed))}* needed`;
  if (status !== 'pending' || given.length === 0) return marked(count);
  return marked(mrkdwn`${count}: ${people(decisions, 'approved')}`);
}

function fallback({ status, action }: ApprovalCard, mention: readonly Mrkdwn[]): Mrkdwn {
  const line = escapeMrkdwnLine(`${approvalHeadings[status]}: ${action.name} on ${action.target}`, 600);
  return status === 'pending' ? joinMrkdwn([...mention, line], ' ') : line;
}

/** Where the reason is in the answer to `denialModal`. */
export const denialReason = { blockId: 'soc_denial', actionId: 'reason' } as const;

/** Asks for the reason of a denial. Until it is sent off nothing is decided. */
export function denialModal(card: Pick<ApprovalCard, 'action'>, callbackId: string, metadata: string): Modal {
  const { text } = literalPlain(
    `action  ${literalLine(card.action.name)}\ntarget  ${literalLine(card.action.target)}`,
    1000,
  );
  return {
    type: 'modal',
    callback_id: callbackId,
    private_metadata: metadata,
    title: plain(plainLine('Deny this action')),
    submit: plain(plainLine('Deny')),
    close: plain(plainLine('Back')),
    notify_on_close: true,
    blocks: [
      preformatted(text),
      {
        type: 'input',
        block_id: denialReason.blockId,
        label: plain(plainLine('Why?')),
        hint: plain(plainLine('The requester reads this, and the case keeps it. Nothing is denied until you send it.')),
        optional: false,
        element: {
          type: 'plain_text_input',
          action_id: denialReason.actionId,
          multiline: true,
          min_length: 1,
          max_length: 1000,
        },
      },
    ],
  };
}

/** One line for the thread of a card: a reminder while it is pending, else the outcome. */
export function approvalNotice(card: ApprovalCard, mention: readonly Mrkdwn[] = []): Message {
  const {
    status,
    requested_by: { slack_user_id: asked },
  } = card;
  if (status === 'pending') {
    const line = mrkdwn`⏳ Nobody has decided yet. It expires ${dateMrkdwn(new Date(card.expires_at))}; unanswered is a no.`;
    return {
      text: joinMrkdwn([...mention, line], ' '),
      blocks: [section(marked(joinMrkdwn([...mention, line], ' ')))],
    };
  }
  const heading = escapeMrkdwnLine(approvalHeadings[status]);
  const requesterCalled = asked === null ? [] : [userMrkdwn(asked, 'requested_by')];
  const called = section(marked(joinMrkdwn([mrkdwn`*${heading}*`, ...requesterCalled], ' ')));
  return { text: joinMrkdwn([...requesterCalled, fallback(card, [])], ' '), blocks: [called, ...outcome(card)] };
}
