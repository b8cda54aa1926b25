import { createHash } from 'node:crypto';
import type { Severity, StoredAlert, StoredDelivery } from './alert-store';
import type { CloudTrailRow, Json, JsonObject } from './cloudtrail-row';
import { uuid } from './query-log';
import { SAMPLE_RULES, type SampleRule } from './sample-rules';

export interface Indicator {
  type: 'user_name' | 'ip' | 'aws_arn' | 'access_key' | 'aws_account' | 'user_agent' | 'event_name';
  value: string;
}

/** An alert in the guide's source-neutral shape. Times are ISO 8601. */
export interface GuideAlert {
  id: string;
  severity: Severity;
  source: 'panther';
  title: string;
  description: string;
  timestamp: string;
  indicators: Indicator[];
  rule_id: string;
  status: string;
  /** True for alerts of the generated tenant. */
  simulated: boolean;
}

/** What Panther's custom webhook destination posts. `id` is the detection, `alertId` the alert. */
export interface WebhookBody {
  id: string;
  createdAt: string;
  severity: Severity;
  type: string;
  link: string;
  title: string;
  name: string;
  alertId: string;
  alertContext: JsonObject;
  description: string;
  runbook: string;
  tags: string[];
  version: string;
}

/** A row of `aws_cloudtrail` as the alert functions read it. */
export type AlertRow = CloudTrailRow;

const MAX_ALERTS = 1000;
const WINDOW_MS = 60 * 60 * 1000;

/**
 * Raises the alerts that the sample rules would: one for each rule, principal and hour in which a successful call
 * matched, newest first, at most `MAX_ALERTS`. Snapshots by the backup service come as one a day.
 */
export function raiseAlerts(rows: readonly AlertRow[]): StoredAlert[] {
  const groups = new Map<string, { rule: SampleRule; rows: AlertRow[] }>();
  for (const row of rows) {
    if (row.errorCode !== undefined) continue;
    for (const rule of SAMPLE_RULES) {
      if (!rule.apis.includes(String(row.eventName))) continue;
      const span = rule.severity === 'INFO' ? 24 * WINDOW_MS : WINDOW_MS;
      const slot = Math.floor(Date.parse(String(row.p_event_time)) / span);
      const key = `${rule.id}|${principalOf(row)}|${slot}`;
      const group = groups.get(key) ?? { rule, rows: [] };
      group.rows.push(row);
      groups.set(key, group);
    }
  }
  return [...groups.entries()]
    .map(([key, { rule, rows: matched }]) => alertOf(key, rule, matched))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.id.localeCompare(b.id))
    .slice(0, MAX_ALERTS);
}

function alertOf(key: string, rule: SampleRule, rows: AlertRow[]): StoredAlert {
  const [first] = rows as [AlertRow, ...AlertRow[]];
  const createdAt = new Date(Date.parse(String(first.p_event_time)) + 150_000).toISOString();
  return {
    id: createHash('md5').update(key).digest('hex'),
    title: `${rule.name}: ${first.eventName} by ${principalOf(first)}`,
    severity: rule.severity,
    rule,
    createdAt,
    events: rows.map(asShown),
    context: contextOf(first),
    status: 'OPEN',
    contextTags: [],
    deliveries: deliveriesOf(rule.severity, createdAt),
  };
}

/** Destinations of the simulated tenant: a webhook that takes everything but INFO, and a pager that is down. */
function deliveriesOf(severity: Severity, createdAt: string): StoredDelivery[] {
  if (severity === 'INFO') return [];
  const at = (seconds: number): string => new Date(Date.parse(createdAt) + seconds * 1000).toISOString();
  const webhook = {
    dispatchedAt: at(2),
    label: 'simulated SOC webhook',
    message: 'accepted',
    outputId: uuid('destination/webhook'),
    statusCode: 200,
    success: true,
    url: '',
  };
  const pager = {
    dispatchedAt: at(3),
    label: 'simulated pager',
    message: 'no answer within 30 s',
    outputId: uuid('destination/pager'),
    statusCode: 504,
    success: false,
    url: '',
  };
  return severity === 'HIGH' || severity === 'CRITICAL' ? [webhook, pager] : [webhook];
}

