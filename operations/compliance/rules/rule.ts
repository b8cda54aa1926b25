import type { PopulationRow, TableRow } from '../csv-table';
import { localTime } from '../local-time';
import type { Period } from '../period';
import type { PopulationName } from '../populations';

/** An exception is a control that did not hold. A lead is a reason to ask: what it shows can be in order. */
export const exceptionClasses = ['exception', 'lead'] as const;
export type ExceptionClass = (typeof exceptionClasses)[number];

export const controlNames = [
  'access_after_hours',
  'access_privileged',
  'access_failed',
  'access_root',
  'access_mfa',
  'change_segregation_of_duties',
  'change_approval_before_last_change',
  'change_direct_push',
  'change_settings',
  'change_deployment',
  'operations_log_gaps',
  'operations_log_changes',
] as const;
export type ControlName = (typeof controlNames)[number];

export interface Exception {
  control: ControlName;
  kind: string;
  class: ExceptionClass;
  /** When it was, ISO 8601 in UTC: of several rows the first. */
  at: string;
  /** Who or what it is about. */
  subject: string;
  statement: string;
  population: PopulationName;
  /** Rows of the population that it rests on, by their hash; for something that is not there, its neighbours. */
  rows: readonly TableRow[];
}

/** What the rules are applied with; all of it stands in the manifest. */
export interface RuleSettings {
  /** Of the working day on the local clock, in minutes since midnight: `end` is the first minute after it. */
  businessStart: number;
  businessEnd: number;
  /** 0 is Sunday. */
  weekendDays: readonly number[];
  /** Dates on which nobody is expected to work, whatever the weekday. */
  holidays: readonly string[];
  /** Zones of people whose clock is another one, by name in lower case. */
  userZones: Readonly<Record<string, string>>;
  /** Names of users that are programs, in lower case. */
  serviceIdentities: readonly string[];
  /** Who was on call, and when: instants in milliseconds, the last one left out. */
  onCall: readonly { user: string; from: number; to: number }[];
  failedSignIns: number;
  deniedCalls: number;
  logGapHours: number;
  /** Branches besides the default one of each project whose merge requests have to be approved. */
  branches: readonly string[];
  /** Deployments to these environments have to come from a merge request. */
  environments: readonly string[];
}

export type Populations = Readonly<Record<PopulationName, readonly TableRow[]>>;

export interface RuleInput {
  period: Period;
  /** When the rows were there, ISO 8601 in UTC: what had not happened by then is no gap. */
  madeAt: string;
  settings: RuleSettings;
  /** Logs that were asked for; a log without any row has no row in `log_hours`. */
  logs: readonly string[];
  populations: Populations;
}

export function cell(row: TableRow | undefined, name: string): string {
  return (row?.cells as PopulationRow | undefined)?.[name] ?? '';
}

/** Names in a cell that holds several. */
export function namesIn(text: string): string[] {
  return text === '' ? [] : text.split('; ');
}

export function zoneOf({ period, settings }: RuleInput, user: string): string {
  return settings.userZones[user.toLowerCase()] ?? period.zone;
}

/** Groups in the order of their first row. */
export function grouped(rows: readonly TableRow[], key: (row: TableRow) => string): TableRow[][] {
  const groups = new Map<string, TableRow[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** Whether the local clock of a zone stands outside of business hours: before, after, on a weekend or on a holiday. */
export function afterHoursReason(settings: RuleSettings, zone: string, instant: number): string | null {
  const { date, minutes, weekday } = localTime(zone, instant);
  if (settings.holidays.includes(date)) return 'holiday';
  if (settings.weekendDays.includes(weekday)) return 'weekend';
  return minutes < settings.businessStart || minutes >= settings.businessEnd ? 'outside business hours' : null;
}
