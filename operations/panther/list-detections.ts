import { z } from 'zod';
import { MissingPermissionError, NotFoundOrNoAccessError, type OperationError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { PantherClient } from './client';
import { type DetectionFilter, filterQuery, matchesFilter, typesToRead } from './detection-filter';
import { detectionSummary, shapeDetection, type WireDetection, wireDetection } from './detection-record';
import { type DetectionType, detectionKinds, detectionTypes, severities } from './detection-types';
import { type RestList, readRestPage } from './rest-list';
import { parsePosition, positionText, readLists } from './several-lists';

/** Panther's default. Records carry their code and tests, so that larger pages only grow heavy. */
const pageSize = 100;

const input = z.object({
  types: z
    .array(z.enum(detectionTypes))
    .min(1)
    .optional()
    .describe('Only detections of these types; all types that the token may read unless given'),
  name_contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only detections whose name or id contains this text; case does not matter'),
  enabled: z.boolean().optional().describe('Whether they are enabled; both unless given'),
  severities: z.array(z.enum(severities)).optional().describe('Only detections with one of these severities'),
  tags: z.array(z.string().max(200)).max(50).optional().describe('Only detections with one of these tags'),
  log_types: z
    .array(z.string().max(200))
    .max(50)
    .optional()
    .describe(
      'Only detections over one of these log types, e.g. AWS.CloudTrail; leaves out scheduled rules and policies',
    ),
  resource_types: z
    .array(z.string().max(200))
    .max(50)
    .optional()
    .describe('Only policies over one of these resource types, e.g. AWS.S3.Bucket'),
  created_by: z.string().min(1).max(200).optional().describe('Only detections created by this user or token id'),
  last_modified_by: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only detections last changed by this user or token id'),
  output_ids: z
    .array(z.string().max(200))
    .max(50)
    .optional()
    .describe('Only detections that are sent to one of these destination ids'),
  limit: z.number().int().min(1).max(1000).default(100).describe('Most detections to return, 1 to 1000; default 100'),
  cursor: z.string().max(8000).optional().describe('next of an earlier call with the same filters, to go on there'),
});

const codes = ['missing_permission', 'not_found_or_no_access', 'bad_response'] as const;
type Code = (typeof codes)[number];
const unreadableSchema = z.object({
  type: z.enum(detectionTypes),
  code: z.enum(codes),
  reason: z.string(),
});
type Unreadable = z.infer<typeof unreadableSchema>;

const output = z.object({
  detections: z.array(detectionSummary).describe('Without their code; get_detection has it'),
  count: z.number().int().describe('Detections in this answer'),
  complete: z.boolean().describe('False when there may be more: by next, or in a type that could not be read'),
  next: z.string().nullable().describe('Give it as cursor to go on; null when nothing is left that can be read'),
  unreadable: z.array(unreadableSchema).describe('Types that were asked for and are missing here, with the reason'),
});

export const listDetections = defineOperation({
  name: 'list_detections',
  toolset: 'panther',
  resource: 'Detection',
  title: 'Get Many',
  action: 'Get many detections',
  description:
    'Lists the detections of Panther: rules, scheduled rules, simple rules, policies and correlation rules, without their code, at most limit (default 100). Filters combine; within one filter any value counts. A type that the token may not read, or that this Panther does not have, is named in unreadable. Needs RuleRead for rules and PolicyRead for policies.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['RuleRead', 'PolicyRead'],
  runs: 'anywhere',
  input,
  output,
  example: { severities: ['HIGH', 'CRITICAL'], limit: 20 },
  echoOnError: ['name_contains'],
  list: 'detections',
  async run(ports, { limit, cursor, ...filter }) {
    const types = typesToRead(filter);
    const from = cursor === undefined ? undefined : parsePosition(cursor, types, carriedSchema);
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    // Named again on every page, or the last one would look complete.
    const unreadable = (from?.more ?? [])
      .filter(([type]) => types.includes(type))
      .map(([type, code]) => ({ type, code, reason: reasonOf(type, code) }));
    let firstFailure: OperationError | undefined;
    const { found, rest, circular } = await readLists<DetectionType, WireDetection>({
      lists: types,
      limit,
      from: from?.position,
      read: async (type, after) => {
        try {
          return await readRestPage(client, listOf(type, filter), Math.min(limit, pageSize), after);
        } catch (error) {
          const code = leftOutFor(error);
          if (code === undefined) throw error;
          firstFailure ??= error as OperationError;
          unreadable.push({ type, code, reason: reasonOf(type, code) });
          return undefined;
        }
      },
      keep: (record) => matchesFilter(record, filter),
    });
    if (firstFailure !== undefined && unreadable.length === types.length) throw firstFailure;
    for (const type of circular)
      unreadable.push({ type, code: 'bad_response', reason: reasonOf(type, 'bad_response') });
    return {
      detections: found.map(({ list, item }) => shapeDetection(list, item, 300)),
      count: found.length,
      complete: rest === undefined && unreadable.length === 0,
      next: rest === undefined ? null : positionText(rest, carried(unreadable)),
      unreadable,
    };
  },
});

const carriedSchema = z.array(z.tuple([z.enum(detectionTypes), z.enum(codes)])).max(2 * detectionTypes.length);

function carried(unreadable: readonly Unreadable[]): [DetectionType, Code][] | undefined {
  return unreadable.length === 0 ? undefined : unreadable.map(({ type, code }) => [type, code]);
}

function listOf(type: DetectionType, filter: DetectionFilter): RestList<WireDetection> {
  const { path, noun, read } = detectionKinds[type];
  return {
    path,
    query: filterQuery(type, filter),
    item: wireDetection,
    largestPage: pageSize,
    permission: read,
    what: `to list detections of the type ${noun}`,
    object: `list of detections of the type ${noun}`,
    noun: 'detections',
  };
}

/** Why a type is left out instead of failing the call; undefined when it has to fail. */
function leftOutFor(error: unknown): Code | undefined {
  if (error instanceof MissingPermissionError) return 'missing_permission';
  if (error instanceof NotFoundOrNoAccessError) return 'not_found_or_no_access';
  return undefined;
}

function reasonOf(type: DetectionType, code: Code): string {
  const { noun, read } = detectionKinds[type];
  if (code === 'missing_permission') return `Panther refused the list: the token lacks ${read}`;
  if (code === 'not_found_or_no_access')
    return `This Panther has no list of the type ${noun}, or the token may not see it`;
  return 'Panther gave the same page cursor twice, so that the rest of the list cannot be reached';
}
