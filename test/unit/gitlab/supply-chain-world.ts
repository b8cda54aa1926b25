import type { z } from 'zod';
import { monitorSupplyChainChanges } from '../../../operations/gitlab/monitor-supply-chain-changes';
import { runOperation } from '../../../operations/operation';
import type { TestPorts } from '../../support/ports';
import { world } from './world';

export const shop = 'simulated-corp/shop';
export type Monitored = z.output<typeof monitorSupplyChainChanges.output>;
export type Change = Monitored['changes'][number];

/** Everything of the shop's last day unless told otherwise. */
export function monitor(ports: TestPorts, given: Record<string, unknown> = {}): Promise<Monitored> {
  const place = 'project' in given || 'group' in given ? {} : { group: shop };
  return runOperation(monitorSupplyChainChanges, ports, { ...place, minimum_level: 'none', limit: 100, ...given });
}

/** How the answer names a merge request that was planted under that name. */
export function idOf(story: string): string {
  const found = world.projects.flatMap(({ mergeRequests }) => mergeRequests).find((mr) => mr.story === story);
  if (found !== undefined) return `${found.project.path}!${found.iid}`;
  for (const project of world.projects) {
    const push = project.branchPushes.find((entry) => entry.story === story);
    if (push !== undefined) return `${project.path}@${push.to.sha.slice(0, 12)}`;
  }
  throw new Error(`no story ${story}`);
}

export function changeOf({ changes }: Monitored, story: string): Change {
  const found = changes.find(({ id }) => id === idOf(story));
  if (found === undefined) throw new Error(`${story} is not in the answer`);
  return found;
}

export const signalsOf = ({ signals }: Change): string[] => signals.map(({ signal }) => signal);
