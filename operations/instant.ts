import { InvalidInputError } from './errors';

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s?(Z|UTC|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Milliseconds since 1970 of an ISO 8601 date or time, `2026-03-01`, `2026-03-01T08:00:00.5+02:00`; undefined for what is none,
 * also for a day that its month does not have, which Date.parse takes for one of the next month. A time without an offset is
 * UTC wherever this runs: Date.parse would take the zone of the host.
 */
export function parseInstant(text: string): number | undefined {
  const [, day, clock = '00:00', zone = 'Z'] = iso.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  const midnight = Date.parse(`${day}T00:00Z`);
  const time = Date.parse(`${day}T${clock}${/^(z|utc)$/i.test(zone) ? 'Z' : zone}`);
  if (Number.isNaN(midnight) || Number.isNaN(time)) return undefined;
  return new Date(midnight).toISOString().startsWith(day) ? time : undefined;
}

/** The same for an input field. Throws InvalidInputError on `field`. */
export function readInstant(field: string, text: string): number {
  const time = parseInstant(text);
  if (time === undefined)
    throw new InvalidInputError(field, 'is not an ISO 8601 date or time, such as 2026-03-01 or 2026-03-01T08:00:00Z');
  return time;
}

/** A service's time, which may be absent; NaN for what is none, so that every comparison with it is false. */
export function serviceInstant(text: string | null | undefined): number {
  return parseInstant(text ?? '') ?? Date.parse(text ?? '');
}
