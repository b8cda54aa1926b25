import type { DuckDBPreparedStatement, DuckDBType } from '@duckdb/node-api';
import { ChunkIndex, type ChunkSource } from './chunk-index';
import type { Json } from './cloudtrail-row';

export interface ResultColumn {
  name: string;
  /** Snowflake's name of the type. */
  type: string;
  /** How its value travels from DuckDB to JSON. */
  as: 'json' | 'timestamp' | 'text' | 'plain';
}

export type ResultRow = Record<string, Json>;

/** Name, Snowflake type and way of conversion of each column a prepared statement gives. */
export function resultColumns(prepared: DuckDBPreparedStatement): ResultColumn[] {
  return Array.from({ length: prepared.columnCount }, (_, i) => ({
    name: prepared.columnName(i),
    ...typeOf(prepared.columnType(i)),
  }));
}

function typeOf(type: DuckDBType): Pick<ResultColumn, 'type' | 'as'> {
  const name = String(type);
  if (name.endsWith(']')) return { type: 'ARRAY', as: 'json' };
  if (/^(STRUCT|MAP)/.test(name)) return { type: 'OBJECT', as: 'json' };
  if (name === 'VARIANT' || type.alias === 'JSON') return { type: 'VARIANT', as: 'json' };
  if (name.startsWith('TIMESTAMP')) return { type: 'TIMESTAMP_NTZ', as: 'timestamp' };
  if (name === 'DATE') return { type: 'DATE', as: 'text' };
  if (name === 'BOOLEAN') return { type: 'BOOLEAN', as: 'plain' };
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DECIMAL)/.test(name)) return { type: 'NUMBER', as: 'text' };
  if (/^(DOUBLE|FLOAT)$/.test(name)) return { type: 'FLOAT', as: 'plain' };
  return { type: 'VARCHAR', as: 'text' };
}

/** Select list that turns the columns `c0`, `c1`, … into what `QueryResult` reads. */
export function projection(columns: readonly ResultColumn[]): string {
  return columns
    .map(({ as }, i) => {
      if (as === 'json') return `(c${i}::VARIANT)::JSON::VARCHAR`;
      if (as === 'timestamp') return `strftime(c${i}::TIMESTAMP, '%Y-%m-%d %H:%M:%S.%g')`;
      return as === 'text' ? `c${i}::VARCHAR` : `c${i}`;
    })
    .join(', ');
}

/** A finished result, kept in DuckDB's own chunks; rows become JSON only when a page asks for them. */
export class QueryResult {
  private readonly chunks: ChunkIndex | undefined;

  constructor(
    readonly columns: readonly ResultColumn[],
    private readonly source: ChunkSource | undefined,
    /** Size of the tables the query read. */
    readonly scanned: { rows: number; bytes: number },
    private readonly fixed: readonly ResultRow[] = [],
  ) {
    this.chunks = source && new ChunkIndex(source);
  }

  get rowCount(): number {
    return this.source?.rowCount ?? this.fixed.length;
  }

  /** Rows `from` to `from + count - 1`, fewer at the end. Values by column name; of two equal names the last wins. */
  rows(from = 0, count = this.rowCount): ResultRow[] {
    if (!this.chunks) return this.fixed.slice(from, from + count);
    const rows: ResultRow[] = [];
    this.chunks.read(from, count, (chunk, first, end) => {
      const vectors = this.columns.map((column, c) => ({ column, vector: chunk.getColumnVector(c) }));
      for (let row = first; row < end; row += 1) {
        const values: ResultRow = {};
        for (const { column, vector } of vectors) values[column.name] = toJson(vector.getItem(row), column);
        rows.push(values);
      }
    });
    return rows;
  }
}

function toJson(value: unknown, column: ResultColumn): Json {
  if (value === null || value === undefined) return null;
  if (column.as === 'json') return parseExact(String(value));
  if (column.type === 'NUMBER') return exactNumber(String(value));
  return typeof value === 'boolean' || typeof value === 'number' ? value : String(value);
}

/** A number where JavaScript holds it exactly, else its digits as text. */
function exactNumber(digits: string): Json {
  const number = Number(digits);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? digits : number;
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON.parse that keeps whole numbers beyond 2^53 as text. */
function parseExact(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json;
  const exact = text.replace(STRING_OR_NUMBER, (token) =>
    /^-?\d{16,}$/.test(token) && typeof exactNumber(token) === 'string' ? `"${token}"` : token,
  );
  return JSON.parse(exact) as Json;
}

/** What EXPLAIN gives: one row with the outline of the plan. The statement has been compiled, nothing was read. */
export function explainResult(sql: string): QueryResult {
  const columns: ResultColumn[] = ['step', 'id', 'parent', 'operation', 'expressions'].map((name) => ({
    name,
    type: 'VARCHAR',
    as: 'text',
  }));
  return new QueryResult(columns, undefined, { rows: 0, bytes: 0 }, [
    { step: '1', id: '0', parent: null, operation: 'Result', expressions: sql },
  ]);
}
