import { types } from 'node:util';
import { cleanText, redactSecrets } from '../../../operations/text';

type Fields = Record<string, unknown>;

/** Names whose texts never reach a log, wherever they stand and whatever stands in front of the name (`x-api-key`, `botToken`). */
const secretName = /(?:authorization|passw(?:or)?d|secret|cookie|token|api[-_]?key|private[-_]?key|credentials?)$/i;
/** What a database says of the row at fault, with its values. */
const rowTexts: ReadonlySet<string> = new Set(['detail', 'where', 'internalQuery', 'parameters']);
const mostDepth = 4;
const mostItems = 20;
const longestText = 500;
const longestStack = 4000;
const mostCauses = 4;

/**
 * The fields of a log line as they may be written. Errors of libraries carry along what they were asked to send, headers
 * with credentials among it: of an error only what it says and its plain facts are kept, and of objects what is neither deep nor
 * named like a secret. Fields that need nothing are given back as they are.
 */
export function loggable(fields: Fields): Fields {
  for (const name in fields) if (needsWork(name, fields[name])) return fieldsOf(fields, mostDepth);
  return fields;
}

function needsWork(name: string, value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || (typeof value === 'string' && secretName.test(name));
}

function fieldsOf(fields: Fields, depth: number): Fields {
  const shown: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    const isSecret = secretName.test(name) && value !== null && !isFlag(value);
    shown[name] = isSecret ? '[redacted]' : shownOf(value, depth);
  }
  return shown;
}

/** Counts and switches may be called after what they count. */
function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'number' || typeof value === 'boolean';
}

function shownOf(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactSecrets(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (isError(value)) return errorOf(value, mostCauses);
  if (value instanceof Date) return value;
  if (depth === 0 || ArrayBuffer.isView(value)) return '[object]';
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => shownOf(item, depth - 1));
  // What is an instance of something is a machine and no fact: sockets, requests, agents.
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? fieldsOf(value as Fields, depth - 1) : '[object]';
}

function errorOf(error: Error, causesLeft: number): Fields {
  const { cause, errors, details } = error as Error & { errors?: unknown; details?: unknown };
  const shown: Fields = {
    type: error.constructor?.name ?? error.name,
    message: cleanText(String(error.message), longestText),
    stack: typeof error.stack === 'string' ? cleanText(error.stack, longestStack) : undefined,
  };
  for (const [name, value] of Object.entries(error)) {
    if (Object.hasOwn(shown, name) || rowTexts.has(name) || typeof value === 'object') continue;
    if (typeof value === 'string') shown[name] = secretName.test(name) ? '[redacted]' : cleanText(value, longestText);
    else if (typeof value === 'number' || typeof value === 'boolean') shown[name] = value;
  }
  if (typeof details === 'object' && details !== null) shown.details = shownOf(details, 1);
  if (causesLeft === 0) return shown;
  if (isError(cause)) shown.cause = errorOf(cause, causesLeft - 1);
  if (Array.isArray(errors))
    shown.errors = errors.slice(0, mostCauses).flatMap((one) => (isError(one) ? errorOf(one, 0) : []));
  return shown;
}

function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
