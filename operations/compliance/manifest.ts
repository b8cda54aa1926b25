import { z } from 'zod';
import { controlResults, controlStates } from './controls';
import { populationNames } from './populations';
import { queryRecordSchema } from './query-record';
import { controlNames } from './rules/rule';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

export const manifestName = 'manifest.json';
export const sealName = 'manifest.sha256';
export const exceptionsName = 'exceptions.csv';
export const citationsName = 'exception-rows.csv';
export const pageName = 'report.html';

export const packageIdPattern = /^sox_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d_\d{8}T\d{9}Z$/;

/** How the note on a chain begins that does not hold. */
export const brokenChain = 'BROKEN CHAIN';

export const statuses = ['COMPLETE', 'INCOMPLETE'] as const;

/** Everything that the rules were applied with, as it was given. */
export const parametersSchema = z.object({
  zone: z.string(),
  period: z.string(),
  group: z.string().nullable(),
  project: z.string().nullable(),
  logs: z.array(z.string()),
  people_roles: z.array(z.string()),
  business_start: z.string(),
  business_end: z.string(),
  weekend_days: z.array(z.string()),
  holidays: z.array(z.string()),
  user_zones: z.record(z.string()),
  service_identities: z.array(z.string()),
  on_call: z.array(z.object({ user: z.string(), from: z.string(), to: z.string() })),
  failed_sign_ins: count,
  denied_calls: count,
  log_gap_hours: count,
  branches: z.array(z.string()),
  environments: z.array(z.string()),
  max_rows: count,
});
export type Parameters = z.infer<typeof parametersSchema>;

export const populationRecordSchema = z.object({
  name: z.enum(populationNames as [(typeof populationNames)[number], ...typeof populationNames]),
  file: z.string(),
  title: z.string(),
  query_ids: z.array(z.string()).describe('Ids of the queries of this manifest that its rows come from'),
  state: z.enum(['complete', 'partial', 'unread']),
  rows: count.describe('Records of the file'),
  events: count.describe('Events that they stand for'),
  expected_events: count.nullable().describe('What a query of its own counted; null where none could'),
  reconciled: z.boolean().nullable().describe('Whether the two are the same; null where nothing counted'),
  problems: z.array(z.string()),
});
export type PopulationRecord = z.infer<typeof populationRecordSchema>;

export const fileRecordSchema = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  bytes: count,
  sha256: hash,
});

export const previousSchema = z.object({ package_id: z.string().regex(packageIdPattern), manifest_sha256: hash });
export type Previous = z.infer<typeof previousSchema>;

export const controlOutcomeSchema = z.object({
  control: z.enum(controlNames),
  state: z.enum(controlStates),
  result: z.enum(controlResults),
  cases: count,
  exceptions: count,
  leads: count,
  why: z.array(z.string()),
});

export const manifestSchema = z
  .object({
    format: z.literal('soc-compliance-package'),
    format_version: z.literal(1),
    rules_version: count,
    package_id: z.string().regex(packageIdPattern),
    status: z.enum(statuses),
    reasons: z.array(z.string()),
    made_at: z.string().datetime(),
    made_by: z.object({
      program: z.string(),
      version: z.string(),
      who: z.string(),
      zone_data: z.string().nullable().describe('Version of the time zone data; null where the host does not tell'),
    }),
    period: z.object({
      zone: z.string(),
      first_day: z.string(),
      last_day: z.string(),
      days: count,
      from: z.string().datetime(),
      to: z.string().datetime(),
    }),
    parameters: parametersSchema,
    queries: z.array(queryRecordSchema),
    populations: z.array(populationRecordSchema),
    controls: z.array(controlOutcomeSchema),
    previous: previousSchema.nullable(),
    chain: z.string().describe('What is known of the package before'),
    files: z.array(fileRecordSchema),
  })
  .strict();
export type Manifest = z.infer<typeof manifestSchema>;

/** Why a package is not complete; empty when it is. Follows from the rest of the manifest alone. */
export function reasonsOf(
  manifest: Pick<Manifest, 'period' | 'made_at' | 'populations' | 'controls' | 'queries' | 'chain'>,
): string[] {
  const reasons: string[] = [];
  if (manifest.made_at < manifest.period.to)
    reasons.push(
      `The period was not over: it ends at ${manifest.period.to}, and this was made at ${manifest.made_at}.`,
    );
  for (const { title, state, problems } of manifest.populations) {
    const words = { unread: 'could not be read', partial: 'is not whole', complete: 'is not whole' }[state];
    if (state !== 'complete' || problems.length > 0)
      reasons.push(`${title} ${words}: ${problems.join(' ') || 'no reason given'}`);
  }
  for (const { id, population, complete, problem } of manifest.queries)
    if (population === null && !complete)
      reasons.push(`${id} could not be read, so nothing was held against a count: ${problem ?? ''}`);
  for (const { control, why } of manifest.controls)
    for (const reason of why.filter((text) => text.startsWith('Not judged: '))) reasons.push(`${control}: ${reason}`);
  if (manifest.chain.startsWith(brokenChain)) reasons.push(manifest.chain);
  return reasons;
}
