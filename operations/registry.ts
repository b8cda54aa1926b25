import { analyticsOperations } from './analytics';
import { complianceOperations } from './compliance';
import { gitlabOperations } from './gitlab';
import { investigationOperations } from './investigation';
import type { Operation } from './operation';
import { pantherOperations } from './panther';
import { responseOperations } from './response';
import { slackOperations } from './slack';

/** The one list of operations, in the order people read them. Adding a capability means one file and one line here. */
export const operations: readonly Operation[] = [
  ...pantherOperations,
  ...gitlabOperations,
  ...slackOperations,
  ...investigationOperations,
  ...analyticsOperations,
  ...complianceOperations,
  ...responseOperations,
];

export function operationNamed(name: string): Operation | undefined {
  return operations.find((operation) => operation.name === name);
}
