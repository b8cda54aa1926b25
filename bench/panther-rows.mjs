#!/usr/bin/env node
/**
 * Rows of a large result, from the Panther stand-in to a file: how fast compared with a bare loop over the same pages, and
 * how much the memory grows. Starts everything itself on free loopback ports. Progress goes to stderr.
 *
 *   node bench/panther-rows.mjs [--json] [--rows 100000] [--memory-rows 100000,1000000] [--rounds 9]
 *
 * Ends with status 1 when a figure misses its floor.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endChildren, readyLine, startService } from '../scripts/stack/child-process.mjs';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { ProgramBundles } from './program-bundle.mjs';

const floors = { ratio: 0.9, growthMiB: 64 };
const longestMs = 15 * 60_000;
const mib = 1024 * 1024;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '100000' },
    'memory-rows': { type: 'string', default: '100000,1000000' },
    rounds: { type: 'string', default: '9' },
  },
});
const rows = whole(values.rows, 1_000, 1_000_000);
const memoryRows = values['memory-rows'].split(',').map((text) => whole(text, 1_000, 1_000_000));
const rounds = whole(values.rounds, 1, 20);

function whole(text, min, max) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  process.stderr.write(`panther-rows: ${text} is not a whole number from ${min} to ${max}\n`);
  process.exit(2);
}

const say = (text) => process.stderr.write(`panther-rows: ${text}\n`);

/** Rows of about 0.8 kB with nested values, like those of a hunt: the sample tenant's, over and over. */
const sqlFor = (
  count,
) => `SELECT a.p_event_time, a.p_row_id, a.eventName, a.eventSource, a.awsRegion, a.sourceIPAddress,
  a.userAgent, a.errorCode, a.readOnly, a.userIdentity, a.p_any_ip_addresses
FROM panther_logs.public.aws_cloudtrail a CROSS JOIN panther_logs.public.aws_cloudtrail b
WHERE a.p_event_time > current_timestamp - interval '30 days' AND b.p_event_time > current_timestamp - interval '30 days'
LIMIT ${count}`;

const folder = mkdtempSync(join(tmpdir(), 'soc-bench-'));
const bundles = new ProgramBundles();
const deadline = setTimeout(() => {
  say(`not done after ${longestMs / 60_000} minutes; given up`);
  endChildren();
  process.exit(1);
}, longestMs);
deadline.unref();

