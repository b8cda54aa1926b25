import { CancelledError, OperationError } from '../errors';

/** What `work` gives, or why there is nothing; only a cancelled run ends the whole. */
export async function partial<T>(work: () => Promise<T>): Promise<T | OperationError> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OperationError) || error instanceof CancelledError) throw error;
    return error;
  }
}
