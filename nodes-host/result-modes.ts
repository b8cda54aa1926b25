import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod';
import { InvalidInputError } from '../operations/errors';
import type { Operation } from '../operations/operation';

export const resultModeParameter = 'resultMode';
export const resultFieldsParameter = 'resultFields';

const modes = ['raw', 'selected', 'simplified'] as const;

/** What of an operation's output a node passes on. */
export type ResultMode = { mode: 'raw' } | { mode: 'simplified' } | { mode: 'selected'; fields: string[] };

type Json = Record<string, unknown>;

/** Text in a simplified record ends here, in characters. */
const longestText = 500;
/** Objects inside objects are flattened this deep; what lies deeper is left out. */
const deepest = 2;
/** How much of a list is here; these stay beside the records in every mode. */
const extent = new Set(['count', 'complete', 'next', 'row_count', 'returned_rows']);

/** Whether the operation got there, and how to go on: without these a chosen field could pass for a result. */
const outcome = new Set([
  'status',
  'query_id',
  'poll_after_seconds',
  'cut_by',
  'valid',
  'plan_complete',
  'changed',
  'failed',
  'dry_run',
]);

/** Whether the choice is offered: for records, and for single results that are more than a few fields. */
export function hasResultModes({ list, effect, output }: Operation): boolean {
  return list !== undefined || (effect === 'read' && Object.keys(output.shape).length > 10);
}

/** The entries of Options that choose. Nothing chosen is `raw`: the same result as the operation's MCP tool. */
export function resultModeParameters(operation: Operation): INodeProperties[] {
  const what = operation.list === undefined ? 'the result' : 'each record';
  return [
    {
      displayName: 'Result Mode',
      name: resultModeParameter,
      type: 'options',
      options: [
        { name: 'Raw', value: 'raw', description: 'Everything, as the operation gives it' },
        { name: 'Selected Fields', value: 'selected', description: `Only the fields named under Selected Fields` },
        { name: 'Simplified', value: 'simplified', description: 'Flat, without what is empty, long or deep' },
      ],
      default: 'simplified',
      description: `How much of ${what} to pass on. Raw unless chosen.`,
    },
    {
      displayName: 'Selected Fields',
      name: resultFieldsParameter,
      type: 'string',
      default: '',
      placeholder: 'e.g. id, title, assignee.name',
      displayOptions: { show: { [resultModeParameter]: ['selected'] } },
      description: `Fields of ${what} to keep, with dots into objects. Separate several with commas, or give a list by expression.`,
    },
  ];
}

/** Reads the choice. Throws InvalidInputError for a mode that is none, and for no fields where some are to be named. */
export function readResultMode(options: Json): ResultMode {
  const mode = options[resultModeParameter] ?? 'raw';
  if (mode === 'raw' || mode === '') return { mode: 'raw' };
  if (mode === 'simplified') return { mode };
  if (mode !== 'selected') {
    throw new InvalidInputError('Result Mode', `is not one of ${modes.join(', ')}`);
  }
  const given = options[resultFieldsParameter];
  const list: unknown[] = Array.isArray(given) ? given : typeof given === 'string' ? given.split(/[,\n]/) : [];
  const named = list.map((field) => String(field).trim()).filter((field) => field !== '');
  // A field of an object that is kept whole is in it already.
  const fields = named.filter((field) => !named.some((other) => field.startsWith(`${other}.`)));
  if (fields.length === 0) {
    throw new InvalidInputError(
      'Selected Fields',
      'names no field; add it under Options, or choose another Result Mode',
    );
  }
  return { mode, fields };
}

/**
 * An operation's output in the chosen mode. Of a list, each record is reduced; what says how much of it is here stays.
 * Throws InvalidInputError for a field that no record can have.
 */
export function inResultMode(operation: Operation, output: Json, choice: ResultMode): Json {
  if (choice.mode === 'raw') return output;
  const { list } = operation;
  if (choice.mode === 'selected') assertKnown(operation, choice.fields);
  const reduce = (record: unknown) =>
    isObject(record) ? (choice.mode === 'simplified' ? simplified(record) : selected(record, choice.fields)) : record;
  const records = list === undefined ? undefined : output[list];
  if (list === undefined || !Array.isArray(records)) return reduce(output) as Json;
  const kept = Object.entries(output).filter(([key]) => key !== list && extent.has(key));
  const beside = choice.mode === 'simplified' ? simplified(without(output, list)) : stated(output);
  return { ...beside, ...Object.fromEntries(kept), [list]: records.map(reduce) };
}

function stated(output: Json): Json {
  return Object.fromEntries(Object.entries(output).filter(([key, value]) => outcome.has(key) && value !== null));
}

/** A flat record: no empty values, objects folded in as `actor_name`, lists of objects as their number. */
function simplified(record: Json): Json {
  const result: Json = {};
  const taken = new Set(Object.keys(record));
  fold(record, '', 0, (key, value, depth) => {
    // A folded name never takes the place of a field of its own.
    if (depth > 0 && taken.has(key)) return;
    result[key] = value;
  });
  return result;
}

function fold(record: Json, prefix: string, depth: number, put: (key: string, value: unknown, depth: number) => void) {
  for (const [name, value] of Object.entries(record)) {
    const key = `${prefix}${name}`;
    if (value === null || value === undefined || value === '') continue;
    if (Array.isArray(value)) {
      if (value.length === 0) continue;
      if (value.some((item) => typeof item === 'object' && item !== null)) put(`${key}_count`, value.length, depth + 1);
      else put(key, value, depth);
    } else if (isObject(value)) {
      if (depth < deepest) fold(value, `${key}_`, depth + 1, put);
    } else {
      put(key, typeof value === 'string' ? shortened(value) : value, depth);
    }
  }
}

function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The named fields, each in its place; a field that this record does not have is null, so that all records are alike. */
function selected(record: Json, fields: readonly string[]): Json {
  const result: Json = {};
  for (const field of fields) {
    if (Object.hasOwn(record, field)) {
      set(result, field, record[field]);
      continue;
    }
    const path = field.split('.');
    let value: unknown = record;
    for (const step of path) value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    let place = result;
    for (const step of path.slice(0, -1)) {
      if (!isObject(place[step]) || !Object.hasOwn(place, step)) set(place, step, {});
      place = place[step] as Json;
    }
    set(place, path.at(-1) ?? field, value ?? null);
  }
  return result;
}

/** As an own property, whatever its name is. */
function set(target: Json, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Refuses a misspelt field where the schema knows all of them; rows of a query have columns that nobody knows. */
function assertKnown(operation: Operation, fields: readonly string[]): void {
  const shape = recordShape(operation);
  if (shape === undefined) return;
  const unknown = fields.find(
    (field) => ![field, field.split('.')[0] ?? ''].some((name) => Object.hasOwn(shape, name)),
  );
  if (unknown === undefined) return;
  throw new InvalidInputError(
    'Selected Fields',
    `"${unknown}" is not a field here; there are ${Object.keys(shape).join(', ')}`,
  );
}

function recordShape({ list, output }: Operation): z.ZodRawShape | undefined {
  if (list === undefined) return output.shape;
  const records: unknown = output.shape[list];
  const item: unknown = records instanceof z.ZodArray ? records.element : undefined;
  return item instanceof z.ZodObject ? (item.shape as z.ZodRawShape) : undefined;
}

function without(output: Json, key: string): Json {
  return Object.fromEntries(Object.entries(output).filter(([name]) => name !== key));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
