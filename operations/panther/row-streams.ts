import { z } from 'zod';
import { Deadline } from '../retry';
import type { RowStream, Streaming } from '../row-stream';
import { PantherClient } from './client';
import { startQuery } from './query-life-cycle';
import { assertAllowedSql } from './sql/guard';
import { streamRows } from './stream-rows';
import { suggestNames } from './suggestions';

export const defaultStreamedRows = 1_000_000;
export const defaultStreamSeconds = 3_600;

/** The limits of a result that goes to a file. */
const limits = {
  max_rows: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .default(defaultStreamedRows)
    .describe('Most rows to write, 1 to 10000000; default 1000000'),
  wait_seconds: z
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(defaultStreamSeconds)
    .describe('Seconds for the whole: the query and all its pages, 1 to 86400; default 3600'),
};

const sqlInput = z.object({
  sql: z.string().min(1).max(100_000).describe('One SELECT statement'),
  database: z
    .string()
    .min(1)
    .max(200)
    .default('panther_logs')
    .describe('Database for table names without one; default panther_logs'),
  ...limits,
});

/** The rows of a SQL query, which is checked by the guard and then started once. */
export const streamSqlQuery: Streaming<typeof sqlInput> = {
  input: sqlInput,
  async *pages(ports, { sql, database, max_rows, wait_seconds }): RowStream {
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    assertAllowedSql(sql, { database, settings: client.settings, now: ports.now() });
    const { id } = await startQuery(client, sql, database);
    ports.log.info('query started', { query_id: id });
    ports.progress(`Query ${id} was started`, 0);
    try {
      return yield* streamRows(client, id, max_rows, true);
    } catch (error) {
      await suggestNames(client, error, sql, database);
      throw error;
    }
  },
};

const resultsInput = z.object({
  query_id: z.string().min(1).max(200).describe('Id of a query'),
  ...limits,
});

/** The rows of a query that has been started before. */
export const streamQueryResults: Streaming<typeof resultsInput> = {
  input: resultsInput,
  async *pages(ports, { query_id, max_rows, wait_seconds }): RowStream {
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    return yield* streamRows(client, query_id, max_rows, false);
  },
};
