import { InvalidInputError } from '../operations/errors';
import type { Operation } from '../operations/operation';
import { canReturnAll, placeOfField } from './field-places';
import { type Field, fieldsOf } from './fields';
import { locatedValue, locatorOf, targetField } from './locators';
import { returnAllParameter, splitParameter } from './parameters';
import { type ResultMode, readResultMode } from './result-modes';
import { type FileChoice, readOutputAs } from './row-files';

/** Reads one parameter for one item; `undefined` when the node does not have it. */
export type ReadParameter = (name: string) => unknown;

export interface CollectedInput {
  /** snake_case, for runOperation. */
  input: Record<string, unknown>;
  splitIntoItems: boolean;
  /** Read the list to its end; the limit is not in the input then. */
  returnAll: boolean;
  result: ResultMode;
  /** Write the rows to a file instead. */
  file?: FileChoice;
}

/**
 * The input of an operation from the parameters of one item. A parameter that is missing, null or empty is left out,
 * so that the schema's default or absence applies. Text that stands for a list, number, switch or JSON is converted;
 * what cannot be converted is passed on for the schema to refuse, except broken JSON, which is refused here.
 */
export function collectInput(operation: Operation, read: ReadParameter): CollectedInput {
  const options = asRecord(read('options'));
  const filters = asRecord(read('filters'));
  const as = readOutputAs(operation, options);
  const all = canReturnAll(operation) && read(returnAllParameter) === true;
  const input: Record<string, unknown> = {};
  for (const field of fieldsOf(operation)) {
    const place = placeOfField(operation, field);
    if (place === 'limit' && all) continue;
    const locator = locatorOf(operation.toolset, field);
    const stored = readField(field, place);
    const value = locatedValue(stored, locator);
    if (isEmpty(value)) continue;
    const target = targetField(field.name, stored, locator);
    const converted = target === field.name ? convert(field, value) : value;
    if (converted !== undefined) input[target] = converted;
  }
  return {
    input,
    splitIntoItems: operation.list !== undefined && (as ? as.kind === 'splitItems' : options[splitParameter] === true),
    returnAll: all,
    result: readResultMode(options),
    ...(as?.kind === 'file' ? { file: as } : {}),
  };

  /** Nodes of version 1 have everything optional in Options, the limit among it. */
  function readField({ parameter, required }: Field, place: ReturnType<typeof placeOfField>): unknown {
    if (place === 'top') {
      const own = read(parameter);
      return required || !isEmpty(locatedValue(own, undefined)) ? own : options[parameter];
    }
    if (place === 'filters') return isEmpty(filters[parameter]) ? options[parameter] : filters[parameter];
    if (place === 'limit') return isEmpty(options[parameter]) ? read(parameter) : options[parameter];
    return options[parameter];
  }
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function convert(field: Field, value: unknown): unknown {
  switch (field.kind.kind) {
    case 'text':
    case 'choice':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    case 'number':
      return toNumber(value);
    case 'switch':
      return value === 'true' ? true : value === 'false' ? false : value;
    case 'choices': {
      // Nothing picked means that the option was added and left alone.
      const picked = toList(field, value);
      return Array.isArray(picked) && picked.length === 0 ? undefined : picked;
    }
    case 'list': {
      const list = toList(field, value);
      if (!Array.isArray(list)) return list;
      return field.kind.of === 'number'
        ? list.map(toNumber)
        : list.map((item) => (typeof item === 'number' ? String(item) : item));
    }
    case 'json':
      if (typeof value !== 'string') return value;
      return field.kind.shape === 'any' ? (tryJson(value) ?? value) : parseJson(field, value);
  }
}

function toNumber(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim() === '') return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

/** A list as it is, JSON text of one, or text with one entry a line or, where entries have none, between commas. */
function toList(field: Field, value: unknown): unknown {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return value;
  if (value.trim().startsWith('[')) return parseJson(field, value);
  return value
    .split(field.kind.kind === 'list' && field.kind.between === 'lines' ? '\n' : /[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** For fields that take anything: text that is no JSON is meant as text. */
function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function parseJson(field: Field, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not valid';
    throw new InvalidInputError(
      field.name,
      `is not valid JSON (${why}). Write JSON, or switch the field to an expression that gives the value itself.`,
    );
  }
}
