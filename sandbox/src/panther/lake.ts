import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DuckDBConnection, DuckDBInstance, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import { type Column, DATABASES, TABLES, type Table } from './catalogue';
import type { CloudTrailRow } from './cloudtrail-row';
import { MACRO_STATEMENTS } from './duckdb-macros';
import { queryFailure } from './query-errors';
import { explainResult, projection, QueryResult, resultColumns } from './query-result';
import { accessFailure, initTranslation, QueryFailure, type Translation, translate } from './snowflake-sql';
import { nameOf, type Token } from './sql-tokens';

/** Tables that show the rows of others: all log tables that ever have rows. */
const VIEWS: Record<string, readonly string[]> = {
  'panther_views.public.all_logs': [
    'panther_logs.public.aws_cloudtrail',
    'panther_logs.public.okta_systemlog',
    'panther_logs.public.gitlab_audit',
  ],
  'panther_views.public.all_rule_matches': ['panther_rule_matches.public.aws_cloudtrail'],
  'panther_signals.public.correlation_signals': ['panther_rule_matches.public.aws_cloudtrail'],
};

/** Rows of a rule match: a CloudTrail row with the columns of the alert it belongs to. */
export type MatchRow = CloudTrailRow;

/**
 * The data lake: DuckDB in memory, with Panther's databases and tables, that runs Snowflake SQL. Rows are loaded once,
 * then nothing can be written: queries are refused unless they only read, and DuckDB may not touch files any more.
 */
