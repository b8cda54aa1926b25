import { camelCase, type Operation, type Toolset } from '../operations/operation';
import type { Service } from '../operations/ports';
import { operations } from '../operations/registry';
import { operationsOf } from './parameters';

/** Values of the node's operations that call a service from n8n itself: its credential is asked for with these. */
export function operationsCalling(
  toolset: Toolset,
  service: Service,
  from: readonly Operation[] = operations,
): string[] {
  return operationsOf(toolset, from)
    .filter((operation) => operation.runs === 'anywhere' && operation.services.includes(service))
    .map((operation) => camelCase(operation.name));
}

/** Values of the node's operations that always or sometimes run on the bridge. */
export function operationsOnBridge(toolset: Toolset, from: readonly Operation[] = operations): string[] {
  return operationsOf(toolset, from)
    .filter((operation) => operation.runs === 'bridge' || operation.runsFor !== undefined)
    .map((operation) => camelCase(operation.name));
}
