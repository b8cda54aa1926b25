/** What an audit event changed, as far as it decides who can bring what into a product. */
export const auditCategories = [
  'approval_settings',
  'protected_branches',
  'tokens',
  'members',
  'push_rules',
  'runners',
  'ci_variables',
  'deploy_keys',
  'sign_in_policy',
  'visibility',
] as const;
export type AuditCategory = (typeof auditCategories)[number];

/**
 * First match wins. `type` is for GitLab's names of kinds of events (`event_type`), which older servers do not give;
 * `words` for the sentence and `target` for the type of the thing, which are all that these leave. Sentences can be chosen by who
 * acts, so they may only add a category to an event that has no type.
 */
const kinds: readonly { category: AuditCategory; type: RegExp; words: RegExp; target?: RegExp }[] = [
  {
    category: 'approval_settings',
    type: /approval|approver|committers_approval|merge_request_approvers/,
    words: /\bapprov(?:al|als|er|ers|e)\b|reset_approvals_on_push|merge request author/i,
    target: /ApprovalRule$/,
  },
  {
    category: 'protected_branches',
    type: /protected_(?:branch|tag|environment)|force_push|code_owner/,
    words: /protected (?:branch|tag|environment)|allowed to (?:push|merge)|force push|code owner/i,
    target: /^Protected(?:Branch|Tag|Environment)$/,
  },
  {
    category: 'push_rules',
    type: /push_rule|reject_unsigned|commit_committer_check|prevent_secrets|signed_commits/,
    words: /push rule|reject unsigned|committer restriction|prevent(?: pushing)? secret/i,
    target: /^PushRule$/,
  },
  {
    category: 'deploy_keys',
    type: /deploy_key/,
    words: /\bdeploy[_ ]key\b/i,
    target: /^(?:DeployKey|DeployKeysProject)$/,
  },
  {
    category: 'tokens',
    type: /token|_ssh_key_|gpg_key|oauth_application/,
    words: /\b(?:access|deploy|trigger|registration|feed|impersonation) token\b|\bssh key\b/i,
    target: /(?:Token|^Key)$/,
  },
  {
    category: 'ci_variables',
    type: /(?:ci|group|project|instance)_variable|ci_cd_variable/,
    words: /\bci(?:\/cd)? variable\b/i,
    target: /^Ci::(?:Group|Instance)?Variable$/,
  },
  { category: 'runners', type: /runner/, words: /\brunner\b/i, target: /^Ci::Runner$/ },
  {
    category: 'members',
    type: /member_|_member|user_access|access_request|group_share|project_group_link|role_/,
    words: /\buser_access\b|access level|member role|shared with/i,
    target: /^(?:Member|MemberRole|ProjectGroupLink)$/,
  },
  {
    category: 'sign_in_policy',
    type: /two_factor|saml|sso|password_authentication|ip_restriction|scim/,
    words: /two[-_ ]?factor|saml|ip restriction/i,
  },
  { category: 'visibility', type: /visibility/, words: /visibility/i },
];

/** The category of an event; null for what changes nothing of the kind, such as signing in. */
export function categoryOf(event: {
  type: string | null;
  sentence: string;
  targetType: string | null;
}): AuditCategory | null {
  const { type } = event;
  if (type !== null) return kinds.find((kind) => kind.type.test(type))?.category ?? null;
  const target = event.targetType ?? '';
  const byTarget = kinds.find((kind) => kind.target?.test(target));
  return (byTarget ?? kinds.find((kind) => kind.words.test(event.sentence)))?.category ?? null;
}
