import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { OperationError } from '../../operations/errors';
import type { ApprovalResult } from './result';

/**
 * Puts the outcome for silence in the place of the node's input. When the wait ends by itself, n8n runs no code of a node
 * but passes its input on, and an item that came in with `approved: true` would pass for an approval. All items are
 * replaced, also those that Execute Once hides from the node. The node before keeps its own items: these are copies.
 */
export function stampInput(context: IExecuteFunctions, result: ApprovalResult): void {
  const items = context.getExecuteData().data.main?.[0];
  if (items === null || items === undefined || items.length === 0) {
    throw new OperationError('invalid_input', 'The node has no input item that could wait for a decision.');
  }
  const { pairedItem } = items[0] ?? {};
  items.splice(0, items.length, {
    json: { ...result } as unknown as IDataObject,
    ...(pairedItem === undefined ? {} : { pairedItem }),
  });
}
