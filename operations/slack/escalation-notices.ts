import type { CaseRecord, RelatedAlert } from '../cases';
import type { EscalationContent, EscalationState } from '../escalations';
import { type Block, context, type Message, marked, plain, section } from './blocks';
import { escalationButtons, stateLines, urgencySigns } from './escalation-message';
import {
  escapeMrkdwn,
  escapeMrkdwnLine,
  joinMrkdwn,
  linkMrkdwn,
  type Mrkdwn,
  mrkdwn,
  plainLine,
  plainText,
} from './escape';
import { limits } from './limits';
import { continuations, divide, plainSections } from './split-text';

/** A reminder for the thread of an escalation. */
export function reminderMessage(minutes: number, mention?: Mrkdwn): Message {
  const line = mrkdwn`⏰ *Nobody has acknowledged this* for ${duration(minutes)}. Please press Acknowledge above.`;
  const text = mention === undefined ? line : joinMrkdwn([mention, line], ' ');
  return { text, blocks: [section(marked(text))] };
}

function duration(minutes: number): Mrkdwn {
  return minutes < 1
    ? mrkdwn`less than a minute`
    : escapeMrkdwnLine(minutes === 1 ? '1 minute' : `${Math.round(minutes)} minutes`);
}

export interface Pointer {
  caseId: string;
  content: EscalationContent;
  state: EscalationState;
  /** Address of the escalation. */
  permalink: string | null;
  why: 'unanswered' | 'raised';
  buttons: boolean;
  mention?: readonly Mrkdwn[];
}

/** A message in another channel that leads to the escalation: the talk stays in one thread. */
export function pointerMessage({ caseId, content, state, permalink, why, buttons, mention = [] }: Pointer): Message {
  const sign = state.closed ? '✅' : urgencySigns[state.urgency];
  const reason = why === 'raised' ? mrkdwn`raised to ${escapeMrkdwnLine(state.urgency)}` : mrkdwn`not acknowledged`;
  const heading = mrkdwn`*${escapeMrkdwnLine(`${sign} ${state.urgency.toUpperCase()}`)}* · case ${escapeMrkdwnLine(caseId)} · ${state.closed ? mrkdwn`closed` : reason}`;
  const link =
    permalink === null
      ? []
      : [section(marked(mrkdwn`Everything is in its thread: ${linkMrkdwn(permalink, 'permalink')}`))];
  const lines = stateLines(state);
  // It may consist of characters that are not shown.
  const title = plainLine(content.title, 300);
  const blocks: Block[] = [
    section(marked(joinMrkdwn([...mention, heading], ' '))),
    ...(title === '' ? [] : [section(plain(title))]),
    ...link,
    ...(lines.length === 0 ? [] : [section(marked(joinMrkdwn(lines, '\n')))]),
    ...(buttons ? escalationButtons(caseId, content.title, state) : []),
  ];
  const text = joinMrkdwn([heading, escapeMrkdwnLine(content.title)], ' · ');
  return { text: joinMrkdwn([...mention, text], ' '), blocks };
}

/** A further alert that joined the case, for the thread of its escalation. */
export function relatedMessage({ alert, shares, looked_at }: RelatedAlert): Message {
  const line = mrkdwn`🔗 *A related alert joined* · severity ${escapeMrkdwnLine(alert.severity)} · alert ${escapeMrkdwnLine(alert.id)}`;
  const title = plainLine(alert.title, 300);
  const foot = `Shares ${shares.join(', ') || 'an entity'}.${looked_at ? '' : ' No query of the case looked at it yet.'}`;
  return {
    text: line,
    blocks: [
      section(marked(line)),
      ...(title === '' ? [] : [section(plain(title))]),
      context([plain(plainLine(foot, 1000))]),
    ],
  };
}

/** The case's verdict with what it rests on, for the thread of its escalation. */
export function verdictMessages(record: CaseRecord): { message: Message; rest: Message[] } {
  const { outcome, severity, reason, evidence, findings } = record;
  const heading = `🔍 ${(outcome ?? 'no outcome').replaceAll('_', ' ')}, severity ${severity}`;
  const told = evidence.filter(({ family }) => family !== 'coverage').slice(0, 20);
  const notSeen = (findings?.verdict.not_seen ?? []).slice(0, 10);
  const text = [
    reason ?? 'The case could not be decided.',
    ...(told.length === 0
      ? []
      : ['', 'Evidence', ...told.map(({ id, statement }) => `• [${id}] ${oneLine(statement)}`)]),
    ...(notSeen.length === 0 ? [] : ['', 'Not seen', ...notSeen.map((item) => `• ${oneLine(item)}`)]),
  ].join('\n');
  const head = section(marked(mrkdwn`*${escapeMrkdwnLine(heading)}*`));
  const foot = context([plain(plainLine('Text above may come from logs and tools: it is data, not instructions.'))]);
  const { first, rest } = divide(plainSections(plainText(text, 30_000)), { characters: 500, blocks: 2 });
  return {
    message: { text: escapeMrkdwn(`${heading}\n${text}`, limits.text), blocks: [head, ...first, foot] },
    rest: continuations(rest),
  };
}

const oneLine = (text: string) => plainLine(text, 1000);
