import { type CallGroup, isServiceAddress } from './cloud-event';

/** What is usual for one principal, from the 30 days before the window. */
export interface Profile {
  calls: number;
  /** Days with activity, at least: the most of any single group. */
  activeDays: number;
  /** Days on which each address was used, at least. */
  ipDays: Map<string, number>;
  networks: Set<string>;
  agents: Set<string>;
  /** Days on which each call was made successfully, by `service:Name`. */
  actionDays: Map<string, number>;
  actions: Set<string>;
}

/** Fewer than 3 days or 20 calls say nothing about habits; then nothing counts as new and nothing as usual. */
export function isSufficient(profile: Profile | undefined): profile is Profile {
  return profile !== undefined && profile.activeDays >= 3 && profile.calls >= 20;
}

/** The /24 of an IPv4 address and the /48 of an IPv6 one: people keep their network, not their address. */
export function networkOf(ip: string): string {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(ip)) return ip.split('.').slice(0, 3).join('.');
  return ip.includes(':') ? ip.toLowerCase().split(':').slice(0, 3).join(':') : ip;
}

export function actionKey(call: { service: string; name: string }): string {
  return `${call.service}:${call.name}`;
}

export function profilesOf(groups: readonly CallGroup[]): Map<string, Profile> {
  const profiles = new Map<string, Profile>();
  for (const group of groups) {
    const profile = profiles.get(group.principal.key) ?? {
      calls: 0,
      activeDays: 0,
      ipDays: new Map(),
      networks: new Set(),
      agents: new Set(),
      actionDays: new Map(),
      actions: new Set(),
    };
    profiles.set(group.principal.key, profile);
    profile.calls += group.calls;
    profile.activeDays = Math.max(profile.activeDays, group.activeDays);
    profile.actions.add(actionKey(group));
    if (group.agentFamily !== 'unknown') profile.agents.add(group.agentFamily);
    if (!isServiceAddress(group.ip)) {
      profile.networks.add(networkOf(group.ip));
      profile.ipDays.set(group.ip, Math.max(profile.ipDays.get(group.ip) ?? 0, group.activeDays));
    }
    if (group.calls > group.failed) {
      const key = actionKey(group);
      profile.actionDays.set(key, Math.max(profile.actionDays.get(key) ?? 0, group.activeDays));
    }
  }
  return profiles;
}

/** Whether an address is one the principal used on at least 3 days. */
export function isUsualAddress(profile: Profile, ip: string): boolean {
  return (profile.ipDays.get(ip) ?? 0) >= 3;
}

/** Whether the principal made this very call on at least 3 days. */
export function isUsualAction(profile: Profile, call: { service: string; name: string }): boolean {
  return (profile.actionDays.get(actionKey(call)) ?? 0) >= 3;
}
