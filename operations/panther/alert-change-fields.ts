import { z } from 'zod';
import { cleanLine } from '../text';
import type { ChangeOutcome } from './alert-changes';
import type { PantherClient } from './client';

/** Input fields that every change to many alerts has. */
export const changeInput = {
  alert_ids: z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(100)
    .describe(
      "Ids of the alerts, 1 to 100, with or without dashes, or the addresses of their pages in the tenant's console",
    ),
  dry_run: z
    .boolean()
    .default(false)
    .describe('Whether to only read the alerts and show what would change; default false'),
};

const outcome = {
  id: z.string(),
  changed: z.boolean().describe('The alert was changed; in a dry run: would be'),
  verified: z.boolean().describe('A reading showed that the alert is as asked for'),
  error: z
    .object({ code: z.string(), message: z.string() })
    .nullable()
    .describe('Why this alert is not known to be as asked for; null when it is'),
};

/** Output of a change: `results` with the operation's own fields beside those that every change has. */
export function changeOutput<S extends z.ZodRawShape>(fields: S) {
  return z.object({
    results: z.array(z.object({ ...outcome, ...fields })).describe('One for each alert, in the order given'),
    count: z.number().int(),
    changed: z.number().int().describe('How many alerts were changed; in a dry run: would be'),
    failed: z.number().int().describe('How many alerts are not known to be as asked for'),
    complete: z.boolean().describe('True when no alert failed'),
    dry_run: z.boolean(),
  });
}

/** The answer of a change, each outcome with the operation's own fields. */
export function changeAnswer<V, R extends object>(
  outcomes: readonly ChangeOutcome<V>[],
  dryRun: boolean,
  fields: (outcome: ChangeOutcome<V>) => R,
) {
  const failed = outcomes.filter(({ error }) => error !== null).length;
  return {
    results: outcomes.map((each) => ({
      id: each.id,
      ...fields(each),
      changed: each.changed,
      verified: each.verified,
      error: each.error && { code: each.error.code, message: cleanLine(each.error.message, 1000) },
    })),
    count: outcomes.length,
    changed: outcomes.filter(({ changed }) => changed).length,
    failed,
    complete: failed === 0,
    dry_run: dryRun,
  };
}

/** Total time for a change of up to a hundred alerts, each read twice. */
export const changeDeadlineMs = 180_000;

/** The bulk write of the REST API, answered 204. Setting a value twice leaves the same state. */
export async function patchAlerts(
  client: PantherClient,
  ids: readonly string[],
  values: { status?: string; quality?: string; contextTags?: string[] },
): Promise<void> {
  await client.rest({
    method: 'PATCH',
    path: '/alerts',
    body: { ids, ...values },
    answer: undefined,
    safeToRepeat: true,
    permission: 'AlertModify',
    what: 'to change alerts',
    object: ids.length === 1 ? `alert ${ids[0]}` : `one of ${ids.length} alerts`,
  });
}
