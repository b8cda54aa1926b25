import type { Tool } from '@modelcontextprotocol/server';
import type { Operation } from '../../../operations/operation';
import { toJsonSchema } from './json-schema';

/** An operation as MCP shows it. */
export function toTool(operation: Operation): Tool {
  return {
    name: operation.name,
    title: operation.action,
    description: operation.description,
    inputSchema: toJsonSchema(operation.input.strict()) as Tool['inputSchema'],
    outputSchema: toJsonSchema(operation.output) as Tool['outputSchema'],
    annotations: {
      title: operation.action,
      readOnlyHint: operation.effect === 'read',
      destructiveHint: operation.effect === 'destructive',
      idempotentHint: operation.idempotent,
      openWorldHint: operation.services.length > 0,
    },
  };
}
