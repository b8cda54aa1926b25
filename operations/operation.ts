import type { z } from 'zod';
import { CancelledError, InvalidInputError, OperationError } from './errors';
import type { Ports, Service } from './ports';
import type { RowStream, Streaming } from './row-stream';

/** What an operation belongs to: its folder here, its page of the docs, and by way of `nodeToolset` its n8n node. */
export type Toolset = 'panther' | 'gitlab' | 'slack' | 'investigation' | 'analytics' | 'compliance' | 'response';

/** The toolsets that have an n8n node of their own. */
export type NodeToolset = Exclude<Toolset, 'analytics' | 'compliance' | 'response'>;

/** The node that offers a toolset: analytics and responses are steps of an investigation, so they stand in its node. */
export function nodeToolset(toolset: Toolset): NodeToolset {
  return toolset === 'analytics' || toolset === 'compliance' || toolset === 'response' ? 'investigation' : toolset;
}

export type Place = 'anywhere' | 'bridge';

/** `read` changes nothing; `write` adds or updates; `destructive` removes or locks somebody out. */
export type Effect = 'read' | 'write' | 'destructive';

type Schema = z.ZodObject<z.ZodRawShape>;

/**
 * One capability, defined once: n8n parameters, MCP tool, generated docs, permission table and the parity test
 * are all derived from this value.
 */
export interface Operation<I extends Schema = Schema, O extends Schema = Schema> {
  /** snake_case, at most 40 characters: the MCP tool name; n8n's value is its camelCase. */
  name: string;
  toolset: Toolset;
  /** What it acts on, in words, singular: `Query`, `Merge Request`, `Case`. The n8n resource. */
  resource: string;
  /** Title Case, without the resource: the n8n operation's label, e.g. `Execute SQL`. */
  title: string;
  /** Sentence case with the resource, e.g. `Execute a SQL query`: n8n's action. */
  action: string;
  /** For a person and a model alike: what it does, units, limits, defaults. */
  description: string;
  effect: Effect;
  /** Calling twice with the same input leaves the same state as calling once. */
  idempotent: boolean;
  /** Services it calls: the n8n credentials and the bridge's configuration follow from it. */
  services: Service[];
  /** Upstream permissions, by the service's own names. */
  permissions: string[];
  /** `bridge`: needs the case store, so n8n forwards the call to the bridge. */
  runs: Place;
  /** Decides by input where `runs` is not enough: what can work alone goes to the bridge when told which case it is for. */
  runsFor?(input: z.output<I>): Place;
  input: I;
  output: O;
  /** A valid input that works against the sandbox's sample tenant; for the docs and the parity test. */
  example: z.input<I>;
  /** Dotted paths in the output that differ between two equal calls (ids minted upstream, times). `*` is any index. */
  varies?: string[];
  /** Input fields copied onto an n8n error item, so that a later node can tell what failed. */
  echoOnError?: string[];
  /** Key of the output that holds the list of records; n8n can split it into items. */
  list?: string;
  run(ports: Ports, input: z.output<I>): Promise<z.output<O>>;
  /** For a list that can also be read whole, page by page. */
  stream?: Streaming;
}

/** Types an operation by its schemas. Throws at load when the definition breaks the contract. */
export function defineOperation<I extends Schema, O extends Schema>(
  // The keys are checked here and not in Operation, so that every Operation<I, O> is an Operation (lists hold them all).
  operation: Operation<I, O> & { echoOnError?: (keyof z.input<I> & string)[]; list?: keyof z.output<O> & string },
): Operation<I, O> {
  // Single underscores between words: otherwise two names could have one camelCase.
  if (!/^(?=.{3,40}$)[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(operation.name))
    throw new Error(`${operation.name}: not a snake_case name of 3 to 40 characters`);
  return operation;
}

/** Where this call has to run. */
export function placeOf<I extends Schema, O extends Schema>(operation: Operation<I, O>, input: z.output<I>): Place {
  return operation.runsFor?.(input) ?? operation.runs;
}

/**
 * Validates the input, runs, validates the output. Throws OperationError only; an output that breaks its own schema
 * is our bug and is reported as one instead of being passed on.
 */
export async function runOperation<I extends Schema, O extends Schema>(
  operation: Operation<I, O>,
  ports: Ports,
  input: unknown,
): Promise<z.output<O>> {
  const checked = parseInput(operation, input);
  if (ports.signal.aborted) throw new CancelledError(operation.name);
  const output = await operation.run(ports, checked);
  const result = operation.output.safeParse(output);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new OperationError(
      'bad_response',
      `${operation.name} produced a result that breaks its own schema at ${issue?.path.join('.') || 'the top'}: ${issue?.message}. Please report it.`,
    );
  }
  return result.data as z.output<O>;
}

/**
 * Validates the input of the streamed form and opens it; nothing is sent before the first page is asked for. Throws
 * InvalidInputError at once; the pages throw OperationError only.
 */
export function streamOperation(
  operation: Pick<Operation, 'name' | 'stream'>,
  ports: Ports,
  input: unknown,
): RowStream {
  const { name, stream } = operation;
  if (stream === undefined) throw new InvalidInputError('output', `${name} has no list that can be read page by page`);
  const checked = parseInput({ name, input: stream.input }, input);
  if (ports.signal.aborted) throw new CancelledError(name);
  return stream.pages(ports, checked);
}

const strict = new WeakMap<Schema, Schema>();

/** The schema that refuses what it does not know; made once, because making one costs more than a small check. */
function strictOf(schema: Schema): Schema {
  const made = strict.get(schema) ?? schema.strict();
  strict.set(schema, made);
  return made;
}

/** The input in its schema's output type, or InvalidInputError that names the first field at fault. Unknown keys are refused. */
export function parseInput<I extends Schema>(operation: { name: string; input: I }, input: unknown): z.output<I> {
  const result = strictOf(operation.input).safeParse(input ?? {});
  if (result.success) return result.data as z.output<I>;
  const issue = result.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    throw new InvalidInputError(
      issue.keys.join(', '),
      `unknown; ${operation.name} takes ${Object.keys(operation.input.shape).join(', ')}`,
    );
  }
  throw new InvalidInputError(issue?.path.join('.') || 'input', issue?.message ?? 'not valid');
}

/** `execute_sql_query` to `executeSqlQuery`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
