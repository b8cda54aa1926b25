import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';
import type { Judging } from './supply-chain-look';

export const workingHoursInput = {
  trusted_hosts: z
    .array(z.string().min(1).max(253))
    .max(50)
    .optional()
    .describe(
      'Registries, image registries and Git hosts of your own, with everything below them, e.g. npm.acme.example; that something comes from there then weighs little. Changed checksums and scripts weigh as ever',
    ),
  time_zone: z
    .string()
    .max(60)
    .default('UTC')
    .describe('Time zone of the working hours, by its IANA name, e.g. Europe/Berlin. Default: UTC'),
  hours_from: z.number().int().min(0).max(23).default(7).describe('Working hours begin, 0 to 23. Default: 7'),
  hours_to: z.number().int().min(1).max(24).default(20).describe('Working hours end, 1 to 24. Default: 20'),
};

interface Given {
  trusted_hosts?: string[];
  time_zone: string;
  hours_from: number;
  hours_to: number;
}

/** Throws InvalidInputError for a zone that does not exist, hours that are none, and a host that would trust half the world. */
export function readJudging({ trusted_hosts, time_zone, hours_from, hours_to }: Given): Judging {
  const timeZone = time_zone.trim() === '' ? 'UTC' : time_zone.trim();
  if (!isTimeZone(timeZone)) {
    throw new InvalidInputError(
      'time_zone',
      `"${cleanLine(timeZone, 60)}" is not the IANA name of a time zone, such as Europe/Berlin`,
    );
  }
  if (hours_from >= hours_to)
    throw new InvalidInputError('hours_from', `${hours_from} is not before hours_to, ${hours_to}`);
  return {
    hours: { timeZone, fromHour: hours_from, toHour: hours_to },
    trustedHosts: (trusted_hosts ?? []).flatMap(readHost),
  };
}

/** `*.acme.example`, `.acme.example` and `acme.example` are the same; a name without a dot would cover a whole top-level domain. */
function readHost(given: string): string[] {
  const host = given.trim();
  if (host === '') return [];
  if (/^(?:\*?\.)?(?:[a-z0-9_-]{1,63}\.)+[a-z0-9_-]{1,63}(?::\d{1,5})?$/i.test(host)) return [host];
  throw new InvalidInputError(
    'trusted_hosts',
    `"${cleanLine(host, 100)}" is not the name of a host, such as npm.acme.example; leave out https:// and the path`,
  );
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
