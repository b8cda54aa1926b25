import { createHash } from 'node:crypto';
import { InvalidInputError } from '../errors';
import { cleanLine, cleanText } from '../text';
import type { Entity } from './alert';
import { severities } from './alert';
import type { Notes } from './alert-notes';
import type { Severity } from './evidence';
import { entityTypeNamed, formatProblem, guessEntityType, refang } from './indicators';

export type Fields = Readonly<Record<string, unknown>>;

export const maxIndicators = 200;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** A non-empty text of at most `max` characters, cleaned to one line. Throws InvalidInputError that names `field`. */
export function requiredLine(field: string, value: unknown, max: number): string {
  if (value === undefined) throw new InvalidInputError(field, 'is missing');
  if (typeof value !== 'string') throw new InvalidInputError(field, `must be text, not ${kindOf(value)}`);
  if (value.length > max)
    throw new InvalidInputError(field, `has ${value.length} characters; at most ${max} are taken`);
  const line = cleanLine(value, max);
  if (line === '') throw new InvalidInputError(field, 'is empty');
  return line;
}

/**
 * As requiredLine, for what tells one alert from another. Two values that only differ in what cleaning removes (invisible
 * characters, halves of a surrogate pair) stay two: the mark behind the tilde comes from the value as it was sent.
 */
export function identityLine(field: string, value: unknown, max: number): string {
  const line = requiredLine(field, value, max);
  const plain = String(value).replace(/\s+/g, ' ').trim();
  if (plain === line) return line;
  // JSON writes lone surrogates as escapes, so that no two values have the same bytes.
  const mark = createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
  return `${line.slice(0, max - 13)}~${mark}`;
}

/** As requiredLine, but absent and null give the fallback, and text that is too long is cut: titles are not keys. */
export function optionalText(field: string, value: unknown, max: number, fallback: string): string {
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'string') throw new InvalidInputError(field, `must be text, not ${kindOf(value)}`);
  return cleanText(value, max).trim() || fallback;
}

/** Other systems' words for our four severities. INFO has no place of its own: LOW is the least we act on. */
const severityWords: Readonly<Record<string, Severity>> = {
  info: 'LOW',
  informational: 'LOW',
  information: 'LOW',
  low: 'LOW',
  medium: 'MEDIUM',
  moderate: 'MEDIUM',
  high: 'HIGH',
  critical: 'CRITICAL',
};

export function severityOf(field: string, value: unknown): Severity {
  const word = requiredLine(field, value, 32).toLowerCase();
  const severity = Object.hasOwn(severityWords, word) ? severityWords[word] : undefined;
  if (severity === undefined) {
    throw new InvalidInputError(field, `"${cleanLine(word, 40)}" is none of INFO, ${severities.join(', ')}`);
  }
  return severity;
}

/** Words and grades of ticketing, paging and monitoring products, besides our own. The first grade is always the worst. */
const otherSeverityWords: Readonly<Record<string, Severity>> = {
  ...severityWords,
  none: 'LOW',
  notice: 'LOW',
  minor: 'LOW',
  warn: 'MEDIUM',
  warning: 'MEDIUM',
  normal: 'MEDIUM',
  important: 'HIGH',
  major: 'HIGH',
  error: 'HIGH',
  severe: 'HIGH',
  urgent: 'CRITICAL',
  alert: 'CRITICAL',
  emergency: 'CRITICAL',
  fatal: 'CRITICAL',
};
const grades: readonly Severity[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'LOW'];

/**
 * Severity of an alert of a product that we do not know. What is no word of ours, or a number whose scale nobody tells, is
 * MEDIUM with a note: not worth losing the alert for. Throws InvalidInputError for a severity that is absent, or no text and no number.
 */
export function foreignSeverityOf(field: string, value: unknown, notes: Notes): Severity {
  const line = requiredLine(field, typeof value === 'number' ? String(value) : value, 64);
  const word = line.toLowerCase();
  const grade = /^(?:p|sev|severity|priority)[ _-]?([1-5])$/.exec(word)?.[1];
  if (grade !== undefined) return grades[Number(grade) - 1] ?? 'MEDIUM';
  const known = Object.hasOwn(otherSeverityWords, word) ? otherSeverityWords[word] : undefined;
  if (known !== undefined) return known;
  notes.add(field, `"${cleanLine(line, 40)}" is no severity that is known here; MEDIUM is assumed.`, false);
  return 'MEDIUM';
}

const isoTime = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|UTC|[+-]\d\d:?\d\d)?$/;

/**
 * A point in time as ISO 8601 in UTC. A time without a zone is taken as UTC, and a note says so and keeps the case open:
 * it can be off by 14 hours, and the queries would look at the wrong ones. Impossible dates (30 February, 24:30) are
 * refused instead of rolled over.
 */
