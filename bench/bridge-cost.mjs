#!/usr/bin/env node
/**
 * What the bridge costs on top of the MCP SDK alone: processor time of a tool call over HTTP with everything switched on
 * (a named token, scopes, limits, metrics, audit trail, strict JSON) and over stdio, of tools/list, and the time from the
 * start of the process to its first answer. Both sides run the same tool, one after the other, several times in one run.
 *
 *   node bench/bridge-cost.mjs [--json] [--calls 2000] [--rounds 5]
 *
 * Progress goes to stderr. Ends with status 1 when a figure misses its floor. Linux only: it reads /proc.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { ProgramBundles } from './program-bundle.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    calls: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '5' },
  },
});
const calls = Number(values.calls);
const rounds = Number(values.rounds);
if (!existsSync('/proc/self/stat')) {
  process.stderr.write('bridge-cost: there is no /proc here to read processor time from\n');
  process.exit(3);
}

const say = (text) => process.stderr.write(`bridge-cost: ${text}\n`);
const bundles = new ProgramBundles();
const { folder } = bundles;
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  bundles.remove();
});

say('building');
const [floorFile, oursFile, productFile] = await Promise.all([
  bundles.add('bench/mcp-floor.ts', 'floor.mjs'),
  bundles.add('test/support/bridge/test-main.ts', 'ours.mjs', { bridge: true }),
  bundles.add('bridge/src/main.ts', 'product.mjs'),
]);

const environment = (database) =>
  nodeEnvironment({
    SOC_TEST_MAIN: 'run',
    XDG_CACHE_HOME: folder,
    SOC_BRIDGE_PORT: '0',
    SOC_DATABASE_URL: `sqlite:${join(folder, database)}`,
    SOC_METRICS_PORT: '0',
    SOC_REQUIRE_AUTH: 'true',
    // Limits are counted but not met.
    SOC_RATE_PER_MINUTE: '1000000',
    SOC_TOOL_RATE_PER_MINUTE: '1000000',
    LOG_LEVEL: 'info',
  });

function start(file, args, env) {
  const child = spawn(nodeExecutable(), [file, ...args], { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  // Read, so that a full pipe never holds the process up.
  child.stderr.on('data', () => {});
  return child;
}

const end = (child) =>
  new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });

/** User and system time of a process, in milliseconds. */
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  // Fields 14 and 15, in ticks of a hundredth of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function commandOutput(args, env) {
  const child = start(oursFile, args, env);
  let stdout = '';
  child.stdout.on('data', (piece) => {
    stdout += piece;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return stdout;
}

async function serve(file, env) {
  const child = start(file, ['serve'], env);
  const url = await new Promise((resolve, reject) => {
    let stdout = '';
    child.stdout.on('data', (piece) => {
      stdout += piece;
      const line = stdout.split('\n').find((entry) => entry.startsWith('{'));
      if (line !== undefined) resolve(JSON.parse(line).url);
    });
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return { child, url };
}

const callBody = (id) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'repeat_text', arguments: { text: `simulated text ${id}`, times: 2 } },
});
const listBody = (id) => ({ jsonrpc: '2.0', id, method: 'tools/list', params: {} });

/** Sends `count` requests, eight at a time over kept connections; resolves to the server's processor time for one, in ms. */
async function overHttp({ child, url }, token, body, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const { hostname, port } = new URL(url);
  const one = (id) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body(id));
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        'content-length': Buffer.byteLength(text),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const asked = request({ hostname, port, path: '/mcp', method: 'POST', agent, headers }, (response) => {
        let answer = '';
        response.on('data', (piece) => {
          answer += piece;
        });
        response.on('end', () =>
          response.statusCode === 200 && answer.includes('"result"')
            ? resolve()
            : reject(new Error(`${response.statusCode} ${answer.slice(0, 200)}`)),
        );
      });
      asked.on('error', reject);
      asked.end(text);
    });
  const many = async (from, to) => {
    let next = from;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (next < to) await one(next++);
      }),
    );
  };
  await many(0, Math.ceil(count / 2));
  const before = processorMs(child.pid);
  await many(count, 2 * count);
  const spent = processorMs(child.pid) - before;
  agent.destroy();
  return spent / count;
}

/** A client of stdio: sends lines, hands out answers by id. */
class Lines {
  constructor(child) {
    this.child = child;
    this.waiting = new Map();
    let rest = '';
    child.stdout.on('data', (piece) => {
      rest += piece;
      const lines = rest.split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (line === '') continue;
        const message = JSON.parse(line);
        this.waiting.get(message.id)?.(message);
        this.waiting.delete(message.id);
      }
    });
  }

  send(message) {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  ask(id, method, params) {
    const answer = new Promise((resolve) => this.waiting.set(id, resolve));
    this.send({ id, method, params });
    return answer;
  }

  async greet() {
    await this.ask('hello', 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1' },
    });
    this.send({ method: 'notifications/initialized' });
  }
}

/** The processor time of one call in ms, with so many under way at once: a model mostly makes one after another. */
async function overStdio(file, env, count, atOnce) {
  const child = start(file, ['stdio'], env);
  const lines = new Lines(child);
  await lines.greet();
  const many = async (from, to) => {
    let next = from;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (next < to) {
          const id = next++;
          const { result } = await lines.ask(id, 'tools/call', callBody(id).params);
          if (result?.structuredContent?.text === undefined) throw new Error(`no answer from ${file}`);
        }
      }),
    );
  };
  await many(0, count);
  const before = processorMs(child.pid);
  await many(count, 3 * count);
  const spent = processorMs(child.pid) - before;
  await end(child);
  return spent / (2 * count);
}

