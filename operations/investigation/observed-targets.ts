import { z } from 'zod';
import { cleanLine } from '../text';
import type { CloudEvent } from './cloud-event';
import type { ChangeRecord } from './merged-changes';
import { requested } from './rules/request-fields';

/** Somebody or something that our own queries returned, as opposed to what the text of an alert names. */
export const observedTargetSchema = z.object({
  kind: z.enum(['user', 'role', 'access_key', 'gitlab_user']),
  name: z.string().max(300).describe('Plain name, or the id of the key'),
  account: z.string().max(64).nullable().describe('AWS account, where the logs tell it'),
  relation: z
    .enum(['acted', 'acted_on'])
    .describe('acted: made a call or a change itself; acted_on: named by a call of somebody else'),
  owner: z.string().max(300).nullable().describe('User that a key belongs to, where the logs tell it'),
  query_id: z.string().nullable(),
});
export type ObservedTarget = z.infer<typeof observedTargetSchema>;

const mostTargets = 200;

/** Everybody that the rows show, each once; those who acted before those who were acted on. */
export function observedTargets(events: readonly CloudEvent[], changes: readonly ChangeRecord[]): ObservedTarget[] {
  const found = new Map<string, ObservedTarget>();
  const add = (target: ObservedTarget) => {
    if (target.name === '') return;
    const key = JSON.stringify([target.kind, target.name.toLowerCase(), target.account]);
    const known = found.get(key);
    if (known === undefined || (known.relation === 'acted_on' && target.relation === 'acted')) found.set(key, target);
  };
  for (const { principal, accessKeyId, queryId, account } of events) {
    const { kind, name } = principal;
    if (kind !== 'user' && kind !== 'role') continue;
    const home = principal.account ?? account;
    add({ kind, name, account: home, relation: 'acted', owner: null, query_id: queryId });
    // Keys of sessions (ASIA...) are no keys that could be switched off.
    if (accessKeyId !== null && /^AKIA[A-Z0-9]{12,}$/.test(accessKeyId))
      add({ kind: 'access_key', name: accessKeyId, account: home, relation: 'acted', owner: name, query_id: queryId });
  }
  for (const event of events) {
    if (event.service !== 'iam' || event.error !== null) continue;
    const account = event.account ?? event.principal.account;
    for (const [kind, field] of [
      ['user', 'userName'],
      ['role', 'roleName'],
    ] as const) {
      const name = cleanLine(requested(event, field), 160);
      add({ kind, name, account, relation: 'acted_on', owner: null, query_id: event.queryId });
    }
  }
  for (const { mergedBy } of changes) {
    const name = cleanLine(mergedBy, 255);
    add({ kind: 'gitlab_user', name, account: null, relation: 'acted', owner: null, query_id: null });
  }
  const order = (target: ObservedTarget) => (target.relation === 'acted' ? 0 : 1);
  return [...found.values()].sort((a, b) => order(a) - order(b)).slice(0, mostTargets);
}
