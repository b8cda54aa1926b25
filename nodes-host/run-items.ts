import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { CancelledError, OperationError } from '../operations/errors';
import {
  camelCase,
  type NodeToolset,
  type Operation,
  parseInput,
  placeOf,
  runOperation,
} from '../operations/operation';
import type { Ports } from '../operations/ports';
import { operations } from '../operations/registry';
import { dataNotice } from '../operations/text';
import { collectInput, type ReadParameter } from './collect-input';
import { hasCredential, targetOf } from './credentials';
import { isSql } from './field-parameter';
import { fieldsOf } from './fields';
import { forwardToBridge } from './forward-to-bridge';
import { n8nPorts } from './n8n-ports';
import { errorShape, isFromN8n, toNodeError } from './node-errors';
import { PackageBinaries } from './package-binaries';
import { operationsOf } from './parameters';
import { inResultMode } from './result-modes';
import { returnAll } from './return-all';
import { rowFileItems } from './row-files';
import { sideBySide } from './side-by-side';
import { sqlText } from './sql-text';

/** Reads of one node that run at a time. Panther and GitLab allow more; a shared instance should not take it all. */
const readsAtOnce = 3;

/**
 * Runs a node over its input items, each with its own resource, operation and parameters: items that only read up to
 * three at a time, items that change something one after another, in their order. Output items come in the order of the
 * input items and are linked to them. An item that fails ends the node with a NodeApiError or NodeOperationError, or, with
 * `continueOnFail`, becomes an item that holds the error. Input items are not touched.
 */
export async function runItems(
  context: IExecuteFunctions,
  node: NodeToolset,
  continueOnFail: boolean,
  from: readonly Operation[] = operations,
): Promise<INodeExecutionData[]> {
  const ports = n8nPorts(context);
  const items = [...context.getInputData().keys()];
  const work = items.map((itemIndex) => {
    const chosen = attempt(() => chosenOperation(context, node, itemIndex, from));
    return {
      alone: 'value' in chosen && chosen.value.effect !== 'read',
      run: (signal: AbortSignal) =>
        runItem(context, portsUntil(ports, signal), node, itemIndex, continueOnFail, chosen),
    };
  });
  const results = (await sideBySide(work, readsAtOnce, ports.signal)).flat();
  return isTool(context) ? framed(results) : results;
}

/** n8n makes a tool for its AI agents of a node by putting this behind the name of its type. */
function isTool(context: IExecuteFunctions): boolean {
  return /Tool$/.test(context.getNode().type);
}

/** What an agent's model reads begins with the same notice as an answer over MCP. */
function framed([first, ...rest]: INodeExecutionData[]): INodeExecutionData[] {
  if (first === undefined) return [];
  return [{ ...first, json: { [dataNotice.key]: dataNotice.text, ...first.json } }, ...rest];
}

async function runItem(
  context: IExecuteFunctions,
  ports: Ports,
  node: NodeToolset,
  itemIndex: number,
  continueOnFail: boolean,
  chosen: Attempt<Operation>,
): Promise<INodeExecutionData[]> {
  const operation = 'value' in chosen ? chosen.value : undefined;
  let input: Record<string, unknown> = {};
  try {
    if ('error' in chosen) throw chosen.error;
    const { value } = chosen;
    const collected = collectInput(value, readerOf(context, value, itemIndex));
    input = collected.input;
    if (collected.file !== undefined)
      return await rowFileItems(context, ports, value, input, collected.file, itemIndex);
    const packages = new PackageBinaries(context);
    const withPackages = { ...ports, packages };
    const call = (given: Record<string, unknown>) => runWhereItBelongs(context, withPackages, value, given);
    const output = collected.returnAll ? await returnAll(value, input, call) : await call(input);
    if (collected.splitIntoItems) assertEnded(output);
    if (collected.returnAll && output.complete === false) sayWhereItStopped(context, value, output, itemIndex);
    if (output.dry_run === true) sayItWasTried(context, value);
    const records = recordsOf(value, inResultMode(value, output, collected.result), collected.splitIntoItems);
    packages.commit();
    const { binary } = packages;
    // Files are given out also where there is no record that they could stand beside.
    if (binary !== undefined && records.length === 0) records.push(output as IDataObject);
    return records.map((json, index) => ({
      json,
      ...(binary !== undefined && index === 0 ? { binary } : {}),
      pairedItem: { item: itemIndex },
    }));
  } catch (error) {
    if (!(error instanceof OperationError) && !isFromN8n(error)) {
      context.logger.error(`${operation?.name ?? node} stopped on an unexpected condition`, { error });
    }
    const shape = errorShape(error, operation);
    if (!continueOnFail || error instanceof CancelledError) throw toNodeError(context.getNode(), shape, itemIndex);
    return [{ json: errorJson(context, operation, shape, input), pairedItem: { item: itemIndex } }];
  }
}

type Attempt<T> = { value: T } | { error: unknown };

function attempt<T>(get: () => T): Attempt<T> {
  try {
    return { value: get() };
  } catch (error) {
    return { error };
  }
}

/** The same ports, ended by another signal: that of the execution, or the failure of an item beside this one. */
function portsUntil(ports: Ports, signal: AbortSignal): Ports {
  return { ...ports, signal, sleep: (ms, own) => ports.sleep(ms, own ?? signal) };
}

