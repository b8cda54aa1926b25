import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { readInstant } from '../instant';
import { isDate, isZone } from './local-time';
import type { Parameters } from './manifest';
import type { RuleSettings } from './rules/rule';

export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const clock = /^(?:[01]\d|2[0-4]):(?:00|15|30|45)$/;

/** A clock in quarters of an hour: activity is counted by them. */
export const clockInput = z.string().regex(clock, 'has to be a time such as 08:00, in quarters of an hour');

/** The parameters as the rules take them. Throws InvalidInputError that names the field. */
export function ruleSettings(parameters: Parameters): RuleSettings {
  const start = minutesOf(parameters.business_start);
  const end = minutesOf(parameters.business_end);
  if (start >= end) throw new InvalidInputError('business_end', 'has to be later than business_start');
  const noDate = parameters.holidays.find((date) => !isDate(date));
  if (noDate !== undefined) throw new InvalidInputError('holidays', `"${noDate.slice(0, 40)}" is no date, YYYY-MM-DD`);
  const userZones: Record<string, string> = Object.create(null);
  for (const [user, zone] of Object.entries(parameters.user_zones)) {
    if (!isZone(zone))
      throw new InvalidInputError(
        'user_zones',
        `"${zone.slice(0, 64)}" is no time zone; name one, such as Asia/Kolkata`,
      );
    userZones[user.toLowerCase()] = zone;
  }
  return {
    businessStart: start,
    businessEnd: end,
    weekendDays: parameters.weekend_days.map((day) => weekdays.indexOf(day as (typeof weekdays)[number])),
    holidays: parameters.holidays,
    userZones,
    serviceIdentities: parameters.service_identities.map((name) => name.toLowerCase()),
    onCall: parameters.on_call.map(({ user, from, to }) => ({
      user: user.toLowerCase(),
      from: readInstant('on_call', from),
      to: readInstant('on_call', to),
    })),
    failedSignIns: parameters.failed_sign_ins,
    deniedCalls: parameters.denied_calls,
    logGapHours: parameters.log_gap_hours,
    branches: parameters.branches,
    environments: parameters.environments,
  };
}

function minutesOf(text: string): number {
  const [hours = '0', minutes = '0'] = text.split(':');
  return Math.min(1_440, Number(hours) * 60 + Number(minutes));
}
