import { z } from 'zod';
import { InvalidInputError } from '../../errors';
import { readInstant } from '../../instant';
import { cleanLine } from '../../text';
import { mostRows } from './behaviour-sql';

const dayMs = 86_400_000;
/** A question asked again within a quarter of an hour is the same question, and finds the same query. */
const roundMs = 15 * 60_000;
/** Each is a literal in the query. */
const mostZones = 500;

/** What both operations ask for. */
export const anomalyInput = {
  window_days: z
    .number()
    .int()
    .min(1)
    .max(7)
    .default(1)
    .describe('Days of 24 hours at the end of the window that are judged, 1 to 7; default 1'),
  baseline_days: z
    .number()
    .int()
    .min(8)
    .max(84)
    .default(30)
    .describe('Days before the window that habits are learnt from, 8 to 84; default 30'),
  end_time: z
    .string()
    .max(40)
    .optional()
    .describe(
      'End of the window, ISO 8601; UTC when it has no offset. Default: now. Rounded up to the quarter of an hour',
    ),
  zone: z
    .string()
    .max(60)
    .default('UTC')
    .describe(
      'Time zone in which people work, by its IANA name, such as Europe/Berlin or Asia/Kolkata; hours and weekdays are those of its clock, also over changes of daylight saving. Default UTC',
    ),
  entity_zones: z
    .record(z.string().max(60))
    .default({})
    .describe(
      'Time zones of entities whose clock is another one, by whole id or the name behind its last slash, such as {"kim": "Asia/Seoul"}; at most 500. Default: all are in zone',
    ),
  min_risk: z.number().int().min(0).max(100).default(0).describe('Least risk of what is returned, 0 to 100; default 0'),
  max_entities: z
    .number()
    .int()
    .min(1)
    .max(200)
    .default(20)
    .describe('Most entity days to return, the highest risk first, 1 to 200; default 20'),
  max_rows: z
    .number()
    .int()
    .min(10)
    .max(mostRows)
    .default(mostRows)
    .describe(
      'Most rows, one for each entity and day, to read; 10 to 50,000, default 50,000. What was left behind is stated',
    ),
  wait_seconds: z
    .number()
    .int()
    .min(10)
    .max(600)
    .default(180)
    .describe(
      'Longest wait for the data lake, in seconds, 10 to 600; default 180. The query goes on after that, and the same call finds it again',
    ),
} as const;

/** The days asked for, in milliseconds since 1970. */
export interface AnomalyWindow {
  baselineFrom: number;
  from: number;
  to: number;
}

/** Throws InvalidInputError that names the field, also for a window longer than one query may read here. */
export function readWindow(
  now: Date,
  asked: {
    window_days: number;
    baseline_days: number;
    end_time?: string;
    zone: string;
    entity_zones: Readonly<Record<string, string>>;
  },
  maxWindowDays: number,
): AnomalyWindow {
  assertZone('zone', asked.zone);
  const zones = Object.entries(asked.entity_zones);
  if (zones.length > mostZones)
    throw new InvalidInputError('entity_zones', `has ${zones.length} entities; at most ${mostZones} can be named`);
  for (const [entity, zone] of zones) assertZone('entity_zones', zone, `of "${cleanLine(entity, 60)}" `);
  const given = asked.end_time === undefined || asked.end_time.trim() === '' ? undefined : asked.end_time;
  const end = given === undefined ? now.getTime() : readInstant('end_time', given);
  const to = Math.ceil(end / roundMs) * roundMs;
  const from = to - asked.window_days * dayMs;
  if (from > now.getTime()) throw new InvalidInputError('end_time', 'the window lies in the future');
  const days = asked.window_days + asked.baseline_days;
  if (days > maxWindowDays)
    throw new InvalidInputError(
      'baseline_days',
      `with the window they are ${days} days, and one query may read ${maxWindowDays} here; the connection's longest window is a setting`,
    );
  return { baselineFrom: from - asked.baseline_days * dayMs, from, to };
}

/** Throws InvalidInputError for what is no name of a zone. Offsets are refused: they know no daylight saving. */
export function assertZone(field: string, zone: string, whose = ''): void {
  const problem = `${whose}is not the IANA name of a time zone, such as Europe/Berlin, Asia/Kolkata or UTC`;
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/.test(zone)) throw new InvalidInputError(field, problem);
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw new InvalidInputError(field, problem);
  }
}
