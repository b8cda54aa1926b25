import type { EntityDay } from '../../operations/analytics/behaviour/entity-day';

/**
 * The zone of a clock stands for a place in these histories, and it moves by an hour twice a year where the place does not.
 * So a past day from the other season is told with both zones that its place may have by now: the same, where clocks are
 * left alone, and the moved one. Whose day it is plays no part. Days are those since 1970 in UTC.
 */
export function asOfSeason(past: EntityDay, asOf: number): EntityDay {
  const places = past.named.place;
  if (places === undefined) return past;
  const told = new Map(places);
  for (const [place, calls] of places) {
    const moved = movedZone(Number(place), past.day, asOf);
    if (moved !== Number(place)) told.set(String(moved), (told.get(String(moved)) ?? 0) + calls);
  }
  return told.size === places.size && [...told].every(([place, calls]) => places.get(place) === calls)
    ? past
    : { ...past, named: { ...past.named, place: told } };
}

/** Minutes east of UTC that a clock would show on the day `to` that showed `zone` on the day `from`. */
function movedZone(zone: number, from: number, to: number): number {
  const isSummer = summerOf(zone);
  return zone + 60 * (Number(isSummer(to)) - Number(isSummer(from)));
}

/**
 * When clocks are put forward, by where on the map a zone lies: as in North America, in Europe, in the south-east of
 * Australia. Between them hardly anybody does.
 */
function summerOf(zone: number): (day: number) => boolean {
  if (zone <= -180) return (day) => within(day, sunday(day, 2, 2), sunday(day, 10, 1));
  if (zone >= 0 && zone <= 180) return (day) => within(day, sunday(day, 2, -1), sunday(day, 9, -1));
  if (zone >= 570) return (day) => !within(day, sunday(day, 3, 1), sunday(day, 9, 1));
  return () => false;
}

function within(day: number, first: number, end: number): boolean {
  return day >= first && day < end;
}

/** The `count`-th Sunday of a month (0 for January) in the year of `day`; the last one for -1. In days since 1970. */
function sunday(day: number, month: number, count: number): number {
  const year = new Date(day * 86_400_000).getUTCFullYear();
  if (count < 0) {
    const last = Date.UTC(year, month + 1, 0) / 86_400_000;
    return last - weekdayOf(last);
  }
  const first = Date.UTC(year, month, 1) / 86_400_000;
  return first + ((7 - weekdayOf(first)) % 7) + 7 * (count - 1);
}

/** 0 for Sunday; 1970 began on a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}
