import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { PantherClient } from './client';
import { unknownName } from './find-table';
import { readSchema, readSchemas, type WholeSchema } from './log-type-schemas';

const input = z.object({
  name: z.string().min(1).max(200).describe('The log type, e.g. AWS.CloudTrail. The whole name; case does not matter'),
  max_characters: z
    .number()
    .int()
    .min(500)
    .max(200_000)
    .default(30_000)
    .describe('Most characters of the spec to return, 500 to 200000; default 30000'),
});

const output = z.object({
  name: z.string(),
  description: z.string().nullable(),
  reference_url: z.string().nullable(),
  managed: z.boolean().describe("True for Panther's own"),
  archived: z.boolean(),
  field_discovery: z.boolean().nullable().describe('Whether Panther adds fields it finds in events'),
  revision: z.number().int(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  spec: z.string().describe('Fields and parsing rules as Panther keeps them; cut behind a line when too long'),
  spec_format: z.enum(['yaml', 'json']),
  spec_characters: z.number().int().describe('Length of the whole spec'),
  complete: z.boolean().describe('False when the spec was cut'),
});

export const getLogTypeSchema = defineOperation({
  name: 'get_log_type_schema',
  toolset: 'panther',
  resource: 'Log Type Schema',
  title: 'Get',
  action: 'Get a log type schema',
  description:
    'Returns one log type schema of the Panther tenant with its spec (YAML or JSON text, at most max_characters). An unknown name is answered with the names closest to it. get_table_schema shows the columns that events of this type have in the data lake.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['LogSourceRead'],
  runs: 'anywhere',
  input,
  output,
  example: { name: 'Okta.SystemLog' },
  echoOnError: ['name'],
  async run(ports, { name, max_characters }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const schema = (await readSchema(client, name.trim())) ?? (await otherwiseSpelled(client, name.trim()));
    const whole = cleanText(schema.spec, Number.POSITIVE_INFINITY);
    const spec = untilLineEnd(whole, max_characters);
    return {
      name: cleanLine(schema.name, 200),
      description: schema.description == null ? null : cleanText(schema.description, 2000),
      reference_url: schema.referenceURL ? cleanLine(schema.referenceURL, 500) : null,
      managed: schema.isManaged,
      archived: schema.isArchived,
      field_discovery: schema.isFieldDiscoveryEnabled ?? null,
      revision: Math.trunc(schema.revision),
      created_at: schema.createdAt ? cleanLine(schema.createdAt, 40) : null,
      updated_at: schema.updatedAt ? cleanLine(schema.updatedAt, 40) : null,
      spec,
      spec_format: /^\s*[{[]/.test(whole) ? ('json' as const) : ('yaml' as const),
      spec_characters: whole.length,
      complete: spec.length === whole.length,
    };
  },
});

async function otherwiseSpelled(client: PantherClient, name: string): Promise<WholeSchema> {
  const names = (await readSchemas(client, {})).items.map((schema) => schema.name);
  const same = names.find((known) => known.toLowerCase() === name.toLowerCase());
  const found = same === undefined ? undefined : await readSchema(client, same);
  if (found === undefined) throw unknownName('log type schema', name, names);
  return found;
}

/** The text up to `most` characters, without a half line at its end where it has lines. */
function untilLineEnd(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.lastIndexOf('\n', most - 1);
  if (cut > 0) return text.slice(0, cut + 1);
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
