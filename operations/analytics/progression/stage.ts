import { z } from 'zod';
import { type TacticName, tacticPosition, tactics } from '../attack/tactics';
import type { Observed } from './observed';

export const stageSchema = z.object({
  tactic: z.string().nullable().describe('Latest tactic that confirmed evidence reaches; null when none is confirmed'),
  tactic_id: z.string().nullable(),
  statement: z.string().describe('Why this stage, or why none'),
  reached: z
    .array(
      z.object({
        tactic: z.string(),
        certain: z.boolean().describe('false: a technique with several tactics, of which this is the earliest'),
        rests_on: z.array(z.string()).describe('Techniques, each with what shows it'),
      }),
    )
    .describe(
      'Every tactic reached, in the order of ATT&CK; earlier ones may be missing, an attack need not take them all',
    ),
});
export type Stage = z.infer<typeof stageSchema>;

/**
 * The latest tactic reached. A sign that leaves open which of several tactics it served counts for the earliest of them
 * only: the stage may be understated, and is never overstated.
 */
export function stageOf(observed: Observed): Stage & { name: TacticName | null } {
  const reached = new Map<TacticName, { certain: boolean; restsOn: string[] }>();
  for (const { technique, signs } of observed.techniques) {
    for (const { from, tactics: possible, standing } of signs) {
      const earliest = [...possible].sort((a, b) => tacticPosition(a) - tacticPosition(b))[0];
      if (standing !== 'confirmed' || earliest === undefined) continue;
      const entry = reached.get(earliest) ?? { certain: false, restsOn: [] };
      entry.certain ||= possible.length === 1;
      entry.restsOn.push(`${technique.id} (${from})`);
      reached.set(earliest, entry);
    }
  }
  const list = tactics.flatMap(({ id, name }) => {
    const entry = reached.get(name);
    return entry === undefined ? [] : [{ id, name, ...entry }];
  });
  const last = list.at(-1);
  return {
    name: last?.name ?? null,
    tactic: last?.name ?? null,
    tactic_id: last?.id ?? null,
    statement: last === undefined ? noStage(observed) : statement(last.name, last.certain, last.restsOn),
    reached: list.map(({ name, certain, restsOn }) => ({ tactic: name, certain, rests_on: restsOn.slice(0, 20) })),
  };
}

function statement(name: TacticName, certain: boolean, restsOn: readonly string[]): string {
  const basis = restsOn.slice(0, 3).join(', ') + (restsOn.length > 3 ? ` and ${restsOn.length - 3} more` : '');
  if (certain) return `${name}, because of ${basis}.`;
  return `At least ${name}, because of ${basis}: the techniques leave open whether they served a later tactic.`;
}

function noStage({ techniques, calls }: Observed): string {
  if (calls.length === 0 && techniques.length === 0) return 'No stage: there is no usable evidence.';
  const everyday = calls.filter(({ kind }) => kind === 'everyday').length;
  const parts = [
    ...(calls.length - everyday > 0 ? [`${calls.length - everyday} read-only`] : []),
    ...(everyday > 0 ? [`${everyday} everyday`] : []),
  ];
  return `No stage: only ${parts.join(' and ')} ${calls.length === 1 ? 'call was' : 'calls were'} seen. Consoles and inventories make them all day; by themselves they show no attack.`;
}
