import { readFileSync } from 'node:fs';
import { join } from 'node:path';
// The package's own loader imports this file at run time, which jest cannot do.
import { initSync, parse_sql } from '../../node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm.js';

const bytes = join(__dirname, '../../node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm_bg.wasm');

/** A full SQL parser, for development only: the statements of a text as its syntax trees. Throws when it cannot read it. */
export function sqlOracle(): (sql: string, dialect: 'snowflake' | 'databricks') => Record<string, unknown>[] {
  initSync({ module: readFileSync(bytes) });
  return (sql, dialect) => parse_sql(dialect, sql);
}
