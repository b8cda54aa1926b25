import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { burstBin, type EntityDay, gapBin } from '../../operations/analytics/behaviour/entity-day';
import { fieldsOf, jsonLines, type LeaveOut } from './json-lines';

/** One row of `behaviour/cases.ndjson`; days since 1970 in UTC. */
export interface Case {
  tenant: string;
  user: string;
  baselineFrom: number;
  baselineTo: number;
  actor: string;
  day: number;
  takeover: boolean;
}

export interface Tenant {
  name: string;
  /** First half of the SHA-256 of the file: tells whether weights were fitted on it. */
  digest: string;
  /** Active days by user, in order. */
  users: Map<string, EntityDay[]>;
}

export function readCases(data: string, leaveOut?: LeaveOut): Case[] {
  return jsonLines(join(data, 'behaviour/cases.ndjson'), isCase, leaveOut, 'behaviour/cases.ndjson');
}

function isCase(value: unknown): value is Case {
  const { tenant, user, actor, baselineFrom, baselineTo, day, takeover } = fieldsOf(value);
  return (
    [tenant, user, actor].every((text) => typeof text === 'string') &&
    [baselineFrom, baselineTo, day].every(Number.isInteger) &&
    typeof takeover === 'boolean'
  );
}

type RecordedEvent = [user: string, seconds: number, zone: number, action: string];

function isEvent(value: unknown): value is RecordedEvent {
  if (!Array.isArray(value)) return false;
  const [user, seconds, zone, action] = value as unknown[];
  return typeof user === 'string' && Number.isFinite(seconds) && Number.isFinite(zone) && typeof action === 'string';
}

export function readTenant(data: string, name: string, leaveOut?: LeaveOut): Tenant {
  const path = join(data, 'behaviour', `${name}.ndjson`);
  const events = new Map<string, Map<number, Event[]>>();
  for (const [user, seconds, zone, action] of jsonLines(path, isEvent, leaveOut, `behaviour/${name}.ndjson`)) {
    const days = getOrAdd(events, user, () => new Map<number, Event[]>());
    getOrAdd(days, Math.floor(seconds / 86_400), () => []).push({ seconds, zone, action });
  }
  const users = new Map<string, EntityDay[]>();
  for (const [user, days] of events) {
    const sorted = [...days].sort(([a], [b]) => a - b);
    users.set(
      user,
      sorted.map(([day, list]) => entityDay(user, day, list)),
    );
  }
  return { name, digest: createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 32), users };
}

interface Event {
  /** Since 1970. */
  seconds: number;
  /** Minutes east of UTC. */
  zone: number;
  action: string;
}

/** As the data lake aggregates a day: the zone stands for the place, and hours are those of the zone. */
function entityDay(entity: string, day: number, events: Event[]): EntityDay {
  const sorted = [...events].sort((a, b) => a.seconds - b.seconds);
  const action = new Map<string, number>();
  const pair = new Map<string, number>();
  const place = new Map<string, number>();
  const hour = new Map<number, number>();
  const gap = new Map<number, number>();
  const moments = new Map<number, number>();
  let previous: Event | undefined;
  for (const event of sorted) {
    count(action, event.action);
    count(place, String(event.zone));
    count(hour, (Math.floor((event.seconds + event.zone * 60) / 1800) + 48_000_000) % 48);
    count(moments, Math.floor(event.seconds / 60));
    if (previous !== undefined && previous.action !== event.action)
      count(pair, [previous.action, event.action].sort().join(' + '));
    if (previous !== undefined && event.seconds - previous.seconds >= 60)
      count(gap, gapBin(event.seconds - previous.seconds));
    previous = event;
  }
  const burst = new Map<number, number>();
  for (const calls of moments.values()) count(burst, burstBin(calls));
  const weekday = (((day + 4) % 7) + 7) % 7;
  return {
    entity,
    day,
    events: events.length,
    moments: moments.size,
    named: { action, pair, place },
    binned: { hour: [...hour], burst: [...burst], gap: [...gap], weekday: [[weekday, events.length]] },
  };
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
