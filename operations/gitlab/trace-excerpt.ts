import { z } from 'zod';
import { cleanLine } from '../text';
import type { Trace, TraceSection } from './trace';

export const logExcerptSchema = z.object({
  failing_section: z
    .object({
      name: z.string().describe('e.g. step_script or get_sources'),
      duration_seconds: z.number().nullable(),
      first_line: z.number().int().describe('Line number of the first line shown'),
      text: z.string().describe('Its end, where the failure is'),
      omitted_characters: z.number().int().describe('Left out in front of the text'),
    })
    .nullable()
    .describe('For a failed job, the section in which it stopped'),
  tail: z.string().describe('What the log says after the failing section, or its end when there is none'),
  tail_omitted_characters: z.number().int(),
  error_lines: z
    .array(
      z.object({
        line: z.number().int(),
        section: z.string().nullable(),
        text: z.string(),
        stderr: z
          .boolean()
          .nullable()
          .describe('The job wrote it to standard error; null where the log does not tell (no timestamps)'),
      }),
    )
    .describe(
      'Lines that look like errors, the last 30, in order; where these are few, also what the failing section wrote last to standard error',
    ),
  sections: z.array(
    z.object({
      name: z.string(),
      duration_seconds: z.number().nullable(),
      finished: z.boolean(),
      lines: z.number().int(),
    }),
  ),
  lines: z.number().int().describe('Lines of the cleaned log; line numbers count from 1'),
});
export type LogExcerpt = z.infer<typeof logExcerptSchema>;

const maxErrorLines = 30;
const maxListedSections = 60;
/** What the runner does after the script, whether it failed or not. */
const afterScript = /^(?:after_script|archive_cache.*|upload_artifacts.*|cleanup_file_variables)$/;

/**
 * The parts of a log worth reading within `maxCharacters` of text: three quarters for the failing section, more when
 * the rest is short. The log has been redacted before, so that no cut leaves half a secret.
 */
export function excerptOf(trace: Trace, hasFailed: boolean, maxCharacters: number): LogExcerpt {
  const failing = hasFailed ? failingSection(trace.sections) : undefined;
  const after = lengthOf(trace.lines, failing?.end ?? 0, trace.lines.length);
  const inside = failing === undefined ? 0 : lengthOf(trace.lines, failing.start, failing.end);
  const forSection = Math.max(Math.floor(maxCharacters * 0.75), maxCharacters - after);
  const sectionText = failing === undefined ? '' : endOf(trace.lines, failing.start, failing.end, forSection);
  const tail = endOf(trace.lines, failing?.end ?? 0, trace.lines.length, maxCharacters - sectionText.length);
  return {
    failing_section: failing
      ? {
          name: failing.name,
          duration_seconds: failing.durationSeconds,
          first_line: failing.end - countLines(sectionText) + 1,
          text: sectionText,
          omitted_characters: inside - sectionText.length,
        }
      : null,
    tail,
    tail_omitted_characters: after - tail.length,
    error_lines: errorLines(trace, failing),
    sections: trace.sections.slice(-maxListedSections).map((section) => ({
      name: section.name,
      duration_seconds: section.durationSeconds,
      finished: section.isClosed,
      lines: section.end - section.start,
    })),
    lines: trace.lines.length,
  };
}

/**
 * The last section before what the runner does afterwards. When the script made sections of its own, the one that was
 * never closed is where it stopped.
 */
export function failingSection(sections: readonly TraceSection[]): TraceSection | undefined {
  const main = sections.findLast(({ name, depth }) => depth === 0 && !afterScript.test(name));
  const unfinished = sections.findLast(
    ({ isClosed, depth, start, end }) =>
      !isClosed && depth > 0 && main !== undefined && start >= main.start && end <= main.end,
  );
  return unfinished ?? main;
}

const looksLikeError =
  /(?:^|[^\w-])(?:error|errors|fatal|exception|traceback|panic|failed|failure|denied|forbidden|unauthorized|cannot|could not|not found|no such|timed out|ERR!|E\d{3,4})(?![\w-])|^E {2,}\S|Error:|Exception:/i;
/** Success lines that name the word: `0 errors`, `no errors`, `failed: 0`, `allow_failure`. */
const looksHarmless = /\b(?:0|no|without) (?:errors?|failures?|failed)\b|\b(?:errors?|failed|failures?)[:=] ?0\b/i;

/** With fewer lines than this that look like errors, standard error fills up. */
const fewErrorLines = 10;

function errorLines(trace: Trace, failing: TraceSection | undefined): LogExcerpt['error_lines'] {
  const chosen = new Set<number>();
  for (let index = trace.lines.length - 1; index >= 0 && chosen.size < maxErrorLines; index -= 1) {
    const line = (trace.lines[index] ?? '').slice(0, 2000);
    if (looksLikeError.test(line) && !looksHarmless.test(line)) chosen.add(index);
  }
  const from = failing?.start ?? 0;
  for (let index = (failing?.end ?? 0) - 1; index >= from && chosen.size < fewErrorLines; index -= 1) {
    if (trace.errorStream.has(index) && (trace.lines[index] ?? '').trim() !== '') chosen.add(index);
  }
  const knowsStreams = trace.errorStream.size > 0;
  return [...chosen]
    .sort((a, b) => a - b)
    .map((index) => ({
      line: index + 1,
      section: trace.sections.findLast(({ start, end }) => start <= index && index < end)?.name ?? null,
      text: cleanLine((trace.lines[index] ?? '').slice(0, 2000), 400),
      stderr: knowsStreams ? trace.errorStream.has(index) : null,
    }));
}

/** Characters of the lines from `start` up to `end`, joined. */
function lengthOf(lines: readonly string[], start: number, end: number): number {
  let length = Math.max(0, end - start - 1);
  for (let index = start; index < end; index += 1) length += lines[index]?.length ?? 0;
  return length;
}

/** The same as `lastCharacters` of the joined lines, without joining more of them than that takes. */
function endOf(lines: readonly string[], start: number, end: number, length: number): string {
  let from = end;
  // One character more than wanted tells whether the cut falls on the beginning of a line.
  for (let taken = -1; from > start && taken <= length; from -= 1) taken += (lines[from - 1]?.length ?? 0) + 1;
  return lastCharacters(lines.slice(from, end).join('\n'), length);
}

/** At most `length` characters from the end, beginning with a whole line where there is one. */
export function lastCharacters(text: string, length: number): string {
  if (text.length <= length) return text;
  if (length <= 0) return '';
  const cut = text.slice(-length);
  const lineEnd = cut.indexOf('\n');
  const isWholeLine = text[text.length - length - 1] === '\n';
  return isWholeLine || lineEnd < 0 || lineEnd === cut.length - 1
    ? cut.replace(/^[\udc00-\udfff]/, '')
    : cut.slice(lineEnd + 1);
}

function countLines(text: string): number {
  return text.split('\n').length;
}
