import type { ChangeFinding } from '../change-findings';
import { changeRule } from './change-rule';
import type { EvidenceRule } from './rule';

const oneOf = (factors: Readonly<Record<string, number>>) => (finding: ChangeFinding) =>
  Object.hasOwn(factors, finding.code) ? factors[finding.code] : undefined;

/** One person wrote, approved or merged alone what two should have seen. ATT&CK T1195.002; SLSA source requirements. */
export const changedAlone = changeRule({
  name: 'change_without_second_person',
  group: 'change_review',
  weight: 1.3,
  severity: 'MEDIUM',
  techniques: ['T1195.002'],
  list: 'reviews',
  match: oneOf({
    self_approved: 1,
    merged_below_required_approvals: 1,
    merged_without_approval: 0.8,
    self_merged: 0.6,
    approver_is_committer: 0.7,
  }),
  says: 'A change was written, approved or merged without a second person',
});

/** What was approved is not what was merged. ATT&CK T1195.002. */
export const approvedSomethingElse = changeRule({
  name: 'approved_before_last_push',
  group: 'change_review',
  weight: 1.4,
  severity: 'MEDIUM',
  techniques: ['T1195.002'],
  list: 'reviews',
  match: oneOf({ approved_before_last_push: 1, commit_after_last_approval: 0.7 }),
  says: 'Something was pushed after the last approval and merged with it',
});

/** The rules of review were changed for one merge request. ATT&CK T1562.001. */
export const reviewRulesOverwritten = changeRule({
  name: 'approval_rules_overwritten',
  group: 'change_review',
  weight: 1.4,
  severity: 'MEDIUM',
  techniques: ['T1562.001'],
  list: 'reviews',
  match: oneOf({ approval_rules_overwritten: 1 }),
  says: 'The approval rules were changed for a merge request',
});

/** The checks failed, had not ended or were not there. ATT&CK T1195.002. */
export const checksPassedBy = changeRule({
  name: 'merged_past_its_pipeline',
  group: 'change_review',
  weight: 0.9,
  severity: 'LOW',
  techniques: ['T1195.002'],
  list: 'reviews',
  match: oneOf({ merged_with_failed_pipeline: 1, merged_before_pipeline_finished: 0.7, merged_without_pipeline: 0.5 }),
  says: 'A change was merged although its pipeline had failed, not ended or not run',
});

const turnedOff = /^(?:false|0|disabled|no one|none|)$/;
const widened = /force.?push|allowed to (?:push|merge)|push_access|merge_access|removed|unprotect|destroy/;

/** A protected branch, an approval rule or a push rule that lets more through than before. ATT&CK T1562.001. */
export const protectionLoosened = changeRule({
  name: 'branch_protection_loosened',
  group: 'repository_guards',
  weight: 1.8,
  severity: 'HIGH',
  techniques: ['T1562.001'],
  list: 'audit',
  match(finding) {
    if (!/^(?:protected_branches|approval_settings|push_rules)$/.test(finding.code) || finding.change === null)
      return undefined;
    const { name, from, to } = finding.change;
    const fewer = Number(from) > Number(to);
    const allows = /force.?push|allow|author may|overrid/.test(name) && to === 'true' && from !== 'true';
    const asksNoMore =
      /require|prevent|reset|reject|disable_overriding/.test(name) && from === 'true' && turnedOff.test(to);
    if (fewer || allows || asksNoMore || /destroyed|deleted|removed|unprotected/.test(name)) return 1;
    return widened.test(name) && from !== to ? 0.5 : undefined;
  },
  says: 'The protection of branches or the rules of approval were loosened',
});

/** A token, deploy key or SSH key: access that outlives a password and a second factor. ATT&CK T1098.001, T1528. */
export const repositoryToken = changeRule({
  name: 'repository_token_created',
  group: 'repository_credentials',
  weight: 1.3,
  severity: 'MEDIUM',
  techniques: ['T1098.001'],
  list: 'audit',
  match({ code, change }) {
    if (!/^(?:tokens|deploy_keys)$/.test(code) || change === null) return undefined;
    return /creat|added|_key_add|regist|rotat/.test(change.name) ? (code === 'deploy_keys' ? 1.1 : 1) : undefined;
  },
  says: 'A token or key for repositories was created',
});

/** A variable of pipelines shown to unprotected branches or in logs. ATT&CK T1552.001. */
export const variableExposed = changeRule({
  name: 'pipeline_variable_exposed',
  group: 'repository_credentials',
  weight: 1.5,
  severity: 'HIGH',
  techniques: ['T1552.001'],
  list: 'audit',
  match({ code, change }) {
    if (code !== 'ci_variables' || change === null) return undefined;
    const opened =
      /protected|masked|hidden|raw/.test(change.name) && turnedOff.test(change.to) && change.from === 'true';
    return opened ? 1 : 0.4;
  },
  says: 'A variable of pipelines was changed or shown more widely',
});

/** Everybody may see it now. ATT&CK T1213.003. */
export const repositoryPublic = changeRule({
  name: 'repository_made_public',
  group: 'repository_guards',
  weight: 2.2,
  severity: 'HIGH',
  techniques: ['T1213.003'],
  list: 'audit',
  match: ({ code, change }) => (code === 'visibility' && /public|^20$/.test(change?.to ?? '') ? 1 : undefined),
  says: 'A project or group was made public',
});

/** Somebody was given the rights of a maintainer or owner. ATT&CK T1098. */
export const memberPromoted = changeRule({
  name: 'member_promoted',
  group: 'repository_credentials',
  weight: 1.2,
  severity: 'MEDIUM',
  techniques: ['T1098'],
  list: 'audit',
  match: ({ code, change }) =>
    code === 'members' && /owner|maintainer|admin|^[45]0$/.test(change?.to ?? '') ? 1 : undefined,
  says: 'Somebody became maintainer, owner or administrator',
});

/** Signing in asks for less: no second factor, other addresses, another identity provider. ATT&CK T1556. */
export const signInPolicyWeakened = changeRule({
  name: 'repository_sign_in_weakened',
  group: 'repository_guards',
  weight: 1.8,
  severity: 'HIGH',
  techniques: ['T1556'],
  list: 'audit',
  match({ code, change }) {
    if (code !== 'sign_in_policy' || change === null) return undefined;
    return turnedOff.test(change.to) || /disable|remove|destroy/.test(change.name) ? 1 : 0.4;
  },
  says: 'The policy for signing in to GitLab was weakened or changed',
});

/** A machine that runs pipelines, and sees their secrets. ATT&CK T1195.002. */
export const runnerAdded = changeRule({
  name: 'runner_registered',
  group: 'repository_credentials',
  weight: 1,
  severity: 'MEDIUM',
  techniques: ['T1195.002'],
  list: 'audit',
  match: ({ code, change }) => (code === 'runners' && /creat|regist|assign/.test(change?.name ?? '') ? 1 : undefined),
  says: 'A runner for pipelines was registered',
});

export const gitlabRules: readonly EvidenceRule[] = [
  changedAlone,
  approvedSomethingElse,
  reviewRulesOverwritten,
  checksPassedBy,
  protectionLoosened,
  repositoryToken,
  variableExposed,
  repositoryPublic,
  memberPromoted,
  signInPolicyWeakened,
  runnerAdded,
];
