import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { PantherClient } from './client';
import { readSchemas, type SchemaFacts } from './log-type-schemas';
import { readOffset, sliceAt } from './offset-cursor';
import { closestNames } from './table-names';

const input = z.object({
  contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only schemas whose name or description contains this text; case does not matter'),
  in_use: z.boolean().optional().describe('Only schemas that a log source uses (true) or none uses (false)'),
  managed: z.boolean().optional().describe("Only Panther's own schemas (true) or the tenant's (false)"),
  archived: z.boolean().optional().describe('Only archived schemas (true) or only others (false); both unless given'),
  limit: z.number().int().min(1).max(1000).default(100).describe('Most schemas to return, 1 to 1000; default 100'),
  cursor: z.string().max(20).optional().describe('next of an earlier call with the same filters, to go on there'),
});

const output = z.object({
  schemas: z.array(
    z.object({
      name: z.string().describe('The log type, e.g. AWS.CloudTrail'),
      description: z.string().nullable(),
      managed: z.boolean().describe("True for Panther's own"),
      archived: z.boolean(),
      revision: z.number().int(),
      reference_url: z.string().nullable(),
      updated_at: z.string().nullable(),
    }),
  ),
  count: z.number().int().describe('Schemas in this answer'),
  complete: z.boolean().describe('False when there are more'),
  next: z.string().nullable().describe('Give it as cursor to go on; null when there is nothing to go on with'),
  did_you_mean: z.array(z.string()).describe('Names that come close when nothing contains the text; else empty'),
});

export const listLogTypeSchemas = defineOperation({
  name: 'list_log_type_schemas',
  toolset: 'panther',
  resource: 'Log Type Schema',
  title: 'Get Many',
  action: 'Get many log type schemas',
  description:
    'Lists the log type schemas of the Panther tenant by name, without their specs, at most limit (default 100). get_log_type_schema shows one with its spec.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['LogSourceRead'],
  runs: 'anywhere',
  input,
  output,
  example: { contains: 'aws', in_use: true },
  echoOnError: ['contains'],
  list: 'schemas',
  async run(ports, { contains, in_use, managed, archived, limit, cursor }) {
    const offset = readOffset(cursor);
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const all = await readSchemas(client, { isInUse: in_use, isManaged: managed, isArchived: archived });
    const wanted = contains?.toLowerCase() ?? '';
    const matching = all.items
      .filter(
        (schema) =>
          [schema.name, schema.description].some((text) => text?.toLowerCase().includes(wanted)) &&
          (managed === undefined || schema.isManaged === managed) &&
          (archived === undefined || schema.isArchived === archived),
      )
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const { items, next } = sliceAt(matching, offset, limit);
    const names = all.items.map(({ name }) => name);
    const near = matching.length === 0 && wanted !== '' ? closestNames(wanted, names) : [];
    return {
      schemas: items.map(shape),
      count: items.length,
      complete: next === null && all.complete,
      next,
      did_you_mean: near.map((name) => cleanLine(name, 200)),
    };
  },
});

function shape(schema: SchemaFacts) {
  return {
    name: cleanLine(schema.name, 200),
    description: schema.description == null ? null : cleanText(schema.description, 500),
    managed: schema.isManaged,
    archived: schema.isArchived,
    revision: Math.trunc(schema.revision),
    reference_url: schema.referenceURL ? cleanLine(schema.referenceURL, 500) : null,
    updated_at: schema.updatedAt ? cleanLine(schema.updatedAt, 40) : null,
  };
}
