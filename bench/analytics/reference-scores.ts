import type { BinnedDimension, NamedDimension } from '../../operations/analytics/behaviour/entity-day';
import { Habits, spreadOf } from '../../operations/analytics/behaviour/habits';
import { naiveRatios } from '../../operations/analytics/behaviour/naive-ratios';
import type { Case, Tenant } from './behaviour-data';
import { asOfSeason } from './clock-season';

/** Scores that others propose, for the same cases: what ours has to beat. Nothing decays, and nothing is fitted. */
export interface ReferenceScores {
  never_seen: number;
  volume_z: number;
  peer_llr: number;
  peer_llr_hour_place: number;
}

const strength = 5;

export function referenceScores(one: Case, tenant: Tenant): ReferenceScores {
  const day = tenant.users.get(one.actor)?.find((past) => past.day === one.day);
  if (day === undefined) throw new Error(`${one.tenant}: there is no day ${one.day} of ${one.actor}`);
  const own = new Habits(one.user);
  const peers = new Habits('peers');
  for (const [user, days] of tenant.users)
    for (const past of days)
      if (past.day >= one.baselineFrom && past.day < Math.min(one.baselineTo, one.day))
        (user === one.user ? own : peers).learn(asOfSeason(past, one.day));
  const naive = naiveRatios(day, own);
  const actions = [...(day.named.action?.keys() ?? [])];
  const llr = mean(
    actions.map((action) => {
      const prior = peerShare(peers, 'action', action);
      return Math.log(prior) - Math.log(ownShare(own, 'action', action, prior));
    }),
  );
  const places = [...(day.named.place?.keys() ?? [])];
  const place = mean(places.map((zone) => -Math.log(ownShare(own, 'place', zone, peerShare(peers, 'place', zone)))));
  const hours = day.binned.hour ?? [];
  const hour = mean(hours.map(([bin]) => -Math.log(binShare(own, peers, 'hour', bin))));
  return {
    never_seen: naive.never_seen_share,
    volume_z: Math.abs(naive.volume_z ?? 0),
    peer_llr: llr,
    peer_llr_hour_place: llr + place + hour,
  };
}

function peerShare(peers: Habits, dimension: NamedDimension, value: string): number {
  const { total, values } = peers.named[dimension];
  return ((values.get(value)?.weight ?? 0) + 0.5) / (total + 0.5 * (values.size + 1));
}

function ownShare(own: Habits, dimension: NamedDimension, value: string, prior: number): number {
  const { total, values } = own.named[dimension];
  return ((values.get(value)?.weight ?? 0) + strength * prior) / (total + strength);
}

function binShare(own: Habits, peers: Habits, dimension: BinnedDimension, bin: number): number {
  const all = peers.binned[dimension];
  const size = all.weights.length;
  const prior = ((spreadOf(dimension, all)[bin] ?? 0) + 8 / size) / (all.total + 8);
  const habit = own.binned[dimension];
  return ((spreadOf(dimension, habit)[bin] ?? 0) + 8 * prior) / (habit.total + 8);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
