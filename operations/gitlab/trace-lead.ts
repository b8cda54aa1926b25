import type { Trace } from './trace';

/** What ends the run of characters that a secret is. */
const separator = /[\s"',;]/;
/** A run that begins nearer than this to the beginning of a cut line may belong to a name in front of it. */
const nameReach = 256;
/** What is left of a line, in characters, is shown from this on; less of it says little without its beginning. */
const worthShowing = 2_000;

/** How much of a line, in characters after cleaning, was read in front of what was asked for. */
export type Leads = ReadonlyMap<number, number>;

/**
 * Takes off what was read for its context alone: the end of a log begins anywhere, and what is left of a secret that the cut
 * went through is known by no pattern. Cleaned and redacted with the rest, it is as long as secrets are, and goes only
 * now. A longer run of characters without a break, from the cut on into what was asked for, goes with it.
 */
export function withoutLead(trace: Trace, leads: Leads): Trace {
  if (leads.size === 0) return trace;
  const lines: string[] = [];
  const errorStream = new Set<number>();
  /** For each line before, how many there are now in front of it. */
  const places: number[] = [];
  for (const [index, line] of trace.lines.entries()) {
    places.push(lines.length);
    const lead = leads.get(index);
    const rest = lead === undefined ? line : behindLead(line, lead);
    if (rest === null || (rest !== line && rest.length < worthShowing && index + 1 < trace.lines.length)) continue;
    if (trace.errorStream.has(index)) errorStream.add(lines.length);
    lines.push(rest);
  }
  const place = (index: number) => places[index] ?? lines.length;
  const sections = trace.sections
    .map((section) => ({ ...section, start: place(section.start), end: place(section.end) }))
    .filter(({ start, end }, index) => end > start || trace.sections[index]?.start === trace.sections[index]?.end);
  return { ...trace, lines, sections, errorStream };
}

/** Null when nothing of the line is left. */
function behindLead(line: string, lead: number): string | null {
  if (lead >= line.length) return null;
  let from = lead;
  const mark = line.lastIndexOf('[redacted ', from);
  const markEnd = mark < 0 ? -1 : line.indexOf(']', mark);
  if (mark >= 0 && mark < from && markEnd >= from) from = markEnd + 1;
  from = behindRun(line, from);
  return from >= line.length ? null : line.slice(from).replace(/^[\udc00-\udfff]/, '');
}

function behindRun(line: string, from: number): number {
  let runStart = from;
  while (runStart > 0 && !separator.test(line.charAt(runStart - 1))) runStart -= 1;
  if (runStart > nameReach) return from;
  const end = line.slice(from).search(separator);
  return end < 0 ? line.length : from + end;
}
