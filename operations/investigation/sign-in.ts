import { cleanLine } from '../text';
import { at, isObject, type JsonObject, member, objectOf, textOf, utcTime } from './cloud-event';
import { azureSignIn } from './sign-in-azure';
import { googleSignIn } from './sign-in-google';
import { oktaSignIn } from './sign-in-okta';

/** What an identity provider recorded, in the words the rules use. */
export const signInKinds = [
  'sign_in',
  'mfa_challenge',
  'mfa_refused',
  'factor_removed',
  'factor_added',
  'admin_granted',
  'policy_weakened',
  'token_created',
  'impersonation',
  'consent_granted',
  'reported_by_user',
  'flagged_by_provider',
] as const;
export type SignInKind = (typeof signInKinds)[number];

/** What one provider's record says, before it is cleaned and cited. */
export interface SignInFacts {
  kind: SignInKind;
  ok: boolean;
  /** Who acted. */
  actor: string | null;
  /** Whom it was done to; null when it is the actor. */
  target: string | null;
  time: unknown;
  ip: unknown;
  country: unknown;
  latitude: unknown;
  longitude: unknown;
  /** Number of the network, as the provider found it. */
  asn: unknown;
  /** The provider found the address to be a proxy or an anonymising network. */
  proxy: boolean;
}

/** One record of a sign-in log, Okta's, Google Workspace's or Microsoft Entra's, as Panther stores them. */
export interface SignIn {
  kind: SignInKind;
  ok: boolean;
  /** Lower case. */
  actor: string;
  /** Lower case; the actor when nobody else is meant. */
  target: string;
  at: string;
  ip: string;
  country: string;
  position: { latitude: number; longitude: number } | null;
  asn: string;
  proxy: boolean;
  ref: string;
  label: string;
  queryId: string | null;
  row: JsonObject;
}

/** The record of a row; undefined when it is none that the rules look at. */
export function signInOf(row: unknown, label: string, queryId: string | null): SignIn | undefined {
  if (!isObject(row)) return undefined;
  const facts = oktaSignIn(row) ?? azureSignIn(row) ?? googleSignIn(row);
  const time = facts === undefined ? '' : utcTime(facts.time ?? member(row, 'p_event_time'));
  if (facts === undefined || time === '' || facts.actor === null) return undefined;
  const actor = cleanLine(facts.actor, 200).toLowerCase();
  const position = { latitude: Number(facts.latitude ?? Number.NaN), longitude: Number(facts.longitude ?? Number.NaN) };
  return {
    kind: facts.kind,
    ok: facts.ok,
    actor,
    target: facts.target === null ? actor : cleanLine(facts.target, 200).toLowerCase(),
    at: time,
    ip: cleanLine(textOf(facts.ip) ?? '', 100),
    country: cleanLine(textOf(facts.country) ?? '', 60),
    position: Number.isFinite(position.latitude) && Number.isFinite(position.longitude) ? position : null,
    asn: cleanLine(textOf(facts.asn) ?? '', 20),
    proxy: facts.proxy,
    ref: cleanLine(
      textOf(member(row, 'uuid')) ??
        textOf(at(objectOf(member(row, 'id')), 'uniqueQualifier')) ??
        textOf(member(row, 'p_row_id')) ??
        `${actor} ${time}`,
      128,
    ),
    label,
    queryId,
    row,
  };
}
