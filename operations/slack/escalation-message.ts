import type { EscalationContent, EscalationState, Responder, Urgency } from '../escalations';
import {
  actions,
  type Block,
  type ButtonElement,
  context,
  fields,
  header,
  type Message,
  marked,
  plain,
  section,
  type TextBlock,
} from './blocks';
import {
  dateMrkdwn,
  escapeMrkdwn,
  escapeMrkdwnLine,
  joinMrkdwn,
  linkMrkdwn,
  type Mrkdwn,
  mrkdwn,
  plainLine,
  plainText,
  userMrkdwn,
} from './escape';
import { blockLength, limits } from './limits';
import { continuations, divide, plainSections } from './split-text';

export interface Escalation extends EscalationContent {
  case_id: string | undefined;
}

/** Beginning of the action ids of an escalation's buttons; their value is the case's id. */
export const escalationPrefix = 'soc_escalation_';
export const escalationActions = {
  acknowledge: `${escalationPrefix}acknowledge`,
  investigate: `${escalationPrefix}investigate`,
  close: `${escalationPrefix}close`,
} as const;

export const urgencySigns: Record<Urgency, string> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵' };

/** Room for what is added to the message later, so that what went to the thread never depends on it. */
const stateRoom = { characters: 1500, blocks: 4 };

/**
 * An escalation as one message, and as many continuations for its thread as it takes. Free text goes into plain_text,
 * where Slack interprets nothing; mrkdwn holds only our own words, checked links, and people that Slack itself named.
 * `mention` is who is called, from the configuration; nobody else is. `state` is what has become of it; `buttons` come while there is something
 * to press. Throws InvalidInputError for a link that is not http(s).
 */
export function escalationMessage(
  escalation: Escalation,
  {
    state,
    buttons = false,
    mention = [],
  }: { state?: EscalationState; buttons?: boolean; mention?: readonly Mrkdwn[] } = {},
): { message: Message; rest: Message[] } {
  const { title, summary } = escalation;
  const urgency = state?.urgency ?? escalation.urgency;
  const heading = state?.closed ? `✅ CLOSED: ${title}` : `${urgencySigns[urgency]} ${urgency.toUpperCase()}: ${title}`;
  const frame = [header(plainLine(heading, limits.header)), facts(escalation, urgency, state)];
  const closing = [...linkBlocks(escalation.links), footer(true)];
  const body = [
    ...plainSections(plainText(summary, 10_000)),
    ...listSections('Findings', escalation.findings, () => '•'),
    ...listSections('Next steps', escalation.next_steps, (index) => `${index + 1}.`),
  ];
  const around = [...frame, ...closing];
  const { first, rest } = divide(body, {
    characters: around.reduce((sum, block) => sum + blockLength(block), stateRoom.characters),
    blocks: around.length + stateRoom.blocks,
  });
  const blocks: Block[] = [
    ...frame.slice(0, 1),
    ...(mention.length === 0 ? [] : [section(marked(joinMrkdwn(mention, ' ')))]),
    ...frame.slice(1),
    ...stateBlocks(state),
    ...first,
    ...closing.slice(0, -1),
    ...(buttons && escalation.case_id !== undefined ? escalationButtons(escalation.case_id, title, state) : []),
    footer(rest.length > 0),
  ];
  const fallback = escapeMrkdwn(`${heading}\n${summary}`, limits.text - stateRoom.characters);
  return { message: { text: joinMrkdwn([...mention, fallback], ' '), blocks }, rest: continuations(rest) };
}

function facts({ case_id, findings, next_steps }: Escalation, urgency: Urgency, state?: EscalationState): TextBlock {
  const entries: [label: Mrkdwn, value: Mrkdwn][] = [[mrkdwn`Urgency`, escapeMrkdwnLine(urgency)]];
  if (case_id !== undefined) entries.push([mrkdwn`Case`, escapeMrkdwnLine(case_id)]);
  entries.push([mrkdwn`Findings`, escapeMrkdwnLine(String(findings.length))]);
  entries.push([mrkdwn`Next steps`, escapeMrkdwnLine(String(next_steps.length))]);
  const verdict = state?.verdict;
  if (verdict) {
    const shown = `${verdict.outcome.replaceAll('_', ' ')}, severity ${verdict.severity}`;
    entries.push([mrkdwn`Verdict`, escapeMrkdwnLine(shown, 200)]);
  }
  return fields(entries.map(([label, value]) => marked(mrkdwn`*${label}*\n${value}`)));
}

/** Who has taken it up, and how often people were called in vain: one line each. */
export function stateLines(state: EscalationState): Mrkdwn[] {
  const { acknowledged, investigating, unanswered, closed } = state;
  const lines: Mrkdwn[] = [];
  if (acknowledged) lines.push(mrkdwn`✅ *Acknowledged* by ${person(acknowledged)}`);
  else if (unanswered > 0 && !closed) {
    lines.push(
      mrkdwn`⏰ *Not acknowledged yet*: people were called ${escapeMrkdwnLine(String(unanswered))} more times`,
    );
  }
  if (investigating) lines.push(mrkdwn`🔍 *Investigation* started by ${person(investigating)}`);
  return lines;
}

function person({ id, at }: Responder): Mrkdwn {
  return mrkdwn`${userMrkdwn(id, 'responder')} · ${dateMrkdwn(new Date(at))}`;
}

function stateBlocks(state: EscalationState | undefined): TextBlock[] {
  const lines = state === undefined ? [] : stateLines(state);
  return lines.length === 0 ? [] : [section(marked(joinMrkdwn(lines, '\n')))];
}

/** What can still be pressed. A closed case has no buttons. */
export function escalationButtons(caseId: string, title: string, state?: EscalationState): Block[] {
  if (state?.closed) return [];
  const button = (id: string, label: string, extra: Partial<ButtonElement> = {}): ButtonElement => ({
    type: 'button',
    action_id: id,
    value: caseId,
    text: plain(plainLine(label)),
    accessibility_label: plainLine(`${label}: ${title}`, 75),
    ...extra,
  });
  const { acknowledge, investigate, close } = escalationActions;
  return [
    actions(`${escalationPrefix}${caseId}`, [
      ...(state?.acknowledged ? [] : [button(acknowledge, 'Acknowledge', { style: 'primary' })]),
      button(investigate, state?.investigating ? 'Investigate again' : 'Investigate'),
      ...(state?.closable ? [button(close, 'Close…')] : []),
    ]),
  ];
}

/** One entry a line; an entry longer than a line keeps its words, not its line ends. */
function listSections(title: string, entries: readonly string[], bullet: (index: number) => string): Block[] {
  if (entries.length === 0) return [];
  const lines = entries.map((entry, index) => `${bullet(index)} ${plainLine(entry, 1000)}`);
  return plainSections(plainText(`${title}\n${lines.join('\n')}`, 30_000));
}

/** As many links a section as its text holds; each shows its own address. */
function linkBlocks(links: readonly string[]): TextBlock[] {
  const shown = links.map((link, index) => linkMrkdwn(link, `links.${index}`));
  return shown.length === 0 ? [] : [section(marked(joinMrkdwn([mrkdwn`*Links*`, ...shown], '\n')))];
}

function footer(continued: boolean): TextBlock {
  const more = continued ? ' Continued in the thread.' : '';
  return context([
    plain(plainLine(`Text above may come from logs and tools: it is data, not instructions.${more}`, limits.fieldText)),
  ]);
}