export class Lake {
  private readonly sizes = new Map<string, { rows: number; bytes: number }>();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly clock: () => Date,
  ) {}

  /** Opens an empty lake. `clock` says what "now" is in a query. */
  static async open(clock: () => Date): Promise<Lake> {
    await initTranslation();
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const lake = new Lake(instance, connection, clock);
    await connection.run("SET default_null_order = 'nulls_last_on_asc_first_on_desc'; SET TimeZone = 'UTC'");
    for (const { name } of DATABASES)
      await connection.run(`ATTACH ':memory:' AS ${name}; CREATE SCHEMA ${name}.public`);
    await connection.run("SET search_path = 'memory.main'");
    for (const statement of MACRO_STATEMENTS) await connection.run(statement);
    // Views last: they are checked against the tables they show.
    const isView = (table: Table): boolean => VIEWS[fullName(table)] !== undefined;
    const statements = [...TABLES.filter((table) => !isView(table)), ...TABLES.filter(isView)].map(createStatement);
    await connection.run(statements.join('; '));
    for (const table of TABLES) lake.sizes.set(fullName(table), { rows: 0, bytes: 0 });
    return lake;
  }

  /**
   * Adds CloudTrail rows to `panther_logs`, and so to `panther_views`. In bulk: the rows go through a file that DuckDB
   * reads with all cores, which is removed afterwards.
   */
  async addCloudTrail(rows: readonly CloudTrailRow[]): Promise<void> {
    await this.append('panther_logs.public.aws_cloudtrail', rows);
  }

  /** Adds rows of rule matches, with their alert columns; the signals and the views show them too. */
  async addMatches(rows: readonly MatchRow[]): Promise<void> {
    await this.append('panther_rule_matches.public.aws_cloudtrail', rows);
  }

  /** Adds rows to any other table, by its full name. */
  async add(table: string, rows: readonly CloudTrailRow[]): Promise<void> {
    await this.append(table, rows);
  }

  /** Ends loading: from here on nothing outside the process can be reached from SQL. */
  async seal(): Promise<void> {
    await this.connection.run('SET enable_external_access = false; SET lock_configuration = true');
  }

  private async append(name: string, rows: readonly CloudTrailRow[]): Promise<void> {
    const table = TABLES.find((candidate) => fullName(candidate) === name);
    if (!table || rows.length === 0) return;
    const folder = await mkdtemp(join(tmpdir(), 'soc-sandbox-'));
    const file = join(folder, 'rows.ndjson');
    let bytes = 0;
    const lines = function* (): Generator<string> {
      for (const row of rows) {
        const line = `${JSON.stringify(row)}\n`;
        bytes += line.length;
        yield line;
      }
    };
    try {
      await pipeline(Readable.from(lines(), { objectMode: false, highWaterMark: 1 << 20 }), createWriteStream(file));
      const types = table.columns.map((column) => `'${column.name}': '${readAs(column)}'`).join(', ');
      const select = table.columns.map((column) => `"${column.name}"::${column.stored}`).join(', ');
      await this.connection.run(
        `INSERT INTO ${name} SELECT ${select} FROM read_json('${file.replaceAll("'", "''")}', format = 'newline_delimited', columns = {${types}}, maximum_object_size = 67108864)`,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    for (const [seen, sources] of [[name, [name]], ...Object.entries(VIEWS)] as const) {
      const size = this.sizes.get(seen);
      if (sources.includes(name) && size)
        this.sizes.set(seen, { rows: size.rows + rows.length, bytes: size.bytes + bytes });
    }
  }

  /** Rows in a table, 0 for an unknown one. */
  rowCount(database: string, table: string): number {
    return this.sizes.get(`${database}.public.${table}`)?.rows ?? 0;
  }

  /**
   * Runs one Snowflake statement to its end. `database` is the default database of unqualified names, with or without
   * its schema. Tables of a denied log type are not there. Rejects with QueryFailure, whose message is worded like
   * Snowflake's.
   */
  async run(sql: string, database = 'panther_logs', deniedLogTypes: readonly string[] = []): Promise<QueryResult> {
    const translation = translate(sql, this.clock());
    refuseDenied(translation.tokens, deniedLogTypes);
    const connection = await this.instance.connect();
    try {
      await this.useDatabase(connection, database);
      const prepared = await connection.prepare(translation.sql);
      if (prepared.statementType !== StatementType.SELECT) throw accessFailure(translation.tokens);
      if (translation.explain) return explainResult(translation.sql);
      return await this.execute(connection, prepared, translation);
    } catch (error) {
      if (error instanceof QueryFailure) throw error;
      throw queryFailure(error as Error, sql, translation.tokens, database);
    } finally {
      connection.closeSync();
    }
  }

  private async execute(
    connection: DuckDBConnection,
    prepared: DuckDBPreparedStatement,
    translation: Translation,
  ): Promise<QueryResult> {
    const columns = resultColumns(prepared);
    const result = await connection.run(
      `SELECT ${projection(columns)} FROM (${translation.sql}) AS q(${columns.map((_, i) => `c${i}`).join(', ')})`,
    );
    return new QueryResult(columns, result, this.scanned(translation.tokens));
  }

  private async useDatabase(connection: DuckDBConnection, database: string): Promise<void> {
    const name = (database.split('.')[0] ?? '').toLowerCase();
    if (!DATABASES.some((known) => known.name === name)) {
      throw new QueryFailure(
        `SQL compilation error:\nDatabase '${name.toUpperCase()}' does not exist or not authorized.`,
      );
    }
    await connection.run(`SET search_path = '${name}.public,memory.main'`);
  }

  /** Size of every table that a query names, each counted once: the lake has no partitions to skip. */
  private scanned(tokens: readonly Token[]): { rows: number; bytes: number } {
    const names = new Set(
      tokens.filter(({ kind }) => kind === 'word' || kind === 'quoted').map((token) => nameOf(token).toLowerCase()),
    );
    let rows = 0;
    let bytes = 0;
    for (const [name, size] of this.sizes) {
      const [database = '', , table = ''] = name.split('.');
      const isDefault =
        database === 'panther_logs' &&
        ![...DATABASES].some((other) => other.name !== 'panther_logs' && names.has(other.name));
      if (!names.has(table) || !(names.has(database) || isDefault)) continue;
      rows += size.rows;
      bytes += size.bytes;
    }
    return { rows, bytes };
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

function fullName(table: Table): string {
  return `${table.database}.public.${table.name}`;
}

function refuseDenied(tokens: readonly Token[], deniedLogTypes: readonly string[]): void {
  const named = new Set(tokens.map((token) => nameOf(token).toLowerCase()));
  const denied = TABLES.find(({ logType, name }) => deniedLogTypes.includes(logType ?? '') && named.has(name));
  if (denied) {
    throw new QueryFailure(
      `SQL compilation error:\nObject '${fullName(denied).toUpperCase()}' does not exist or not authorized.`,
    );
  }
}

function createStatement(table: Table): string {
  const sources = VIEWS[fullName(table)];
  if (sources === undefined) {
    return `CREATE TABLE ${fullName(table)} (${table.columns.map(({ name, stored }) => `"${name}" ${stored}`).join(', ')})`;
  }
  const names = table.columns.map(({ name }) => `"${name}"`).join(', ');
  return `CREATE VIEW ${fullName(table)} AS ${sources.map((source) => `SELECT ${names} FROM ${source}`).join(' UNION ALL ')}`;
}

function readAs({ stored }: Column): string {
  return stored === 'VARIANT' ? 'JSON' : stored;
}