let sandbox;
try {
  say('building');
  const [sandboxFile, readerFile] = await Promise.all([
    bundles.add('sandbox/src/main.ts', 'sandbox.mjs'),
    bundles.add('bench/row-reader.ts', 'row-reader.mjs'),
  ]);
  const service = await startService(nodeExecutable(), [sandboxFile], {
    cwd: folder,
    env: nodeEnvironment(),
    logFile: join(folder, 'sandbox.log'),
    what: 'The sandbox',
    ready: readyLine,
  });
  sandbox = service;
  const { panther, control } = service.value;
  await post(`${control.url}/panther/settings`, { maxResultBytes: 8 * 1024 * mib, runningPolls: 0 });
  const result = await measure(panther, readerFile);
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const { name, measured, floor, met } of result.figures)
      console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor ${floor})`);
  if (result.figures.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
  bundles.remove();
}

async function measure(panther, readerFile) {
  const order = { graphql: panther.graphql, token: panther.token, rounds, file: join(folder, 'rows.ndjson') };
  const reader = (mode, queryId, count) => runReader(readerFile, { ...order, mode, queryId, rows: count }, panther);

  say(`${rows} rows: ${rounds} rounds against a bare loop`);
  const race = await reader('race', await startQuery(panther, rows), rows);
  const rowBytes = statSync(order.file).size / rows;
  const ratio = median(race.map((round) => round.bare.ms / round.rows.ms));
  const fileRatio = median(race.map((round) => round.bare.ms / round.file.ms));
  const perSecond = (name) => count(Math.round(rows / (median(race.map((round) => round[name].ms)) / 1000)));
  const processor = (name) => seconds(median(race.map((round) => round[name].cpuMs)));
  const figures = [
    {
      name: `Throughput of ${count(rows)} rows, compared with a bare loop`,
      measured: ratio.toFixed(2),
      floor: `at least ${floors.ratio}`,
      met: ratio >= floors.ratio,
      meaning:
        'Rows a second of the stream of checked and cleaned rows over those of a loop that only fetches the same pages of 999, reads their text and parses it for the next cursor; median of the rounds, which alternate.',
    },
  ];
  for (const size of memoryRows) {
    say(`${size} rows: memory`);
    const grown = await reader('memory', await startQuery(panther, size), size);
    say(`${size} rows took ${(grown.ms / 1000).toFixed(1)} s`);
    const both = Math.max(grown.rssGrowth, grown.heapGrowth) / mib;
    figures.push({
      name: `Growth of memory while ${count(size)} rows go into a file`,
      measured: `${(grown.rssGrowth / mib).toFixed(0)} MiB resident, ${(grown.heapGrowth / mib).toFixed(0)} MiB heap`,
      floor: `under ${floors.growthMiB} MiB both`,
      met: both < floors.growthMiB,
      meaning: `Peak over the start of the process, sampled every 20 ms, garbage that waits for collection included. After it: ${(grown.heapLeft / mib).toFixed(1)} MiB. It took ${(grown.ms / 1000).toFixed(0)} s.`,
    });
  }
  const notes = [
    'The growth is that of the command, which has V8 collect sooner (bridge/src/flat-memory.ts): with V8 as it comes, some 150 MiB of garbage gather at any number of rows. The throughput is measured with V8 as it comes.',
    `Rows had ${Math.round(rowBytes)} bytes as NDJSON.`,
    `Rows a second: ${perSecond('rows')} as a stream, ${perSecond('file')} as NDJSON in a file (${fileRatio.toFixed(2)} of the bare loop), ${perSecond('bare')} in the bare loop.`,
    `Time on the processor for ${count(rows)} rows: ${processor('rows')} as a stream, ${processor('file')} into a file, ${processor('bare')} in the bare loop. The difference is spent while the next page is on its way, so the throughput falls when other programs use the cores.`,
  ];
  return { bench: 'panther-rows', title: 'Rows of large results', figures, notes };
}

/** Starts a query on the stand-in and waits until it has run, so that only reading is measured. */
async function startQuery(panther, limit) {
  const ask = async (query, variables) =>
    (await post(panther.graphql, { query, variables }, { 'x-api-key': panther.token })).data;
  const { executeDataLakeQuery } = await ask(
    'mutation Run($input: ExecuteDataLakeQueryInput!) { executeDataLakeQuery(input: $input) { id } }',
    { input: { sql: sqlFor(limit) } },
  );
  const { id } = executeDataLakeQuery;
  const { dataLakeQuery } = await ask(
    'query Wait($id: ID!) { dataLakeQuery(id: $id) { status message results(input: { pageSize: 1 }) { stats { rowCount } } } }',
    { id },
  );
  if (dataLakeQuery.results?.stats.rowCount !== limit)
    throw new Error(`the query of ${limit} rows ended ${dataLakeQuery.status}: ${dataLakeQuery.message}`);
  return id;
}

async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function runReader(file, order, panther) {
  const child = spawn(nodeExecutable(), ['--expose-gc', file, JSON.stringify(order)], {
    cwd: folder,
    env: nodeEnvironment({
      PANTHER_API_URL: panther.url,
      PANTHER_API_TOKEN: panther.token,
      SOC_ALLOW_PRIVATE_NETWORK: 'true',
    }),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: longestMs,
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new Error(`the reader ended with ${status}`);
  return JSON.parse(output);
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function count(number) {
  return number.toLocaleString('en-US');
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
