import { createHash } from 'node:crypto';
import { SIMULATED_PEOPLE, type SimulatedPerson } from '../simulated-people';
import type { CloudTrailRow, JsonObject } from './cloudtrail-row';
import { uuid } from './query-log';
import { OFFICE, RUNNER_IP } from './sample-principals';

/** A few rows for a table of the generated tenant. */
export interface SampleRows {
  /** `database.public.table` */
  table: string;
  rows: CloudTrailRow[];
}

const MINUTE_MS = 60_000;
/** When the identity provider was last heard of, in minutes before the base time; its log source is unhealthy since. */
const OKTA_SILENT = 90;

const STAFF = [
  SIMULATED_PEOPLE.mira,
  SIMULATED_PEOPLE.jonas,
  SIMULATED_PEOPLE.priya,
  SIMULATED_PEOPLE.hana,
  SIMULATED_PEOPLE.kwame,
  SIMULATED_PEOPLE.eva,
];

/** Days of sign-ins before those two days, so that there are habits to compare with. */
const EARLIER_DAYS = 14;

/** Simulated Okta, GitLab and lookup rows of the two days before `baseTime`, and earlier sign-ins: equal on every run. */
export function sampleLogs(baseTime: Date): SampleRows[] {
  const ago = (minutes: number): string => new Date(baseTime.getTime() - minutes * MINUTE_MS).toISOString();
  return [
    {
      table: 'panther_logs.public.okta_systemlog',
      rows: [...times(36).map((n) => okta(n, ago(OKTA_SILENT + n * 70))), ...earlierSignIns(baseTime)],
    },
    { table: 'panther_logs.public.gitlab_audit', rows: times(24).map((n) => gitlab(n, ago(15 + n * 110))) },
    { table: 'panther_lookups.public.simulated_assets', rows: assets() },
  ];
}

/** Everybody's sign-ins on the days before, at about the same minutes of each day. */
function earlierSignIns(baseTime: Date): CloudTrailRow[] {
  return times(EARLIER_DAYS).flatMap((day) =>
    times(STAFF.length * 3).map((place) => {
      const minutes = (day + 2) * 1440 + OKTA_SILENT + 30 + place * 25 + ((day * 7 + place * 11) % 20);
      return okta(
        36 + day * STAFF.length * 3 + place,
        new Date(baseTime.getTime() - minutes * MINUTE_MS).toISOString(),
      );
    }),
  );
}

function okta(n: number, time: string): CloudTrailRow {
  const who = pick(n);
  const failed = n % 9 === 4;
  const ip = address(who);
  return {
    ...envelope('Okta.SystemLog', `okta/${n}`, time, 'simulated identity provider'),
    actor: { id: uuid(`okta/${who.number}`), type: 'User', alternateId: who.email, displayName: who.name },
    client: { ipAddress: ip, device: 'Computer', zone: 'OFFICE' },
    displayMessage: 'User login to Okta',
    eventType: 'user.session.start',
    outcome: failed ? { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' } : { result: 'SUCCESS' },
    published: time,
    severity: failed ? 'WARN' : 'INFO',
    target: [{ type: 'AppInstance', displayName: 'Simulated Corp portal' }],
    uuid: uuid(`okta/event/${n}`),
    p_any_ip_addresses: [ip],
    p_any_emails: [who.email],
    p_any_usernames: [who.username],
  };
}

const CHANGES: readonly (readonly [name: string, details: JsonObject])[] = [
  ['project_access_token_created', { custom_message: 'Created a project access token', scopes: 'read_api' }],
  ['protected_branch_updated', { change: 'allow force push', from: 'false', to: 'false' }],
  ['member_updated', { change: 'access_level', from: 'Developer', to: 'Maintainer' }],
  ['ci_variable_updated', { custom_message: 'Updated the variable DEPLOY_REGION' }],
];

function gitlab(n: number, time: string): CloudTrailRow {
  const who = pick(n * 5 + 1);
  const [event_name, details] = CHANGES[n % CHANGES.length] as (typeof CHANGES)[number];
  const ip = address(who);
  return {
    ...envelope('GitLab.Audit', `gitlab/${n}`, time, 'simulated GitLab'),
    id: 5000 - n,
    author_id: who.number,
    author_name: who.name,
    created_at: time,
    details: { ...details, author_name: who.name },
    entity_id: 10 + (n % 3),
    entity_path: ['platform/infrastructure', 'payments/api', 'web/shop'][n % 3] ?? '',
    entity_type: 'Project',
    event_name,
    ip_address: ip,
    p_any_ip_addresses: [ip],
    p_any_usernames: [who.username],
  };
}

function assets(): CloudTrailRow[] {
  const desks = STAFF.map((who) => ({
    address: address(who),
    asset: `laptop of ${who.name}`,
    owner: who.email,
    environment: 'office',
  }));
  const runner = { address: RUNNER_IP, asset: 'CI runner', owner: SIMULATED_PEOPLE.mira.email, environment: 'build' };
  return [...desks, runner];
}

function envelope(logType: string, key: string, time: string, source: string): CloudTrailRow {
  return {
    p_log_type: logType,
    p_row_id: createHash('md5').update(key).digest('hex'),
    p_event_time: time,
    p_parse_time: new Date(Date.parse(time) + MINUTE_MS).toISOString(),
    p_schema_version: 0,
    p_source_id: uuid(`source/${source}`),
    p_source_label: source,
  };
}

function address(who: SimulatedPerson): string {
  return `${OFFICE}${20 + who.number}`;
}

function pick(n: number): SimulatedPerson {
  return STAFF[n % STAFF.length] as SimulatedPerson;
}

function times(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
