import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { CancelledError, OperationError } from '../operations/errors';
import { camelCase, type Operation, parseInput, placeOf, runOperation, type Toolset } from '../operations/operation';
import type { Ports } from '../operations/ports';
import { operations } from '../operations/registry';
import { collectInput } from './collect-input';
import { hasCredential } from './credentials';
import { forwardToBridge } from './forward-to-bridge';
import { n8nPorts } from './n8n-ports';
import { errorShape, isFromN8n, toNodeError } from './node-errors';

/**
 * Runs a node over its input items, one after another, each with its own resource, operation and parameters. Every
 * output item is linked to the input item it came from. An item that fails ends the node with a NodeApiError or
 * NodeOperationError, or, with `continueOnFail`, becomes an item that holds the error. Input items are not touched.
 */
export async function runItems(
  context: IExecuteFunctions,
  toolset: Toolset,
  continueOnFail: boolean,
  from: readonly Operation[] = operations,
): Promise<INodeExecutionData[]> {
  const ports = n8nPorts(context);
  const results: INodeExecutionData[] = [];
  for (const itemIndex of context.getInputData().keys()) {
    let operation: Operation | undefined;
    let input: Record<string, unknown> = {};
    try {
      operation = chosenOperation(context, toolset, itemIndex, from);
      // Without a fallback n8n throws for a parameter that is not stored; null is absence here.
      const collected = collectInput(operation, (name) => context.getNodeParameter(name, itemIndex, null));
      input = collected.input;
      const output = await runWhereItBelongs(context, ports, operation, input);
      for (const json of recordsOf(operation, output, collected.splitIntoItems)) {
        results.push({ json, pairedItem: { item: itemIndex } });
      }
    } catch (error) {
      if (!(error instanceof OperationError) && !isFromN8n(error)) {
        context.logger.error(`${operation?.name ?? toolset} stopped on an unexpected condition`, { error });
      }
      const shape = errorShape(error, operation);
      if (!continueOnFail || error instanceof CancelledError) throw toNodeError(context.getNode(), shape, itemIndex);
      results.push({ json: errorJson(context, operation, shape, input), pairedItem: { item: itemIndex } });
    }
  }
  return results;
}

/** The operation alone decides: its values are unique across the resources, and n8n keeps hidden resources' values. */
function chosenOperation(
  context: IExecuteFunctions,
  toolset: Toolset,
  itemIndex: number,
  from: readonly Operation[],
): Operation {
  const value = context.getNodeParameter('operation', itemIndex, '');
  const found = from.find(({ toolset: own, name }) => own === toolset && camelCase(name) === value);
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
  const missing = operation.services.some((service) => !hasCredential(context, service));
  if (placeOf(operation, checked) === 'bridge' || (missing && hasCredential(context, 'bridge'))) {
    return forwardToBridge(context, ports, operation, input);
  }
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
