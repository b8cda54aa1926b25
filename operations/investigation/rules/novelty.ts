import { actionKey, isSufficient, networkOf } from '../baseline';
import type { CloudEvent } from '../cloud-event';
import { isServiceAddress } from '../cloud-event';
import { isSensitiveCall } from '../sensitive-calls';
import { byPrincipal, cite, citeGroup, type EvidenceRule, type Finding } from './rule';

/** Calls that a person or program made from somewhere, as opposed to what services do on their behalf. */
function direct(events: readonly CloudEvent[]): CloudEvent[] {
  return events.filter((event) => !event.viaService && event.principal.kind !== 'service');
}

/** An address in a network the principal did not use in 30 days. ATT&CK T1078.004. Silent without a base line. */
export const newAddress: EvidenceRule = {
  name: 'new_ip_for_principal',
  family: 'hostile',
  group: 'novelty',
  weight: 1.3,
  techniques: ['T1078.004'],
  find(context) {
    const calls = [
      ...direct(context.events).map((event) => ({
        principal: event.principal,
        ip: event.ip,
        cited: cite(event),
        calls: 1,
      })),
      ...context.reads
        .filter((group) => !isServiceAddress(group.ip))
        .map((group) => ({ principal: group.principal, ip: group.ip, cited: citeGroup(group), calls: group.calls })),
    ];
    return [...byPrincipal(calls).values()].flatMap((mine): Finding[] => {
      const principal = mine[0]?.principal;
      if (principal === undefined) return [];
      const profile = context.profiles.get(principal.key);
      if (!isSufficient(profile)) return [];
      const unknown = mine.filter(({ ip }) => !profile.networks.has(networkOf(ip)));
      const addresses = [...new Set(unknown.map(({ ip }) => ip))].sort();
      if (addresses.length === 0) return [];
      const count = unknown.reduce((sum, item) => sum + item.calls, 0);
      const shown =
        addresses.slice(0, 3).join(', ') + (addresses.length > 3 ? ` and ${addresses.length - 3} more` : '');
      return [
        {
          rule: 'new_ip_for_principal',
          family: 'hostile',
          group: 'novelty',
          principal: principal.key,
          weight: 1.3,
          severity: 'MEDIUM',
          techniques: ['T1078.004'],
          statement: `${principal.label} made ${count} calls from ${shown}, in networks it did not use in the 30 days before (${profile.networks.size} known).`,
          cited: unknown.map((item) => item.cited),
        },
      ];
    });
  },
};

/**
 * A client family the principal did not use before. Weak: the caller writes the user agent. Texts of no known family
 * count neither as new nor as usual, so that words planted there change nothing.
 */
export const newClient: EvidenceRule = {
  name: 'new_client_family_for_principal',
  family: 'hostile',
  group: 'novelty',
  weight: 0.5,
  techniques: ['T1078.004'],
  find(context) {
    return [...byPrincipal(direct(context.events)).values()].flatMap((events): Finding[] => {
      const principal = events[0]?.principal;
      if (principal === undefined) return [];
      const profile = context.profiles.get(principal.key);
      if (!isSufficient(profile) || profile.agents.size === 0) return [];
      const unusual = events.filter(({ agentFamily }) => agentFamily !== 'unknown' && !profile.agents.has(agentFamily));
      if (unusual.length === 0) return [];
      const names = [...new Set(unusual.map((event) => event.agentFamily))].sort();
      return [
        {
          rule: 'new_client_family_for_principal',
          family: 'hostile',
          group: 'novelty',
          principal: principal.key,
          weight: 0.5,
          severity: 'LOW',
          techniques: ['T1078.004'],
          statement: `${principal.label} used ${names.join(', ')} for ${unusual.length} calls; not seen in the 30 days before.`,
          cited: unusual.map(cite),
        },
      ];
    });
  },
};

