import { z } from 'zod';
import type { Alert } from './alert';
import { type PlannedQuery, plannedQuerySchema } from './evidence';
import { hasActor, type Subjects, subjectsOf } from './plan-subjects';
import { guardedServices, harmless, sensitiveChanges, sensitiveReads } from './sensitive-calls';
import { sqlList, sqlTime } from './sql-text';

export const planSchema = z.object({
  from: z.string().describe('Start of the window looked at, ISO 8601 in UTC'),
  to: z.string().describe('End of the window, ISO 8601 in UTC'),
  queries: z.array(plannedQuerySchema).max(8).describe('Queries to run with execute_sql_query, keyed by label'),
  left_out: z
    .array(z.string())
    .max(200)
    .describe('Entities of the alert that no query asks for, because CloudTrail does not know their kind'),
  too_many: z.array(z.string()).max(200).describe('Entities past 20 of one kind, that no query asks for'),
});
export type Plan = z.infer<typeof planSchema>;

const hour = 3_600_000;
/** An alert is raised minutes to hours after the act; a shift of 8 hours before it shows what led to it. */
const before = 8 * hour;
const after = 6 * hour;
export const baselineDays = 30;
/** A hunt runs every four hours; the quarter of an hour more covers events that arrive late. */
const huntHours = 4.25;

export const table = 'panther_logs.public.aws_cloudtrail';
const database = 'panther_logs';
export const maxEvents = 1000;
export const maxGroups = 2000;

/** Columns of one call, in the words the evidence rules use. */
const eventColumns = [
  'p_row_id',
  'eventID AS event_id',
  'p_event_time AS event_time',
  'eventSource AS event_source',
  'eventName AS event_name',
  'awsRegion AS aws_region',
  'sourceIPAddress AS source_ip',
  'userAgent AS user_agent',
  'errorCode AS error_code',
  'recipientAccountId AS recipient_account',
  'userIdentity:type::string AS actor_type',
  'userIdentity:arn::string AS actor_arn',
  'userIdentity:userName::string AS actor_name',
  'userIdentity:accountId::string AS actor_account',
  'userIdentity:accessKeyId::string AS access_key_id',
  'userIdentity:invokedBy::string AS invoked_by',
  'userIdentity:sessionContext:sessionIssuer:arn::string AS issuer_arn',
  'userIdentity:sessionContext:attributes:mfaAuthenticated::string AS mfa',
  'requestParameters AS request',
  'responseElements AS response',
  'additionalEventData AS additional',
];

/** What tells one principal from another in grouped queries. */
const principalColumns = [
  'userIdentity:type::string AS actor_type',
  'COALESCE(userIdentity:sessionContext:sessionIssuer:arn::string, userIdentity:arn::string) AS actor_arn',
  'userIdentity:accountId::string AS actor_account',
];

/** Only the client's family is compared, and it stands at the beginning; the rest would only multiply the groups. */
const agentFamily = 'SUBSTR(userAgent, 1, 24) AS agent_family';

