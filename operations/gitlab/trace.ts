import { stripHidden } from '../text';
import { withoutLead } from './trace-lead';
import { joinContinued } from './trace-lines';
import { withoutSecrets } from './trace-secrets';

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
 * cleaning are parts of `raw` and no copies of it. The first `lead` characters are read for what they tell about those behind
 * them, and are not in the result (trace-lead.ts).
 */
export function readTrace(raw: string, lead = 0): Trace {
  const { texts, errors, leads } = joinContinued(raw, lead);
  const builder = new TraceBuilder();
  for (const [index, text] of texts.entries()) builder.add(text, errors.has(index), leads.get(index));
  return builder.finish();
}

class TraceBuilder {
  private readonly lines: string[] = [];
  private readonly errorStream = new Set<number>();
  private readonly sections: TraceSection[] = [];
  private readonly leads = new Map<number, number>();
  private readonly open: { section: TraceSection; startedAt: number }[] = [];

  /** `lead`: how many characters of the line were read for their context; undefined for a line that has none of these. */
  add(line: string, isError: boolean, lead?: number): void {
    let at = 0;
    let hasMarker = false;
    for (const match of line.includes('section_') ? line.matchAll(marker) : []) {
      this.addText(line.slice(at, match.index), isError, true, leadFrom(lead, at));
      at = match.index + match[0].length;
      hasMarker = true;
      const [, kind, seconds, name] = match;
      if (kind === 'start') this.start(name ?? '', Number(seconds));
      else this.end(name ?? '', Number(seconds));
    }
    this.addText(line.slice(at), isError, hasMarker, leadFrom(lead, at));
  }

  finish(): Trace {
    for (const { section } of this.open) section.end = this.lines.length;
    const { lines, sections } = withoutSecrets(this.lines, this.sections);
    const lastLines = lines.slice(-20);
    const exit = lastLines.map((line) => jobFailed.exec(line)).findLast((match) => match !== null);
    const trace = {
      lines,
      sections,
      errorStream: this.errorStream,
      // Searched at the end only, so that a script cannot print the sentence and have us doubt a whole log.
      hitSizeLimit: lastLines.some((line) => sizeLimit.test(line)),
      exitCode: exit?.[1] === undefined ? null : Number(exit[1]),
    };
    return withoutLead(trace, this.leads);
  }

  /** Text between markers counts only when something is left of it; an empty line of the script stays one. */
  private addText(raw: string, isError: boolean, skipEmpty: boolean, lead: number | undefined): void {
    const state = lastState(raw);
    const text = cleaned(state).trimEnd();
    if (text === '' && skipEmpty) return;
    if (lead !== undefined) this.noteLead(raw, state, lead);
    if (isError) this.errorStream.add(this.lines.length);
    this.lines.push(text);
  }

  private noteLead(raw: string, state: string, lead: number): void {
    if (lead >= raw.length) {
      this.leads.set(this.lines.length, Number.POSITIVE_INFINITY);
      return;
    }
    const inState = lead - raw.lastIndexOf(state);
    if (inState > 0) this.leads.set(this.lines.length, cleaned(state.slice(0, inState)).length);
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

/** The part of a line's lead that lies behind its character `at`; undefined when none does. */
function leadFrom(lead: number | undefined, at: number): number | undefined {
  return lead === undefined || (at > 0 && lead <= at) ? undefined : lead - at;
}

function cleaned(state: string): string {
  const stripped = stripHidden(state);
  return stripped === state ? stripped : stripped.replace(/\n/g, ' ');
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
