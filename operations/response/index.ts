import type { Operation } from '../operation';
import { executeAutomatedResponse } from './execute-automated-response';
import { planResponse } from './plan-response';
import { proposeContainment } from './propose-containment';
import { rollbackResponse } from './rollback-response';
import { verifyResponse } from './verify-response';

/** Containment, in the order in which it happens. */
export const responseOperations: Operation[] = [
  proposeContainment,
  planResponse,
  executeAutomatedResponse,
  verifyResponse,
  rollbackResponse,
];
