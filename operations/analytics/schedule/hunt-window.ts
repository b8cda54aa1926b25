import type { HuntWindow } from '../hunts/hunt';

const minute = 60_000;
const hour = 60 * minute;

/** How the schedule looks at time. */
export interface ScheduleTiming {
  intervalHours: number;
  /** Every window begins so long before the watermark: for calls that arrived late. */
  overlapMinutes: number;
  /** Every window ends so long before now: for calls that have not arrived yet. */
  delayMinutes: number;
  /** No window is longer. */
  maxWindowHours: number;
}

export interface HuntTurn {
  window: HuntWindow;
  /** Where the watermark stands when the window was read to its end. */
  watermark: string;
  /** Time before the window that nobody will look at any more; null where the windows join. */
  gap: HuntWindow | null;
}

/**
 * The window of a hunt's next run: from its watermark, less the overlap, to now, less the delay; the first time as far
 * back as one interval. A hunt that failed keeps its watermark, so its next window is longer; what does not fit into the
 * longest window is a gap, and stated. Undefined when the watermark lies ahead of now, as after a clock that was set back:
 * then there is nothing to look at.
 */
export function nextTurn(watermark: string | undefined, now: Date, timing: ScheduleTiming): HuntTurn | undefined {
  // Whole minutes, so that a run that comes again at once asks the same query.
  const to = Math.floor(now.getTime() / minute) * minute - timing.delayMinutes * minute;
  const mark = watermark === undefined ? to - timing.intervalHours * hour : Date.parse(watermark);
  if (mark > to) return undefined;
  const earliest = to - timing.maxWindowHours * hour;
  const from = Math.max(earliest, mark - timing.overlapMinutes * minute);
  const iso = (time: number) => new Date(time).toISOString();
  return {
    window: { from: iso(from), to: iso(to) },
    watermark: iso(to),
    gap: mark < earliest ? { from: iso(mark), to: iso(earliest) } : null,
  };
}

/**
 * How many runs should have come between the last one and now. A run counts as missed from half an interval after its
 * time, so that a schedule that is late by minutes is none.
 */
export function missedRuns(lastStartedAt: string | undefined, now: Date, intervalHours: number): number {
  if (lastStartedAt === undefined) return 0;
  const intervals = (now.getTime() - Date.parse(lastStartedAt)) / (intervalHours * hour);
  return Math.max(0, Math.round(intervals) - 1);
}
