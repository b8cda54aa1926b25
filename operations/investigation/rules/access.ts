import { at, type CloudEvent, textOf } from '../cloud-event';
import { isReadName, isSensitiveCall } from '../sensitive-calls';
import { requested, shortName } from './request-fields';
import { byPrincipal, callRule, cite, densest, type EvidenceRule, type Finding } from './rule';

function signInOf(event: CloudEvent): 'Success' | 'Failure' | undefined {
  if (event.name !== 'ConsoleLogin') return undefined;
  return textOf(at(event.response, 'ConsoleLogin')) === 'Success' && event.error === null ? 'Success' : 'Failure';
}

/** The root user at work: nothing daily needs it. Looking around counts less. ATT&CK T1078.004; CIS AWS benchmark 1.7. */
export const rootUsed = callRule({
  name: 'root_user_used',
  group: 'sign_in',
  weight: 2.3,
  severity: 'HIGH',
  techniques: ['T1078.004'],
  // Whether the call led to anything does not matter: somebody has the root user.
  tried: 1,
  match(event) {
    if (event.principal.kind !== 'root' || event.viaService) return undefined;
    // AWS makes these on behalf of whoever opens a page of a service for the first time.
    if (event.name === 'CreateServiceLinkedRole') return undefined;
    // A sign-in that failed is no use of the account yet.
    if (Object.values(event.response).includes('Failure')) return undefined;
    return { what: `called ${event.service}:${event.name}`, factor: isReadName(event.name) ? 0.4 : 1 };
  },
});

/** A password alone opened the console. ATT&CK T1078.004; Stratus console-login-without-mfa. Federated sign-ins say "No" by design. */
export const signInWithoutMfa = callRule({
  name: 'console_sign_in_without_mfa',
  group: 'sign_in',
  weight: 2.3,
  severity: 'MEDIUM',
  techniques: ['T1078.004'],
  match: (event) =>
    signInOf(event) === 'Success' &&
    (event.principal.key.startsWith('user:') || event.principal.kind === 'root') &&
    event.mfa !== true &&
    textOf(at(event.additional, 'SamlProviderArn')) === null &&
    textOf(at(event.additional, 'MFAUsed')) === 'No'
      ? { what: 'signed in to the console without a second factor' }
      : undefined,
});

/** Wrong passwords, then the right one, from one address within half an hour. ATT&CK T1110. */
export const passwordGuessed: EvidenceRule = {
  name: 'sign_in_after_failures',
  family: 'hostile',
  group: 'sign_in',
  weight: 2.3,
  techniques: ['T1110'],
  find(context) {
    const byAddress = new Map<string, CloudEvent[]>();
    for (const event of context.events) {
      if (signInOf(event) !== undefined) byAddress.set(event.ip, [...(byAddress.get(event.ip) ?? []), event]);
    }
    return [...byAddress].flatMap(([ip, events]): Finding[] => {
      const success = events.find((event) => {
        const before = failuresBefore(events, event);
        return signInOf(event) === 'Success' && before.length >= 5;
      });
      if (success === undefined) return [];
      const failures = failuresBefore(events, success);
      return [
        {
          rule: 'sign_in_after_failures',
          family: 'hostile',
          group: 'sign_in',
          principal: success.principal.key,
          weight: 2.3,
          severity: 'HIGH',
          techniques: ['T1110', 'T1078.004'],
          statement: `${success.principal.label} signed in from ${ip} after ${failures.length} failed sign-ins from there within 30 minutes.`,
          cited: [...failures, success].map(cite),
        },
      ];
    });
  },
};

function failuresBefore(events: readonly CloudEvent[], success: CloudEvent): CloudEvent[] {
  return events.filter((event) => {
    const gap = Date.parse(success.at) - Date.parse(event.at);
    return signInOf(event) === 'Failure' && gap >= 0 && gap <= 1_800_000;
  });
}

