import type { HuntRunRecord } from './hunt-schedule-port';
import type { OpenedFinding, ScheduledTurn } from './scheduled-hunt';

/** What a run has to tell people besides its findings: one line each, empty when everything went as it should. */
export function problemsOf(
  turns: readonly ScheduledTurn[],
  { missed, previous }: { missed: number; previous: HuntRunRecord | undefined },
): string[] {
  const lines: string[] = [];
  if (missed > 0 && previous !== undefined) {
    lines.push(
      `${missed} scheduled ${missed === 1 ? 'run was' : 'runs were'} missed since ${previous.started_at}. This run looks at the time in between as well.`,
    );
  }
  if (previous !== undefined && previous.finished_at === null)
    lines.push(`The run of ${previous.started_at} was broken off. Its hunts are run again.`);
  for (const [said, hunts] of groupedBy(turns, gapLine)) {
    lines.push(`NOT LOOKED AT: ${said}, by ${named(hunts)}; it lies too far back.`);
  }
  for (const [problem, hunts] of groupedBy(turns, ({ status, problem }) => (status === 'no_table' ? null : problem)))
    lines.push(`${named(hunts)}: ${problem} Tried again by the next run.`);
  return lines;
}

function gapLine({ gap }: ScheduledTurn): string | null {
  return gap === null ? null : `${gap.from} to ${gap.to}`;
}

function groupedBy(
  turns: readonly ScheduledTurn[],
  text: (turn: ScheduledTurn) => string | null,
): Map<string, ScheduledTurn[]> {
  const groups = new Map<string, ScheduledTurn[]>();
  for (const turn of turns) {
    const said = text(turn);
    if (said !== null) groups.set(said, [...(groups.get(said) ?? []), turn]);
  }
  return groups;
}

function named(turns: readonly ScheduledTurn[]): string {
  const names = turns.map(({ hunt }) => hunt);
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more hunts`;
}

/** The run in one line. */
export function summaryOf(turns: readonly ScheduledTurn[], opened: readonly OpenedFinding[]): string {
  const completed = turns.filter(({ status }) => status === 'completed').length;
  const known = turns.reduce((sum, { known_findings }) => sum + known_findings, 0);
  const absent = turns.filter(({ status }) => status === 'no_table').length;
  return [
    `${completed} of ${turns.length} hunts were read to their end`,
    `${opened.length} new ${opened.length === 1 ? 'case' : 'cases'}`,
    `${known} ${known === 1 ? 'finding has its case' : 'findings have their cases'} already`,
    ...(absent > 0 ? [`${absent} need a log that this tenant does not have`] : []),
  ].join(', ');
}
