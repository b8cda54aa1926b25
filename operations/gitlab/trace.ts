import { redactSecrets, stripHidden } from '../text';

export interface TraceSection {
  name: string;
  /** Index of its first line, and of the line after its last one. */
  start: number;
  end: number;
  /** Between its two markers, by the runner's clock; null when one of them is missing. */
  durationSeconds: number | null;
  /** Its end marker was seen: for a section of a script, the script came that far. */
  isClosed: boolean;
  /** 0 for the runner's own sections, 1 and more inside others. */
  depth: number;
}

export interface Trace {
  /** Cleaned and redacted, without section markers. */
  lines: string[];
  /** In order of their start. */
  sections: TraceSection[];
  /** Indexes of lines that the job wrote to standard error; known only for logs with timestamps. */
  errorStream: ReadonlySet<number>;
  /** The runner stopped collecting at its size limit, so the end of the log is missing. */
  hitSizeLimit: boolean;
  /** From the runner's last line, e.g. 1; null when it did not end with one. */
  exitCode: number | null;
}

/** `2024-05-14T11:19:20.000000Z 00O+`: time, stream number, O(ut) or E(rr), `+` when it goes on with the line before. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z ([0-9a-f]{2})([OE])([+ ])/;
const marker =
  /(?:\u001b\[0K)?section_(start|end):(\d{1,15}):([A-Za-z0-9_.-]{1,200})(?:\[[^\]\r\n]{0,200}\])?\r(?:\u001b\[0K)?/g;
/** Scripts can print markers too; these bound what a hostile log makes us keep. */
const maxDepth = 30;
const maxSections = 2000;
const sizeLimit = /^Job's log exceeded limit of \d+ bytes\.?/;
const jobFailed = /^ERROR: Job failed: (?:command terminated with )?exit (?:code|status) (\d{1,5})\b/;

/**
 * A job log as the runner wrote it, made readable: timestamps taken off and continued lines joined, section markers
 * read, rewritten progress lines reduced to their last state, colours and control characters removed, secrets redacted
 * (masking in GitLab covers its own variables only). Any text is a valid log; nothing throws.
 */
export function readTrace(raw: string): Trace {
  const builder = new TraceBuilder();
  for (const line of joinContinued(raw.split('\n'))) builder.add(line);
  return builder.finish();
}

interface RawLine {
  text: string;
  isError: boolean;
}

/** Takes timestamps off. A `+` line goes on with the last line of the same stream, as streams may interleave. */
function joinContinued(rawLines: string[]): RawLine[] {
  if (rawLines[rawLines.length - 1] === '') rawLines.pop();
  const lines: { parts: string[]; isError: boolean }[] = [];
  const lastOf = new Map<string, { parts: string[] }>();
  for (const raw of rawLines) {
    const match = timestamp.exec(raw);
    const text = match ? raw.slice(match[0].length) : raw;
    const stream = match ? `${match[1]}${match[2]}` : '';
    const open = match?.[3] === '+' ? lastOf.get(stream) : undefined;
    if (open) {
      open.parts.push(text);
      continue;
    }
    const line = { parts: [text], isError: match?.[2] === 'E' };
    lastOf.set(stream, line);
    lines.push(line);
  }
  return lines.map(({ parts, isError }) => ({ text: parts.join(''), isError }));
}

class TraceBuilder {
  private readonly lines: string[] = [];
  private readonly errorStream = new Set<number>();
  private readonly sections: TraceSection[] = [];
  private readonly open: { section: TraceSection; startedAt: number }[] = [];

  add(line: RawLine): void {
    let at = 0;
    let hasMarker = false;
    for (const match of line.text.matchAll(marker)) {
      this.addText(line.text.slice(at, match.index), line.isError, true);
      at = match.index + match[0].length;
      hasMarker = true;
      const [, kind, seconds, name] = match;
      if (kind === 'start') this.start(name ?? '', Number(seconds));
      else this.end(name ?? '', Number(seconds));
    }
    this.addText(line.text.slice(at), line.isError, hasMarker);
  }

