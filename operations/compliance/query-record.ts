import { z } from 'zod';
import { populationNames } from './populations';

/** One question that was put to a service, with what became of it. */
export const queryRecordSchema = z.object({
  id: z.string().describe('What the package calls it'),
  population: z.enum(populationNames as [(typeof populationNames)[number], ...typeof populationNames]).nullable(),
  source: z.enum(['lake', 'gitlab']),
  text: z.string().describe('The SQL, or the request to GitLab'),
  text_sha256: z.string(),
  database: z.string().nullable(),
  query_id: z.string().nullable().describe("Panther's id; null where no query was started"),
  rows: z.number().int().nullable().describe('Rows that were read; null without an answer'),
  row_count: z.number().int().nullable().describe('Rows that the service says there are; null when it does not tell'),
  complete: z.boolean(),
  problem: z.string().nullable().describe('Why it is not complete'),
});
export type QueryRecord = z.infer<typeof queryRecordSchema>;
