import { cleanLine } from '../text';
import { canonicalJson, sha256 } from './canonical-json';
import { type Principal, principalOf } from './principal';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One CloudTrail call, read from a row of our queries or from the event as CloudTrail delivers it. */
export interface CloudEvent {
  /** eventID (it is in AWS's own files too), else p_row_id, else a hash of the row: what evidence cites. */
  ref: string;
  /** Identity for counting once: the event id where there is one. */
  id: string;
  /** ISO 8601 in UTC; empty when the row has no usable time. */
  at: string;
  service: string;
  name: string;
  region: string;
  ip: string;
  agentFamily: string;
  /** Error code as CloudTrail gives it; null for success. */
  error: string | null;
  denied: boolean;
  principal: Principal;
  accessKeyId: string | null;
  /** Made by an AWS service on the principal's behalf, so that the address says nothing about the caller. */
  viaService: boolean;
  mfa: boolean | null;
  account: string | null;
  request: JsonObject;
  response: JsonObject;
  additional: JsonObject;
  /** Label and id of the query that returned it. */
  label: string;
  queryId: string | null;
  row: JsonObject;
}

/** Counted calls of one principal, one API name, one address and one client family. */
export interface CallGroup {
  principal: Principal;
  service: string;
  name: string;
  ip: string;
  agentFamily: string;
  calls: number;
  failed: number;
  activeDays: number;
  firstAt: string;
  lastAt: string;
  sampleId: string | null;
  label: string;
  queryId: string | null;
  row: JsonObject;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A VARIANT arrives as an object or as its JSON text, depending on the backend. */
export function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !value.startsWith('{')) return {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' || value === 'null' ? null : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Member by name whatever its case: Snowflake upper-cases aliases, APIs disagree on the first letter. */
export function member(object: JsonObject, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const wanted = name.toLowerCase();
  for (const key of Object.keys(object)) if (key.toLowerCase() === wanted) return object[key];
  return undefined;
}

/** Walks members by name; undefined as soon as one is missing. */
export function at(object: JsonObject, ...path: string[]): unknown {
  let value: unknown = object;
  for (const name of path) {
    if (!isObject(value)) return undefined;
    value = member(value, name);
  }
  return value;
}

function pickFrom(row: JsonObject, ...names: string[]): unknown {
  for (const name of names) {
    const value = member(row, name);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** p_event_time has no zone and is in UTC; CloudTrail's eventTime has one. Empty when it is no time. */
export function utcTime(value: unknown): string {
  const text = textOf(value);
  if (text === null) return '';
  const zoned = /(?:z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`;
  const time = Date.parse(zoned.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}

/**
 * Client families we know. A user agent is written by the caller, so anything else is `unknown` and says nothing:
 * neither that the client changed nor that it is the usual one.
 */
const families: readonly [string, RegExp][] = [
  ['terraform', /^apn\/1\.0 hashicorp|^hashicorp terraform|^terraform/],
  ['console', /^console\.amazonaws\.com|^signin\.amazonaws\.com|^s3console|aws-internal|^aws internal|^coral/],
  ['browser', /^mozilla/],
  ['aws-cli', /^aws-cli/],
  ['boto', /^boto|^botocore/],
  ['aws-sdk-go', /^aws-sdk-go|^m\/.*aws-sdk-go/],
  ['aws-sdk-java', /^aws-sdk-java/],
  ['aws-sdk-js', /^aws-sdk-(?:js|nodejs)/],
  ['aws-sdk-other', /^aws-sdk-/],
  ['pulumi', /^pulumi/],
  ['cloudformation', /^cloudformation\.amazonaws\.com/],
  ['kali', /kali/],
];

export function agentFamilyOf(agent: string | null): string {
  const text = (agent ?? '').toLowerCase().replace(/^\[+/, '');
  if (text === '') return 'unknown';
  return families.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
}

const deniedCodes =
  /AccessDenied|UnauthorizedOperation|NotAuthorized|Forbidden|AuthFailure|UnauthorizedAccess|ClientError\.AccessDenied/i;

/** The event of a row; undefined when it names no call. Accepts our columns and CloudTrail's own field names. */
export function cloudEvent(row: unknown, label: string, queryId: string | null): CloudEvent | undefined {
  if (!isObject(row)) return undefined;
  const name = textOf(pickFrom(row, 'event_name', 'eventName'));
  if (name === null) return undefined;
  const identity = objectOf(pickFrom(row, 'userIdentity'));
  const issuer = at(identity, 'sessionContext', 'sessionIssuer', 'arn');
  const service = (textOf(pickFrom(row, 'event_source', 'eventSource')) ?? '').replace(
    /\.amazonaws\.com(?:\.cn)?$/,
    '',
  );
  const error = textOf(pickFrom(row, 'error_code', 'errorCode'));
  const ip = cleanLine(textOf(pickFrom(row, 'source_ip', 'sourceIPAddress')) ?? '', 100);
  const eventId = textOf(pickFrom(row, 'event_id', 'eventID'));
  const account =
    textOf(pickFrom(row, 'recipient_account', 'recipientAccountId')) ??
    textOf(pickFrom(row, 'actor_account') ?? at(identity, 'accountId'));
  const invokedBy = textOf(pickFrom(row, 'invoked_by') ?? at(identity, 'invokedBy'));
  const mfa = textOf(pickFrom(row, 'mfa') ?? at(identity, 'sessionContext', 'attributes', 'mfaAuthenticated'));
  const additional = objectOf(pickFrom(row, 'additional', 'additionalEventData'));
  const response = objectOf(pickFrom(row, 'response', 'responseElements'));
  const key = textOf(pickFrom(row, 'access_key_id') ?? at(identity, 'accessKeyId'));
  const id = eventId ?? sha256(canonicalJson(row)).slice(0, 32);
  return {
    id,
    ref: cleanLine(eventId ?? textOf(pickFrom(row, 'p_row_id')) ?? id, 128),
    at: utcTime(pickFrom(row, 'event_time', 'p_event_time', 'eventTime')),
    service: cleanLine(service, 80).toLowerCase(),
    name: cleanLine(name, 128),
    region: cleanLine(textOf(pickFrom(row, 'aws_region', 'awsRegion')) ?? '', 40),
    ip,
    agentFamily: agentFamilyOf(textOf(pickFrom(row, 'user_agent', 'userAgent'))),
    error: error === null ? null : cleanLine(error, 120),
    denied: error !== null && deniedCodes.test(error),
    principal: principalOf({
      type: textOf(pickFrom(row, 'actor_type') ?? at(identity, 'type')),
      arn: textOf(pickFrom(row, 'actor_arn') ?? at(identity, 'arn')),
      issuerArn: textOf(pickFrom(row, 'issuer_arn') ?? issuer),
      userName: textOf(pickFrom(row, 'actor_name') ?? at(identity, 'userName')),
      account: textOf(pickFrom(row, 'actor_account') ?? at(identity, 'accountId')) ?? account,
    }),
    accessKeyId: key === null ? null : cleanLine(key, 128),
    viaService: invokedBy !== null || isServiceAddress(ip),
    mfa: mfa === null ? null : mfa.toLowerCase() === 'true',
    account,
    request: objectOf(pickFrom(row, 'request', 'requestParameters')),
    response,
    additional,
    label,
    queryId,
    row,
  };
}

/** `cloudformation.amazonaws.com` or `AWS Internal` in place of an address. */
export function isServiceAddress(ip: string): boolean {
  return ip === '' || /amazonaws\.com$/i.test(ip) || /^AWS Internal/i.test(ip);
}

function count(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(textOf(value) ?? Number.NaN);
  return Number.isFinite(number) && number > 0 ? Math.floor(number) : 0;
}

/** The group of a row of a counting query; undefined when it names no call or counts nothing. */
export function callGroup(row: unknown, label: string, queryId: string | null): CallGroup | undefined {
  if (!isObject(row)) return undefined;
  const name = textOf(pickFrom(row, 'event_name', 'eventName'));
  const calls = count(pickFrom(row, 'calls'));
  if (name === null || calls === 0) return undefined;
  return {
    principal: principalOf({
      type: textOf(pickFrom(row, 'actor_type')),
      arn: textOf(pickFrom(row, 'actor_arn')),
      issuerArn: null,
      userName: textOf(pickFrom(row, 'actor_name')),
      account: textOf(pickFrom(row, 'actor_account')),
    }),
    service: (textOf(pickFrom(row, 'event_source')) ?? '').replace(/\.amazonaws\.com(?:\.cn)?$/, '').toLowerCase(),
    name: cleanLine(name, 128),
    ip: cleanLine(textOf(pickFrom(row, 'source_ip')) ?? '', 100),
    agentFamily: agentFamilyOf(textOf(pickFrom(row, 'agent_family', 'user_agent'))),
    calls,
    failed: count(pickFrom(row, 'failed_calls')),
    activeDays: Math.max(1, count(pickFrom(row, 'active_days'))),
    firstAt: utcTime(pickFrom(row, 'first_at')),
    lastAt: utcTime(pickFrom(row, 'last_at')),
    sampleId: textOf(pickFrom(row, 'sample_event_id')),
    label,
    queryId,
    row,
  };
}