/** The row with Panther's spelling of times. */
function asShown(row: AlertRow): AlertRow {
  const shown: AlertRow = { ...row };
  for (const key of ['eventTime', 'p_event_time', 'p_parse_time'])
    shown[key] = String(row[key]).replace('T', ' ').replace(/Z$/, '');
  return shown;
}

function identityOf(row: AlertRow): JsonObject {
  const { userIdentity } = row;
  return typeof userIdentity === 'object' && userIdentity !== null && !Array.isArray(userIdentity) ? userIdentity : {};
}

/** Name of who made the call: the user, else the last part of the ARN, else the address. */
export function principalOf(row: AlertRow): string {
  const { userName, arn } = identityOf(row);
  if (typeof userName === 'string') return userName;
  if (typeof arn === 'string') return arn.split('/').slice(-2).join('/');
  return String(row.sourceIPAddress ?? 'unknown');
}

function contextOf(row: AlertRow): Record<string, Json> {
  const { arn = null, accessKeyId = null } = identityOf(row);
  return {
    eventName: row.eventName ?? null,
    eventSource: row.eventSource ?? null,
    awsAccountId: row.recipientAccountId ?? null,
    sourceIPAddress: row.sourceIPAddress ?? null,
    userAgent: row.userAgent ?? null,
    actorArn: arn,
    accessKeyId,
    eventTime: row.eventTime ?? null,
  };
}

/** An alert of the store in the guide's shape; it dates from the first event that matched. */
export function guideAlert(alert: StoredAlert, simulated: boolean): GuideAlert {
  const [event = {}] = alert.events;
  const identity = identityOf(event);
  const indicators: Indicator[] = [];
  const add = (type: Indicator['type'], value: Json | undefined): void => {
    if (typeof value === 'string' && value !== '') indicators.push({ type, value });
  };
  add('user_name', identity.userName);
  add('ip', event.sourceIPAddress);
  add('aws_arn', identity.arn);
  add('access_key', identity.accessKeyId);
  add('aws_account', event.recipientAccountId);
  add('event_name', event.eventName);
  return {
    id: alert.id,
    severity: alert.severity,
    source: 'panther',
    title: alert.title,
    description: alert.rule.description,
    timestamp: `${String(event.p_event_time ?? alert.createdAt)
      .replace(' ', 'T')
      .replace(/Z$/, '')}Z`,
    indicators,
    rule_id: alert.rule.id,
    status: alert.status,
    simulated,
  };
}

/** The same alert as Panther's webhook would post it. */
export function webhookBody(alert: StoredAlert): WebhookBody {
  return {
    id: alert.rule.id,
    createdAt: alert.createdAt,
    severity: alert.severity,
    type: 'RULE',
    link: `https://simulated.panther.example/alerts/${alert.id}`,
    title: alert.title,
    name: alert.rule.name,
    alertId: alert.id,
    alertContext: alert.context,
    description: alert.rule.description,
    runbook: alert.rule.runbook,
    tags: alert.rule.tags,
    version: '1',
  };
}

/**
 * The alert to investigate in loaded data: of the most telling rule that matched anything (in the order of the rules),
 * the one whose principal made that call least often; the earliest of these, then by id. Undefined when no rule matched.
 */
export function mostTelling(alerts: readonly StoredAlert[]): StoredAlert | undefined {
  for (const { id } of SAMPLE_RULES) {
    const ofRule = alerts.filter((alert) => alert.rule.id === id);
    if (ofRule.length === 0) continue;
    const byPrincipal = new Map<string, number>();
    const who = (alert: StoredAlert): string => principalOf(alert.events[0] ?? {});
    for (const alert of ofRule) byPrincipal.set(who(alert), (byPrincipal.get(who(alert)) ?? 0) + alert.events.length);
    return [...ofRule].sort(
      (a, b) =>
        (byPrincipal.get(who(a)) ?? 0) - (byPrincipal.get(who(b)) ?? 0) ||
        a.createdAt.localeCompare(b.createdAt) ||
        a.id.localeCompare(b.id),
    )[0];
  }
  return undefined;
}