/** Key use that every encrypted store makes on a caller's behalf, thousands of times a day. */
const keyUse = sqlList(['Decrypt', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncrypt']);

const successfulRead = `(errorCode IS NULL AND (eventName IN (${keyUse}) OR eventName LIKE 'Describe%' OR eventName LIKE 'List%' OR eventName LIKE 'Get%' OR eventName LIKE 'Head%' OR eventName LIKE 'Lookup%' OR eventName LIKE 'Search%' OR eventName LIKE 'BatchGet%') AND eventName NOT IN (${sqlList(sensitiveReads)}))`;

function within(from: string, to: string): string {
  return `p_event_time BETWEEN ${sqlTime(from)} AND ${sqlTime(to)}`;
}

/** The calls of the alert's principals, however the alert wrote them. */
function byActor(subjects: Subjects): string {
  const { names, roles, arns, accessKeys, machines } = subjects;
  const parts: string[] = [];
  if (names.length > 0) {
    parts.push(`LOWER(userIdentity:userName::string) IN (${sqlList(names)})`);
    // The session name of an identity centre is the person; the role prefix is AWS's own and cannot be chosen.
    parts.push(
      `(LOWER(userIdentity:arn::string) LIKE '%:assumed-role/awsreservedsso%' AND LOWER(SPLIT_PART(userIdentity:arn::string, '/', 3)) IN (${sqlList(names)}))`,
    );
  }
  if (roles.length > 0) {
    parts.push(`LOWER(userIdentity:sessionContext:sessionIssuer:userName::string) IN (${sqlList(roles)})`);
    parts.push(
      `(userIdentity:type::string = 'AssumedRole' AND LOWER(SPLIT_PART(userIdentity:arn::string, '/', 2)) IN (${sqlList(roles)}))`,
    );
  }
  if (machines.length > 0) {
    // Somebody may take an instance's id as a session name; that only adds calls to look at.
    parts.push(
      `(userIdentity:type::string = 'AssumedRole' AND LOWER(SPLIT_PART(userIdentity:arn::string, '/', 3)) IN (${sqlList(machines)}))`,
    );
  }
  if (arns.length > 0) parts.push(`LOWER(userIdentity:arn::string) IN (${sqlList(arns)})`);
  if (accessKeys.length > 0) parts.push(`userIdentity:accessKeyId::string IN (${sqlList(accessKeys)})`);
  return `(${parts.join(' OR ')})`;
}

/** Calls that change one of the alert's principals, by anybody. */
function byTarget(subjects: Subjects): string | undefined {
  const users = [...subjects.names, ...subjects.arns.filter((arn) => arn.includes(':user/')).map(lastSegment)];
  const parts: string[] = [];
  if (users.length > 0) parts.push(`LOWER(requestParameters:userName::string) IN (${sqlList(users)})`);
  if (subjects.roles.length > 0)
    parts.push(`LOWER(requestParameters:roleName::string) IN (${sqlList(subjects.roles)})`);
  if (subjects.accessKeys.length > 0) {
    parts.push(`requestParameters:accessKeyId::string IN (${sqlList(subjects.accessKeys)})`);
  }
  return parts.length === 0 ? undefined : `(${parts.join(' OR ')})`;
}

function lastSegment(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

function events(where: string): string {
  return `SELECT ${eventColumns.join(', ')} FROM ${table} WHERE ${where} ORDER BY p_event_time, eventID LIMIT ${maxEvents}`;
}

const callColumns = ['eventSource AS event_source', 'eventName AS event_name', 'sourceIPAddress AS source_ip'];

function grouped(keys: string[], measures: string[], where: string): string {
  const positions = keys.map((_, index) => index + 1).join(', ');
  return `SELECT ${[...keys, ...measures].join(', ')} FROM ${table} WHERE ${where} GROUP BY ${positions} ORDER BY ${positions} LIMIT ${maxGroups}`;
}

const counts = [
  'COUNT(*) AS calls',
  'SUM(CASE WHEN errorCode IS NULL THEN 0 ELSE 1 END) AS failed_calls',
  "COUNT(DISTINCT DATE_TRUNC('day', p_event_time)) AS active_days",
  'MIN(p_event_time) AS first_at',
  'MAX(p_event_time) AS last_at',
  'MIN(eventID) AS sample_event_id',
];

/**
 * Whether this is the schedule's own hunt instead of an alert: nobody raised it, and it names nothing to look at.
 * `schedule` is the source that the shipped workflow gives.
 */
export function isHunt(alert: Alert): boolean {
  return alert.source === 'schedule' && alert.entities.length === 0;
}

/** What a hunt reads of everybody's calls: changes to access, recording and guards, and reads of secrets. */
function huntPlan(alert: Alert): Plan {
  const created = Date.parse(alert.created_at);
  const from = new Date(created - huntHours * hour).toISOString();
  const to = new Date(created).toISOString();
  const services = [...guardedServices].map((service) => `${service}.amazonaws.com`);
  const named = [...sensitiveChanges, ...sensitiveReads];
  const query = {
    label: 'hunt_activity',
    purpose: 'Changes to access, recording and guards, and reads of secrets, by anybody.',
    sql: events(
      `${within(from, to)} AND COALESCE(userIdentity:type::string, '') <> 'AWSService' AND NOT ${successfulRead} AND eventName NOT IN (${sqlList([...harmless])}) AND (eventSource IN (${sqlList(services)}) OR eventName IN (${sqlList(named)}))`,
    ),
    database,
    max_rows: maxEvents,
  };
  return { from, to, queries: [query], left_out: [], too_many: [] };
}

/**
 * The fixed set of questions for an alert: at most 8 queries over CloudTrail in Snowflake's dialect, each with a
 * bounded window, a LIMIT and a total order. The plan is code: equal alerts give equal bytes, and nothing that a log
 * or a model says changes what is asked.
 */
export function planFor(alert: Alert): Plan {
  if (isHunt(alert)) return huntPlan(alert);
  const created = Date.parse(alert.created_at);
  const from = new Date(created - before).toISOString();
  const to = new Date(created + after).toISOString();
  const baselineFrom = new Date(created - before - baselineDays * 24 * hour).toISOString();
  const baselineTo = new Date(created - before - 1).toISOString();
  const subjects = subjectsOf(alert);
  const window = within(from, to);
  const history = within(baselineFrom, baselineTo);
  const queries: PlannedQuery[] = [];
  const add = (label: string, max_rows: number, purpose: string, sql: string) =>
    queries.push({ label, purpose, sql, database, max_rows });

  if (hasActor(subjects)) {
    const actor = byActor(subjects);
    add(
      'actor_activity',
      maxEvents,
      'Changes, sensitive reads and failed calls of the principals named by the alert.',
      events(`${window} AND ${actor} AND NOT ${successfulRead}`),
    );
    add(
      'actor_reads',
      maxGroups,
      'Ordinary reads of the same principals, counted by hour: shows reconnaissance.',
      grouped(
        [...principalColumns, ...callColumns, agentFamily, "DATE_TRUNC('hour', p_event_time) AS hour"],
        counts,
        `${window} AND ${actor} AND ${successfulRead}`,
      ),
    );
    add(
      'session_activity',
      maxEvents,
      'Changes, sensitive reads and failed calls made with temporary credentials that these principals obtained.',
      events(
        `${window} AND NOT ${successfulRead} AND userIdentity:accessKeyId::string IN (SELECT responseElements:credentials:accessKeyId::string FROM ${table} WHERE ${window} AND eventSource = 'sts.amazonaws.com' AND responseElements:credentials:accessKeyId::string IS NOT NULL AND ${actor})`,
      ),
    );
    add(
      'actor_baseline',
      maxGroups,
      `The ${baselineDays} days before, counted: which calls, from where, how regularly.`,
      grouped([...principalColumns, ...callColumns, agentFamily], counts, `${history} AND ${actor}`),
    );
    const target = byTarget(subjects);
    if (target !== undefined) {
      add(
        'target_changes',
        maxEvents,
        'Changes made to the same principals by anybody.',
        events(`${window} AND eventSource = 'iam.amazonaws.com' AND NOT ${successfulRead} AND ${target}`),
      );
    }
  }
  if (subjects.ips.length > 0) {
    const address = `LOWER(sourceIPAddress) IN (${sqlList(subjects.ips)})`;
    add(
      'ip_activity',
      maxEvents,
      'Changes, sensitive reads and failed calls from the addresses named by the alert, by anybody.',
      events(`${window} AND ${address} AND NOT ${successfulRead}`),
    );
    add(
      'ip_history',
      maxGroups,
      `Who used these addresses, and for what, in the ${baselineDays} days before.`,
      grouped([...principalColumns, ...callColumns, agentFamily], counts, `${history} AND ${address}`),
    );
  }
  if (queries.length === 0 && subjects.accounts.length > 0) {
    add(
      'account_activity',
      maxEvents,
      'Changes, sensitive reads and failed calls in the accounts named by the alert, which names no principal.',
      events(
        `${window} AND recipientAccountId IN (${sqlList(subjects.accounts)}) AND NOT ${successfulRead} AND userIdentity:type::string <> 'AWSService'`,
      ),
    );
  }
  return { from, to, queries, left_out: subjects.leftOut.slice(0, 200), too_many: subjects.tooMany.slice(0, 200) };
}
