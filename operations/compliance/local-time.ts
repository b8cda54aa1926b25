/** What a clock on the wall shows. */
export interface LocalTime {
  /** YYYY-MM-DD. */
  date: string;
  /** Minutes since the clock showed 00:00, 0 to 1439. */
  minutes: number;
  /** 0 is Sunday. */
  weekday: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

/** Whether a text names a zone of the IANA data base. An offset such as +02:00 is none: it knows no summer time. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The clock of a zone at an instant (milliseconds since 1970). `zone` has passed isZone. */
export function localTime(zone: string, instant: number): LocalTime {
  const part: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) part[type] = value;
  const date = `${(part.year ?? '').padStart(4, '0')}-${part.month}-${part.day}`;
  return { date, minutes: Number(part.hour) * 60 + Number(part.minute), weekday: weekdayOf(date) };
}

/** 0 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

/** The clock of a zone at an instant as `2026-03-29 03:15`. */
export function localText(zone: string, instant: number): string {
  const { date, minutes } = localTime(zone, instant);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const hourMs = 3_600_000;

/**
 * The first instant of a date in a zone. Where the clock skips midnight the day begins later than 00:00, and where it skips
 * the whole day (Samoa, 30 December 2011) this is the beginning of the next.
 */
export function startOfDay(zone: string, date: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // Zones lie within 14 hours of UTC now, and have lain within 16.
  let before = midnight - 16 * hourMs;
  let from = midnight + 16 * hourMs;
  while (localTime(zone, from).date < date) from += 24 * hourMs;
  while (from - before > 1_000) {
    const middle = Math.floor((before + from) / 2_000) * 1_000;
    if (localTime(zone, middle).date < date) before = middle;
    else from = middle;
  }
  return from;
}

/** A date and a number of days after it. */
export function addDays(date: string, days: number): string {
  const time = new Date(`${date}T00:00:00Z`);
  time.setUTCDate(time.getUTCDate() + days);
  return time.toISOString().slice(0, 10);
}

/** Whether a text is a date of the calendar, YYYY-MM-DD. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
