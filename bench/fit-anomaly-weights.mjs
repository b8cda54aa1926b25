#!/usr/bin/env node
/**
 * Fits the weights of the anomaly score to labelled days and writes operations/analytics/behaviour/anomaly-weights.json.
 *
 *   node bench/fit-anomaly-weights.mjs [--data DIR]
 *
 * DIR is `../shared/data` beside the project unless given; it holds behaviour/cases.ndjson and its tenants.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../scripts/stack/paths.mjs';
import { loadBundle } from './analytics/load-bundle.mjs';

const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env.SOC_DATA ?? join(root, '../shared/data') } },
});
const data = resolve(values.data);
if (!existsSync(join(data, 'behaviour/cases.ndjson'))) {
  process.stderr.write(
    `fit-anomaly-weights: ${data} lacks behaviour/cases.ndjson; --data names the folder that has it\n`,
  );
  process.exit(2);
}
const { fitAndWrite } = await loadBundle('bench/analytics/fit-main.ts');
fitAndWrite(data, join(root, 'operations/analytics/behaviour/anomaly-weights.json'));
