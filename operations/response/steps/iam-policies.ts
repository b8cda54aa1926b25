import { canonicalJson } from '../../investigation/canonical-json';
import type { Json, PolicyHolder } from '../response-port';
import { type Parameters, parameter, type StepKind } from './step-kind';

/** Names of the inline policies that containment adds: told apart from everything that was there. */
export const denyAllPolicy = 'SocDenyAll';
export const revokeSessionsPolicy = 'SocRevokeOlderSessions';

/** Denies every action. An explicit deny wins over any allow, for keys, consoles and sessions alike. */
const denyAll = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'SocDenyAll', Effect: 'Deny', Action: '*', Resource: '*' }],
};

/** As AWS itself revokes sessions: whoever got temporary credentials before that moment is denied everything. */
function denyOlderSessions(issuedBefore: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'SocRevokeOlderSessions',
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:TokenIssueTime': issuedBefore } },
      },
    ],
  };
}

/** Equal documents, whatever the order of keys and the white space. */
function isSameDocument(text: Json, wanted: unknown): boolean {
  if (typeof text !== 'string') return false;
  try {
    return canonicalJson(JSON.parse(text)) === canonicalJson(wanted);
  } catch {
    return false;
  }
}

function policyStep(
  kind: string,
  holder: PolicyHolder,
  policy: string,
  parameters: readonly string[],
  words: (given: Parameters) => string,
  documentOf: (given: Parameters) => object,
): StepKind {
  return {
    kind,
    call: holder === 'user' ? 'iam:PutUserPolicy' : 'iam:PutRolePolicy',
    parameters,
    what: words,
    async read(systems, given) {
      const iam = await systems.iam();
      return (await iam.inlinePolicy(holder, parameter(given, holder), policy)) ?? null;
    },
    isDone: (state, given) => isSameDocument(state, documentOf(given)),
    async apply(systems, given) {
      const iam = await systems.iam();
      await iam.putInlinePolicy(holder, parameter(given, holder), policy, JSON.stringify(documentOf(given)));
    },
    async revert(systems, given, before) {
      const iam = await systems.iam();
      const name = parameter(given, holder);
      if (typeof before === 'string') await iam.putInlinePolicy(holder, name, policy, before);
      else await iam.deleteInlinePolicy(holder, name, policy);
    },
  };
}

export const denyAllToUser = policyStep(
  'iam_deny_all_to_user',
  'user',
  denyAllPolicy,
  ['user'],
  ({ user }) => `Deny every action to the IAM user ${user} by the inline policy ${denyAllPolicy}`,
  () => denyAll,
);

export const revokeUserSessions = policyStep(
  'iam_revoke_user_sessions',
  'user',
  revokeSessionsPolicy,
  ['user', 'issued_before'],
  ({ user, issued_before }) =>
    `Revoke the sessions of the IAM user ${user} that were issued before ${issued_before}, by the inline policy ${revokeSessionsPolicy}`,
  (given) => denyOlderSessions(parameter(given, 'issued_before')),
);

export const denyAllToRole = policyStep(
  'iam_deny_all_to_role',
  'role',
  denyAllPolicy,
  ['role'],
  ({ role }) =>
    `Deny every action to the IAM role ${role}, its running sessions included, by the inline policy ${denyAllPolicy}`,
  () => denyAll,
);

export const revokeRoleSessions = policyStep(
  'iam_revoke_role_sessions',
  'role',
  revokeSessionsPolicy,
  ['role', 'issued_before'],
  ({ role, issued_before }) =>
    `Revoke the sessions of the IAM role ${role} that were issued before ${issued_before}, by the inline policy ${revokeSessionsPolicy}`,
  (given) => denyOlderSessions(parameter(given, 'issued_before')),
);
