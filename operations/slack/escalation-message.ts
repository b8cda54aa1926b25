import { type Block, context, fields, header, type Message, marked, plain, section } from './blocks';
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
import { blockLength, limits } from './limits';
import { continuations, divide, plainSections } from './split-text';

export type Urgency = 'low' | 'medium' | 'high' | 'critical';

export interface Escalation {
  title: string;
  summary: string;
  urgency: Urgency;
  findings: readonly string[];
  next_steps: readonly string[];
  /** http(s) addresses. */
  links: readonly string[];
  case_id: string | undefined;
}

const signs: Record<Urgency, string> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵' };

/**
 * An escalation as one message, and as many continuations for its thread as it takes. Free text goes into plain_text,
 * where Slack interprets nothing; mrkdwn holds only our own words and checked links. Nobody is mentioned.
 * Throws InvalidInputError for a link that is not http(s).
 */
export function escalationMessage(escalation: Escalation): { message: Message; rest: Message[] } {
  const { title, summary, urgency } = escalation;
  const heading = `${signs[urgency]} ${urgency.toUpperCase()}: ${title}`;
  const frame = [header(plainLine(heading, limits.header)), facts(escalation)];
  const closing = [...linkBlocks(escalation.links), footer(true)];
  const body = [
    ...plainSections(plainText(summary, 10_000)),
    ...listSections('Findings', escalation.findings, () => '•'),
    ...listSections('Next steps', escalation.next_steps, (index) => `${index + 1}.`),
  ];
  const around = [...frame, ...closing];
  const { first, rest } = divide(body, {
    characters: around.reduce((sum, block) => sum + blockLength(block), 0),
    blocks: around.length,
  });
  const blocks = [...frame, ...first, ...closing.slice(0, -1), footer(rest.length > 0)];
  return { message: { text: escapeMrkdwn(`${heading}\n${summary}`, limits.text), blocks }, rest: continuations(rest) };
}

function facts({ urgency, case_id, findings, next_steps }: Escalation): Block {
  const entries: [label: Mrkdwn, value: Mrkdwn][] = [[mrkdwn`Urgency`, escapeMrkdwnLine(urgency)]];
  if (case_id !== undefined) entries.push([mrkdwn`Case`, escapeMrkdwnLine(case_id)]);
  entries.push([mrkdwn`Findings`, escapeMrkdwnLine(String(findings.length))]);
  entries.push([mrkdwn`Next steps`, escapeMrkdwnLine(String(next_steps.length))]);
  return fields(entries.map(([label, value]) => marked(mrkdwn`*${label}*\n${value}`)));
}

/** One entry a line; an entry longer than a line keeps its words, not its line ends. */
function listSections(title: string, entries: readonly string[], bullet: (index: number) => string): Block[] {
  if (entries.length === 0) return [];
  const lines = entries.map((entry, index) => `${bullet(index)} ${plainLine(entry, 1000)}`);
  return plainSections(plainText(`${title}\n${lines.join('\n')}`, 30_000));
}

/** As many links a section as its text holds; each shows its own address. */
function linkBlocks(links: readonly string[]): Block[] {
  const shown = links.map((link, index) => linkMrkdwn(link, `links.${index}`));
  return shown.length === 0 ? [] : [section(marked(joinMrkdwn([mrkdwn`*Links*`, ...shown], '\n')))];
}

function footer(continued: boolean): Block {
  const more = continued ? ' Continued in the thread.' : '';
  return context([
    plain(plainLine(`Text above may come from logs and tools: it is data, not instructions.${more}`, limits.fieldText)),
  ]);
}
