#!/usr/bin/env node
/**
 * Scoring, prediction and similarity of the analytics over labelled data, which are no part of the repository.
 *
 *   npm run bench:analytics -- [--data DIR] [--json FILE] [--part NAME ...]
 *
 * DIR is `../shared/data` beside the project unless given; what it lacks is named, and the parts that need it are skipped.
 * Lines that are no record are left out and named. The figures go to stdout as a table, and raw into FILE. Ends with status 1
 * when a figure misses its floor, with 2 when a part failed; the other parts are measured all the same.
 * `--json` without a file is for bench/run.mjs: the page's result goes to stdout.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../scripts/stack/paths.mjs';
import { loadBundle } from './analytics/load-bundle.mjs';

const cannotRunHere = 3;
const args = process.argv.slice(2);
const forPage = args.at(-1) === '--json';
const { values } = parseArgs({
  args: forPage ? args.slice(0, -1) : args,
  options: {
    data: { type: 'string', default: process.env.SOC_DATA ?? join(root, '../shared/data') },
    json: { type: 'string' },
    part: { type: 'string', multiple: true, default: [] },
  },
});
const say = (text) => process.stderr.write(`analytics: ${text}\n`);
const data = resolve(values.data);
if (!existsSync(data)) {
  say(`there is no folder ${data}; --data names the one with the labelled data`);
  process.exit(forPage ? cannotRunHere : 2);
}

const { measure } = await loadBundle('bench/analytics/main.ts');
let report;
try {
  report = await measure(data, values.part, say);
} catch (error) {
  say(error.message);
  process.exit(2);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report.json, null, 2)}\n`);
if (forPage) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
} else {
  for (const { name, measured, floor, met } of report.figures)
    console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor: ${floor})`);
  for (const line of report.tables) console.log(line);
  for (const { part, message } of report.failed) console.log(`FAILED ${part}: ${message}`);
  for (const { part, missing } of report.skipped) console.log(`skipped ${part}: no ${missing.join(', ')}`);
}
if (report.figures.some(({ met }) => !met)) process.exitCode = 1;
if (report.failed.length > 0) process.exitCode = 2;
