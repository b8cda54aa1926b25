import { z } from 'zod';
import { truncate } from '../text';
import type { Trace } from './trace';

export const logMatchesSchema = z.object({
  matches: z.array(
    z.object({
      line: z.number().int().describe('Number of the line that holds the text'),
      section: z.string().nullable(),
      first_line: z.number().int().describe('Number of the first line shown'),
      text: z.string().describe('The line with those around it'),
    }),
  ),
  count: z.number().int().describe('Lines of the log read that hold the text'),
  complete: z.boolean().describe('False when there are more than were returned'),
});
export type LogMatches = z.infer<typeof logMatchesSchema>;

const mostMatches = 50;

/**
 * Lines of a cleaned and redacted log that hold a text, letters of either case alike, each with its context; one that lies in
 * the context of the match before it is counted and not shown again. The search is over what is shown, so that nobody can
 * find out by it what was redacted.
 */
export function searchTrace(trace: Trace, wanted: string, context: number, maxCharacters: number): LogMatches {
  const text = wanted.toLowerCase();
  const matches: LogMatches['matches'] = [];
  let count = 0;
  let left = maxCharacters;
  let shownTo = -1;
  let isWhole = true;
  for (const [index, line] of trace.lines.entries()) {
    if (!line.toLowerCase().includes(text)) continue;
    count += 1;
    if (index <= shownTo) continue;
    const from = Math.max(shownTo + 1, index - context);
    const block = truncate(trace.lines.slice(from, index + context + 1).join('\n'), Math.max(32, maxCharacters));
    if (matches.length >= mostMatches || block.length > left) {
      isWhole = false;
      continue;
    }
    left -= block.length;
    shownTo = index + context;
    const section = trace.sections.findLast(({ start, end }) => start <= index && index < end);
    matches.push({ line: index + 1, section: section?.name ?? null, first_line: from + 1, text: block });
  }
  return { matches, count, complete: isWhole };
}
