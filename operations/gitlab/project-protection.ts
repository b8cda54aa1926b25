import { z } from 'zod';
import { OperationError } from '../errors';
import { cleanLine } from '../text';
import { attempt } from './approvals';
import {
  type Available,
  availabilityFields,
  available,
  explainRefusal,
  type Need,
  type Unavailable,
} from './availability';
import type { GitLab } from './client';
import { lineOrNull, userName } from './merge-request-shape';
import type { Standing } from './token-standing';
import { readWire, wireField } from './wire-types';

const { text, flag, whole, list } = wireField;
const maxBranches = 100;
const maxRules = 100;

const accessSchema = z.object({
  level: z
    .number()
    .int()
    .nullable()
    .describe(
      '0 nobody, 30 Developers and above, 40 Maintainers and above, 60 administrators; null for a single user, group or key',
    ),
  who: z.string().describe('In the words of GitLab'),
});
export type Access = z.infer<typeof accessSchema>;

const branchSchema = z.object({
  name: z.string().describe('Name or pattern, e.g. release/*'),
  may_push: z.array(accessSchema).describe('Who may push; empty: nobody'),
  may_merge: z.array(accessSchema),
  may_unprotect: z.array(accessSchema).describe('Empty: Maintainers'),
  allow_force_push: z.boolean().nullable(),
  code_owner_approval_required: z.boolean().nullable().describe('null where the edition has no code owners'),
});
export type Branch = z.infer<typeof branchSchema>;

export const protectedBranchesSchema = z.object({
  ...availabilityFields,
  branches: z.array(branchSchema).describe('At most 100'),
  complete: z.boolean(),
});
export const pushRuleSchema = z.object({
  ...availabilityFields,
  is_set: z.boolean().nullable().describe('False: there are no push rules; null: not known'),
  reject_unsigned_commits: z.boolean().nullable(),
  commit_committer_check: z.boolean().nullable().describe("Committers must be the pusher's own verified address"),
  prevent_secrets: z.boolean().nullable(),
  member_check: z.boolean().nullable().describe('Authors must be users of GitLab'),
  deny_delete_tag: z.boolean().nullable(),
});
export const approvalSettingsSchema = z.object({
  ...availabilityFields,
  author_may_approve: z.boolean().nullable(),
  committers_may_approve: z.boolean().nullable(),
  reset_approvals_on_push: z.boolean().nullable(),
  rules_may_be_overridden: z.boolean().nullable().describe('In a single merge request'),
  reauthentication_to_approve: z.boolean().nullable(),
});
export const approvalRulesSchema = z.object({
  ...availabilityFields,
  rules: z
    .array(
      z.object({
        name: z.string(),
        type: z.string().nullable().describe('regular, any_approver, code_owner or report_approver'),
        required: z.number().int().nullable(),
        approvers: z.array(z.string()).describe('User names, at most 50'),
        branches: z.array(z.string()).describe('Protected branches it is for; empty: all'),
      }),
    )
    .describe('At most 100'),
  complete: z.boolean(),
});

/** GitLab documents null booleans as false, but only where the field is there at all. */
const wireLevel = z.object({ access_level: whole, access_level_description: text });
const wireBranch = z.object({
  name: z.string(),
  push_access_levels: list(wireLevel),
  merge_access_levels: list(wireLevel),
  unprotect_access_levels: list(wireLevel),
  allow_force_push: flag,
  code_owner_approval_required: flag,
});
const wirePushRule = z
  .object({
    reject_unsigned_commits: flag,
    commit_committer_check: flag,
    prevent_secrets: flag,
    member_check: flag,
    deny_delete_tag: flag,
  })
  .nullable();
const wireApprovalSettings = z.object({
  merge_requests_author_approval: flag,
  merge_requests_disable_committers_approval: flag,
  reset_approvals_on_push: flag,
  disable_overriding_approvers_per_merge_request: flag,
  require_reauthentication_to_approve: flag,
  require_password_to_approve: flag,
});
const wireRule = z.object({
  name: text,
  rule_type: text,
  approvals_required: whole,
  eligible_approvers: list(z.object({ id: wireField.id, username: z.string() })),
  protected_branches: list(z.object({ name: z.string() })),
});

/** Where to read, who asks, and for error messages. */
export interface ProtectionSource {
  gitlab: GitLab;
  path: string;
  what: string;
  standing: Standing;
}

