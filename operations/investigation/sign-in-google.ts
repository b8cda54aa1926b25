import { at, isObject, type JsonObject, member, objectOf, textOf } from './cloud-event';
import type { SignInFacts, SignInKind } from './sign-in';

/** Names of Google Workspace's activity events (Reports API). */
const kinds: Readonly<Record<string, { kind: SignInKind; ok: boolean }>> = {
  login_success: { kind: 'sign_in', ok: true },
  login_failure: { kind: 'sign_in', ok: false },
  login_challenge: { kind: 'mfa_challenge', ok: true },
  '2sv_disable': { kind: 'factor_removed', ok: true },
  '2sv_enroll': { kind: 'factor_added', ok: true },
  UNENROLL_USER_FROM_STRONG_AUTH: { kind: 'factor_removed', ok: true },
  TURN_OFF_2_STEP_VERIFICATION: { kind: 'factor_removed', ok: true },
  GRANT_ADMIN_PRIVILEGE: { kind: 'admin_granted', ok: true },
  ASSIGN_ROLE: { kind: 'admin_granted', ok: true },
  ENFORCE_STRONG_AUTHENTICATION: { kind: 'policy_weakened', ok: true },
  authorize: { kind: 'consent_granted', ok: true },
  suspicious_login: { kind: 'flagged_by_provider', ok: true },
  suspicious_login_less_secure_app: { kind: 'flagged_by_provider', ok: true },
  gov_attack_warning: { kind: 'flagged_by_provider', ok: true },
};

/** A row of gsuite_activityevent; undefined for anything else. */
export function googleSignIn(row: JsonObject): SignInFacts | undefined {
  const name = textOf(member(row, 'name')) ?? '';
  const known = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  const parameters = objectOf(member(row, 'parameters'));
  if (known === undefined) return undefined;
  // Enforcing is what the setting is for; only turning it off is a weakening.
  if (name === 'ENFORCE_STRONG_AUTHENTICATION' && textOf(parameters.NEW_VALUE) !== 'false') return undefined;
  const actor = objectOf(member(row, 'actor'));
  const id = objectOf(member(row, 'id'));
  const challenge = textOf(at(parameters, 'login_challenge_status'));
  return {
    kind: known.kind === 'mfa_challenge' && challenge !== null && /fail/i.test(challenge) ? 'mfa_refused' : known.kind,
    ok: known.ok,
    actor: textOf(actor.email) ?? textOf(isObject(actor) ? actor.profileId : null),
    target: textOf(parameters.USER_EMAIL),
    time: id.time,
    ip: member(row, 'ipAddress'),
    country: at(objectOf(member(row, 'networkInfo')), 'regionCode'),
    latitude: null,
    longitude: null,
    asn: at(objectOf(member(row, 'networkInfo')), 'ipAsn'),
    proxy: false,
  };
}
