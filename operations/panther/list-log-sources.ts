import { z } from 'zod';
import { InvalidInputError, MissingPermissionError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { PantherClient, type Purpose } from './client';
import { type Alarm, alarmSchema, readAlarms } from './log-source-alarms';
import {
  bySeverity,
  healthStates,
  listSources,
  listSourcesAnswer,
  type Source,
  type SourceNode,
  shapeSource,
} from './log-source-health';

const toList: Purpose = { permission: 'LogSourceRead', what: 'to list the log sources' };

const input = z.object({
  health: z
    .array(z.enum(healthStates))
    .min(1)
    .optional()
    .describe('Only sources in one of these states; all unless given, unhealthy and silent ones first'),
  silent_hours: z
    .number()
    .min(0.25)
    .max(8760)
    .default(24)
    .describe('Hours without an event after which a source counts as silent, 0.25 to 8760; default 24'),
  log_types: z
    .array(z.string().max(200))
    .max(50)
    .optional()
    .describe('Only sources with one of these log types, e.g. AWS.CloudTrail'),
  type: z.string().min(1).max(100).optional().describe('Only sources of this integration type, e.g. aws-s3'),
  name_contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only sources whose name contains this text; case does not matter'),
  include_alarms: z
    .boolean()
    .default(false)
    .describe('Whether to read the drop-off alarm of each source returned, one call a source; default false'),
  limit: z.number().int().min(1).max(1000).default(200).describe('Most sources to return, 1 to 1000; default 200'),
  cursor: z.string().max(20).optional().describe('next of an earlier call with the same filters, to go on there'),
});

const source = z.object({
  id: z.string(),
  label: z.string(),
  type: z.string().describe('Integration type'),
  health: z.enum(healthStates),
  is_healthy: z.boolean().describe("Panther's own word"),
  is_silent: z.boolean().describe('No event for longer than silent_hours'),
  last_event_age_minutes: z.number().int().nullable().describe('Null when no event ever came'),
  last_event_received_at: z.string().nullable(),
  last_event_processed_at: z.string().nullable(),
  log_types: z.array(z.string()),
  is_editable: z.boolean().nullable(),
  created_at: z.string().nullable(),
  last_modified: z.string().nullable(),
  alarm: alarmSchema.nullable().describe('Its drop-off alarm; null unless include_alarms'),
});

const output = z.object({
  sources: z.array(source).describe('Unhealthy first, then silent, then healthy; the longest quiet first among these'),
  count: z.number().int().describe('Sources in this answer'),
  complete: z.boolean().describe('False when there are more'),
  next: z.string().nullable().describe('Give it as cursor to go on; null when complete'),
  totals: z
    .object({ unhealthy: z.number().int(), silent: z.number().int(), healthy: z.number().int() })
    .describe('Sources in each state that match the other filters, returned or not'),
  alarms_unavailable: z.string().nullable().describe('Why alarms were asked for and are missing'),
});

export const listLogSources = defineOperation({
  name: 'list_log_sources',
  toolset: 'panther',
  resource: 'Log Source',
  title: 'Get Many',
  action: 'Get many log sources',
  description:
    'Lists the log sources of Panther, those in trouble first: unhealthy by its own checks, then silent (no event for silent_hours, default 24, although called healthy), then healthy. Nothing is hidden unless filtered. include_alarms adds the state of each drop-off alarm. Never returns secrets of a source.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['LogSourceRead'],
  runs: 'anywhere',
  input,
  output,
  example: { silent_hours: 24, include_alarms: true },
  varies: ['sources.*.last_event_age_minutes', 'sources.*.last_event_received_at', 'sources.*.last_event_processed_at'],
  echoOnError: ['name_contains'],
  list: 'sources',
  async run(ports, { health, silent_hours, log_types, type, name_contains, include_alarms, limit, cursor }) {
    const from = cursor === undefined ? 0 : readOffset(cursor);
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const { nodes, complete } = await readSources(client);
    const now = ports.now();
    const wantedTypes = (log_types ?? []).map((name) => name.toLowerCase());
    const name = name_contains?.toLowerCase();
    const matching = nodes
      .filter(
        (node) =>
          (name === undefined || node.integrationLabel.toLowerCase().includes(name)) &&
          (type === undefined || node.integrationType.toLowerCase() === type.toLowerCase()) &&
          (wantedTypes.length === 0 || (node.logTypes ?? []).some((held) => wantedTypes.includes(held.toLowerCase()))),
      )
      .map((node) => ({ node, shown: shapeSource(node, now, silent_hours) }))
      .sort((a, b) => bySeverity(a.shown, b.shown));
    const wanted = matching.filter(({ shown }) => health === undefined || health.includes(shown.health));
    const page = wanted.slice(from, from + limit);
    const alarms = include_alarms
      ? await alarmsOf(
          client,
          page.map(({ node }) => node.integrationId),
        )
      : { found: [], problem: null };
    const isLast = from + page.length >= wanted.length;
    return {
      sources: page.map(({ shown }, index) => ({ ...shown, alarm: alarms.found[index] ?? null })),
      count: page.length,
      complete: complete && isLast,
      next: isLast ? null : String(from + page.length),
      totals: countStates(matching.map(({ shown }) => shown)),
      alarms_unavailable: alarms.problem,
    };
  },
});

function readOffset(cursor: string): number {
  if (/^\d{1,6}$/.test(cursor)) return Number(cursor);
  throw new InvalidInputError('cursor', 'is not a next value of this operation');
}

function countStates(sources: readonly Source[]): Record<(typeof healthStates)[number], number> {
  const count = (state: string): number => sources.filter(({ health }) => health === state).length;
  return { unhealthy: count('unhealthy'), silent: count('silent'), healthy: count('healthy') };
}

const mostPages = 20;

/**
 * All sources. Panther gives them in one page and its cursor is a placeholder; one that is given all the same is followed
 * for as long as it brings sources that were not there before.
 */
async function readSources(client: PantherClient): Promise<{ nodes: SourceNode[]; complete: boolean }> {
  const byId = new Map<string, SourceNode>();
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { data } = await client.read(
      listSources,
      { input: cursor === undefined ? {} : { cursor } },
      listSourcesAnswer,
      toList,
    );
    const before = byId.size;
    for (const { node } of data.sources.edges) byId.set(node.integrationId, node);
    const { hasNextPage, endCursor } = data.sources.pageInfo;
    if (!hasNextPage) return { nodes: [...byId.values()], complete: true };
    if (!endCursor || byId.size === before) break;
    cursor = endCursor;
  }
  return { nodes: [...byId.values()], complete: false };
}

/** A token that may not see alarms still sees its sources. */
async function alarmsOf(
  client: PantherClient,
  ids: readonly string[],
): Promise<{ found: Alarm[]; problem: string | null }> {
  try {
    return { found: await readAlarms(client, ids), problem: null };
  } catch (error) {
    if (error instanceof MissingPermissionError) return { found: [], problem: error.message };
    throw error;
  }
}
