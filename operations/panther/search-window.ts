import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { readInstant } from '../instant';
import type { TenantSettings } from './tenant-settings';

const hourMs = 3_600_000;

/** The time a search covers: two times, or hours back from the end. */
export const searchWindowInput = {
  start_time: z
    .string()
    .max(40)
    .optional()
    .describe('Start of the window, ISO 8601; UTC when it has no offset. Give this or lookback_hours'),
  end_time: z
    .string()
    .max(40)
    .optional()
    .describe('End of the window, ISO 8601; UTC when it has no offset. Default: now'),
  lookback_hours: z
    .number()
    .int()
    .min(1)
    .max(87_600)
    .optional()
    .describe('Hours before end_time at which the window starts; 24 when there is no start_time either'),
};

export interface SearchWindow {
  start: Date;
  end: Date;
}

interface Asked {
  start_time?: string;
  end_time?: string;
  lookback_hours?: number;
}

/** The window asked for. Throws InvalidInputError that names the field, also for one longer than the tenant's setting allows. */
export function readSearchWindow(now: Date, asked: Asked, { maxWindowDays }: TenantSettings): SearchWindow {
  const { start_time, end_time, lookback_hours } = asked;
  const end = instantOf('end_time', end_time) ?? now.getTime();
  const given = instantOf('start_time', start_time);
  if (given !== undefined && lookback_hours !== undefined) {
    throw new InvalidInputError('lookback_hours', 'start_time says where the window starts already; give one of them');
  }
  const start = given ?? end - (lookback_hours ?? 24) * hourMs;
  const field = given === undefined ? 'lookback_hours' : 'start_time';
  if (start >= end) throw new InvalidInputError(field, 'the window would end before it starts');
  if (start > now.getTime()) throw new InvalidInputError(field, 'the window lies in the future');
  if (end - start > maxWindowDays * 24 * hourMs) {
    throw new InvalidInputError(
      field,
      `the window is longer than the ${maxWindowDays} days that one query may read here; the connection's longest window is a setting`,
    );
  }
  return { start: new Date(start), end: new Date(end) };
}

function instantOf(field: string, value: string | undefined): number | undefined {
  return value === undefined || value.trim() === '' ? undefined : readInstant(field, value);
}
