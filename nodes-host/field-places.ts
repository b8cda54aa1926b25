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

/**
 * Fields that say which thing an operation is about. They may be left out only because a default or another of them can
 * take their place, so they belong where they are seen. Not numbers: n8n has no empty number outside of a collection.
 */
const whichOne = new Set(['project', 'group', 'iid', 'url', 'username']);

/** Required fields stand at the top; of the others, those that narrow what is listed are filters. */
export function placeOfField(operation: Operation, field: Field): Place {
  if (field.required || namesTheThing(operation, field)) return 'top';
  if (field.name === 'limit' && canReturnAll(operation)) return 'limit';
  return lists(operation) && !howNotWhat.has(field.name) && !/^(max|include)_/.test(field.name) ? 'filters' : 'options';
}

/** The address of a merge request is one of the ways to choose one, so its own field is for expressions only. */
function namesTheThing(operation: Operation, { name }: Field): boolean {
  if (lists(operation) || !whichOne.has(name)) return false;
  return name !== 'url' || !('iid' in operation.input.shape);
}

/** Whether an operation lists records page by page, so that n8n can offer Return All and Limit. */
export function canReturnAll(operation: Operation): boolean {
  const { list, input, output } = operation;
  return list !== undefined && 'limit' in input.shape && 'cursor' in input.shape && 'next' in output.shape;
}

function lists({ name, list, effect }: Operation): boolean {
  return list !== undefined && effect === 'read' && /^(list|search)_/.test(name);
}
