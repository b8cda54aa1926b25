import { InvalidInputError } from '../errors';
import { addDays, isDate, isZone, localTime, startOfDay } from './local-time';

export const periodNames = ['previous_month', 'previous_week', 'previous_day', 'custom'] as const;
export type PeriodName = (typeof periodNames)[number];

/** Whole days of a zone. */
export interface Period {
  zone: string;
  /** First and last day, both included. */
  first_day: string;
  last_day: string;
  days: number;
  /** First instant, and the first one after the last: ISO 8601 in UTC. */
  from: string;
  to: string;
}

export interface PeriodAsked {
  zone: string;
  period: PeriodName;
  first_day?: string;
  last_day?: string;
}

const mostDays = 92;

/** The period that is meant. Throws InvalidInputError that names `zone`, `period`, `first_day` or `last_day`. */
export function choosePeriod(now: Date, asked: PeriodAsked): Period {
  const { zone } = asked;
  if (!isZone(zone))
    throw new InvalidInputError('zone', `"${zone.slice(0, 64)}" is no time zone; name one, such as Europe/Berlin`);
  const [first, last] = daysOf(localTime(zone, now.getTime()).date, asked);
  const days = 1 + Math.round((Date.parse(`${last}T00:00Z`) - Date.parse(`${first}T00:00Z`)) / 86_400_000);
  if (days < 1) throw new InvalidInputError('last_day', 'is before first_day');
  if (days > mostDays)
    throw new InvalidInputError('last_day', `makes a period of ${days} days; a package covers at most ${mostDays}`);
  const from = startOfDay(zone, first);
  if (from > now.getTime()) throw new InvalidInputError('first_day', 'lies in the future');
  const to = startOfDay(zone, addDays(last, 1));
  return {
    zone,
    first_day: first,
    last_day: last,
    days,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  };
}

function daysOf(today: string, { period, first_day: first, last_day: last }: PeriodAsked): [string, string] {
  if (period === 'custom') {
    if (first === undefined || !isDate(first))
      throw new InvalidInputError('first_day', 'has to be a date, YYYY-MM-DD, for the period custom');
    if (last === undefined || !isDate(last))
      throw new InvalidInputError('last_day', 'has to be a date, YYYY-MM-DD, for the period custom');
    return [first, last];
  }
  if (first !== undefined || last !== undefined)
    throw new InvalidInputError('period', 'has to be custom when first_day and last_day are given');
  const yesterday = addDays(today, -1);
  if (period === 'previous_day') return [yesterday, yesterday];
  if (period === 'previous_week') return [addDays(today, -7), yesterday];
  const lastOfMonth = addDays(`${today.slice(0, 8)}01`, -1);
  return [`${lastOfMonth.slice(0, 8)}01`, lastOfMonth];
}