/** Sensitive calls that the principal never made in 30 days. What everybody does daily is not news; this is. */
export const firstSensitiveCall: EvidenceRule = {
  name: 'first_sensitive_call_of_principal',
  family: 'hostile',
  group: 'novelty',
  weight: 1,
  techniques: ['T1078.004'],
  find(context) {
    const sensitive = direct(context.events).filter((event) => isSensitiveCall(event.service, event.name));
    return [...byPrincipal(sensitive).values()].flatMap((events): Finding[] => {
      const principal = events[0]?.principal;
      if (principal === undefined) return [];
      const profile = context.profiles.get(principal.key);
      if (!isSufficient(profile)) return [];
      const unseen = events.filter((event) => !profile.actions.has(actionKey(event)));
      if (unseen.length === 0) return [];
      const names = [...new Set(unseen.map(actionKey))].sort();
      return [
        {
          rule: 'first_sensitive_call_of_principal',
          family: 'hostile',
          group: 'novelty',
          principal: principal.key,
          weight: 1,
          severity: 'MEDIUM',
          techniques: ['T1078.004'],
          statement: `${principal.label} made ${names.length} kinds of sensitive call for the first time in 30 days: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' and more' : ''}.`,
          cited: unseen.map(cite),
        },
      ];
    });
  },
};

/**
 * Many kinds of reads, over several services, that this principal never makes, within an hour. Rarity for this very
 * principal decides: consoles call the same APIs all day (AUROC of "an attacker's API was seen" alone: 0.119).
 */
export const rareDiscovery: EvidenceRule = {
  name: 'rare_discovery_burst',
  family: 'hostile',
  group: 'discovery',
  weight: 1.4,
  techniques: ['T1580'],
  find(context) {
    return [...byPrincipal(context.reads).values()].flatMap((groups): Finding[] => {
      const principal = groups[0]?.principal;
      if (principal === undefined) return [];
      const profile = context.profiles.get(principal.key);
      if (!isSufficient(profile)) return [];
      const rare = groups.filter((group) => !profile.actions.has(actionKey(group)) && !isServiceAddress(group.ip));
      const byHour = new Map<string, typeof rare>();
      for (const group of rare) {
        const hour = group.firstAt.slice(0, 13);
        byHour.set(hour, [...(byHour.get(hour) ?? []), group]);
      }
      const burst = [...byHour.values()].sort((a, b) => kinds(b) - kinds(a))[0] ?? [];
      const services = new Set(burst.map((group) => group.service));
      if (kinds(burst) < 12 || services.size < 3) return [];
      return [
        {
          rule: 'rare_discovery_burst',
          family: 'hostile',
          group: 'discovery',
          principal: principal.key,
          weight: 1.4,
          severity: 'MEDIUM',
          techniques: ['T1580', 'T1526'],
          statement: `${principal.label} made ${kinds(burst)} kinds of read over ${services.size} services within an hour that it had not made in 30 days.`,
          cited: burst.map(citeGroup),
        },
      ];
    });
  },
};

function kinds(groups: readonly { service: string; name: string }[]): number {
  return new Set(groups.map(actionKey)).size;
}

/** Several users behind an address of the alert that nobody used before. ATT&CK T1078.004. */
export const sharedNewAddress: EvidenceRule = {
  name: 'several_principals_from_new_ip',
  family: 'hostile',
  group: 'novelty',
  weight: 1.5,
  techniques: ['T1078.004'],
  find(context) {
    const historyKnown = context.coverage.some((item) => item.label === 'ip_history' && item.status === 'complete');
    if (!historyKnown) return [];
    const addresses = context.alert.entities
      .filter(({ type }) => type === 'ip')
      .map(({ value }) => value.toLowerCase());
    return addresses.sort().flatMap((ip): Finding[] => {
      if (context.ipHistory.some((group) => group.ip.toLowerCase() === ip)) return [];
      const calls = direct(context.events).filter((event) => event.ip.toLowerCase() === ip);
      const users = byPrincipal(
        calls.filter((event) => event.principal.kind === 'user' || event.principal.kind === 'root'),
      );
      const first = [...users.values()][0]?.[0];
      if (users.size < 2 || first === undefined) return [];
      return [
        {
          rule: 'several_principals_from_new_ip',
          family: 'hostile',
          group: 'novelty',
          principal: `ip:${ip}`,
          weight: 1.5,
          severity: 'HIGH',
          techniques: ['T1078.004'],
          statement: `${users.size} users called from ${ip}, an address nobody used in the 30 days before.`,
          cited: calls.map(cite),
        },
      ];
    });
  },
};
