import { z } from 'zod';
import type {
  approvalRulesSchema,
  approvalSettingsSchema,
  Branch,
  protectedBranchesSchema,
  pushRuleSchema,
} from './project-protection';

const codes = [
  'default_branch_unprotected',
  'developers_may_push',
  'direct_push_allowed',
  'force_push_allowed',
  'developers_may_merge_without_rule',
  'author_may_approve',
  'committers_may_approve',
  'approvals_not_reset_on_push',
  'approval_rules_may_be_overridden',
  'no_approval_required',
  'unsigned_commits_accepted',
  'no_push_rule',
] as const;

export const protectionFindingSchema = z.object({
  code: z.enum(codes),
  branch: z.string().nullable(),
  statement: z.string(),
});
type Finding = z.infer<typeof protectionFindingSchema>;

interface Protection {
  default_branch: string | null;
  protected_branches: z.infer<typeof protectedBranchesSchema>;
  push_rule: z.infer<typeof pushRuleSchema>;
  approval_settings: z.infer<typeof approvalSettingsSchema>;
  approval_rules: z.infer<typeof approvalRulesSchema>;
}

/** What the settings allow that a reviewer would want to know. Follows only from what was read: what is not available says nothing. */
export function findInProtection(protection: Protection): Finding[] {
  return [...findInBranches(protection), ...findInApprovals(protection), ...findInPushRule(protection)];
}

function findInBranches({
  protected_branches: read,
  default_branch: main,
  approval_rules: rules,
}: Protection): Finding[] {
  if (read.availability !== 'available') return [];
  const found: Finding[] = [];
  const covered = main !== null && read.branches.some(({ name }) => matchesBranch(name, main));
  // With more protected branches than were read, one of the others may cover it.
  if (main !== null && !covered && read.complete) {
    found.push({
      code: 'default_branch_unprotected',
      branch: main,
      statement: `${main} is not protected: anybody with the role Developer may push to it, force-push it and delete it.`,
    });
  }
  for (const branch of read.branches) {
    const { name } = branch;
    const pushers = branch.may_push.filter(({ level }) => level !== 0);
    if (pushers.some(({ level }) => level === 30)) {
      found.push({
        code: 'developers_may_push',
        branch: name,
        statement: `Anybody with the role Developer may push to ${name} without a merge request.`,
      });
    } else if (pushers.length > 0) {
      found.push({
        code: 'direct_push_allowed',
        branch: name,
        statement: `Pushing to ${name} without a merge request is allowed to ${pushers.map(({ who }) => who).join(', ')}.`,
      });
    }
    if (branch.allow_force_push) {
      found.push({ code: 'force_push_allowed', branch: name, statement: `The history of ${name} may be rewritten.` });
    }
    if (
      mergeableByDevelopers(branch) &&
      rules.availability === 'available' &&
      rules.complete &&
      requiredFor(rules, name) === 0
    ) {
      found.push({
        code: 'developers_may_merge_without_rule',
        branch: name,
        statement: `Anybody with the role Developer may merge into ${name}, and no rule asks for an approval.`,
      });
    }
  }
  return found;
}

function mergeableByDevelopers(branch: Branch): boolean {
  return branch.may_merge.some(({ level }) => level === 30);
}

function requiredFor(rules: Protection['approval_rules'], branch: string): number {
  const counts = rules.rules
    .filter(({ branches }) => branches.length === 0 || branches.includes(branch))
    .map(({ required }) => required ?? 0);
  return Math.max(0, ...counts);
}

function findInApprovals({ approval_settings: settings, approval_rules: rules }: Protection): Finding[] {
  const found: Finding[] = [];
  const add = (code: Finding['code'], statement: string) => found.push({ code, branch: null, statement });
  if (settings.author_may_approve) add('author_may_approve', 'Authors may approve their own merge requests.');
  if (settings.committers_may_approve)
    add('committers_may_approve', 'Whoever added commits to a merge request may approve it.');
  if (settings.reset_approvals_on_push === false)
    add('approvals_not_reset_on_push', 'Approvals stay when commits are added after them.');
  if (settings.rules_may_be_overridden)
    add('approval_rules_may_be_overridden', 'A merge request may change the approval rules that apply to it.');
  const required = rules.rules.map((rule) => rule.required ?? 0);
  if (rules.availability === 'available' && rules.complete && Math.max(0, ...required) === 0)
    add('no_approval_required', 'No rule asks for an approval.');
  return found;
}

function findInPushRule({ push_rule: rule }: Protection): Finding[] {
  if (rule.availability !== 'available') return [];
  if (rule.is_set === false)
    return [{ code: 'no_push_rule', branch: null, statement: 'There are no push rules: any commit is accepted.' }];
  if (rule.reject_unsigned_commits !== false) return [];
  return [{ code: 'unsigned_commits_accepted', branch: null, statement: 'Unsigned commits are accepted.' }];
}

/** Whether a protected branch's name or pattern covers a branch; `*` stands for any characters. */
export function matchesBranch(pattern: string, branch: string): boolean {
  if (!pattern.includes('*')) return pattern === branch;
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts[parts.length - 1]];
  if (!branch.startsWith(first) || !branch.endsWith(last) || branch.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = branch.indexOf(part, at);
    if (found < 0 || found + part.length > branch.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
