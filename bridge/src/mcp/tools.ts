import {
  fromJsonSchema,
  type JsonSchemaValidator,
  type jsonSchemaValidator,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';
import type { Operation } from '../../../operations/operation';
import { type JsonSchema, toJsonSchema } from './json-schema';

/** One operation as MCP shows it. Derived once for the life of the process: servers are made anew for each request. */
export interface Tool {
  operation: Operation;
  config: {
    title: string;
    description: string;
    inputSchema: StandardSchemaWithJSON<unknown, unknown>;
    outputSchema: StandardSchemaWithJSON<unknown, unknown>;
    annotations: {
      title: string;
      readOnlyHint: boolean;
      destructiveHint: boolean;
      idempotentHint: boolean;
      openWorldHint: boolean;
    };
  };
}

/**
 * The SDK's own validation is switched off: `runOperation` validates input and output by the same zod schemas the
 * documents come from, refuses unknown arguments, and names the field at fault in our typed errors.
 */
const validatedByOperation: jsonSchemaValidator = {
  getValidator<T>(): JsonSchemaValidator<T> {
    return (data) => ({ valid: true, data: data as T, errorMessage: undefined });
  },
};

export function toTools(operations: readonly Operation[]): Tool[] {
  return operations.map((operation) => ({
    operation,
    config: {
      title: operation.action,
      description: operation.description,
      inputSchema: wrap(toJsonSchema(operation.input.strict())),
      outputSchema: wrap(toJsonSchema(operation.output)),
      annotations: {
        title: operation.action,
        readOnlyHint: operation.effect === 'read',
        destructiveHint: operation.effect === 'destructive',
        idempotentHint: operation.idempotent,
        openWorldHint: operation.services.length > 0,
      },
    },
  }));
}

function wrap(document: JsonSchema): StandardSchemaWithJSON<unknown, unknown> {
  return fromJsonSchema(document, validatedByOperation);
}
