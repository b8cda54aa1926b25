import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { CLOUDTRAIL_FIELDS, INDICATORS } from './catalogue';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Where a row came from: the log source's id and label, and the file inside it. */
export interface RowOrigin {
  sourceId: string;
  sourceLabel: string;
  file?: string;
}

/** One row of `aws_cloudtrail`, ready to be written as JSON: timestamps as ISO texts, objects as they are. */
export type CloudTrailRow = Record<string, Json>;

/** Counts of times each row id was used, so that a second copy of an event gets an id of its own. */
export type RowIds = Map<string, number>;

const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/i;
const ACCOUNT_ID = /^\d{12}$/;
const EMAIL = /^[^\s@:/]+@[^\s@:/]+\.[a-z]{2,}$/i;
const NAMES_HOST = /host|domain|dns|sourceIPAddress|invokedBy/i;
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/i;

/** True for what a CloudTrail record at least has: a name and a readable time. */
export function isCloudTrailEvent(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { eventName, eventTime } = value as JsonObject;
  return typeof eventName === 'string' && typeof eventTime === 'string' && !Number.isNaN(Date.parse(eventTime));
}

/**
 * Makes the row Panther would store for a CloudTrail record: its known fields, the fields every row has, and the
 * indicators gathered from the whole event. Null values are left out. The row id is a hash of `eventID`, so it is the
 * same on every load; an event without one is hashed whole.
 */
export function cloudTrailRow(event: JsonObject, origin: RowOrigin, ids: RowIds): CloudTrailRow {
  const row: CloudTrailRow = {};
  const indicators = new Indicators();
  for (const { name, stored } of CLOUDTRAIL_FIELDS) {
    const value = clean(event[name], name, indicators);
    if (value === undefined) continue;
    if (stored === 'BOOLEAN') row[name] = value === true || value === 'true';
    else if (stored === 'VARCHAR') row[name] = typeof value === 'string' ? value : JSON.stringify(value);
    else row[name] = value;
  }
  const time = new Date(String(event.eventTime));
  const id = rowId(event, ids);
  row.eventTime = time.toISOString();
  row.p_log_type = 'AWS.CloudTrail';
  row.p_row_id = id;
  row.p_event_time = time.toISOString();
  // CloudTrail delivers late; a minute or so after the event, different for every row and the same on every run.
  row.p_parse_time = new Date(time.getTime() + 45_000 + (Number.parseInt(id.slice(0, 4), 16) % 60_000)).toISOString();
  row.p_schema_version = 0;
  row.p_source_id = origin.sourceId;
  row.p_source_label = origin.sourceLabel;
  if (origin.file !== undefined) row.p_source_file = origin.file;
  addIdentity(event, indicators);
  Object.assign(row, indicators.columns());
  return row;
}

function rowId(event: JsonObject, ids: RowIds): string {
  const key = typeof event.eventID === 'string' && event.eventID !== '' ? event.eventID : JSON.stringify(event);
  const copies = ids.get(key) ?? 0;
  ids.set(key, copies + 1);
  return createHash('md5')
    .update(copies === 0 ? key : `${key}#${copies}`)
    .digest('hex');
}

function addIdentity(event: JsonObject, indicators: Indicators): void {
  const identity = asObject(event.userIdentity);
  const issuer = asObject(asObject(identity.sessionContext).sessionIssuer);
  for (const who of [identity, issuer]) {
    indicators.add('p_any_usernames', who.userName);
    indicators.add('p_any_actor_ids', who.principalId);
    indicators.add('p_any_trace_ids', who.accessKeyId);
  }
  // The session name of an assumed role is who acts in it.
  const principal = identity.principalId;
  if (identity.type === 'AssumedRole' && typeof principal === 'string')
    indicators.add('p_any_usernames', principal.split(':')[1]);
  for (const key of ['requestID', 'eventID', 'sharedEventID', 'vpcEndpointId'])
    indicators.add('p_any_trace_ids', event[key]);
  indicators.add('p_any_aws_account_ids', event.recipientAccountId);
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/**
 * Copies a value without its nulls, gathering indicators on the way. Keys that differ only in case get a suffix: the
 * lake's objects cannot hold both.
 */
function clean(value: Json | undefined, key: string, indicators: Indicators): Json | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') {
    indicators.addText(key, value);
    return value;
  }
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const tag = value.length > 0 && /^tags?(Set|List)?$/i.test(key);
    if (tag) for (const entry of value) indicators.addTag(entry);
    return value.map((entry) => clean(entry, key, indicators) ?? null);
  }
  const copy: JsonObject = {};
  const seen = new Set<string>();
  for (const [name, entry] of Object.entries(value)) {
    const kept = clean(entry, name, indicators);
    if (kept === undefined) continue;
    let unique = name === '' ? '_' : name;
    while (seen.has(unique.toLowerCase())) unique += '_';
    seen.add(unique.toLowerCase());
    copy[unique] = kept;
  }
  return copy;
}

class Indicators {
  private readonly found = new Map<string, Set<string>>();

  add(column: string, value: Json | undefined): void {
    if (typeof value !== 'string' || value === '') return;
    const values = this.found.get(column) ?? new Set();
    this.found.set(column, values.add(value));
  }

  addText(key: string, value: string): void {
    if (value.length > 2048) return;
    if (value.startsWith('arn:')) {
      this.add('p_any_aws_arns', value);
      const account = value.split(':')[4];
      if (account && ACCOUNT_ID.test(account)) this.add('p_any_aws_account_ids', account);
    } else if (INSTANCE_ID.test(value)) this.add('p_any_aws_instance_ids', value);
    else if (ACCOUNT_ID.test(value) && /account|owner/i.test(key)) this.add('p_any_aws_account_ids', value);
    else if (isIP(value) !== 0) this.add('p_any_ip_addresses', value);
    else if (EMAIL.test(value)) this.add('p_any_emails', value);
    else if (NAMES_HOST.test(key) && DOMAIN.test(value)) this.add('p_any_domain_names', value);
    if (/^user_?name$/i.test(key)) this.add('p_any_usernames', value);
    if (/^accessKeyId$/i.test(key)) this.add('p_any_trace_ids', value);
  }

  addTag(entry: Json): void {
    const { key, Key, value, Value } = asObject(entry);
    const name = key ?? Key;
    if (typeof name === 'string') this.add('p_any_aws_tags', `${name}:${value ?? Value ?? ''}`);
  }

  /** Sorted lists by column; columns without a value are left out. */
  columns(): Record<string, string[]> {
    const columns: Record<string, string[]> = {};
    for (const { name } of INDICATORS) {
      const values = this.found.get(name);
      if (values) columns[name] = [...values].sort();
    }
    return columns;
  }
}
