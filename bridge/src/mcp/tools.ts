import type { Tool } from '@modelcontextprotocol/server';
import type { Operation } from '../../../operations/operation';
import { compactSchema } from './compact-schema';
import { toJsonSchema } from './json-schema';

/**
 * An operation as MCP shows it. Without a schema of its output: it is longer than all the rest, models do not need it to
 * call a tool, and some clients drop tools over it. Results are objects that say everything themselves.
 */
export function toTool(operation: Omit<Operation, 'run'>): Tool {
  return {
    name: operation.name,
    title: operation.action,
    description: operation.description,
    inputSchema: compactSchema(toJsonSchema(operation.input.strict())) as Tool['inputSchema'],
    annotations: annotationsOf(operation),
  };
}

/** Whether something is destructive or idempotent says nothing of a tool that only reads, and an open world is the default. */
function annotationsOf({ effect, idempotent, services }: Omit<Operation, 'run'>): Tool['annotations'] {
  const world = services.length > 0 ? {} : { openWorldHint: false };
  if (effect === 'read') return { readOnlyHint: true, ...world };
  return { readOnlyHint: false, destructiveHint: effect === 'destructive', idempotentHint: idempotent, ...world };
}
