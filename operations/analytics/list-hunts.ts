import { z } from 'zod';
import { severitySchema } from '../investigation/alert';
import { defineOperation } from '../operation';
import { knownTechniques } from './attack/technique';
import { hunts } from './hunts';

export const huntSchema = z.object({
  name: z.string(),
  title: z.string(),
  hypothesis: z.string().describe('What an attacker would be doing'),
  severity: severitySchema.describe('Of the case that a finding on schedule opens; the verdict decides afterwards'),
  techniques: z.array(z.object({ id: z.string(), name: z.string() })),
  noise: z.string().describe('Who does the same in daily work, and how to tell'),
  log: z.string().describe('Table of panther_logs that it reads; a tenant may do without all but aws_cloudtrail'),
  parameters: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      default: z.number().int(),
      min: z.number().int(),
      max: z.number().int(),
    }),
  ),
});

export const listHunts = defineOperation({
  name: 'list_hunts',
  toolset: 'analytics',
  resource: 'Hunt',
  title: 'List',
  action: 'List hunts',
  description:
    'Lists the threat hunts that run_hunt can run: what each looks for, techniques of ATT&CK, expected noise, and parameters with defaults and bounds. Reads nothing from outside.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'anywhere',
  input: z.object({
    technique: z
      .string()
      .max(20)
      .optional()
      .describe('Only hunts for this technique or its sub-techniques, e.g. T1098'),
  }),
  output: z.object({ hunts: z.array(huntSchema) }),
  example: {},
  list: 'hunts',
  async run(_ports, { technique }) {
    const wanted = technique?.trim().toUpperCase();
    const matches = (id: string) => wanted === undefined || id === wanted || id.startsWith(`${wanted}.`);
    return {
      hunts: hunts
        .filter(({ techniques }) => techniques.some(matches))
        .map(({ sql: _, techniques, parameters, log = 'aws_cloudtrail', ...hunt }) => ({
          ...hunt,
          techniques: techniques.map((id) => ({ id, name: knownTechniques.get(id)?.name ?? id })),
          log,
          parameters: [...parameters],
        })),
    };
  },
});