/** Milliseconds from the start of the process to the answer to its first tools/list. */
async function firstAnswer(file, env) {
  const begun = performance.now();
  const child = start(file, ['stdio'], env);
  const lines = new Lines(child);
  await lines.greet();
  await lines.ask('first', 'tools/list', {});
  const ms = performance.now() - begun;
  await end(child);
  return ms;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const ourEnv = environment('ours.db');
const token = /\S{20,}/.exec(
  (await commandOutput(['tokens', 'create', 'bench', '--scopes', 'soc:destructive', '--days', '1'], ourEnv))
    .split('\n')
    .find((line) => /^soc[_-]|^\S{40,}$/.test(line.trim())) ?? '',
)?.[0];
if (token === undefined) throw new Error('no token was made');

const http = [];
const oneByOne = [];
const eightAtOnce = [];
const lists = [];
const starts = [];
for (let round = 1; round <= rounds; round += 1) {
  say(`round ${round} of ${rounds}`);
  const floor = await serve(floorFile, nodeEnvironment());
  const floorMs = await overHttp(floor, undefined, callBody, calls);
  await end(floor.child);
  const ours = await serve(oursFile, ourEnv);
  const oursMs = await overHttp(ours, token, callBody, calls);
  await end(ours.child);
  http.push({ floor: floorMs, ours: oursMs });
  for (const [atOnce, pairs] of [
    [1, oneByOne],
    [8, eightAtOnce],
  ])
    pairs.push({
      floor: await overStdio(floorFile, nodeEnvironment(), calls, atOnce),
      ours: await overStdio(oursFile, environment('stdio.db'), calls, atOnce),
    });
  const product = await serve(productFile, ourEnv);
  lists.push(await overHttp(product, token, listBody, Math.ceil(calls / 4)));
  await end(product.child);
  for (let turn = 0; turn < 3; turn += 1)
    starts.push({
      floor: await firstAnswer(floorFile, nodeEnvironment()),
      ours: await firstAnswer(productFile, environment('start.db')),
    });
}

const ratio = (pairs) => median(pairs.map(({ floor, ours }) => ours / floor));
const side = (pairs, unit, digits) =>
  `${median(pairs.map(({ ours }) => ours)).toFixed(digits)} ${unit} to ${median(pairs.map(({ floor }) => floor)).toFixed(digits)} ${unit}`;
const listMs = median(lists);
const figures = [
  {
    name: 'Tool call over HTTP, processor time to that of the SDK alone',
    measured: `${ratio(http).toFixed(2)} times (${side(http, 'ms', 2)})`,
    floor: 'at most 1.35 times',
    met: ratio(http) <= 1.35,
    meaning: 'with a named token, limits, metrics and the audit trail.',
  },
  {
    name: 'Tool call over stdio, one after another, processor time to that of the SDK alone',
    measured: `${ratio(oneByOne).toFixed(2)} times (${side(oneByOne, 'ms', 3)})`,
    floor: 'at most 1.5 times',
    met: ratio(oneByOne) <= 1.5,
    meaning:
      "as a model calls tools. On top of the SDK come the audit entry (its digests and the row in SQLite, the most of it), the log line, metrics, the policy, and an answer twice as long, for the notice before foreign text; plain calls make up for a part of it, as they do not go through the SDK's server.",
  },
  {
    name: 'Tool call over stdio, eight at once, processor time to that of the SDK alone',
    measured: `${ratio(eightAtOnce).toFixed(2)} times (${side(eightAtOnce, 'ms', 3)})`,
    floor: 'none set',
    met: true,
    meaning: 'the same with the calls waiting for each other.',
  },
  {
    name: 'tools/list over HTTP, processor time',
    measured: `${listMs.toFixed(2)} ms`,
    floor: 'at most 1.2 ms',
    met: listMs <= 1.2,
    meaning: 'the default menu of the product.',
  },
  {
    name: 'From the start of the process to the first tools/list, to that of the SDK alone',
    measured: `${ratio(starts).toFixed(2)} times (${side(starts, 'ms', 0)})`,
    floor: 'at most 1.5 times',
    met: ratio(starts) <= 1.5,
    meaning: 'on stdio, with the compiled code of an earlier start; the first one of all has to compile it.',
  },
];
const notes = [
  `Medians of ${rounds} rounds; in each, calls of a tool that repeats a text and checks what it is given and what it gives: over HTTP ${calls}, eight at a time, after half as many to warm up; over stdio ${2 * calls}, after ${calls}. First the SDK with nothing around it, then the bridge: the same version of the SDK, the same protocol (2025-11-25), the same client. Processor time is user and system time of the server's process with all its threads, garbage collection and compiling of hot code among them.`,
  'The bridge has everything on: a named token with scopes, limits for caller and tool, strict JSON, host and origin checks, metrics, the audit trail in SQLite, logs at info.',
  'tools/list and the start are those of the product with all its tools; the SDK alone has one.',
];
const result = { bench: 'bridge-cost', title: 'Cost of the bridge', figures, notes };
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else
  for (const { name, measured, floor, met } of figures)
    console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor ${floor})`);
if (figures.some(({ met }) => !met)) process.exitCode = 1;
