#!/usr/bin/env node
/**
 * Intake: alerts a second that the bridge's own /alerts endpoint makes durable, one in five of them a repetition, on SQLite and on
 * PostgreSQL, beside bare inserts of a row of the same case into the same table. The bridge is ended by SIGKILL while it still
 * investigates, and everything it has acknowledged is counted in what is left. Progress goes to stderr.
 *
 *   node bench/intake.mjs [--json] [--alerts 2000] [--at-once 32] [--rounds 3]
 *
 * PostgreSQL is found at SOC_TEST_POSTGRES_URL (default postgres://postgres@127.0.0.1:5432/postgres), in databases made for the
 * run; without it its figures are left out. Ends with status 1 when a figure misses its floor.
 */
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { whole } from './gitlab-lab.mjs';
import { openBeside } from './intake-database.mjs';
import { ProgramBundles } from './program-bundle.mjs';
import { onScratchDatabase } from './scratch-database.mjs';

const token = 'simulated-bridge-token-for-the-bench';
/** Of the speed of bare inserts: what is left after HTTP, reading, five more rows and the hash chain. */
const leastRatio = { SQLite: 0.1, PostgreSQL: 0.1 };
/** Panther gives a webhook ten seconds. */
const slowestMs = 1000;
const oneIn = 5;
const warmUps = 50;
/** Accounts and addresses of its own: an alert of the same rule that shares one would join the other's case. */
const address = (number) => `2001:db8::${number.toString(16)}`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    alerts: { type: 'string', default: '2000' },
    'at-once': { type: 'string', default: '32' },
    rounds: { type: 'string', default: '3' },
  },
});
const alerts = whole('alerts', values.alerts, 10, 100_000);
const atOnce = whole('at-once', values['at-once'], 1, 500);
const rounds = whole('rounds', values.rounds, 1, 20);

const say = (text) => process.stderr.write(`intake: ${text}\n`);
const bundles = new ProgramBundles();
try {
  say('building');
  const file = await bundles.add('bridge/src/main.ts', 'bridge.mjs');
  const figures = [];
  const notes = [
    `${alerts} alerts a round, ${atOnce} at a time over kept connections, each with a user and an address of its own; every fifth repeats one that was sent shortly before. ${rounds} rounds, each on an empty database; the figures are the medians.`,
    'Durable means that the 202 came: the alert as it was sent, its case with the marks it is found by, and the first event of its hash chain, flushed to disk. The bridge investigates the cases meanwhile, at most four at a time, as it does for anybody.',
    'Sender, bridge and database share the same cores. The limit of requests a minute, which is 6,000 for one sender unless set otherwise, is off.',
  ];
  for (const [engine, measure] of [
    ['SQLite', (number) => round(file, `sqlite:${join(bundles.folder, `intake-${number}.db`)}`)],
    ['PostgreSQL', () => onScratchDatabase(say, (url) => round(file, url))],
  ]) {
    const results = [];
    for (let number = 1; number <= rounds; number += 1) {
      const result = await measure(number);
      if (result === undefined) break;
      say(
        `${engine}, round ${number} of ${rounds}: ${Math.round(result.perSecond)} alerts a second, ${Math.round(result.bare)} bare inserts, ${Math.round(result.settled)} settled`,
      );
      results.push(result);
    }
    if (results.length === 0) notes.push(`${engine} could not be reached; its figures are left out.`);
    else figures.push(...figuresOf(engine, results));
  }
  const result = { bench: 'intake', title: 'Intake of alerts', figures, notes };
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const { name, measured, floor, met } of figures)
      console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor ${floor})`);
  if (figures.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  bundles.remove();
}

function figuresOf(engine, results) {
  const median = (of) => results.map(of).sort((a, b) => a - b)[Math.floor((results.length - 1) / 2)];
  const ratio = median(({ perSecond, bare }) => perSecond / bare);
  const p99 = median(({ times }) => times[Math.floor(times.length * 0.99)]);
  const worst = (key) => Math.max(...results.map((result) => result[key]));
  const [lost, doubled, unkept] = ['lost', 'doubled', 'unkept'].map(worst);
  return [
    {
      name: `Alerts made durable, compared with bare inserts (${engine})`,
      measured: `${ratio.toFixed(2)} (${Math.round(median((one) => one.perSecond))} alerts a second, ${Math.round(median((one) => one.bare))} inserts)`,
      floor: `at least ${leastRatio[engine]}`,
      met: ratio >= leastRatio[engine],
      meaning: `acknowledged alerts a second over inserts a second of one row of \`security_investigations\`, each a commit of its own, ${engine === 'SQLite' ? 'on one connection' : 'on ten connections'}, in the same round and database.`,
    },
    {
      name: `Alert to acknowledgement (${engine})`,
      measured: `p99 ${Math.round(p99)} ms, median ${Math.round(median(({ times }) => times[Math.floor(times.length / 2)]))} ms`,
      floor: `p99 under ${slowestMs} ms`,
      met: p99 < slowestMs,
      meaning: `with ${atOnce} under way at any moment.`,
    },
    {
      name: `Alerts lost, cases doubled (${engine})`,
      measured: `${lost} lost, ${doubled} doubled, ${unkept} not kept as they came`,
      floor: 'none',
      met: lost === 0 && doubled === 0 && unkept === 0,
      meaning:
        'counted in the database after the bridge was ended by SIGKILL: each alert has the one case it was answered with.',
    },
  ];
}

