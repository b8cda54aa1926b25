import { z } from 'zod';
import { ConflictError, InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { alertIdsOf } from './alert-address';
import { changeAnswer, changeDeadlineMs, changeInput, changeOutput, patchAlerts } from './alert-change-fields';
import { changeAlerts } from './alert-changes';
import { tagsOf } from './alert-shape';
import { PantherClient } from './client';

const mostTags = 10;
const modes = ['replace', 'add', 'remove'] as const;
type Mode = (typeof modes)[number];

export const setAlertContextTags = defineOperation({
  name: 'set_alert_context_tags',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Set Context Tags',
  action: 'Set the context tags of alerts',
  description:
    'Adds context tags to up to 100 alerts of Panther, removes them, or replaces all of them (mode). Panther can only write the whole list, so each alert is read right before and after; when somebody else changed its tags in between, the change is worked out again. A change by somebody else in the instant between reading and writing can still be lost. An alert can have 10 tags. complete is false when any failed.',
  effect: 'write',
  idempotent: true,
  services: ['panther'],
  permissions: ['AlertModify', 'AlertRead'],
  runs: 'anywhere',
  input: z.object({
    alert_ids: changeInput.alert_ids,
    tags: z
      .array(z.string().regex(/^[a-z0-9_-]{1,30}$/, 'a tag has 1 to 30 lower-case letters, digits, - and _'))
      .max(mostTags)
      .describe('Tags, at most 10, each 1 to 30 lower-case letters, digits, - and _; none with replace clears all'),
    mode: z
      .enum(modes)
      .describe('replace: these tags and no others. add: keep the others. remove: take these away and keep the others'),
    dry_run: changeInput.dry_run,
  }),
  output: changeOutput({
    before: z.array(z.string()).nullable().describe('Tags that were found; null for an alert that could not be read'),
    tags: z.array(z.string()).nullable().describe('Tags as last read; in a dry run as they would be'),
    added: z.array(z.string()),
    removed: z.array(z.string()),
  }),
  example: { alert_ids: ['$alert_id'], tags: ['simulated', 'under-review'], mode: 'add' },
  echoOnError: ['alert_ids', 'tags'],
  list: 'results',
  async run(ports, { alert_ids, tags, mode, dry_run }) {
    const given = [...new Set(tags)];
    if (given.length === 0 && mode !== 'replace') throw new InvalidInputError('tags', `is empty: nothing to ${mode}`);
    const client = await PantherClient.connect(ports, new Deadline(ports, changeDeadlineMs));
    const outcomes = await changeAlerts<string[]>(
      client,
      alertIdsOf(alert_ids, client.endpoints),
      {
        of: tagsOf,
        wanted: (now) => applied(mode, now, given),
        write: (ids, value) => patchAlerts(client, ids, { contextTags: value }),
        problem: tooMany,
        merges: mode !== 'replace',
      },
      dry_run,
    );
    return changeAnswer(outcomes, dry_run, ({ before, after }) => ({
      before,
      tags: after,
      added: (after ?? []).filter((tag) => !before?.includes(tag)),
      removed: (before ?? []).filter((tag) => !after?.includes(tag)),
    }));
  },
});

/** The list as it has to be; in the order found where that already holds the right tags, so that nothing is written then. */
function applied(mode: Mode, now: readonly string[], tags: readonly string[]): string[] {
  if (mode === 'remove') return now.filter((tag) => !tags.includes(tag));
  if (mode === 'add') return [...now, ...tags.filter((tag) => !now.includes(tag))];
  const isThere = now.length === tags.length && tags.every((tag) => now.includes(tag));
  return isThere ? [...now] : [...tags];
}

function tooMany(tags: readonly string[]): ConflictError | undefined {
  if (tags.length <= mostTags) return undefined;
  return new ConflictError(
    `The alert would have ${tags.length} context tags, and Panther takes ${mostTags}. Remove some first, or replace them.`,
  );
}
