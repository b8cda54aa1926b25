import { z } from 'zod';
import { InvalidInputError } from '../errors';

export interface TimeWindow {
  /** Milliseconds since 1970, both ends included. */
  from: number;
  to: number;
}

export const windowInput = {
  from: z
    .string()
    .max(40)
    .optional()
    .describe('Start of the window, ISO 8601; UTC when it has no offset. Default: 24 hours before `to`'),
  to: z
    .string()
    .max(40)
    .optional()
    .describe('End of the window, included, ISO 8601; UTC when it has no offset. Default: now'),
};

const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The window asked for, the last 24 hours by default. Throws InvalidInputError that names `from` or `to`. */
export function readWindow(now: Date, from: string | undefined, to: string | undefined): TimeWindow {
  const end = readInstant('to', to) ?? now.getTime();
  const start = readInstant('from', from) ?? end - 24 * 3_600_000;
  if (start > end) throw new InvalidInputError('from', 'is later than `to`');
  return { from: start, to: end };
}

function readInstant(field: string, value: string | undefined): number | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  const match = iso.exec(text);
  // Without an offset, Date.parse would take the host's own time zone for a date with a time.
  const utc = match && text.length > 10 && match[1] === undefined ? `${text}Z` : text;
  const time = match ? Date.parse(utc.replace(' ', 'T')) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidInputError(field, `"${text.slice(0, 40)}" is not an ISO 8601 time like 2026-01-31T09:00:00Z`);
  }
  return time;
}

export function isWithin(window: TimeWindow, instant: string | null): boolean {
  if (instant === null) return false;
  const time = Date.parse(instant);
  return time >= window.from && time <= window.to;
}

/** `Z` times: the `+` of an offset would have to be escaped, and some proxies undo that. */
export function toIso(time: number): string {
  return new Date(time).toISOString();
}

/**
 * Follows a list that was asked for newest first. The order is checked rather than trusted: only a server that kept it
 * may be read no further than the start of the window.
 */
export class NewestFirst {
  private last = Number.POSITIVE_INFINITY;
  private kept = true;

  see(instant: string | null): void {
    const time = instant === null ? Number.NaN : Date.parse(instant);
    if (!(time <= this.last)) this.kept = false;
    this.last = time;
  }

  /** Every item so far was as old as the one before it or older. */
  get inOrder(): boolean {
    return this.kept;
  }

  /** Time of the last item, in milliseconds; infinite before the first. */
  get lastTime(): number {
    return this.last;
  }

  isPast(window: TimeWindow): boolean {
    return this.kept && this.last < window.from;
  }
}