/** One bridge over one empty database, from the first alert to the last row. */
async function round(file, url) {
  const bridge = await startBridge(file, url);
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  try {
    const send = sender(bridge.url, agent);
    // What is loaded at first use is loaded, as in any bridge that runs for a minute.
    for (let number = 0; number < warmUps; number += 1) await send(alertNumber(alerts + number));
    const sent = storm();
    const answers = new Array(sent.length);
    const started = performance.now();
    let next = 0;
    const worker = async () => {
      while (next < sent.length) {
        const at = next++;
        answers[at] = await send(sent[at]);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    const seconds = (performance.now() - started) / 1000;
    await bridge.kill();
    const beside = await openBeside(url);
    try {
      const counted = await count(beside, sent, answers);
      const [row] = await beside.rows('select * from security_investigations order by id limit 1');
      const bare = alerts / (await beside.insertRows(row, alerts));
      const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
      return { perSecond: sent.length / seconds, bare, times, ...counted };
    } finally {
      await beside.close();
    }
  } finally {
    agent.destroy();
    await bridge.kill();
  }
}

function storm() {
  const sent = [];
  for (let number = 0; sent.length < alerts; number += 1) {
    sent.push(alertNumber(number));
    if (sent.length % oneIn === oneIn - 1 && sent.length < alerts)
      sent.push(sent[sent.length - 1 - (number % 4)] ?? sent[0]);
  }
  return sent;
}

function alertNumber(number) {
  return {
    id: `simulated-${number}`,
    title: `Simulated alert ${number}`,
    severity: 'HIGH',
    source: 'panther',
    timestamp: '2026-01-15T09:30:00Z',
    rule: { id: 'AWS.CloudTrail.Stopped', name: 'CloudTrail was stopped' },
    indicators: [
      { type: 'user', value: `simulated-user-${number}` },
      { type: 'ip', value: address(number) },
    ],
    context: { recipientAccountId: '111122223333', note: 'x'.repeat(1500) },
  };
}

/** Every alert has one case, the one that was answered, and was kept as often as it came. */
async function count(beside, sent, answers) {
  const stored = await beside.rows('select case_id, alert from case_alerts');
  const caseOf = new Map(stored.map(({ case_id, alert }) => [JSON.parse(alert).id, case_id]));
  const lost = sent.filter(({ id }, at) => answers[at].status !== 202 || caseOf.get(id) !== answers[at].case_id).length;
  const cases = await beside.rows('select status from security_investigations');
  const [{ raw }] = await beside.rows('select count(*) as raw from alerts_raw where accepted = 1');
  const settled = cases.filter(({ status }) => status !== 'opened' && status !== 'investigating').length;
  return { lost, doubled: cases.length - caseOf.size, unkept: sent.length + warmUps - Number(raw), settled };
}

function sender(url, agent) {
  const { hostname, port } = new URL(url);
  return (alert) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(alert);
      const started = performance.now();
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${token}`,
      };
      const sending = request({ hostname, port, path: '/alerts', method: 'POST', agent, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const ms = performance.now() - started;
          const { case_id } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          resolve({ status: response.statusCode, case_id, ms });
        });
      });
      sending.on('error', reject);
      sending.end(body);
    });
}

async function startBridge(file, url) {
  const env = {
    ...nodeEnvironment(),
    SOC_BRIDGE_TOKEN: token,
    SOC_BRIDGE_PORT: '0',
    SOC_DATABASE_URL: url,
    SOC_REPORT_DIR: join(bundles.folder, 'reports'),
    SOC_RATE_PER_MINUTE: '0',
    LOG_LEVEL: 'error',
  };
  const child = spawn(nodeExecutable(), [file, 'serve'], {
    cwd: bundles.folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const line = await new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('\n')) resolve(output.split('\n', 1)[0]);
    });
    child.once('close', (status) => reject(new Error(`the bridge ended with ${status} before it listened`)));
  });
  return {
    url: JSON.parse(line).url,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