/** The parameters of one item. Without a fallback n8n throws for one that is not stored; null is absence here. */
function readerOf(context: IExecuteFunctions, operation: Operation, itemIndex: number): ReadParameter {
  const sql = new Set(
    fieldsOf(operation)
      .filter(isSql)
      .map(({ parameter }) => parameter),
  );
  return (name) => {
    const value: unknown = context.getNodeParameter(name, itemIndex, null);
    if (!sql.has(name)) return value;
    const stored = context.getNode().parameters[name];
    return sqlText({ stored, value, evaluate: (text) => context.evaluateExpression(text, itemIndex) });
  };
}

function sayWhereItStopped(
  context: IExecuteFunctions,
  operation: Operation,
  output: Record<string, unknown>,
  itemIndex: number,
): void {
  const records = output[operation.list ?? ''];
  const count = Array.isArray(records) ? records.length : 0;
  const where = `${count} records of ${operation.list ?? 'the list'} for item ${itemIndex}`;
  // Without a next there is nowhere to go on: a part of the list could not be read at all.
  const message =
    typeof output.next === 'string'
      ? `Return All stopped at ${where}; there are more. Narrow the list with Filters, or go on with Cursor under Options`
      : `Return All gave ${where}, and a part of the list could not be read; the raw result says which where it is known`;
  context.logger.warn(message);
  context.addExecutionHints({ message, location: 'outputPane' });
}

/** Rows of a query that is still running would be no items, and no items look like nothing found. */
function assertEnded({ status, query_id, poll_after_seconds }: Record<string, unknown>): void {
  if (status !== 'running' || typeof query_id !== 'string') return;
  throw new OperationError(
    'timeout',
    'The query is still running in Panther, so there are no rows yet that could be split into items. Get Results goes on with its Query ID, and it does not run again; or raise Wait Seconds, or switch Split Into Items off.',
    { query_id, poll_after_seconds: typeof poll_after_seconds === 'number' ? poll_after_seconds : null },
  );
}

/** Executions that have been told; once is enough for all of their items. */
const toldOfDryRun = new WeakSet<IExecuteFunctions>();

/** The switch lies in a closed collection, and a plan looks much like a result. */
function sayItWasTried(context: IExecuteFunctions, operation: Operation): void {
  const field = fieldsOf(operation).find(({ name }) => name === 'dry_run');
  if (field === undefined || toldOfDryRun.has(context)) return;
  toldOfDryRun.add(context);
  const message = `Nothing was changed: this was a dry run. ${field.displayName} under Options, switched off, makes the change`;
  context.addExecutionHints({ message, location: 'outputPane' });
}

/** The operation alone decides: its values are unique across the resources, and n8n keeps hidden resources' values. */
function chosenOperation(
  context: IExecuteFunctions,
  node: NodeToolset,
  itemIndex: number,
  from: readonly Operation[],
): Operation {
  const value = context.getNodeParameter('operation', itemIndex, '');
  const found = operationsOf(node, from).find(({ name }) => camelCase(name) === value);
  if (found !== undefined) return found;
  throw new OperationError(
    'invalid_input',
    `Operation: "${String(value)}" is not known to this version of the node. Choose one in the node.`,
    { field: 'operation' },
  );
}

/**
 * Here, or on the bridge when the operation needs the case store. What could run here, but calls a service that this
 * node has no credential for, goes to the bridge too when the node has one for it: the bridge has its own.
 */
async function runWhereItBelongs(
  context: IExecuteFunctions,
  ports: Ports,
  operation: Operation,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const checked = parseInput(operation, input);
  if (placeOf(operation, checked) === 'bridge') return forwardToBridge(context, ports, operation, input);
  const missing = operation.services.some((service) => !hasCredential(context, targetOf(service)));
  if (missing && hasCredential(context, 'bridge')) return forwardToBridge(context, ports, operation, input);
  return runOperation(operation, ports, input);
}

function recordsOf(operation: Operation, output: Record<string, unknown>, split: boolean): IDataObject[] {
  const list = operation.list === undefined ? undefined : output[operation.list];
  if (!split || !Array.isArray(list)) return [output as IDataObject];
  return list.map((record: unknown) =>
    typeof record === 'object' && record !== null && !Array.isArray(record)
      ? (record as IDataObject)
      : ({ value: record } as IDataObject),
  );
}

/**
 * An item that tells a later node what failed and with which input. On a node's error output n8n recognises an error
 * item by having no other keys, and adds the input item's own fields itself; there the echo goes inside.
 */
function errorJson(
  context: IExecuteFunctions,
  operation: Operation | undefined,
  shape: ReturnType<typeof errorShape>,
  input: Record<string, unknown>,
): IDataObject {
  const echo: IDataObject = {};
  for (const field of operation?.echoOnError ?? []) {
    if (input[field] !== undefined) echo[field] = input[field] as IDataObject;
  }
  const error: IDataObject = { ...shape };
  if (context.getNode().onError !== 'continueErrorOutput') return { ...echo, error };
  return { error: Object.keys(echo).length === 0 ? error : { ...error, input: echo } };
}
