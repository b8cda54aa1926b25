import { z } from 'zod';

/**
 * Where a polling trigger stands. A batch that was handed on is only noted (`handed`); the next poll of the same process
 * confirms it. After a restart nobody knows whether n8n stored the last batch before it stopped, so it is handed on
 * again: an alert can come twice then, but is never lost.
 */
export interface PollState {
  confirmed: Progress;
  handed: (Progress & { session: string }) | null;
}

/** Times are Unix milliseconds. */
export interface Progress {
  /** Everything that was created before this, less the overlap, is done. */
  position: number;
  /** Ids done at or after `position` less the overlap, with their creation time; in `handed`, only what came on top. */
  done: Record<string, number>;
  /** True until the first listing is complete: it only takes note of what is older than `position`. */
  baseline: boolean;
  /** A listing that was longer than one poll may read, and where it goes on. */
  sweep: Sweep | null;
}

export interface Sweep {
  /** When it began, by n8n's clock. */
  startedAt: number;
  /** Creation times from here on are listed. */
  from: number;
  /** The newest creation time that it met so far. */
  newest: number;
  /** Cursor of its next page. */
  next: string;
}

const time = z.number().finite();
const sweepSchema = z.object({ startedAt: time, from: time, newest: time, next: z.string().min(1) });
const progressSchema = z.object({
  position: time,
  done: z.record(time),
  baseline: z.boolean(),
  sweep: sweepSchema.nullable(),
});
const stateSchema = z.object({
  confirmed: progressSchema,
  handed: progressSchema.extend({ session: z.string() }).nullable(),
});

/** The state as it was stored; undefined for the first poll, and for what no poll of ours has stored. */
export function readPollState(stored: unknown): PollState | undefined {
  const parsed = stateSchema.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}
