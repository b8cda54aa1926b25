import type { Alert } from '../../operations/investigation/alert';
import { parseAlert } from '../../operations/investigation/alert-format';
import { type Correlation, correlate } from '../../operations/investigation/correlate';
import { planFor } from '../../operations/investigation/plan';

export type Row = Record<string, unknown>;

export const account = '111122223333';
export const alertTime = '2026-01-15T09:30:00.000Z';
export const usualIp = '198.51.100.20';

export function sampleAlert(change: Row = {}): Alert {
  return parseAlert({
    id: 'A-1',
    severity: 'MEDIUM',
    source: 'panther',
    timestamp: alertTime,
    indicators: [{ type: 'user', value: 'eve' }],
    ...change,
  });
}

let serial = 0;
let seconds = 0;

/**
 * The calls that follow begin at the first second again. Seconds come round after 500 calls: without this, whether what belongs together lies
 * on both sides of that would depend on which tests ran before.
 */
export function fromTheFirstSecond(): void {
  seconds = 0;
}

/** A row of `actor_activity` a few seconds before the alert; each has its own event id and second. */
export function call(service: string, name: string, request: Row = {}, change: Row = {}): Row {
  serial += 1;
  seconds += 1;
  const second = new Date(Date.parse(alertTime) - 600_000 + (seconds % 500) * 1000).toISOString();
  return {
    p_row_id: `row-${serial}`,
    event_id: `event-${serial}`,
    event_time: second.replace('T', ' ').replace('Z', ''),
    event_source: `${service}.amazonaws.com`,
    event_name: name,
    aws_region: 'eu-west-1',
    source_ip: usualIp,
    user_agent: 'aws-cli/2.15.0',
    error_code: null,
    recipient_account: account,
    actor_type: 'IAMUser',
    actor_arn: `arn:aws:iam::${account}:user/eve`,
    actor_name: 'eve',
    actor_account: account,
    access_key_id: 'AKIAEXAMPLEEXAMPLE01',
    invoked_by: null,
    issuer_arn: null,
    mfa: null,
    request,
    response: null,
    additional: null,
    ...change,
  };
}

/** A row of a counting query for the user eve. */
export function group(service: string, name: string, days: number, change: Row = {}): Row {
  return {
    actor_type: 'IAMUser',
    actor_arn: `arn:aws:iam::${account}:user/eve`,
    actor_account: account,
    event_source: `${service}.amazonaws.com`,
    event_name: name,
    source_ip: usualIp,
    agent_family: 'aws-cli/2.15.0',
    calls: days * 10,
    failed_calls: 0,
    active_days: days,
    first_at: '2025-12-20 08:00:00.000',
    last_at: '2026-01-14 16:00:00.000',
    sample_event_id: `sample-${service}-${name}`,
    ...change,
  };
}

/** Results of the whole plan, complete: the given rows by label, nothing for the rest. */
export function results(alert: Alert, rows: Record<string, Row[]>): Row[] {
  return planFor(alert).queries.map((query) => ({
    query_id: `query-${query.label}`,
    label: query.label,
    status: 'succeeded',
    rows: rows[query.label] ?? [],
    complete: true,
  }));
}

export function judge(
  rows: Record<string, Row[]>,
  more: { alert?: Alert; merge_requests?: unknown } = {},
): Correlation {
  const alert = more.alert ?? sampleAlert();
  return correlate({ alert, query_results: results(alert, rows), merge_requests: more.merge_requests });
}

/** Names of the rules that made evidence. */
export function fired(found: Correlation): string[] {
  return found.evidence.map((item) => item.rule);
}
