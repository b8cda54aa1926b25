#!/usr/bin/env node
/**
 * The SQL guard over the lists of its own tests: how long one check takes, how many hostile statements get through and how
 * many legitimate ones do not. Beside it stands the time of a full parser that only parses.
 *
 *   node bench/sql-guard.mjs [--json] [--rounds 200]
 *
 * Ends with status 1 when a hostile statement is accepted or a legitimate one refused.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { init, parse } from '@guanmingchiu/sqlparser-ts';
import { build } from 'esbuild';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '200' } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100_000) {
  process.stderr.write('sql-guard: --rounds is a whole number from 1 to 100000\n');
  process.exit(2);
}

const entry = `
export { checkSql } from './operations/panther/sql/guard';
export { tenantSettings } from './operations/panther/tenant-settings';
export * from './test/unit/panther-operations/sql-guard-hostile';
export * from './test/unit/panther-operations/sql-guard-legitimate';
`;

async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'soc-bench-'));
  try {
    const outfile = join(folder, 'guard.mjs');
    await build({
      stdin: { contents: entry, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      mainFields: ['module', 'main'],
      logLevel: 'silent',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { checkSql, tenantSettings, hostileSql, hostileOnDatabricks, legitimateSql, legitimateOnDatabricks } =
  await load();
await init();
// The lists are written for this time.
const now = new Date('2026-11-24T13:00:00Z');
const optionsFor = (dialect) => ({
  database: 'panther_logs',
  settings: tenantSettings({ defaults: { dialect } }),
  now,
});
const sides = [
  { dialect: 'snowflake', hostile: hostileSql.map(([, sql]) => sql), legitimate: legitimateSql },
  { dialect: 'databricks', hostile: hostileOnDatabricks.map(([, sql]) => sql), legitimate: legitimateOnDatabricks },
];

/** Microseconds for one statement of a list: the median over the rounds, after a tenth more to warm up. */
function microseconds(list, use) {
  const times = [];
  for (let round = -Math.ceil(rounds / 10); round < rounds; round += 1) {
    const started = performance.now();
    for (const sql of list) use(sql);
    if (round >= 0) times.push(((performance.now() - started) * 1000) / list.length);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}

function parsed(sql, dialect) {
  try {
    parse(sql, dialect);
  } catch {
    // What it cannot read took its time too.
  }
}

const passes = (sql, options) => checkSql(sql, options).length === 0;
const results = sides.map(({ dialect, hostile, legitimate }) => {
  const options = optionsFor(dialect);
  return {
    dialect,
    hostile: hostile.length,
    hostile_accepted: hostile.filter((sql) => passes(sql, options)).length,
    legitimate: legitimate.length,
    legitimate_refused: legitimate.filter((sql) => !passes(sql, options)).length,
    characters_per_query: legitimate.reduce((sum, sql) => sum + sql.length, 0) / legitimate.length,
    guard_us_per_query: microseconds(legitimate, (sql) => checkSql(sql, options)),
    parser_us_per_query: microseconds(legitimate, (sql) => parsed(sql, dialect)),
  };
});
const long = `SELECT * FROM aws_cloudtrail WHERE p_occurs_since('1 day') AND eventName IN (${"'GetObject', ".repeat(7_600)}'x')`;
const longMs = microseconds([long], (sql) => checkSql(sql, optionsFor('snowflake'))) / 1000;

if (values.json) {
  process.stdout.write(
    `${JSON.stringify({ bench: 'sql-guard', rounds, results, long_characters: long.length, long_ms: longMs })}\n`,
  );
} else {
  for (const result of results) {
    const ratio = result.parser_us_per_query / result.guard_us_per_query;
    process.stdout.write(
      `${result.dialect}: ${result.guard_us_per_query.toFixed(1)} us a query of ${result.characters_per_query.toFixed(0)} characters; a full parser takes ${ratio.toFixed(1)} times that without checking anything\n` +
        `  hostile: ${result.hostile_accepted} of ${result.hostile} accepted; legitimate: ${result.legitimate_refused} of ${result.legitimate} refused\n`,
    );
  }
  process.stdout.write(`a text of ${long.length} characters: ${longMs.toFixed(1)} ms\n`);
}
if (results.some((result) => result.hostile_accepted + result.legitimate_refused > 0)) process.exitCode = 1;
