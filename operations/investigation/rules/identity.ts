import type { Severity } from '../evidence';
import type { SignIn } from '../sign-in';
import type { Cited, EvidenceRule, Finding, RuleContext } from './rule';

/**
 * Rules over the sign-in logs of identity providers. What the provider found out itself (address, network, place, result) is
 * looked at; names of devices, browsers and applications are not.
 */
const minute = 60_000;

function citeSignIn(event: SignIn): Cited {
  const { ref, at, label, queryId, row } = event;
  return { ref, at, lastAt: at, label, queryId, source: 'panther:identity', row };
}

function time(event: SignIn): number {
  return Date.parse(event.at);
}

interface IdentityRule {
  name: string;
  group: string;
  weight: number;
  severity: Severity;
  techniques: string[];
  find(context: RuleContext): { who: string; what: string; events: SignIn[]; factor?: number }[];
}

/** A rule whose findings are of one person each, however often it matched, so that a burst counts once. */
function identityRule({ name, group, weight, severity, techniques, find }: IdentityRule): EvidenceRule {
  return {
    name,
    family: 'hostile',
    group,
    weight,
    techniques,
    find(context) {
      const byPerson = new Map<string, Finding>();
      for (const { who, what, events, factor = 1 } of find(context)) {
        const known = byPerson.get(who);
        if (known !== undefined && known.weight >= weight * factor) continue;
        byPerson.set(who, {
          rule: name,
          family: 'hostile',
          group,
          principal: `identity:${who}`,
          weight: weight * factor,
          severity,
          techniques,
          statement: what,
          cited: events.slice(0, 200).map(citeSignIn),
        });
      }
      return [...byPerson.values()].sort((a, b) => (a.principal < b.principal ? -1 : 1));
    },
  };
}

function byActor(events: readonly SignIn[]): Map<string, SignIn[]> {
  const groups = new Map<string, SignIn[]>();
  for (const event of events) groups.set(event.actor, [...(groups.get(event.actor) ?? []), event]);
  return groups;
}

const isSuccess = (event: SignIn) => event.kind === 'sign_in' && event.ok;
const isFailure = (event: SignIn) => event.kind === 'sign_in' && !event.ok;

/** The most events of `list`, sorted by time, within so many minutes before and at `end`. */
function before(list: readonly SignIn[], end: SignIn, minutes: number): SignIn[] {
  return list.filter((event) => time(end) - time(event) >= 0 && time(end) - time(event) <= minutes * minute);
}

/** Second factors refused again and again until one is let through. ATT&CK T1621; CISA on push bombing. */
export const mfaFatigue = identityRule({
  name: 'mfa_fatigue',
  group: 'identity_sign_in',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1621'],
  find: ({ signIns }) =>
    [...byActor(signIns)].flatMap(([who, events]) => {
      const refused = events.filter(({ kind }) => kind === 'mfa_refused');
      return refused.flatMap((end) => {
        const burst = before(refused, end, 30);
        if (burst.length < 5) return [];
        const success = events.find(
          (event) =>
            (isSuccess(event) || event.kind === 'mfa_challenge') &&
            event.ok &&
            time(event) > time(end) &&
            time(event) - time(end) <= 30 * minute,
        );
        const then = success === undefined ? '' : ', then let through';
        return [
          {
            who,
            what: `${burst.length} second factors of ${who} were refused within 30 minutes${then}.`,
            events: [...burst, ...(success === undefined ? [] : [success])],
            factor: success === undefined ? 0.7 : 1,
          },
        ];
      });
    }),
});

