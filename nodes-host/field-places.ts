import type { Operation } from '../operations/operation';
import type { Field } from './fields';

/** Where a field stands in the node: at the top, as the limit of a list, or in one of two collections. */
export type Place = 'top' | 'limit' | 'filters' | 'options';

/** Fields of a list that say how much, how long and in which order, not what. */
const howNotWhat = new Set([
  'limit',
  'cursor',
  'wait_seconds',
  'label',
  'case_id',
  'order_by',
  'sort',
  'sort_by',
  'sort_direction',
]);

/** Required fields stand at the top; of the others, those that narrow what is listed are filters. */
export function placeOfField(operation: Operation, field: Field): Place {
  if (field.required) return 'top';
  if (field.name === 'limit' && canReturnAll(operation)) return 'limit';
  return lists(operation) && !howNotWhat.has(field.name) && !/^(max|include)_/.test(field.name) ? 'filters' : 'options';
}

/** Whether an operation lists records page by page, so that n8n can offer Return All and Limit. */
export function canReturnAll(operation: Operation): boolean {
  const { list, input, output } = operation;
  return list !== undefined && 'limit' in input.shape && 'cursor' in input.shape && 'next' in output.shape;
}

function lists({ name, list, effect }: Operation): boolean {
  return list !== undefined && effect === 'read' && /^(list|search)_/.test(name);
}
