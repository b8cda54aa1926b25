import { z } from 'zod';

/**
 * Something about the alert itself that is not as it should be, and what was made of it. An alert is not refused for it:
 * what is assumed is written down, and where the assumption could make us look in the wrong place the case stays open.
 */
export const alertNoteSchema = z.object({
  field: z.string().max(128).describe('Field of the alert, by its name in the body'),
  problem: z.string().max(400).describe('What is odd, and what was assumed'),
  keeps_open: z
    .boolean()
    .describe('Because of it we may have looked at the wrong time or at too little: a person has to decide'),
});
export type AlertNote = z.infer<typeof alertNoteSchema>;

export const mostNotes = 20;

/** Collects notes while an alert is read. */
export class Notes {
  readonly list: AlertNote[] = [];

  add(field: string, problem: string, keeps_open: boolean): void {
    if (this.list.length >= mostNotes) return;
    this.list.push({ field: field.slice(0, 128), problem: problem.slice(0, 400), keeps_open });
  }
}

const hour = 3_600_000;
/** Clocks of two systems differ by seconds; a quarter of an hour is somebody's mistake. */
const aheadMs = hour / 4;
const oldDays = 30;

interface Timed {
  created_at: string;
  data_quality?: AlertNote[];
}

/** The alert with more notes; those that keep the case open are never the ones left out. */
export function withNotes<T extends Timed>(alert: T, notes: readonly AlertNote[]): T {
  if (notes.length === 0) return alert;
  const all = [...(alert.data_quality ?? []), ...notes];
  const kept = [...all].sort((a, b) => Number(b.keeps_open) - Number(a.keeps_open)).slice(0, mostNotes);
  return { ...alert, data_quality: kept };
}

/**
 * The alert with its time held against the clock of whoever takes it in. A time in the future would have us ask about hours that have
 * not been; the time of arrival takes its place, and the case says so. An old time stays as it is: it is what the alert is about.
 */
export function checkedAgainst<T extends Timed>(alert: T, now: Date): T {
  const raised = Date.parse(alert.created_at);
  const ahead = raised - now.getTime();
  if (ahead > aheadMs) {
    const problem = `The alert says it was raised at ${alert.created_at}, which is ${lasting(ahead)} from now; the time of arrival is used instead.`;
    return withNotes({ ...alert, created_at: now.toISOString() }, [{ field: 'created_at', problem, keeps_open: true }]);
  }
  if (-ahead > oldDays * 24 * hour) {
    const problem = `The alert was raised ${lasting(-ahead)} ago; logs that old may not be kept any more.`;
    return withNotes(alert, [{ field: 'created_at', problem, keeps_open: false }]);
  }
  return alert;
}

function lasting(ms: number): string {
  if (ms < 2 * hour) return `${Math.round(ms / 60_000)} minutes`;
  return ms < 48 * hour ? `${Math.round(ms / hour)} hours` : `${Math.round(ms / (24 * hour))} days`;
}
