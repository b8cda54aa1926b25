#!/usr/bin/env node
/**
 * Trains the model of attack progression and derives the table of calls; writes progression-model.json and
 * cloudtrail-calls.json below operations/analytics, and which reports were used below bench/analytics. The same data give
 * the same bytes.
 *
 *   node bench/train-progression.mjs [--data DIR]
 *
 * DIR is `../shared/data` beside the project unless given; it holds attack/technique_reports.ndjson and
 * attack/traildiscover_events.json.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../scripts/stack/paths.mjs';
import { loadBundle } from './analytics/load-bundle.mjs';

const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env.SOC_DATA ?? join(root, '../shared/data') } },
});
const data = resolve(values.data);
const lacking = ['attack/technique_reports.ndjson', 'attack/traildiscover_events.json'].filter(
  (file) => !existsSync(join(data, file)),
);
if (lacking.length > 0) {
  process.stderr.write(
    `train-progression: ${data} lacks ${lacking.join(', ')}; --data names the folder that has them\n`,
  );
  process.exit(2);
}
const { trainAndWrite } = await loadBundle('bench/analytics/train-progression.ts');
trainAndWrite(data, root);
const written = [
  'operations/analytics/progression/progression-model.json',
  'operations/analytics/attack/cloudtrail-calls.json',
];
execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', ...written], { cwd: root, stdio: 'inherit' });
