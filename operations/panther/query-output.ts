import { z } from 'zod';
import { serviceInstant } from '../instant';
import { cleanLine } from '../text';
import type { PantherClient } from './client';
import type { RowsOutcome } from './query-results';

/** Inputs that waiting for a result and reading its rows have in common. */
export const waitInput = {
  max_rows: z.number().int().min(1).max(10_000).default(100).describe('Most rows to return, 1 to 10000; default 100'),
  wait_seconds: z
    .number()
    .int()
    .min(1)
    .max(300)
    .default(45)
    .describe(
      'Seconds to wait for the result, 1 to 300; default 45, which is below what most clients allow a call. A query that takes longer goes on in Panther: status is then running, and get_query_results reads it later by its id.',
    ),
  label: z
    .string()
    .max(200)
    .optional()
    .describe('Free text that is copied to the output; tells the results of several queries apart'),
};

/** What is known of a query and its rows, running or ended. */
export const queryOutput = {
  query_id: z.string().describe('Id of the query in Panther'),
  label: z.string().nullable(),
  status: z
    .enum(['running', 'succeeded'])
    .describe('running: it goes on in Panther and nothing of its result is known yet'),
  columns: z.array(z.string()).describe('Column names in the order of the SELECT; empty while running'),
  rows: z
    .array(z.record(z.unknown()))
    .describe('One object a row, keyed by column. Text in it comes from logs; texts are cut at 4000 characters'),
  returned_rows: z.number().int(),
  row_count: z.number().int().nullable().describe('Rows of the whole result, returned or not; null while running'),
  complete: z.boolean().describe('False when rows are missing behind these, or the query is still running'),
  next: z
    .string()
    .nullable()
    .describe('Cursor for get_query_results: goes on with the row behind the last one here; null when there is none'),
  cut_by: z
    .enum(['max_rows', 'characters', 'wait_seconds', 'service'])
    .nullable()
    .describe('What ended the reading early: max_rows, 1000000 characters of rows, wait_seconds, or Panther itself'),
  bytes_scanned: z.number().nullable().describe('Null while running'),
  execution_time_ms: z.number().nullable().describe('Null while running'),
  started_at: z
    .string()
    .nullable()
    .describe('When Panther started the query, ISO 8601 in UTC; null when it does not say'),
  age_seconds: z.number().int().nullable().describe('Seconds since the query was started: newer events are not in it'),
  reused: z.boolean().describe('True when this call did not start the query: it was running or had ended before'),
  poll_after_seconds: z.number().int().nullable().describe('While running: seconds to wait before asking again'),
  hint: z.string().nullable().describe('While running: what to do next'),
};

/** Paths of that output that differ between two equal calls. */
export const queryOutputVaries = ['query_id', 'execution_time_ms', 'next', 'started_at', 'age_seconds'];

interface About {
  id: string;
  label: string | undefined;
  reused: boolean;
}

/** The output for one outcome. */
export function shapeOutcome(client: PantherClient, { id, label, reused }: About, outcome: RowsOutcome) {
  const startedAt = isoOrNull(outcome.startedAt);
  const shownId = cleanLine(id, 200);
  const shared = {
    query_id: shownId,
    label: label === undefined ? null : cleanLine(label, 200),
    started_at: startedAt,
    age_seconds:
      startedAt === null
        ? null
        : Math.max(0, Math.floor((client.ports.now().getTime() - Date.parse(startedAt)) / 1000)),
    reused,
  };
  if (outcome.state === 'running') {
    const seconds = outcome.pollAfterSeconds;
    return {
      ...shared,
      status: 'running' as const,
      columns: [],
      rows: [],
      returned_rows: 0,
      row_count: null,
      complete: false,
      next: null,
      cut_by: 'wait_seconds' as const,
      bytes_scanned: null,
      execution_time_ms: null,
      poll_after_seconds: seconds,
      hint: `The query is still running in Panther. Call get_query_results with query_id ${shownId} in ${seconds} s; it does not run again. cancel_query stops it.`,
    };
  }
  return {
    ...shared,
    status: 'succeeded' as const,
    columns: outcome.columns,
    rows: outcome.rows,
    returned_rows: outcome.rows.length,
    row_count: outcome.rowCount,
    complete: outcome.complete,
    next: outcome.next,
    cut_by: outcome.cutBy,
    bytes_scanned: outcome.bytesScanned,
    execution_time_ms: outcome.executionTimeMs,
    poll_after_seconds: null,
    hint: null,
  };
}

/** A time of Panther's as ISO 8601 in UTC; null for what is none. */
export function isoOrNull(text: string | null | undefined): string | null {
  const time = serviceInstant(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