async function part<T extends object, N extends object>(
  source: ProtectionSource,
  need: Need,
  read: () => Promise<T>,
  none: N,
): Promise<(Available & T) | (Unavailable & N)> {
  const value = await attempt(read);
  if (!(value instanceof OperationError)) return { ...available, ...value };
  return { ...(await explainRefusal(source.gitlab, value, need, source.standing)), ...none };
}

export async function readProtectedBranches(
  source: ProtectionSource,
): Promise<z.infer<typeof protectedBranchesSchema>> {
  const need: Need = { what: 'Protected branches', role: 'Developer', edition: 'Free' };
  const read = async () => {
    const found = await source.gitlab.list(
      `${source.path}/protected_branches`,
      {},
      `the protected branches of ${source.what}`,
      maxBranches,
      (value) => readWire(wireBranch, value, 'a protected branch of the list'),
    );
    return { branches: found.items.map(shapeBranch), complete: found.complete };
  };
  return part(source, need, read, { branches: [], complete: false });
}

export async function readPushRule(source: ProtectionSource): Promise<z.infer<typeof pushRuleSchema>> {
  const need: Need = { what: 'Push rules', role: 'Maintainer', edition: 'Premium' };
  const none = {
    is_set: null,
    reject_unsigned_commits: null,
    commit_committer_check: null,
    prevent_secrets: null,
    member_check: null,
    deny_delete_tag: null,
  };
  const read = async () => {
    const value = await source.gitlab.get(`${source.path}/push_rule`, {}, `the push rules of ${source.what}`);
    // Never set: the body is null.
    const rule = readWire(wirePushRule, value, 'the push rules');
    return rule === null ? { ...none, is_set: false } : { ...rule, is_set: true };
  };
  return part(source, need, read, none);
}

export async function readApprovalSettings(source: ProtectionSource): Promise<z.infer<typeof approvalSettingsSchema>> {
  const need: Need = { what: 'Approval settings', role: 'Reporter', edition: 'Premium' };
  const none = {
    author_may_approve: null,
    committers_may_approve: null,
    reset_approvals_on_push: null,
    rules_may_be_overridden: null,
    reauthentication_to_approve: null,
  };
  const not = (value: boolean | null) => (value === null ? null : !value);
  const read = async () => {
    const value = await source.gitlab.get(`${source.path}/approvals`, {}, `the approval settings of ${source.what}`);
    const wire = readWire(wireApprovalSettings, value, 'the approval settings');
    return {
      author_may_approve: wire.merge_requests_author_approval,
      committers_may_approve: not(wire.merge_requests_disable_committers_approval),
      reset_approvals_on_push: wire.reset_approvals_on_push,
      rules_may_be_overridden: not(wire.disable_overriding_approvers_per_merge_request),
      reauthentication_to_approve: wire.require_reauthentication_to_approve ?? wire.require_password_to_approve,
    };
  };
  return part(source, need, read, none);
}

export async function readApprovalRules(source: ProtectionSource): Promise<z.infer<typeof approvalRulesSchema>> {
  const need: Need = { what: 'Approval rules', role: 'Reporter', edition: 'Premium' };
  const read = async () => {
    const found = await source.gitlab.list(
      `${source.path}/approval_rules`,
      {},
      `the approval rules of ${source.what}`,
      maxRules,
      (value) => readWire(wireRule, value, 'an approval rule of the list'),
    );
    const rules = found.items.map((rule) => ({
      name: cleanLine(rule.name ?? '', 200),
      type: lineOrNull(rule.rule_type, 60),
      required: rule.approvals_required,
      approvers: rule.eligible_approvers.slice(0, 50).flatMap((approver) => userName(approver) ?? []),
      branches: rule.protected_branches.slice(0, 50).map(({ name }) => cleanLine(name, 255)),
    }));
    return { rules, complete: found.complete };
  };
  return part(source, need, read, { rules: [], complete: false });
}

function shapeBranch(wire: z.output<typeof wireBranch>): Branch {
  const levels = (given: z.output<typeof wireLevel>[]): Access[] =>
    given.slice(0, 50).map((level) => ({
      level: level.access_level,
      who: cleanLine(level.access_level_description ?? `level ${level.access_level ?? 'unknown'}`, 200),
    }));
  return {
    name: cleanLine(wire.name, 255),
    may_push: levels(wire.push_access_levels),
    may_merge: levels(wire.merge_access_levels),
    may_unprotect: levels(wire.unprotect_access_levels),
    allow_force_push: wire.allow_force_push,
    code_owner_approval_required: wire.code_owner_approval_required,
  };
}
