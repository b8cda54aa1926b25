#!/usr/bin/env node
/**
 * Runs the benchmarks, one after another, and writes docs/benchmarks.md.
 *
 *   node bench/run.mjs [name]
 *
 * Progress goes to stderr. Ends with status 1 when a benchmark fails or a figure misses its floor.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { guardResult, page, section } from './benchmarks-page.mjs';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const docs = join(root, 'docs/benchmarks.md');
const longestMs = 20 * 60_000;

/** What a benchmark ends with when something it is measured against cannot be installed. */
const cannotRunHere = 3;
class CannotRunHere extends Error {}

/** How each prints its result. */
const benches = {
  'panther-rows': (result) => result,
  'sql-guard': guardResult,
  'gitlab-trace': (result) => result,
  'supply-chain': (result) => result,
  'gitlab-group': (result) => result,
  'gitlab-peer': (result) => result,
  approvals: (result) => result,
  analytics: (result) => result,
  verdict: (result) => result,
  'approval-resume': (result) => result,
  'bridge-cost': (result) => result,
  'bridge-load': (result) => result,
  'n8n-alerts': (result) => result,
  intake: (result) => result,
  'crash-points': (result) => result,
};

const [wanted] = process.argv.slice(2);
if (wanted !== undefined && !Object.hasOwn(benches, wanted)) {
  process.stderr.write(`bench: there is no ${wanted}; there are ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}

const sections = {};
for (const name of wanted === undefined ? Object.keys(benches) : [wanted]) {
  const file = join(root, 'bench', `${name}.mjs`);
  if (!existsSync(file)) continue;
  process.stderr.write(`bench: ${name}\n`);
  const started = Date.now();
  try {
    const result = benches[name](await runBench(file));
    for (const { name: figure, measured, floor, met } of result.figures) {
      console.log(`${met ? 'ok  ' : 'MISS'} ${figure}: ${measured} (floor: ${floor})`);
      if (!met) process.exitCode = 1;
    }
    const command = `node bench/run.mjs ${name}`;
    sections[name] = section(result, { date: new Date().toISOString().slice(0, 10), machine: machine(), command });
    process.stderr.write(`bench: ${name} took ${Math.round((Date.now() - started) / 1000)} s\n`);
  } catch (error) {
    if (error instanceof CannotRunHere) {
      process.stderr.write(`bench: ${name} is left out; its part of the page stays as it was\n`);
      continue;
    }
    process.stderr.write(`bench: ${name} failed: ${error.message}\n`);
    process.exitCode = 1;
  }
}
writeFileSync(docs, page(existsSync(docs) ? readFileSync(docs, 'utf8') : '', sections));

function machine() {
  const cores = availableParallelism();
  return `${cores} core${cores === 1 ? '' : 's'}, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, Node ${process.versions.node.split('.')[0]}`;
}

/** The JSON object that a benchmark prints. A missed floor is a result; no JSON is a failure. */
async function runBench(file) {
  const child = spawn(nodeExecutable(), [file, '--json'], {
    cwd: root,
    env: nodeEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: longestMs,
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const status = await new Promise((resolveEnd, reject) => {
    child.once('error', reject);
    child.once('close', resolveEnd);
  });
  try {
    return JSON.parse(output);
  } catch {
    if (status === cannotRunHere) throw new CannotRunHere();
    throw new Error(`it ended with ${status} and without a result`);
  }
}