  finish(): Trace {
    for (const { section } of this.open) section.end = this.lines.length;
    const { lines, sections } = withoutSecrets(this.lines, this.sections);
    const lastLines = lines.slice(-20);
    const exit = lastLines.map((line) => jobFailed.exec(line)).findLast((match) => match !== null);
    return {
      lines,
      sections,
      errorStream: this.errorStream,
      // Searched at the end only, so that a script cannot print the sentence and have us doubt a whole log.
      hitSizeLimit: lastLines.some((line) => sizeLimit.test(line)),
      exitCode: exit?.[1] === undefined ? null : Number(exit[1]),
    };
  }

  /** Text between markers counts only when something is left of it; an empty line of the script stays one. */
  private addText(raw: string, isError: boolean, skipEmpty: boolean): void {
    const text = stripHidden(lastState(raw)).replace(/\n/g, ' ').trimEnd();
    if (text === '' && skipEmpty) return;
    if (isError) this.errorStream.add(this.lines.length);
    this.lines.push(text);
  }

  private start(name: string, startedAt: number): void {
    if (this.open.length >= maxDepth || this.sections.length >= maxSections) return;
    const at = this.lines.length;
    const section = { name, start: at, end: at, durationSeconds: null, isClosed: false, depth: this.open.length };
    this.sections.push(section);
    this.open.push({ section, startedAt });
  }

  /**
   * Ends the innermost open section of that name, and with it those inside it that never ended. An end without a
   * start is what the tail of a log begins with: the section is then everything before it.
   */
  private end(name: string, endedAt: number): void {
    const at = this.lines.length;
    const index = this.open.findLastIndex(({ section }) => section.name === name);
    if (index < 0) {
      if (this.sections.length === 0) {
        this.sections.push({ name, start: 0, end: at, durationSeconds: null, isClosed: true, depth: 0 });
      }
      return;
    }
    const ended = this.open.splice(index);
    for (const { section } of ended) section.end = at;
    const outer = ended[0];
    if (outer === undefined) return;
    outer.section.isClosed = true;
    outer.section.durationSeconds = endedAt >= outer.startedAt ? endedAt - outer.startedAt : null;
  }
}

/** What a terminal would show of a line that rewrites itself: the text after the last carriage return. */
function lastState(raw: string): string {
  const states = raw.split('\r');
  for (let index = states.length - 1; index >= 0; index -= 1) {
    const state = states[index] ?? '';
    if (stripHidden(state).trim() !== '') return state;
  }
  return '';
}

const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
/** Longest private key, in lines; an RSA key of 16384 bits has about 200. */
const longestKey = 400;

/**
 * Redacts over line ends: a private key fills many lines, which become one mark in the first of them and empty lines
 * after it, so that line numbers and sections stay as they are. Without an end marker only lines that look like key
 * material go, so that a lone BEGIN does not hide the rest of a log.
 */
function withoutSecrets(lines: string[], sections: TraceSection[]): { lines: string[]; sections: TraceSection[] } {
  const kept = [...lines];
  for (let index = 0; index < kept.length; index += 1) {
    const line = kept[index] ?? '';
    const begin = keyBegin.exec(line);
    if (begin === null || keyEnd.test(line.slice(begin.index))) continue;
    const last = endOfKey(kept, index);
    const lastLine = kept[last] ?? '';
    const rest = keyEnd.exec(lastLine);
    kept[index] = `${line.slice(0, begin.index)}[redacted private key]`;
    for (let inside = index + 1; inside <= last; inside += 1) kept[inside] = '';
    if (rest !== null && last > index) kept[last] = lastLine.slice(rest.index + rest[0].length);
    // The rest of the last line may begin another key.
    index = last > index ? last - 1 : index;
  }
  if (kept.length === 0) return { lines: kept, sections };
  const redacted = redactSecrets(kept.join('\n')).split('\n');
  if (redacted.length === kept.length) return { lines: redacted, sections };
  // A pattern took a line end with it: the lines no longer fit the sections, and safety goes before structure.
  return { lines: redacted, sections: [] };
}

function endOfKey(lines: readonly string[], begin: number): number {
  const limit = Math.min(lines.length - 1, begin + longestKey);
  for (let index = begin + 1; index <= limit; index += 1) {
    if (keyEnd.test(lines[index] ?? '')) return index;
    if (keyBegin.test(lines[index] ?? '')) break;
  }
  let last = begin;
  while (last < limit && /^[\s|>]*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info):.*)?\s*$/.test(lines[last + 1] ?? ''))
    last += 1;
  return last;
}
