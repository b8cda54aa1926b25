import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { readInstant, serviceInstant } from '../instant';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { PantherClient } from './client';
import { readOn, readPosition, writePosition } from './page-position';
import { listQueries as document, listQueriesAnswer, type QueryFacts } from './query-documents';
import { toReadHistory } from './query-history';
import { queryRecord, shapeQuery } from './query-shape';

const statuses = ['running', 'succeeded', 'failed', 'cancelled'] as const;
const deadlineMs = 60_000;
const pageNeedsMs = 2_000;
const largestPage = 200;

const time = (what: string) =>
  z.string().max(40).optional().describe(`${what}, ISO 8601; UTC when it has no offset. Default: no limit`);

const filters = {
  contains: z
    .string()
    .max(1000)
    .optional()
    .describe('Text in the SQL or the name of the query, in any case of letters. Default: any'),
  status: z.array(z.enum(statuses)).max(4).optional().describe('Statuses to list. Default: all'),
  started_after: time('Only queries started at or after this time'),
  started_before: time('Only queries started at or before this time'),
  scheduled: z
    .boolean()
    .optional()
    .describe('Whether to list queries that a schedule started (true) or only others (false). Default: both'),
  issued_by: z
    .array(z.string().min(1).max(200))
    .max(50)
    .optional()
    .describe('Ids of users or API tokens that started the queries, at most 50. Default: anybody'),
};
const filterSchema = z.object(filters);
type Filters = z.infer<typeof filterSchema>;

export const listQueries = defineOperation({
  name: 'list_queries',
  toolset: 'panther',
  resource: 'Query',
  title: 'Get Many',
  action: 'Get many queries',
  description:
    'Lists queries of the data lake from the history, newest first: status, SQL, who started them, times and durations. Panther keeps about 30 days. Returns up to limit queries (default 50, at most 1000). get_query_results reads the rows of one by its id.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    ...filters,
    limit: z.number().int().min(1).max(1000).default(50).describe('Most queries to return, 1 to 1000; default 50'),
    cursor: z
      .string()
      .max(20_000)
      .optional()
      .describe('The next of an earlier answer with the same filters; default: from the newest'),
  }),
  output: z.object({
    queries: z.array(queryRecord),
    count: z.number().int(),
    complete: z.boolean().describe('False when older ones are left'),
    next: z.string().nullable().describe('Cursor for the next call; null when complete'),
  }),
  example: { contains: 'aws_cloudtrail', status: ['succeeded', 'failed'], limit: 10 },
  varies: ['next'],
  list: 'queries',
  async run(ports, { limit, cursor, ...asked }) {
    const after = instantOf('started_after', asked.started_after);
    const before = instantOf('started_before', asked.started_before);
    if (after !== undefined && before !== undefined && after > before) {
      throw new InvalidInputError('started_after', 'is later than started_before');
    }
    const owner = `queries:${createHash('sha256')
      .update(JSON.stringify(filterSchema.parse(asked)))
      .digest('hex')
      .slice(0, 16)}`;
    const text = cursor?.trim() || undefined;
    const from =
      text === undefined
        ? { cursor: undefined, pageSize: Math.min(limit, largestPage), used: 0, before: 0 }
        : readPosition(owner, text, 'was given out for other filters; use it with the same ones');
    const client = await PantherClient.connect(ports, new Deadline(ports, deadlineMs));
    const input = {
      contains: asked.contains || undefined,
      status: asked.status?.length ? asked.status : undefined,
      isScheduled: asked.scheduled,
      issuedBy: asked.issued_by?.length ? asked.issued_by : undefined,
      startedAtAfter: after === undefined ? undefined : new Date(after).toISOString(),
      startedAtBefore: before === undefined ? undefined : new Date(before).toISOString(),
      sortBy: 'startedAt',
      sortDir: 'descending',
    };
    const read = await readOn<QueryFacts>(from, {
      limit,
      keep: (query) => matches(query, asked, after, before),
      hasTime: () => client.deadline.leftMs >= pageNeedsMs,
      async read(at, pageSize) {
        const { data } = await client.read(
          document,
          { input: { ...input, pageSize, cursor: at } },
          listQueriesAnswer,
          toReadHistory,
        );
        const { edges, pageInfo } = data.dataLakeQueries;
        ports.progress(`Read ${edges.length} queries`, 1);
        return {
          items: edges.map(({ node }) => node),
          next: pageInfo.endCursor || undefined,
          more: pageInfo.hasNextPage,
        };
      },
    });
    const queries = read.items
      .map(shapeQuery)
      .sort((a, b) =>
        (b.started_at ?? '') < (a.started_at ?? '') ? -1 : (b.started_at ?? '') > (a.started_at ?? '') ? 1 : 0,
      );
    return {
      queries,
      count: queries.length,
      complete: read.stopped === undefined,
      next: read.next === undefined ? null : writePosition(owner, read.next),
    };
  },
});

/** What the service was asked for, checked here as well. */
function matches(query: QueryFacts, asked: Filters, after: number | undefined, before: number | undefined): boolean {
  const startedAt = serviceInstant(query.startedAt);
  const text = `${query.sql}\n${query.name ?? ''}`.toLowerCase();
  return (
    (!asked.contains || text.includes(asked.contains.toLowerCase())) &&
    (!asked.status?.length || asked.status.some((status) => status === query.status)) &&
    (asked.scheduled === undefined || (query.isScheduled === true) === asked.scheduled) &&
    (!asked.issued_by?.length || asked.issued_by.some((id) => id === query.issuedBy?.id)) &&
    (after === undefined || startedAt >= after) &&
    (before === undefined || startedAt <= before)
  );
}

function instantOf(field: string, value: string | undefined): number | undefined {
  return value === undefined || value.trim() === '' ? undefined : readInstant(field, value);
}
