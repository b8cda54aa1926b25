import { placeOfField } from '../../nodes-host/field-places';
import { fieldsOf } from '../../nodes-host/fields';
import type { Operation } from '../../operations/operation';

/** What a person would enter in the node for an input: each field in its place. */
export function nodeParameters(operation: Operation, input: Record<string, unknown>): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  const filters: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  const places = { top: parameters, limit: parameters, filters, options };
  for (const field of fieldsOf(operation)) {
    const value = input[field.name];
    if (value === undefined) continue;
    places[placeOfField(operation, field)][field.parameter] = typeof value === 'object' ? JSON.stringify(value) : value;
  }
  return { ...parameters, ...(Object.keys(filters).length > 0 ? { filters } : {}), options };
}
