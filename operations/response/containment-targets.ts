import type { CaseRecord } from '../cases';
import type { ResponseActionName, ResponseSystem } from './response-port';

/** Whom to contain, and how. */
export interface ContainmentTarget {
  action: ResponseActionName;
  system: ResponseSystem;
  /** Name as our own queries returned it. */
  target: string;
  /** Hostile evidence that rests on what the target did, strongest first. */
  evidence_ids: string[];
}

/** Somebody who acted, and for whom there is no action here. */
export interface ByHand {
  /** As the time line names the actor. */
  who: string;
  evidence_ids: string[];
}

/** What of a case tells who acted. */
export interface Acted {
  evidence: CaseRecord['evidence'];
  findings: Pick<NonNullable<CaseRecord['findings']>, 'timeline' | 'observed'> | null;
}

/**
 * Whom the hostile evidence of a case is about: those who made the calls that moderate or strong evidence rests on, and the access
 * keys that they made for others, with which they would come back. Who was only named by somebody's call, or by the
 * text of an alert, is not among them. A pure function of the stored case.
 */
export function containmentTargets({ evidence, findings }: Acted): {
  targets: ContainmentTarget[];
  by_hand: ByHand[];
} {
  const counting = evidence.filter(({ family, strength }) => family === 'hostile' && strength !== 'weak');
  const rank = new Map(counting.map(({ id }, index) => [id, index]));
  const actors = new Map<string, { label: string; inGitLab: boolean; ids: Set<string> }>();
  for (const { actor, action, evidence_ids } of findings?.timeline ?? []) {
    const ids = evidence_ids.filter((id) => rank.has(id));
    if (ids.length === 0) continue;
    const inGitLab = action.startsWith('gitlab:');
    const key = `${inGitLab}:${actor.toLowerCase()}`;
    const known = actors.get(key) ?? { label: actor, inGitLab, ids: new Set() };
    for (const id of ids) known.ids.add(id);
    actors.set(key, known);
  }
  const ranked = [...actors.values()]
    .map(({ ids, ...actor }) => ({
      ...actor,
      evidence_ids: [...ids].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0)),
    }))
    .sort((a, b) => (rank.get(a.evidence_ids[0] ?? '') ?? 0) - (rank.get(b.evidence_ids[0] ?? '') ?? 0));
  const targets: ContainmentTarget[] = [];
  const by_hand: ByHand[] = [];
  for (const { label, inGitLab, evidence_ids } of ranked) {
    const how = actionAgainst(findings?.observed ?? [], label, inGitLab);
    if (how === undefined) by_hand.push({ who: label, evidence_ids });
    else targets.push({ ...how, evidence_ids });
  }
  return { targets: [...targets, ...keysLeftBehind(findings, rank, targets)], by_hand };
}

/** Keys made by calls that counting evidence rests on. Those of users who are isolated are switched off with them. */
function keysLeftBehind(
  findings: Acted['findings'],
  rank: ReadonlyMap<string, number>,
  isolated: readonly ContainmentTarget[],
): ContainmentTarget[] {
  const owners = new Map<string, string[]>();
  for (const { action, result, target, evidence_ids } of findings?.timeline ?? []) {
    const ids = evidence_ids.filter((id) => rank.has(id));
    if (action !== 'iam:CreateAccessKey' || result !== 'succeeded' || target === null || ids.length === 0) continue;
    owners.set(target.toLowerCase(), [...(owners.get(target.toLowerCase()) ?? []), ...ids]);
  }
  const gone = new Set(isolated.filter(({ system }) => system === 'aws_iam').map(({ target }) => target.toLowerCase()));
  return (findings?.observed ?? []).flatMap(({ kind, made, name, owner }): ContainmentTarget[] => {
    const whose = kind === 'access_key' && made === true && owner !== null ? owner.toLowerCase() : undefined;
    const ids = whose === undefined || gone.has(whose) ? undefined : owners.get(whose);
    if (ids === undefined) return [];
    const evidence_ids = [...new Set(ids)].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
    return [{ action: 'revoke_access_key', system: 'aws_iam', target: name, evidence_ids }];
  });
}

type Observed = NonNullable<NonNullable<CaseRecord['findings']>['observed']>;

/** The time line names an actor as `user NAME` or `role NAME`, and people in GitLab by their name; root and others are nobody's target. */
function actionAgainst(
  observed: Observed,
  label: string,
  inGitLab: boolean,
): Omit<ContainmentTarget, 'evidence_ids'> | undefined {
  for (const { kind, name, relation } of observed) {
    if (relation !== 'acted') continue;
    const is = (text: string) => label.toLowerCase() === text.toLowerCase();
    if (inGitLab) {
      if (kind === 'gitlab_user' && is(name)) return { action: 'isolate_user', system: 'gitlab', target: name };
    } else if (kind === 'user' && is(`user ${name}`)) {
      return { action: 'isolate_user', system: 'aws_iam', target: name };
    } else if (kind === 'role' && is(`role ${name}`)) {
      return { action: 'quarantine_role', system: 'aws_iam', target: name };
    }
  }
  return undefined;
}