/** Kilometres between two places on the globe. */
function distance(a: NonNullable<SignIn['position']>, b: NonNullable<SignIn['position']>): number {
  const rad = Math.PI / 180;
  const half = Math.sin(((b.latitude - a.latitude) * rad) / 2) ** 2;
  const other = Math.sin(((b.longitude - a.longitude) * rad) / 2) ** 2;
  const h = half + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * other;
  return 12_742 * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Two sign-ins farther apart than an aeroplane flies in the time between. ATT&CK T1078; places of addresses are estimates. */
export const impossibleTravel = identityRule({
  name: 'impossible_travel',
  group: 'identity_sign_in',
  weight: 1.8,
  severity: 'HIGH',
  techniques: ['T1078'],
  find: ({ signIns }) =>
    [...byActor(signIns.filter((event) => isSuccess(event) && event.position !== null))].flatMap(([who, events]) =>
      events.slice(1).flatMap((event, index) => {
        const last = events[index];
        if (last?.position == null || event.position === null || last.ip === event.ip) return [];
        const km = distance(last.position, event.position);
        const hours = (time(event) - time(last)) / (60 * minute);
        // Estimates of places are off by hundreds of kilometres.
        if (km < 800 || km / Math.max(hours, 0.01) < 1000) return [];
        const what = `${who} signed in from ${last.ip} and ${Math.round(hours * 60)} minutes later from ${event.ip}, ${Math.round(km)} km away.`;
        return [{ who, what, events: [last, event], factor: last.proxy || event.proxy ? 0.6 : 1 }];
      }),
    ),
});

/** Somebody else took a second factor away, and then a sign-in came from an address not seen before. ATT&CK T1556.006. */
export const factorReset = identityRule({
  name: 'factor_reset_then_sign_in',
  group: 'identity_change',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1556.006'],
  find: ({ signIns }) =>
    signIns
      .filter(({ kind, ok }) => kind === 'factor_removed' && ok)
      .map((reset) => {
        const theirs = signIns.filter(({ actor }) => actor === reset.target);
        const known = new Set(theirs.filter((event) => isSuccess(event) && event.at < reset.at).map(({ ip }) => ip));
        const after = theirs.find(
          (event) =>
            isSuccess(event) &&
            event.at >= reset.at &&
            time(event) - time(reset) <= 24 * 60 * minute &&
            !known.has(event.ip),
        );
        const what = `A second factor of ${reset.target} was removed by ${reset.actor}${after === undefined ? '' : `, and ${reset.target} signed in from ${after.ip} afterwards`}.`;
        return {
          who: reset.target,
          what,
          events: [reset, ...(after === undefined ? [] : [after])],
          factor: after === undefined ? 0.45 : 1,
        };
      }),
});

/** Administration of the identity provider given to somebody. To oneself is worse. ATT&CK T1098.003. */
export const identityAdmin = identityRule({
  name: 'identity_admin_granted',
  group: 'identity_change',
  weight: 1.8,
  severity: 'HIGH',
  techniques: ['T1098.003'],
  find: ({ signIns }) =>
    signIns
      .filter(({ kind, ok }) => kind === 'admin_granted' && ok)
      .map((event) => ({
        who: event.actor,
        what: `${event.actor} gave a role of administration to ${event.target === event.actor ? 'itself' : event.target}.`,
        events: [event],
        factor: event.target === event.actor ? 1.45 : 1,
      })),
});

/** One address tries many people, a few passwords each. ATT&CK T1110.003. */
export const passwordSpray = identityRule({
  name: 'password_spray',
  group: 'identity_sign_in',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1110.003'],
  find({ signIns }) {
    const byIp = new Map<string, SignIn[]>();
    for (const event of signIns.filter(({ ip }) => ip !== ''))
      byIp.set(event.ip, [...(byIp.get(event.ip) ?? []), event]);
    return [...byIp].flatMap(([ip, events]) => {
      const failures = events.filter(isFailure);
      return failures.flatMap((end) => {
        const burst = before(failures, end, 60);
        const people = new Set(burst.map(({ actor }) => actor));
        if (people.size < 10) return [];
        const success = events.find((event) => isSuccess(event) && people.has(event.actor) && event.at >= end.at);
        const then = success === undefined ? '' : `, and ${success.actor} was let in`;
        return [
          {
            who: success?.actor ?? `ip ${ip}`,
            what: `${ip} failed to sign in as ${people.size} people within an hour${then}.`,
            events: [...burst, ...(success === undefined ? [] : [success])],
            factor: success === undefined ? 0.6 : 1,
          },
        ];
      });
    });
  },
});

/** Many wrong passwords of one person, then the right one from the same address. ATT&CK T1110.001. */
export const identityGuessed = identityRule({
  name: 'identity_password_guessed',
  group: 'identity_sign_in',
  weight: 2,
  severity: 'HIGH',
  techniques: ['T1110.001'],
  find: ({ signIns }) =>
    [...byActor(signIns)].flatMap(([who, events]) =>
      events.filter(isSuccess).flatMap((success) => {
        const failed = before(
          events.filter((event) => isFailure(event) && event.ip === success.ip),
          success,
          30,
        );
        const what = `${who} signed in from ${success.ip} after ${failed.length} failures from there within 30 minutes.`;
        return failed.length < 10 ? [] : [{ who, what, events: [...failed, success] }];
      }),
    ),
});

/** A network that nobody of this name used before. Silent without a history. ATT&CK T1078. */
export const identityNewNetwork = identityRule({
  name: 'sign_in_from_new_network',
  group: 'identity_sign_in',
  weight: 1,
  severity: 'MEDIUM',
  techniques: ['T1078'],
  find({ signIns, signInHistory }) {
    const history = byActor(signInHistory.filter(isSuccess));
    return [...byActor(signIns.filter(isSuccess))].flatMap(([who, events]) => {
      const past = history.get(who) ?? [];
      const days = new Set(past.map(({ at }) => at.slice(0, 10)));
      const known = new Set(past.map(({ asn }) => asn));
      const fresh = events.find(({ asn }) => asn !== '' && !known.has(asn));
      if (days.size < 3 || fresh === undefined) return [];
      const what = `${who} signed in from network AS${fresh.asn}, which it did not use on ${days.size} days before.`;
      return [{ who, what, events: [fresh] }];
    });
  },
});

/** Anonymising networks. Many people use them, so this is weak. ATT&CK T1090.003. */
export const signInThroughProxy = identityRule({
  name: 'sign_in_through_proxy',
  group: 'identity_sign_in',
  weight: 0.8,
  severity: 'LOW',
  techniques: ['T1090.003'],
  find: ({ signIns }) =>
    signIns
      .filter((event) => isSuccess(event) && event.proxy)
      .map((event) => ({
        who: event.actor,
        what: `${event.actor} signed in through the proxy ${event.ip}.`,
        events: [event],
      })),
});

function oneKind(
  name: string,
  weight: number,
  severity: Severity,
  technique: string,
  kind: SignIn['kind'],
  says: (event: SignIn) => string,
  group = 'identity_change',
): EvidenceRule {
  return identityRule({
    name,
    group,
    weight,
    severity,
    techniques: [technique],
    find: ({ signIns }) =>
      signIns
        .filter((event) => event.kind === kind && event.ok)
        .map((event) => ({ who: event.actor, what: says(event), events: [event] })),
  });
}

/** The person says it was not them. Okta's end-user reports. ATT&CK T1078. */
export const reportedByUser = oneKind(
  'sign_in_reported_by_user',
  2.3,
  'HIGH',
  'T1078',
  'reported_by_user',
  ({ actor }) => `${actor} reported activity of the account that was not theirs.`,
  'identity_report',
);

/** The provider's own detections. ATT&CK T1078. */
export const flaggedByProvider = oneKind(
  'sign_in_flagged_by_provider',
  1.4,
  'MEDIUM',
  'T1078',
  'flagged_by_provider',
  ({ actor, ip }) =>
    `The identity provider flagged a sign-in of ${actor} from ${ip === '' ? 'an unknown address' : ip}.`,
  'identity_report',
);

/** Rules for signing in, zones and conditional access turned off or deleted. ATT&CK T1556. */
export const identityPolicyWeakened = oneKind(
  'identity_policy_weakened',
  1.6,
  'HIGH',
  'T1556',
  'policy_weakened',
  ({ actor }) => `${actor} turned off, deleted or changed a policy for signing in.`,
);

/** A token or credential of the identity provider itself. ATT&CK T1098.001. */
export const identityToken = oneKind(
  'identity_token_created',
  1.2,
  'MEDIUM',
  'T1098.001',
  'token_created',
  ({ actor }) => `${actor} created a token or credential of the identity provider.`,
);

/** A support session as somebody else. ATT&CK T1078. */
export const impersonated = oneKind(
  'identity_impersonation',
  1.8,
  'HIGH',
  'T1078',
  'impersonation',
  ({ actor, target }) => `${actor} began or allowed a session as ${target === actor ? 'somebody else' : target}.`,
);

/** An application that may now read somebody's data. ATT&CK T1528. */
export const consentGranted = oneKind(
  'application_consent_granted',
  0.9,
  'LOW',
  'T1528',
  'consent_granted',
  ({ actor }) => `${actor} let an application use the account.`,
);

export const identityRules: readonly EvidenceRule[] = [
  mfaFatigue,
  impossibleTravel,
  factorReset,
  identityAdmin,
  passwordSpray,
  identityGuessed,
  identityNewNetwork,
  signInThroughProxy,
  reportedByUser,
  flaggedByProvider,
  identityPolicyWeakened,
  identityToken,
  impersonated,
  consentGranted,
];
