import type { CaseHistoryEntry, CaseRecord } from '../cases';
import { tellingEvidence } from './telling-evidence';

/** A span of the case with the two times it lies between; null where one of them is not known. */
export interface CaseSpan {
  name: string;
  /** What is measured, in words. */
  meaning: string;
  from: string | null;
  to: string | null;
  seconds: number | null;
}

/**
 * The times that incident response is measured by (NIST SP 800-61r3, section on metrics): each from the record and its
 * history, and unknown where nothing tells it. Never guessed, and never negative: clocks that disagree give unknown.
 */
export function caseTimes(record: CaseRecord, history: readonly CaseHistoryEntry[]): CaseSpan[] {
  const firstAct = firstHostileAct(record);
  const raised = record.alert.created_at;
  const first = (wanted: readonly string[]) => history.find(({ type }) => wanted.includes(type))?.at;
  return [
    span('Time to detect', 'from the first hostile act to the alert', firstAct, raised),
    span('Time to acknowledge', 'from the alert to the first person who took it', raised, first(['acknowledged'])),
    span(
      'Time to contain',
      'from the alert to the first containment that a second read confirmed',
      raised,
      first(['response_verified']),
    ),
    span('Time to resolve', 'from the alert to the closed case', raised, record.closed_at ?? undefined),
  ];
}

/** A clock that starts at weak context would tell a detection slower than it was. */
function firstHostileAct({ evidence }: CaseRecord): string | undefined {
  const dated = evidence.filter(({ first_at }) => first_at !== null);
  return tellingEvidence(dated)
    .map(({ first_at }) => first_at as string)
    .sort()[0];
}

function span(name: string, meaning: string, from: string | undefined, to: string | undefined): CaseSpan {
  const milliseconds = from === undefined || to === undefined ? Number.NaN : Date.parse(to) - Date.parse(from);
  const known = Number.isFinite(milliseconds) && milliseconds >= 0;
  return { name, meaning, from: from ?? null, to: to ?? null, seconds: known ? Math.round(milliseconds / 1000) : null };
}

/** `2 d 4 h`, `3 min 20 s`; `unknown` for null. */
export function duration(seconds: number | null): string {
  if (seconds === null) return 'unknown';
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  let left = seconds;
  const parts = units.flatMap(([size, unit]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.slice(0, 2).join(' ') || '0 s';
}
