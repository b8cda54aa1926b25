import { InvalidInputError, OperationError } from '../errors';
import { mapConcurrently } from '../gitlab/concurrency';
import { serviceInstant } from '../instant';
import { sha256 } from '../investigation/canonical-json';
import { PantherClient } from '../panther/client';
import { obtainQuery } from '../panther/query-memory';
import { assertAllowedSql } from '../panther/sql/guard';
import { streamRows } from '../panther/stream-rows';
import type { Ports } from '../ports';
import { Deadline } from '../retry';
import { cleanText } from '../text';
import type { PopulationRow } from './csv-table';
import { type LakeQuery, type LakeScope, lakeQueries } from './lake-sql';
import { partial } from './partial-answer';
import { type PopulationName, shapeOf } from './populations';
import type { QueryRecord } from './query-record';

const database = 'panther_logs';
/** The data lake bills by the time its machine runs, and runs a few queries as fast as one. */
const queriesAtOnce = 3;

interface Answer {
  record: QueryRecord;
  rows: PopulationRow[];
}

export interface LakeReading {
  queries: QueryRecord[];
  rows: Partial<Record<PopulationName, PopulationRow[]>>;
  /** Events of each population and log by the query that counts, as `population/log`. */
  counted: Map<string, number>;
  /** Rows whose time or count cannot be read. */
  unreadable: Partial<Record<PopulationName, number>>;
}

/**
 * Asks the data lake for every population of the period. What fails is a problem of its query and never an empty
 * population; only a cancelled call throws.
 */
export async function readLake(ports: Ports, scope: LakeScope, waitMs: number): Promise<LakeReading> {
  const reading: LakeReading = { queries: [], rows: {}, counted: new Map(), unreadable: {} };
  const questions = lakeQueries(scope);
  const opened = await partial(() => open(ports, waitMs));
  let done = 0;
  const answers = await mapConcurrently(
    questions,
    async (question) => {
      const answer: Answer = { record: newRecord(question), rows: [] };
      const { record } = answer;
      const failure =
        opened instanceof OperationError
          ? opened
          : await partial(() => readOne(opened, question, scope.maxRows, answer, reading));
      if (failure instanceof OperationError) {
        const { query_id: id } = failure.details;
        record.query_id ??= typeof id === 'string' ? id : null;
        record.problem = cleanText(failure.message, 500);
      }
      done += 1;
      ports.progress(`Read ${question.id}`, done, questions.length);
      return answer;
    },
    queriesAtOnce,
  );
  // In the order of the questions, whichever was answered first.
  for (const { record, rows } of answers) {
    reading.queries.push(record);
    const { population } = record;
    if (population === null || record.query_id === null) continue;
    reading.rows[population] = [...(reading.rows[population] ?? []), ...rows];
  }
  return reading;
}

async function open(ports: Ports, waitMs: number): Promise<PantherClient> {
  const client = await PantherClient.connect(ports, new Deadline(ports, waitMs));
  if (client.settings.dialect !== 'snowflake')
    throw new InvalidInputError(
      'dialect',
      'the populations are read with the SQL of Snowflake, and this connection is set to Databricks',
    );
  return client;
}

function newRecord({ id, population, sql }: LakeQuery): QueryRecord {
  return {
    id,
    population,
    source: 'lake',
    text: sql,
    text_sha256: sha256(sql),
    database,
    query_id: null,
    rows: null,
    row_count: null,
    complete: false,
    problem: null,
  };
}

async function readOne(
  client: PantherClient,
  { population, log, sql }: LakeQuery,
  maxRows: number,
  { record, rows: kept }: Answer,
  reading: LakeReading,
): Promise<void> {
  assertAllowedSql(sql, { database, settings: client.settings, now: client.ports.now() });
  // Evidence is read for this package: a query that ran before for somebody else does not answer it.
  const query = await obtainQuery(client, sql, database, false);
  record.query_id = query.id;
  const stream = streamRows(client, query.id, { maxRows, isOurs: true });
  let read = 0;
  for (;;) {
    const step = await stream.next();
    if (step.done) {
      const { row_count, complete, cut_by } = step.value;
      record.rows = read;
      record.row_count = Math.max(row_count, read);
      record.complete = complete && record.row_count <= read;
      if (!record.complete) record.problem = cutText(cut_by, read, record.row_count);
      return;
    }
    for (const row of step.value.rows) {
      read += 1;
      const cells = lowerCased(row);
      if (population === null) {
        for (const [name, value] of Object.entries(cells)) reading.counted.set(`${name}/${log}`, Number(value));
      } else if (!addRow(kept, population, cells, log)) {
        reading.unreadable[population] = (reading.unreadable[population] ?? 0) + 1;
      }
    }
  }
}

function cutText(cutBy: string | null, read: number, total: number): string {
  const why =
    cutBy === 'max_rows'
      ? 'max_rows was reached'
      : cutBy === 'wait_seconds'
        ? 'the time ran out'
        : 'Panther gave no more of them';
  return cutBy === 'max_rows' && total === read + 1
    ? `cut after ${read} rows: ${why}, and there are more`
    : `cut after ${read} of ${total} rows: ${why}`;
}

/** Snowflake gives the names of columns in capitals. */
function lowerCased(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
}

const times = new Set(['time', 'quarter', 'first_at', 'last_at', 'hour']);
/** Words that SQL keeps to itself are other names in our queries. */
const renamed: Record<string, string> = { user: 'user_name', group: 'group_name' };

/** False for a row that cannot be judged: without a time, or with a count that is none. */
function addRow(
  kept: PopulationRow[],
  population: PopulationName,
  cells: Record<string, unknown>,
  log: string,
): boolean {
  const { columns, counts } = shapeOf(population);
  const row: Record<string, string> = {};
  for (const column of columns) {
    const value = cells[renamed[column] ?? column];
    if (times.has(column)) {
      const time = serviceInstant(typeof value === 'string' ? value : '');
      if (Number.isNaN(time)) return false;
      row[column] = new Date(time).toISOString();
    } else row[column] = value === null || value === undefined ? '' : String(value);
  }
  if (columns.includes('system')) row.system = log;
  if (counts !== undefined && !/^[1-9]\d*$/.test(row[counts] ?? '')) return false;
  kept.push(row);
  return true;
}
