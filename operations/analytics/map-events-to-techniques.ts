import { z } from 'zod';
import { defineOperation } from '../operation';
import { cleanLine } from '../text';
import { callTableSource, readCall } from './attack/cloudtrail-calls';
import { attackVersion } from './attack/technique';

const mapped = z.object({
  event: z.string().describe('As given'),
  status: z.enum(['mapped', 'unlisted', 'not_a_call']),
  call: z.string().nullable().describe('service:Call as the table has it'),
  kind: z
    .enum(['change', 'read_only', 'everyday'])
    .nullable()
    .describe('read_only and everyday calls give candidates, never stages'),
  techniques: z.array(z.object({ id: z.string(), name: z.string(), standing: z.enum(['shown', 'candidate']) })),
  tactics: z.array(z.string()),
  incidents: z.number().int().describe('Known incidents in which the call was seen'),
  note: z.string().nullable(),
});

function mapOne(text: string): z.infer<typeof mapped> {
  const event = cleanLine(text, 200);
  const read = readCall(text);
  const nothing = { event, call: null, kind: null, techniques: [], tactics: [], incidents: 0 };
  if (read.kind === 'unknown') return { ...nothing, status: 'not_a_call', note: read.reason };
  if (read.kind === 'unlisted')
    return {
      ...nothing,
      status: 'unlisted',
      note: 'The table does not list it: nothing is known, which says neither harmless nor hostile',
    };
  const { call, otherServices } = read;
  const standing = call.kind === 'change' ? ('shown' as const) : ('candidate' as const);
  return {
    event,
    status: 'mapped',
    call: call.id,
    kind: call.kind,
    techniques: call.techniques.map(({ id, name }) => ({ id, name, standing })),
    tactics: [...call.tactics],
    incidents: call.incidents,
    note: otherServices.length === 0 ? null : `Also a call of ${otherServices.join(', ')}`,
  };
}

export const mapEventsToTechniques = defineOperation({
  name: 'map_events_to_techniques',
  toolset: 'analytics',
  resource: 'Attack',
  title: 'Map Events to Techniques',
  action: 'Map AWS events to attack techniques',
  description:
    'Looks up CloudTrail API calls in a table with ATT&CK techniques, tactics and the number of known incidents in which each was seen. Calls that only look around, and those every client makes, give candidates; a technique is shown only by a call that changes something or hands out secrets, and even then only when the call was no part of somebody’s work. Unlisted calls are named as such. Reads nothing from outside.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'anywhere',
  input: z.object({
    events: z
      .array(z.string().max(300))
      .min(1)
      .max(1000)
      .describe(
        'Names of API calls, e.g. iam:CreateAccessKey, CreateAccessKey or iam.amazonaws.com/CreateAccessKey; at most 1000',
      ),
  }),
  output: z.object({
    events: z.array(mapped),
    mapped: z.number().int(),
    unlisted: z.number().int(),
    attack_version: z.string(),
    source: z.string(),
  }),
  example: { events: ['iam:CreateAccessKey', 'StopLogging', 'ListBuckets'] },
  list: 'events',
  async run(_ports, { events }) {
    const list = events.map(mapOne);
    return {
      events: list,
      mapped: list.filter(({ status }) => status === 'mapped').length,
      unlisted: list.filter(({ status }) => status !== 'mapped').length,
      attack_version: attackVersion,
      source: callTableSource,
    };
  },
});
