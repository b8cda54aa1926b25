#!/usr/bin/env node
/**
 * Approvals: from a signed click to the settled store, to the waiting caller and to the updated message, with two bridges
 * over one database and many approvals open; and many clicks at the same moment. SQLite and PostgreSQL. Starts everything
 * itself on free loopback ports. Progress goes to stderr.
 *
 *   node bench/approvals.mjs [--json] [--open 50] [--rounds 4] [--clicks 1000]
 *
 * PostgreSQL is found at SOC_TEST_POSTGRES_URL (default postgres://postgres@127.0.0.1:5432/postgres), in a database that is
 * made for the run; without it its figures are left out. Ends with status 1 when a figure misses its floor.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { root } from '../scripts/stack/paths.mjs';
import { whole } from './gitlab-lab.mjs';
import { ProgramBundles } from './program-bundle.mjs';
import { onScratchDatabase } from './scratch-database.mjs';

/** Slack shows a warning beside a click that is not acknowledged within three seconds; people expect the rest as soon. */
const slackLimitMs = 3000;
const longestMs = 10 * 60_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    open: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '4' },
    clicks: { type: 'string', default: '1000' },
  },
});
const [open, rounds, clicks] = [
  whole('open', values.open, 1, 500),
  whole('rounds', values.rounds, 1, 20),
  whole('clicks', values.clicks, 1, 5000),
];

const say = (text) => process.stderr.write(`approvals: ${text}\n`);
const bundles = new ProgramBundles();

try {
  say('building');
  const [bridgeFile, clicksFile] = await Promise.all([
    bundles.add('bridge/src/main.ts', 'bridge.mjs'),
    bundles.add('bench/approval-clicks.ts', 'clicks.mjs'),
  ]);
  const figures = [];
  const notes = [
    `Two bridges over one database; ${open} approvals are open, each with a caller waiting for it, and are decided one after another, ${rounds} times over. The click comes to one process, the caller waits at the other.`,
    'The simulated workspace answers within a millisecond or so: at Slack, three of its calls come on top (the members of a user group, the account of who clicked, the update of the message).',
    'From the click to a resumed execution of n8n: bench/approval-resume.mjs.',
  ];
  for (const [engine, run] of [
    ['SQLite', (measure) => measure(`sqlite:${join(bundles.folder, 'approvals.db')}`)],
    ['PostgreSQL', (measure) => onScratchDatabase(say, measure)],
  ]) {
    say(engine);
    const result = await run((databaseUrl) => drive(clicksFile, { bridgeFile, databaseUrl, open, rounds, clicks }));
    if (result === undefined) notes.push(`${engine} could not be reached; its figures are left out.`);
    else figures.push(...figuresOf(engine, result));
  }
  const result = { bench: 'approvals', title: 'Approvals', figures, notes };
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const { name, measured, floor, met } of figures)
      console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor ${floor})`);
  if (figures.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  bundles.remove();
}

function figuresOf(engine, { times, burst }) {
  const within = (name, key, meaning) => {
    const p95 = quantile(
      times.map((time) => time[key]),
      0.95,
    );
    const median = quantile(
      times.map((time) => time[key]),
      0.5,
    );
    return {
      name: `${name} (${engine})`,
      measured: `p95 ${p95} ms, median ${median} ms`,
      floor: `p95 under ${slackLimitMs} ms`,
      met: p95 < slackLimitMs,
      meaning,
    };
  };
  const once = burst.votes === 1 && burst.outcomes === 1 && burst.same;
  return [
    within(
      'Click to acknowledgement',
      'ack',
      'From sending the signed click to the 200 of the bridge, which comes once the click is durable.',
    ),
    within(
      'Click to settled store',
      'settled',
      'To `settled_at` of the approval: the signature is checked, the click stored, the group and the account are asked for, the vote is counted in one transaction.',
    ),
    within(
      'Click to waiting caller',
      'told',
      'To the answer of `get_approval_status`, which waits at the other process and looks into the store four times a second.',
    ),
    within('Click to updated message', 'shown', 'To the `chat.update` that arrives at the workspace.'),
    {
      name: `${clicks} simultaneous clicks settle once (${engine})`,
      measured: `${burst.votes} decision${burst.votes === 1 ? '' : 's'}, ${burst.outcomes} outcome in the thread`,
      floor: '1 decision, 1 outcome',
      met: once,
      meaning: 'Approvals and denials by four people, sent to both processes at the same moment.',
    },
    {
      name: `${clicks} simultaneous clicks acknowledged (${engine})`,
      measured: `${burst.acknowledged}, the slowest after ${burst.slowestAck} ms`,
      floor: `all, under ${slackLimitMs} ms`,
      met: burst.acknowledged === clicks && burst.slowestAck < slackLimitMs,
      meaning:
        'Clicks that arrive together are stored in one commit, so that each is durable before it is acknowledged.',
    },
  ];
}

function quantile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** Runs the measuring side, a process of its own, and reads its one line. */
async function drive(file, order) {
  const child = spawn(nodeExecutable(), [file, JSON.stringify(order)], {
    cwd: root,
    env: nodeEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: longestMs,
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`the measuring side ended with ${status}`);
  return JSON.parse(output);
}
