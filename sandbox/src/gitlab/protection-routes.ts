import { requireEdition, requireRole } from './access';
import { page } from './answers';
import { iso, type Json, userEntity } from './entities';
import { type ProtectedBranch, protectionOf } from './protection';
import { ok, type RequestContext, type Route } from './request-context';

const LEVEL_NAMES: Record<number, string> = {
  0: 'No one',
  30: 'Developers + Maintainers',
  40: 'Maintainers',
};

function levels(branch: ProtectedBranch, kind: number, values: readonly number[]): Json[] {
  return values.map((level, index) => ({
    id: branch.id * 10 + kind + index,
    access_level: level,
    access_level_description: LEVEL_NAMES[level],
    deploy_key_id: null,
    user_id: null,
    group_id: null,
  }));
}

function branchEntity(branch: ProtectedBranch): Json {
  return {
    id: branch.id,
    name: branch.name,
    push_access_levels: levels(branch, 1, branch.push),
    merge_access_levels: levels(branch, 4, branch.merge),
    unprotect_access_levels: [],
    allow_force_push: branch.forcePush,
    code_owner_approval_required: branch.codeOwners,
    inherited: false,
  };
}

function pushRule(c: RequestContext) {
  const project = c.project();
  requireRole(c, 'maintainer');
  requireEdition(c, 'premium', 404);
  const rule = protectionOf(project).pushRule;
  if (rule === null) return { status: 200, headers: { 'content-type': 'application/json' }, body: 'null' };
  return ok({
    id: 50 + project.id,
    project_id: project.id,
    created_at: iso(project.createdAt),
    commit_message_regex: '',
    commit_message_negative_regex: '',
    branch_name_regex: '',
    deny_delete_tag: false,
    member_check: rule.memberCheck,
    prevent_secrets: rule.preventSecrets,
    author_email_regex: '',
    file_name_regex: '',
    max_file_size: 0,
    commit_committer_check: rule.committerCheck,
    commit_committer_name_check: false,
    reject_unsigned_commits: rule.rejectUnsigned,
    reject_non_dco_commits: false,
  });
}

/** How a project guards its branches: protected branches for everybody, push and approval rules from Premium. */
export const PROTECTION_ROUTES: Route[] = [
  {
    path: 'projects/:id/protected_branches',
    answer: (c) => {
      const { branches } = protectionOf(c.project());
      requireRole(c, 'developer');
      const answer = page(branches, c.query, c.url);
      return { ...answer, body: answer.body.map(branchEntity) };
    },
  },
  { path: 'projects/:id/push_rule', answer: pushRule },
  {
    path: 'projects/:id/approvals',
    answer: (c) => {
      const project = c.project();
      requireEdition(c, 'premium', 404);
      const protection = protectionOf(project);
      return ok({
        approvals_before_merge: project.approvalsRequired,
        reset_approvals_on_push: protection.resetOnPush,
        selective_code_owner_removals: false,
        disable_overriding_approvers_per_merge_request: protection.overridingDisabled,
        merge_requests_author_approval: protection.authorMayApprove,
        merge_requests_disable_committers_approval: protection.committersMayNotApprove,
        require_reauthentication_to_approve: false,
        require_password_to_approve: false,
      });
    },
  },
  {
    path: 'projects/:id/approval_rules',
    answer: (c) => {
      const project = c.project();
      requireEdition(c, 'premium', 404);
      const users = project.maintainers.map((person) => userEntity(person, c.base));
      const answer = page(protectionOf(project).rules, c.query, c.url);
      return {
        ...answer,
        body: answer.body.map((rule) => ({
          id: rule.id,
          name: rule.name,
          rule_type: rule.type,
          report_type: null,
          eligible_approvers: users,
          approvals_required: rule.required,
          users,
          groups: [],
          contains_hidden_groups: false,
          protected_branches: [],
          applies_to_all_protected_branches: true,
        })),
      };
    },
  },
];
