import type { Operation } from './operation';
import { pantherOperations } from './panther';

/** The one list of operations, in the order people read them. Adding a capability means one file and one line here. */
export const operations: readonly Operation[] = [...pantherOperations];

export function operationNamed(name: string): Operation | undefined {
  return operations.find((operation) => operation.name === name);
}
