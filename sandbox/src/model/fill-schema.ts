/** The part of JSON Schema that tools and response formats use. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/**
 * The plainest value that fits a schema. Properties named in `known` take the value given there when it fits, so
 * that an answer survives being asked for in somebody else's wrapping.
 */
export function fillSchema(schema: Schema, known: Record<string, unknown>): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return fillSchema(choice, known);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object' || schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
        if (name in known && fits(known[name], inner)) return [[name, known[name]]];
        // A wrapper object may hold the known properties further down, even when it is optional.
        const wanted = schema.required?.includes(name) ?? false;
        return wanted || inner.properties ? [[name, fillSchema(inner, known)]] : [];
      }),
    );
  }
  if (type === 'array')
    return Array.from({ length: schema.minItems ?? 0 }, () => fillSchema(schema.items ?? {}, known));
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0;
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  return 'simulated';
}

function fits(value: unknown, schema: Schema): boolean {
  if (schema.enum) return schema.enum.includes(value);
  const types = schema.type === undefined ? [] : [schema.type].flat();
  const actual = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return types.length === 0 || types.includes(actual) || (actual === 'number' && types.includes('integer'));
}