/** Refusals in a row: somebody finds out what a stolen key can do. ATT&CK T1580. */
export const deniedBurst: EvidenceRule = {
  name: 'denied_burst',
  family: 'hostile',
  group: 'probing',
  weight: 1.3,
  techniques: ['T1580'],
  find(context) {
    const denied = context.events.filter((event) => event.denied && event.name !== 'ConsoleLogin');
    return [...byPrincipal(denied).values()].flatMap((events): Finding[] => {
      const burst = densest(events, 10);
      const first = burst[0];
      const last = burst.at(-1);
      if (first === undefined || last === undefined || burst.length < 5) return [];
      const names = new Set(burst.map((event) => `${event.service}:${event.name}`));
      const success = context.events.find((event) => {
        const gap = Date.parse(event.at) - Date.parse(last.at);
        const sameOne = event.principal.key === first.principal.key;
        return (
          sameOne && event.error === null && gap >= 0 && gap <= 1_800_000 && isSensitiveCall(event.service, event.name)
        );
      });
      const then = success === undefined ? '' : `, then succeeded with ${success.service}:${success.name}`;
      return [
        {
          rule: success === undefined ? 'denied_burst' : 'denied_burst_then_success',
          family: 'hostile',
          group: 'probing',
          principal: first.principal.key,
          weight: success === undefined ? 1.3 : 2.2,
          severity: success === undefined ? 'MEDIUM' : 'HIGH',
          techniques: ['T1580', 'T1078.004'],
          statement: `${first.principal.label} was refused ${burst.length} times within 10 minutes on ${names.size} kinds of call${then}.`,
          cited: [...burst, ...(success === undefined ? [] : [success])].map(cite),
        },
      ];
    });
  },
};

/** One role after the other tried, or hopping from role to role. ATT&CK T1550.001. */
export const roleSweep: EvidenceRule = {
  name: 'roles_tried',
  family: 'hostile',
  group: 'probing',
  weight: 1.2,
  techniques: ['T1550.001'],
  find(context) {
    const assumed = context.events.filter(
      (event) => event.service === 'sts' && event.name === 'AssumeRole' && !event.viaService,
    );
    return [...byPrincipal(assumed).values()].flatMap((events): Finding[] => {
      const burst = densest(events, 10);
      const refused = burst.filter((event) => event.denied);
      const roles = new Set(burst.map((event) => requested(event, 'roleArn')));
      const first = burst[0];
      if (first === undefined || refused.length < 3) return [];
      return [
        {
          rule: 'roles_tried',
          family: 'hostile',
          group: 'probing',
          principal: first.principal.key,
          weight: 1.2 + (roles.size >= 3 ? 0.6 : 0),
          severity: 'MEDIUM',
          techniques: ['T1550.001'],
          statement: `${first.principal.label} tried to assume ${roles.size === 1 ? `role ${shortName([...roles][0] ?? '')}` : `${roles.size} roles`} and was refused ${refused.length} times within 10 minutes.`,
          cited: burst.map(cite),
        },
      ];
    });
  },
};

/**
 * Credentials of a machine used from a second address. ATT&CK T1552.005; Stratus ec2-steal-instance-credentials. EC2
 * itself puts the machine's id into the session; two addresses, or one that a user works from, cannot be the machine.
 */
export const machineCredentialsMoved: EvidenceRule = {
  name: 'machine_credentials_used_elsewhere',
  family: 'hostile',
  group: 'credentials',
  weight: 2.3,
  techniques: ['T1552.005'],
  find(context) {
    const byKey = new Map<string, CloudEvent[]>();
    for (const event of context.events) {
      if (event.principal.kind !== 'role' || event.viaService || !event.accessKeyId?.startsWith('ASIA')) continue;
      const arn = textOf(event.row.actor_arn) ?? textOf(at(event.row, 'userIdentity', 'arn')) ?? '';
      if (/\/m?i-[0-9a-f]{8,17}$/i.test(arn))
        byKey.set(event.accessKeyId, [...(byKey.get(event.accessKeyId) ?? []), event]);
    }
    return [...byKey.values()].flatMap((events): Finding[] => {
      const addresses = new Set(events.map((event) => event.ip));
      const first = events[0];
      const byPerson = context.events.find(
        (event) => event.principal.kind === 'user' && !event.viaService && addresses.has(event.ip),
      );
      if (first === undefined || (addresses.size < 2 && byPerson === undefined)) return [];
      const where =
        byPerson === undefined
          ? `${addresses.size} addresses`
          : `${byPerson.ip}, where ${byPerson.principal.label} works`;
      return [
        {
          rule: 'machine_credentials_used_elsewhere',
          family: 'hostile',
          group: 'credentials',
          principal: first.principal.key,
          weight: 2.3,
          severity: 'CRITICAL',
          techniques: ['T1552.005', 'T1078.004'],
          statement: `Temporary credentials of one machine with ${first.principal.label} were used from ${where}.`,
          cited: events.map(cite),
        },
      ];
    });
  },
};
