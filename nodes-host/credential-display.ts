import { camelCase, type NodeToolset, type Operation } from '../operations/operation';
import type { Service } from '../operations/ports';
import { operations } from '../operations/registry';
import { operationsOf } from './parameters';

/** Values of the node's operations that call a service from n8n itself: its credential is asked for with these. */
export function operationsCalling(
  node: NodeToolset,
  service: Service,
  from: readonly Operation[] = operations,
): string[] {
  return operationsOf(node, from)
    .filter((operation) => operation.runs === 'anywhere' && operation.services.includes(service))
    .map((operation) => camelCase(operation.name));
}

/** Values of the node's operations that always or sometimes run on the bridge. */
export function operationsOnBridge(node: NodeToolset, from: readonly Operation[] = operations): string[] {
  return operationsOf(node, from)
    .filter((operation) => operation.runs === 'bridge' || operation.runsFor !== undefined)
    .map((operation) => camelCase(operation.name));
}
