import { type ZodTypeAny, z } from 'zod';
import { camelCase, type Operation } from '../operations/operation';
import { titleCase } from './wording';

/** How one input field is shown in n8n and read back from it. */
export type FieldKind =
  | { kind: 'text'; maxLength: number | undefined }
  | { kind: 'number'; min: number | undefined; max: number | undefined; whole: boolean }
  | { kind: 'switch' }
  | { kind: 'choice'; values: readonly string[] }
  | { kind: 'choices'; values: readonly string[] }
  | { kind: 'list'; of: 'text' | 'number'; between: 'commas' | 'lines' }
  | { kind: 'json'; shape: 'object' | 'array' | 'any' };

export interface Field {
  /** snake_case: the name in the operation's input and in the MCP tool. */
  name: string;
  /** camelCase: the name of the n8n parameter. */
  parameter: string;
  displayName: string;
  description: string;
  required: boolean;
  /** The schema's default; undefined when absence means absence. */
  default: unknown;
  kind: FieldKind;
}

/** Names that every node of ours uses for itself. */
const reserved = new Set([
  'resource',
  'operation',
  'filters',
  'options',
  'returnAll',
  'splitIntoItems',
  'resultMode',
  'resultFields',
  'outputAs',
  'fileMaxRows',
  'filePartSize',
  'fileWaitSeconds',
]);

/** The n8n parameter of an input field: its camelCase, with `Input` behind it when a node has that name already. */
export function parameterName(field: string): string {
  const name = camelCase(field);
  return reserved.has(name) ? `${name}Input` : name;
}

/** The input fields of an operation in the order of its schema. */
export function fieldsOf(operation: Operation): Field[] {
  return Object.entries(operation.input.shape).map(([name, schema]) => {
    const { inner, description, optional, fallback } = unwrap(schema);
    return {
      name,
      parameter: parameterName(name),
      displayName: titleCase(name),
      description: description ?? '',
      required: !optional,
      default: fallback,
      kind: startingInside(kindOf(inner), schema),
    };
  });
}

/** Where a rule in code and not the bounds says what a number may be, the first usual one that it takes is the least. */
function startingInside(kind: FieldKind, schema: ZodTypeAny): FieldKind {
  if (kind.kind !== 'number') return kind;
  const start = [Math.max(0, kind.min ?? 0), 1, 5, 10, 15, 60, 100].find((value) => schema.safeParse(value).success);
  return start === undefined || start <= Math.max(0, kind.min ?? 0) ? kind : { ...kind, min: start };
}

interface Unwrapped {
  inner: ZodTypeAny;
  description: string | undefined;
  optional: boolean;
  fallback: unknown;
}

/** Takes off what zod wraps around a type, and keeps what the wrapping says. */
function unwrap(schema: ZodTypeAny): Unwrapped {
  let inner = schema;
  let description: string | undefined;
  let optional = false;
  let fallback: unknown;
  for (;;) {
    description ??= inner.description;
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
      optional = true;
      inner = inner.unwrap() as ZodTypeAny;
    } else if (inner instanceof z.ZodDefault) {
      optional = true;
      fallback = inner._def.defaultValue();
      inner = inner.removeDefault() as ZodTypeAny;
    } else if (inner instanceof z.ZodEffects) {
      inner = inner.innerType() as ZodTypeAny;
    } else if (inner instanceof z.ZodBranded || inner instanceof z.ZodReadonly) {
      inner = inner.unwrap() as ZodTypeAny;
    } else if (inner instanceof z.ZodPipeline) {
      inner = inner._def.in as ZodTypeAny;
    } else {
      return { inner, description, optional, fallback };
    }
  }
}

function kindOf(schema: ZodTypeAny): FieldKind {
  if (schema instanceof z.ZodString) return { kind: 'text', maxLength: schema.maxLength ?? undefined };
  if (schema instanceof z.ZodNumber) {
    return {
      kind: 'number',
      min: schema.minValue ?? undefined,
      max: schema.maxValue ?? undefined,
      whole: schema.isInt,
    };
  }
  if (schema instanceof z.ZodBoolean) return { kind: 'switch' };
  if (schema instanceof z.ZodEnum) return { kind: 'choice', values: schema.options as string[] };
  if (schema instanceof z.ZodArray) {
    const item = unwrap(schema.element as ZodTypeAny).inner;
    if (item instanceof z.ZodEnum) return { kind: 'choices', values: item.options as string[] };
    if (item instanceof z.ZodString) return { kind: 'list', of: 'text', between: separatorOf(item) };
    if (item instanceof z.ZodNumber) return { kind: 'list', of: 'number', between: 'commas' };
    return { kind: 'json', shape: 'array' };
  }
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return { kind: 'json', shape: 'object' };
  return { kind: 'json', shape: 'any' };
}

/** Sentences and addresses have commas of their own; names and ids have not. */
function separatorOf(item: z.ZodString): 'commas' | 'lines' {
  return (item.maxLength ?? 0) > 256 ? 'lines' : 'commas';
}
