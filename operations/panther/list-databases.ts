import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanLine, cleanText } from '../text';
import { readDatabases } from './catalogue';
import { PantherClient } from './client';
import { closestNames } from './table-names';

const input = z.object({
  name_contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only databases whose name or description contains this text; case does not matter'),
  limit: z.number().int().min(1).max(1000).default(100).describe('Most databases to return, 1 to 1000; default 100'),
});

const output = z.object({
  databases: z.array(z.object({ name: z.string(), description: z.string().nullable() })),
  count: z.number().int().describe('Databases in this answer'),
  complete: z.boolean().describe('False when limit left some out'),
  next: z
    .string()
    .nullable()
    .describe('Always null: Panther gives all databases at once, so a larger limit shows the rest'),
  did_you_mean: z.array(z.string()).describe('Names that come close when nothing contains the text; else empty'),
});

export const listDatabases = defineOperation({
  name: 'list_databases',
  toolset: 'panther',
  resource: 'Database',
  title: 'Get Many',
  action: 'Get many databases',
  description:
    'Lists the databases of the Panther data lake with their descriptions, at most limit (default 100). list_available_tables shows what is in one. Databases that were granted to Panther from outside can be queried but are not listed.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input,
  output,
  example: {},
  echoOnError: ['name_contains'],
  list: 'databases',
  async run(ports, { name_contains, limit }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const all = await readDatabases(client);
    const wanted = name_contains?.toLowerCase() ?? '';
    const matching = all.filter(({ name, description }) =>
      [name, description].some((text) => text?.toLowerCase().includes(wanted)),
    );
    const names = all.map(({ name }) => name);
    const near = matching.length === 0 ? closestNames(wanted, names) : [];
    const databases = matching.slice(0, limit).map(({ name, description }) => ({
      name: cleanLine(name, 200),
      description: description == null ? null : cleanText(description, 1000),
    }));
    return {
      databases,
      count: databases.length,
      complete: databases.length === matching.length,
      next: null,
      did_you_mean: near.map((name) => cleanLine(name, 200)),
    };
  },
});