export function timeOf(field: string, value: unknown, notes: Notes): string {
  const text = requiredLine(field, value, 64);
  const parts = isoTime.exec(text);
  if (parts === null) {
    throw new InvalidInputError(field, `"${text}" is not an ISO 8601 time such as 2026-01-31T09:30:00Z`);
  }
  const zone = parts[8] ?? 'Z';
  if (parts[8] === undefined)
    notes.add(field, `"${text}" has no time zone and was taken as UTC; send Z or an offset such as +02:00.`, true);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((index) => Number(parts[index] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const millis = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const wall = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millis));
  const sameWall =
    wall.getUTCFullYear() === year &&
    wall.getUTCMonth() === month - 1 &&
    wall.getUTCDate() === day &&
    wall.getUTCHours() === hour &&
    wall.getUTCMinutes() === minute &&
    wall.getUTCSeconds() === second;
  const offset = /^[+-]/.test(zone) ? offsetMinutes(zone) : 0;
  if (!sameWall || offset === undefined)
    throw new InvalidInputError(field, `"${text}" is not a date and time that exists`);
  return checkedTime(field, new Date(wall.getTime() - offset * 60_000));
}

/** Unix time in seconds or milliseconds, told apart by size; both are in UTC by definition. */
export function unixTimeOf(field: string, value: number): string {
  const millis = Math.abs(value) < 1e11 ? value * 1000 : value;
  if (!Number.isFinite(millis) || Math.abs(millis) > 8.64e15) throw new InvalidInputError(field, 'is not a Unix time');
  return checkedTime(field, new Date(millis));
}

function offsetMinutes(zone: string): number | undefined {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function checkedTime(field: string, time: Date): string {
  const year = time.getUTCFullYear();
  if (year < 2000 || year > 2100) throw new InvalidInputError(field, `the year ${year} cannot be right for an alert`);
  return time.toISOString();
}

/** One indicator of a list: a text, whose type is guessed, or `{type, value}`. */
export function indicatorOf(field: string, item: unknown): Entity {
  if (typeof item === 'string') {
    const value = refang(requiredLine(field, item, 512));
    return { type: guessEntityType(value), value };
  }
  if (!isFields(item)) throw new InvalidInputError(field, `must be text or {type, value}, not ${kindOf(item)}`);
  const value = refang(requiredLine(`${field}.value`, item.value, 512));
  if (item.type === undefined || item.type === null) return { type: guessEntityType(value), value };
  const word = requiredLine(`${field}.type`, item.type, 64);
  // What has a type that we have no word for (an event name, a user agent) must not be taken for a user.
  const type = entityTypeNamed(word) ?? 'other';
  const problem = formatProblem(type, value);
  if (problem !== undefined) throw new InvalidInputError(`${field}.value`, problem);
  return { type, value };
}

/** A list of indicators, at most 200. Throws InvalidInputError that names the element at fault. */
export function indicatorsOf(field: string, value: unknown): Entity[] {
  if (value === undefined) throw new InvalidInputError(field, 'is missing; give an empty list when there are none');
  if (!Array.isArray(value)) throw new InvalidInputError(field, `must be a list, not ${kindOf(value)}`);
  if (value.length > maxIndicators) {
    throw new InvalidInputError(field, `has ${value.length} elements; at most ${maxIndicators} are taken`);
  }
  return value.map((item: unknown, index) => indicatorOf(`${field}.${index}`, item));
}

/** Short labels; anything that is no text is refused with its place. */
export function tagsOf(field: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new InvalidInputError(field, `must be a list, not ${kindOf(value)}`);
  const tags = value.slice(0, 50).map((tag: unknown, index) => {
    if (typeof tag !== 'string') throw new InvalidInputError(`${field}.${index}`, `must be text, not ${kindOf(tag)}`);
    return cleanLine(tag, 128);
  });
  return [...new Set(tags.filter((tag) => tag !== ''))];
}

/** An http(s) address, or null for anything else: a link is a convenience and no reason to lose the alert. */
export function linkOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 2000) return null;
  try {
    const url = new URL(value);
    if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '' || url.password !== '')
      return null;
    return url.href.length > 2000 ? null : url.href;
  } catch {
    return null;
  }
}

/** An alert of several megabytes that quotes its events is long, and no attack. */
const maxNodes = 300_000;
const maxDepth = 64;
const maxCharacters = 16_000_000;

/** Refuses bodies that are absurdly large or deep, without recursion, before anything walks them. */
export function refuseAbsurdSize(body: unknown): void {
  const waiting: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }];
  let nodes = 0;
  let characters = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    nodes += 1;
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null) {
      if (depth >= maxDepth) throw new InvalidInputError('alert', `is nested deeper than ${maxDepth} levels`);
      for (const [key, item] of Object.entries(value)) {
        characters += key.length;
        waiting.push({ value: item, depth: depth + 1 });
        if (waiting.length > maxNodes) break;
      }
    }
    if (nodes + waiting.length > maxNodes) throw new InvalidInputError('alert', `holds more than ${maxNodes} values`);
    if (characters > maxCharacters) {
      throw new InvalidInputError('alert', `holds more than ${maxCharacters} characters`);
    }
  }
}
