import { fieldsOf } from '../../nodes-host/fields';
import type { Operation } from '../../operations/operation';

/** What a person would enter in the node for an input: required fields on top, the others under Options. */
export function nodeParameters(operation: Operation, input: Record<string, unknown>): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const field of fieldsOf(operation)) {
    const value = input[field.name];
    if (value === undefined) continue;
    const entered = typeof value === 'object' ? JSON.stringify(value) : value;
    if (field.required) parameters[field.parameter] = entered;
    else options[field.parameter] = entered;
  }
  return { ...parameters, options };
}
