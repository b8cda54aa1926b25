import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { MissingPermissionError, OperationError } from '../../../operations/errors';
import { defineOperation, type Operation } from '../../../operations/operation';
import type { Ports } from '../../../operations/ports';
import { sampleOpen } from './sample-case';

/** Operations that show what the bridge itself does: small, and without a service behind them. */

const base = {
  toolset: 'investigation' as const,
  resource: 'Test',
  permissions: [],
  runs: 'bridge' as const,
};

export const repeatText = defineOperation({
  ...base,
  name: 'repeat_text',
  title: 'Repeat Text',
  action: 'Repeat a text',
  description: 'Repeats a text; for tests.',
  effect: 'read',
  idempotent: true,
  services: [],
  input: z.object({
    text: z.string().min(1).max(100).describe('What to repeat'),
    times: z.number().int().min(1).max(5).default(2).describe('How often, 1 to 5'),
  }),
  output: z.object({ text: z.string(), note: z.string().nullable() }),
  example: { text: 'a' },
  run: async (_ports, { text, times }) => ({ text: text.repeat(times), note: null }),
});

export const deleteNothing = defineOperation({
  ...base,
  name: 'delete_nothing',
  title: 'Delete',
  action: 'Delete nothing',
  description: 'Deletes nothing; for tests.',
  effect: 'destructive',
  idempotent: false,
  services: ['gitlab'],
  input: z.object({}),
  output: z.object({ base_url: z.string() }),
  example: {},
  run: async (ports) => ({ base_url: (await ports.connection('gitlab')).baseUrl }),
});

/** The calls under way: a test sees their signals abort, and ends the waits of those that overlook them. */
export const waits: { signal: AbortSignal; letGo: () => void }[] = [];

export const waitWithProgress = defineOperation({
  ...base,
  name: 'wait_with_progress',
  title: 'Wait',
  action: 'Wait and tell',
  description: 'Waits; for tests.',
  effect: 'read',
  idempotent: true,
  services: [],
  input: z.object({
    steps: z.number().int().describe('Steps'),
    step_ms: z.number().int().describe('Milliseconds each'),
    deaf: z.boolean().default(false).describe('Overlook the signal'),
  }),
  output: z.object({ steps: z.number() }),
  example: { steps: 1, step_ms: 1 },
  run: async (ports, { steps, step_ms, deaf }) => {
    const ended = new AbortController();
    waits.push({ signal: ports.signal, letGo: () => ended.abort() });
    for (let step = 0; step < steps; step += 1) {
      ports.progress(`Step ${step}`, step, steps);
      ports.progress(`Step ${step}, still`, step, steps);
      if (deaf) await delay(step_ms, undefined, { signal: ended.signal }).catch(() => {});
      else await ports.sleep(step_ms, ports.signal);
    }
    return { steps };
  },
});

export const failAs = defineOperation({
  ...base,
  name: 'fail_as',
  title: 'Fail',
  action: 'Fail in a way',
  description: 'Fails; for tests.',
  effect: 'read',
  idempotent: true,
  services: [],
  input: z.object({ way: z.enum(['permission', 'bug', 'bad_output']).describe('How') }),
  output: z.object({ done: z.literal(true) }),
  example: { way: 'bug' },
  run: async (_ports, { way }) => {
    if (way === 'permission') throw new MissingPermissionError('Panther', 'RunDataLakeQueries', 'the query');
    if (way === 'bug') throw new TypeError('secret-internal-detail');
    return { done: false } as unknown as { done: true };
  },
});

export const testOperations: readonly Operation[] = [repeatText, deleteNothing, waitWithProgress, failAs];

/** Opens a case for `{id}`; the shape the real operation has. */
export async function openTestCase(ports: Ports, alert: unknown) {
  const cases = casesOf(ports);
  const id = (alert as { id?: unknown } | null)?.id;
  if (typeof id !== 'string') {
    await cases.recordAlert(alert, { accepted: false, field: 'id', problem: 'missing' });
    throw new OperationError('invalid_input', 'id: missing', { field: 'id' });
  }
  await cases.recordAlert(alert, { accepted: true });
  const { record, created } = await cases.open(sampleOpen(id));
  return { case_id: record.id, created, status: record.status };
}

export function casesOf(ports: Ports) {
  if (ports.cases === undefined) throw new Error('these ports have no case store');
  return ports.cases;
}
