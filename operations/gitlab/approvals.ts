import { z } from 'zod';
import { OperationError } from '../errors';
import { cleanLine } from '../text';
import type { GitLab } from './client';
import { lineOrNull, userName } from './merge-request-shape';
import { readWire, wireApprovalState, wireApprovals } from './wire-types';

export const approvalsSchema = z.object({
  approval_data: z
    .enum(['full', 'approvals_only', 'unavailable'])
    .describe(
      'full: approvals and rules were read; approvals_only: no rules (edition without them, or none set); unavailable: nothing is known, which does not mean unapproved',
    ),
  approved: z.boolean().nullable(),
  required: z.number().int().nullable().describe('Approvals required by the rules of today'),
  left: z.number().int().nullable(),
  approved_by: z.array(
    z.object({
      username: z.string().nullable().describe('null for a deleted account'),
      name: z.string().nullable().describe('As the account shows it'),
      user_id: z.number().int().nullable(),
      approved_at: z.string().nullable().describe('null on servers that do not tell'),
    }),
  ),
  rules: z.array(
    z.object({
      name: z.string(),
      type: z.string().nullable().describe('regular, any_approver, code_owner or report_approver'),
      required: z.number().int().nullable(),
      required_by_project: z
        .number()
        .int()
        .nullable()
        .describe("What the project's rule asks for, which the merge request may have changed"),
      approved: z.boolean().nullable(),
      approved_by: z.array(z.string()),
    }),
  ),
  rules_overwritten: z.boolean().nullable().describe("The merge request changed its project's approval rules"),
  problem: z.string().nullable().describe('Why approval data is missing; null when nothing is'),
});
export type Approvals = z.infer<typeof approvalsSchema>;

/**
 * `/approvals`, and `/approval_state` where the edition has it. Free instances answer the second with 402, 403, 404 or
 * an empty list of rules, so that its absence says nothing. Throws only cancelled and timeout.
 */
export async function readApprovals(gitlab: GitLab, mergeRequestPath: string, what: string): Promise<Approvals> {
  const [approvals, state] = await Promise.all([
    attempt(async () => {
      const value = await gitlab.get(`${mergeRequestPath}/approvals`, {}, `the approvals of ${what}`);
      return readWire(wireApprovals, value, 'the approvals');
    }),
    attempt(async () => {
      const value = await gitlab.get(`${mergeRequestPath}/approval_state`, {}, `the approval rules of ${what}`);
      return readWire(wireApprovalState, value, 'the approval rules');
    }),
  ]);
  if (approvals instanceof OperationError) {
    return unknownApprovals(approvals.message);
  }
  const rules = state instanceof OperationError ? [] : state.rules;
  const isOptional =
    !(state instanceof OperationError) || ['missing_permission', 'not_found_or_no_access'].includes(state.code);
  const approvers = approvals.approved_by.map(({ user, approved_at }) => ({
    username: userName(user),
    name: lineOrNull(user?.name ?? null),
    user_id: user?.id ?? null,
    approved_at,
  }));
  return {
    approval_data: rules.length > 0 ? 'full' : 'approvals_only',
    approved: approvals.approved,
    required: approvals.approvals_required,
    left: approvals.approvals_left,
    approved_by: approvers.slice(0, 100),
    rules: rules.slice(0, 50).map((rule) => ({
      name: cleanLine(rule.name ?? '', 200),
      type: lineOrNull(rule.rule_type),
      required: rule.approvals_required,
      required_by_project: rule.source_rule?.approvals_required ?? null,
      approved: rule.approved,
      approved_by: rule.approved_by.slice(0, 50).flatMap((user) => userName(user) ?? []),
    })),
    rules_overwritten: state instanceof OperationError ? null : state.approval_rules_overwritten,
    problem: isOptional || !(state instanceof OperationError) ? null : state.message,
  };
}

/** Approvals of which nothing is known, which does not mean that there are none. */
export function unknownApprovals(problem: string | null): Approvals {
  return {
    approval_data: 'unavailable',
    approved: null,
    required: null,
    left: null,
    approved_by: [],
    rules: [],
    rules_overwritten: null,
    problem,
  };
}

/** The value, or the error when it is one that only this part of the answer suffers from. */
export async function attempt<T>(read: () => Promise<T>): Promise<T | OperationError> {
  try {
    return await read();
  } catch (error) {
    const isPartial =
      error instanceof OperationError && !['cancelled', 'timeout', 'unauthenticated'].includes(error.code);
    if (isPartial) return error;
    throw error;
  }
}
