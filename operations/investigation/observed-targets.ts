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
  made: z.literal(true).optional().describe('Of a key: a call in what was looked at made it'),
  query_id: z.string().nullable(),
});
export type ObservedTarget = z.infer<typeof observedTargetSchema>;

const mostTargets = 200;
const longTermKey = /^AKIA[A-Z0-9]{12,124}$/;

/** Everybody that the rows show, each once; those who acted before those who were acted on. */
export function observedTargets(events: readonly CloudEvent[], changes: readonly ChangeRecord[]): ObservedTarget[] {
  const found = new Map<string, ObservedTarget>();
  const add = (target: ObservedTarget) => {
    if (target.name === '') return;
    const key = JSON.stringify([target.kind, target.name.toLowerCase(), target.account]);
    const known = found.get(key);
    const made = known?.made ?? target.made;
    const kept = known === undefined || (known.relation === 'acted_on' && target.relation === 'acted') ? target : known;
    if (kept !== known || made !== known.made) found.set(key, made === undefined ? kept : { ...kept, made });
  };
  for (const { principal, accessKeyId, queryId, account } of events) {
    const { kind, name } = principal;
    if (kind !== 'user' && kind !== 'role') continue;
    const home = principal.account ?? account;
    add({ kind, name, account: home, relation: 'acted', owner: null, query_id: queryId });
    // Keys of sessions (ASIA...) are no keys that could be switched off.
    if (accessKeyId !== null && longTermKey.test(accessKeyId))
      add({ kind: 'access_key', name: accessKeyId, account: home, relation: 'acted', owner: name, query_id: queryId });
  }
  for (const event of events) {
    if (event.service !== 'iam' || event.error !== null) continue;
    const account = event.account ?? event.principal.account;
    const made = madeKey(event);
    if (made !== undefined)
      add({ kind: 'access_key', ...made, account, relation: 'acted_on', made: true, query_id: event.queryId });
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

/** The key that AWS answered with to a call that made one, and whose it is. What AWS answers is not for the caller to choose. */
function madeKey({ name, response }: CloudEvent): { name: string; owner: string } | undefined {
  if (name !== 'CreateAccessKey' || !isObject(response.accessKey)) return undefined;
  const { accessKeyId, userName } = response.accessKey;
  if (typeof accessKeyId !== 'string' || !longTermKey.test(accessKeyId)) return undefined;
  const owner = typeof userName === 'string' ? cleanLine(userName, 160) : '';
  return owner === '' ? undefined : { name: accessKeyId, owner };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
