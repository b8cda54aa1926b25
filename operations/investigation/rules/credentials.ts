import { effectOf, isFirstPassword } from '../call-effects';
import { at, type CloudEvent, textOf } from '../cloud-event';
import { requested } from './request-fields';
import { byPrincipal, callRule, cite, type EvidenceRule, type RuleContext } from './rule';

function isForAnother(event: CloudEvent): boolean {
  const target = requested(event, 'userName').toLowerCase();
  return target !== '' && target !== event.principal.name;
}

/** Whether the same principal removed another key of that user within the hour: a rotation leaves no key more. */
function isRotation(event: CloudEvent, { events }: RuleContext): boolean {
  return events.some(
    (other) =>
      other.name === 'DeleteAccessKey' &&
      other.error === null &&
      other.principal.key === event.principal.key &&
      requested(other, 'userName') === requested(event, 'userName') &&
      requested(other, 'accessKeyId') !== textOf(at(event.response, 'accessKey', 'accessKeyId')) &&
      Math.abs(Date.parse(other.at) - Date.parse(event.at)) <= 3_600_000,
  );
}

/** A long-lived key made for somebody else's user. ATT&CK T1098.001; Stratus iam-backdoor-user. */
export const accessKeyForOther = callRule({
  name: 'access_key_for_other_user',
  group: 'credentials',
  weight: 2.4,
  severity: 'HIGH',
  techniques: ['T1098.001'],
  match(event, context) {
    if (event.service !== 'iam' || event.name !== 'CreateAccessKey' || !isForAnother(event)) return undefined;
    const rotated = isRotation(event, context);
    const what = `created an access key for user ${requested(event, 'userName')}`;
    return { what: rotated ? `${what} and deleted another one of it` : what, factor: rotated ? 0.6 : 1 };
  },
});

/**
 * A console password set for another user. ATT&CK T1098; Stratus iam-create-user-login-profile. Asking for a new
 * password at the first login is what help desks do, and it locks the one who set it out: it counts less.
 */
export const loginProfileForOther = callRule({
  name: 'login_profile_for_other_user',
  group: 'credentials',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1098'],
  match(event, { events }) {
    if (event.service !== 'iam' || !/^(?:Create|Update)LoginProfile$/.test(event.name) || !isForAnother(event))
      return undefined;
    const mine = events.filter((other) => other.principal.key === event.principal.key && other.error === null);
    if (event.name === 'CreateLoginProfile' && isFirstPassword(event, mine)) return undefined;
    // A first password for a user that one has just made is how people are taken on.
    const isNew = events.some(
      (other) =>
        other.name === 'CreateUser' &&
        other.error === null &&
        other.principal.key === event.principal.key &&
        requested(other, 'userName') === requested(event, 'userName'),
    );
    return {
      what: `set a console password for user ${requested(event, 'userName')}`,
      factor: event.request.passwordResetRequired === true || isNew ? 0.6 : 1,
    };
  },
});

const rightsGiven = /^(?:AttachUserPolicy|PutUserPolicy|AddUserToGroup)$/;

/**
 * A new user that gets permissions and credentials from its creator within the hour. ATT&CK T1136.003. Rights to look around, and a
 * first password that has to be changed at once, are how people are taken on.
 */
export const backdoorUser: EvidenceRule = {
  name: 'new_user_with_access',
  family: 'hostile',
  group: 'credentials',
  weight: 1.8,
  techniques: ['T1136.003'],
  find(context) {
    const iam = context.events.filter((event) => event.service === 'iam' && event.error === null);
    return [...byPrincipal(iam).values()].flatMap((events) => {
      const made = events.filter((event) => event.name === 'CreateUser');
      const steps = made.flatMap((created) => {
        const name = requested(created, 'userName');
        const given = events.filter((event) => {
          const gap = Date.parse(event.at) - Date.parse(created.at);
          return requested(event, 'userName') === name && gap >= 0 && gap <= 3_600_000;
        });
        const rights = given.filter((event) => rightsGiven.test(event.name) && effectOf(event, events) === 'open');
        const credentials = given.filter(
          (event) => /^Create(?:AccessKey|LoginProfile)$/.test(event.name) && !isFirstPassword(event, events),
        );
        return rights.length > 0 && credentials.length > 0
          ? [{ name, events: [created, ...rights, ...credentials] }]
          : [];
      });
      const first = steps[0]?.events[0];
      if (first === undefined) return [];
      const names = [...new Set(steps.map((step) => step.name))];
      return [
        {
          rule: 'new_user_with_access',
          family: 'hostile' as const,
          group: 'credentials',
          principal: first.principal.key,
          weight: 1.8,
          severity: 'HIGH' as const,
          techniques: ['T1136.003'],
          statement: `${first.principal.label} created ${names.length === 1 ? `user ${names[0]}` : `${names.length} users`} and gave permissions and credentials within the hour.`,
          cited: steps.flatMap((step) => step.events).map(cite),
        },
      ];
    });
  },
};

/** A second factor removed. ATT&CK T1556.006. */
export const mfaRemoved = callRule({
  name: 'mfa_removed',
  group: 'credentials',
  weight: 1.8,
  severity: 'HIGH',
  techniques: ['T1556.006'],
  match: (event) =>
    event.service === 'iam' && /^(?:DeactivateMFADevice|DeleteVirtualMFADevice)$/.test(event.name)
      ? {
          what: `removed a second factor${requested(event, 'userName') === '' ? '' : ` of user ${requested(event, 'userName')}`}`,
        }
      : undefined,
});

/** Temporary credentials that outlive a key's deletion. ATT&CK T1550.001; Stratus sts-federation-token. */
export const federationToken = callRule({
  name: 'federation_token',
  group: 'credentials',
  weight: 2.3,
  severity: 'MEDIUM',
  techniques: ['T1550.001', 'T1078.004'],
  match: (event) =>
    event.service === 'sts' && event.name === 'GetFederationToken'
      ? { what: 'obtained a federation token', factor: event.principal.kind === 'root' ? 1.3 : 1 }
      : undefined,
});

/** Ways in that do not show as users: certificate authorities and identity providers. ATT&CK T1098, T1484.002. */
export const trustAnchorCreated = callRule({
  name: 'identity_provider_added',
  group: 'outside_trust',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1484.002'],
  match(event) {
    if (event.service === 'rolesanywhere' && event.name === 'CreateTrustAnchor') {
      return { what: 'registered a certificate authority whose certificates can assume roles' };
    }
    if (event.service === 'iam' && /^(?:Create|Update)SAMLProvider$|^CreateOpenIDConnectProvider$/.test(event.name)) {
      return { what: `set up an identity provider by ${event.name}`, factor: 0.8 };
    }
    return undefined;
  },
});
