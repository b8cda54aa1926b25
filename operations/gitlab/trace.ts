import { mayBeginSecret, redactSecrets, stripHidden } from '../text';

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
const stampLength = 32;
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
 * (masking in GitLab covers its own variables only). Any text is a valid log; nothing throws. Lines that need no
 * cleaning are parts of `raw` and no copies of it.
 */
export function readTrace(raw: string): Trace {
  const { texts, errors } = joinContinued(raw);
  const builder = new TraceBuilder();
  for (const [index, text] of texts.entries()) builder.add(text, errors.has(index));
  return builder.finish();
}

/** Takes timestamps off. A `+` line goes on with the last line of the same stream, as streams may interleave. */
function joinContinued(raw: string): { texts: string[]; errors: ReadonlySet<number> } {
  const texts: string[] = [];
  const errors = new Set<number>();
  const lastOf = new Map<string, number>();
  for (let at = 0; at < raw.length; ) {
    const lineEnd = raw.indexOf('\n', at);
    const end = lineEnd < 0 ? raw.length : lineEnd;
    const stamp = timestamp.exec(raw.slice(at, Math.min(end, at + stampLength)));
    const text = raw.slice(stamp === null ? at : at + stamp[0].length, end);
    at = end + 1;
    const stream = stamp === null ? '' : `${stamp[1]}${stamp[2]}`;
    const open = stamp?.[3] === '+' ? lastOf.get(stream) : undefined;
    if (open !== undefined) {
      texts[open] += text;
      continue;
    }
    if (stamp?.[2] === 'E') errors.add(texts.length);
    lastOf.set(stream, texts.length);
    texts.push(text);
  }
  return { texts, errors };
}

class TraceBuilder {
  private readonly lines: string[] = [];
  private readonly errorStream = new Set<number>();
  private readonly sections: TraceSection[] = [];
  private readonly open: { section: TraceSection; startedAt: number }[] = [];

  add(line: string, isError: boolean): void {
    let at = 0;
    let hasMarker = false;
    for (const match of line.includes('section_') ? line.matchAll(marker) : []) {
      this.addText(line.slice(at, match.index), isError, true);
      at = match.index + match[0].length;
      hasMarker = true;
      const [, kind, seconds, name] = match;
      if (kind === 'start') this.start(name ?? '', Number(seconds));
      else this.end(name ?? '', Number(seconds));
    }
    this.addText(line.slice(at), isError, hasMarker);
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
  if (!raw.includes('\r')) return raw;
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
function withoutSecrets(kept: string[], sections: TraceSection[]): { lines: string[]; sections: TraceSection[] } {
  for (let index = 0; index < kept.length; index += 1) {
    const line = kept[index] ?? '';
    if (!line.includes('-----BEGIN ')) continue;
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
  return redactLines(kept)
    ? { lines: kept, sections }
    : { lines: redactSecrets(kept.join('\n')).split('\n'), sections: [] };
}

/** How many lines with text a secret may reach behind the line in which it begins: a name, `:`, `Bearer`, the token. */
const secretReach = 4;

/**
 * Redacts in place, and only where a secret may begin: a line with a sign of one, together with the lines behind it that
 * it may reach. False when a pattern took a line end with it: the lines would no longer fit the sections, and
 * safety goes before structure.
 */
export function redactLines(lines: string[]): boolean {
  for (let from = 0; from < lines.length; from += 1) {
    if (!mayBeginSecret(lines[from] ?? '')) continue;
    let to = from;
    for (let left = secretReach; to + 1 < lines.length && left > 0; ) {
      to += 1;
      if (mayBeginSecret(lines[to] ?? '')) left = secretReach;
      else if ((lines[to] ?? '').trim() !== '') left -= 1;
    }
    const redacted = redactSecrets(lines.slice(from, to + 1).join('\n')).split('\n');
    if (redacted.length !== to + 1 - from) return false;
    for (const [offset, line] of redacted.entries()) lines[from + offset] = line;
    from = to;
  }
  return true;
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
