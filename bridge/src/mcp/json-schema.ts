import type { z } from 'zod';
import { zodToJsonSchema } from 'zod-to-json-schema';

export type JsonSchema = Record<string, unknown>;

/**
 * JSON Schema of a tool's input or output, without `$ref` (clients do not follow them) and without `$schema`: what is
 * used reads the same in draft-07 and in MCP's default, 2020-12.
 */
export function toJsonSchema(schema: z.ZodObject<z.ZodRawShape>): JsonSchema {
  const { $schema: _, ...document } = zodToJsonSchema(schema, { $refStrategy: 'none' }) as JsonSchema;
  return document;
}
