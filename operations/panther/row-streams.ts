import { z } from 'zod';
import { QueryFailedError } from '../errors';
import { Deadline } from '../retry';
import type { RowStream, Streaming } from '../row-stream';
import { PantherClient } from './client';
import { obtainQuery } from './query-memory';
import { startOf } from './query-results';
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
  reuse: z
    .boolean()
    .default(true)
    .describe('Whether a query of the same SQL that runs or has run in the last minutes may answer; default true'),
  ...limits,
});

/** The rows of a SQL query, which is checked by the guard and then started once, unless one that is known answers it. */
export const streamSqlQuery: Streaming<typeof sqlInput> = {
  input: sqlInput,
  async *pages(ports, { sql, database, reuse, max_rows, wait_seconds }): RowStream {
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    assertAllowedSql(sql, { database, settings: client.settings, now: ports.now() });
    const query = await obtainQuery(client, sql, database, reuse);
    const { id, reused } = query;
    ports.log.info(reused ? 'query found' : 'query started', { query_id: id });
    ports.progress(`Query ${id} was ${reused ? 'found' : 'started'}`, 0);
    try {
      return yield* streamRows(client, id, { maxRows: max_rows, isOurs: !reused });
    } catch (error) {
      // Nobody should be answered by a query that has ended badly.
      if (error instanceof QueryFailedError || (!reused && ports.signal.aborted)) await query.forget();
      await suggestNames(client, error, sql, database);
      throw error;
    }
  },
};

const resultsInput = z.object({
  query_id: z.string().trim().min(1).max(200).describe('Id of a query'),
  cursor: z.string().max(20_000).optional().describe('The next of an earlier reading; default: from the first row'),
  ...limits,
});

/** The rows of a query that has been started before. */
export const streamQueryResults: Streaming<typeof resultsInput> = {
  input: resultsInput,
  async *pages(ports, { query_id, cursor, max_rows, wait_seconds }): RowStream {
    const from = cursor?.trim() || undefined;
    startOf(query_id, max_rows, from);
    const client = await PantherClient.connect(ports, new Deadline(ports, wait_seconds * 1000));
    return yield* streamRows(client, query_id, { maxRows: max_rows, isOurs: false, from });
  },
};
