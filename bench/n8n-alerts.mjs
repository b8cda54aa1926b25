#!/usr/bin/env node
/**
 * Alerts a second through a real n8n, each until it is a durable case of the bridge, beside n8n's own Webhook and Set nodes on
 * the same n8n in the same run: in one process, and in queue mode with one and with two workers. PostgreSQL under n8n in all
 * of them. Starts everything itself on free loopback ports. Progress goes to stderr.
 *
 *   node bench/n8n-alerts.mjs [--json] [--alerts 200] [--rounds 3] [--at-once 10]
 *
 * PostgreSQL is found at SOC_TEST_POSTGRES_URL, Redis at SOC_TEST_REDIS_URL; without PostgreSQL it ends with status 3. Ends with
 * status 1 when an alert has no case or two.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { freePort } from '../scripts/stack/free-port.mjs';
import { ensureN8n } from '../scripts/stack/n8n-install.mjs';
import { N8nInstance } from '../scripts/stack/n8n-instance.mjs';
import { N8nQueue, postgresEnvironment } from '../scripts/stack/n8n-queue.mjs';
import { ensureBuilt } from '../scripts/stack/package-build.mjs';
import { varDir } from '../scripts/stack/paths.mjs';
import { bridgeEnvironment, n8nCredentials, startBridge, startSandbox } from '../scripts/stack/services.mjs';
import { count, median, printResult, quantile, whole } from './gitlab-lab.mjs';
import { onScratchDatabase } from './scratch-database.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    alerts: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    'at-once': { type: 'string', default: '10' },
  },
});
const alerts = whole('alerts', values.alerts, 1, 10_000);
const rounds = whole('rounds', values.rounds, 1, 50);
const atOnce = whole('at-once', values['at-once'], 1, 100);
const say = (text) => process.stderr.write(`n8n-alerts: ${text}\n`);
const redisUrl = process.env.SOC_TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

const bridgeToo = { socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' } };
const paths = { ours: 'bench/case', plain: 'bench/set' };
const modes = [
  { name: 'one process', workers: 0 },
  { name: 'queue mode, one worker', workers: 1 },
  { name: 'queue mode, two workers', workers: 2 },
];

const { tarball } = await ensureBuilt();
const install = await ensureN8n();
const figures = [];
for (const mode of modes) {
  const measured = await onScratchDatabase(say, (database) => inMode(mode, database));
  if (measured === undefined) process.exit(3);
  figures.push(...figuresOf(mode, measured));
}
printResult(
  {
    bench: 'n8n-alerts',
    title: 'Alerts through n8n',
    figures,
    notes: [
      `${rounds} rounds of ${alerts} alerts, ${atOnce} at once, in turns with as many calls of a workflow of n8n's own Webhook and Set nodes; both answer when their last node has run. Medians of the rounds. Ours opens a case in the bridge (SQLite, on disk before the answer).`,
      'n8n keeps its executions in PostgreSQL in all three; everything shares the processors of this machine, so that a second worker helps only where they are idle.',
    ],
  },
  values.json,
);

async function inMode({ name, workers }, databaseUrl) {
  const folder = join(varDir, 'bench', 'n8n-alerts');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const running = [];
  try {
    say(`starting n8n: ${name}`);
    const token = randomBytes(18).toString('base64url');
    const sandbox = await startSandbox({ folder, ports: { panther: 0, gitlab: 0, slack: 0, model: 0, control: 0 } });
    running.push(() => sandbox.stop());
    const { addresses } = sandbox;
    const env = {
      ...bridgeEnvironment({ addresses, folder, port: await freePort(), token }),
      // Alerts are counted, not investigated: the bridge leaves the cases to n8n for longer than the run.
      SOC_CASE_LEASE_SECONDS: '3600',
      SOC_RELATED_HOURS: '0',
    };
    const bridge = await startBridge({ folder, env });
    running.push(() => bridge.stop());
    const content = {
      tarball,
      credentials: n8nCredentials({ addresses, bridgeUrl: bridge.url, bridgeToken: token, alertToken: token }),
      workflows: [caseWorkflow(), setWorkflow()],
    };
    const options = { install, folder: join(folder, 'n8n') };
    const n8n =
      workers === 0
        ? new N8nInstance({ ...options, env: postgresEnvironment(databaseUrl) })
        : new N8nQueue({
            ...options,
            postgresUrl: databaseUrl,
            redisUrl,
            prefix: `soc-bench-${randomUUID()}`,
            workers,
          });
    await n8n.prepare(content);
    running.push(() => n8n.stop?.());
    await n8n.start();
    const url = n8n.webhookUrl ?? n8n.url;
    await untilThere(url);
    const runs = { ours: [], plain: [] };
    for (const path of ['ours', 'plain']) await send(url, path, Math.ceil(alerts / 4), 'warm');
    for (let round = 0; round < rounds; round += 1) {
      for (const path of ['plain', 'ours']) runs[path].push(await send(url, path, alerts, `${round}`));
      say(`round ${round + 1} of ${rounds}`);
    }
    return { ...runs, cases: casesIn(env.SOC_DATABASE_URL.replace(/^sqlite:/, '')) };
  } finally {
    for (const stop of running.reverse()) await stop();
  }
}

async function untilThere(url) {
  for (const path of Object.values(paths)) {
    for (let attempt = 0; ; attempt += 1) {
      const response = await fetch(`${url}/webhook/${path}`, {
        method: 'POST',
        body: '{"id":"probe","title":"Simulated"}',
      });
      await response.text();
      if (response.status !== 404) break;
      if (attempt === 300) throw new Error(`n8n has no webhook ${path}`);
      await new Promise((later) => setTimeout(later, 100));
    }
  }
}

/** Alerts a second and the milliseconds of each. */
async function send(url, path, total, round) {
  const times = [];
  let next = 0;
  const begun = performance.now();
  const one = async () => {
    while (next < total) {
      const id = `simulated-${round}-${next++}`;
      const at = performance.now();
      const response = await fetch(`${url}/webhook/${paths[path]}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          id,
          title: `Simulated alert ${id}`,
          severity: 'HIGH',
          createdAt: new Date().toISOString(),
        }),
      });
      const text = await response.text();
      if (!response.ok || (path === 'ours' && !text.includes('case_id')))
        throw new Error(`n8n answered ${response.status} to ${id}: ${text.slice(0, 300)}`);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return { perSecond: total / ((performance.now() - begun) / 1000), times };
}

function casesIn(file) {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare(
        "select count(*) as cases, count(distinct dedup_key) as alerts from security_investigations where title like 'Simulated alert simulated-%' and title not like '%-warm-%'",
      )
      .get();
  } finally {
    database.close();
  }
}

function figuresOf({ name }, { ours, plain, cases }) {
  const perSecond = (runs) => median(runs.map((run) => run.perSecond));
  const p95 = (runs) =>
    quantile(
      runs.flatMap((run) => run.times),
      0.95,
    );
  const expected = rounds * alerts;
  return [
    {
      name: `Alerts a second until each is a case (${name})`,
      measured: `${perSecond(ours).toFixed(1)}, ${(perSecond(ours) / perSecond(plain)).toFixed(2)} times n8n's own Webhook and Set (${perSecond(plain).toFixed(1)}); p95 ${count(p95(ours))} ms to ${count(p95(plain))} ms`,
      floor: 'none set',
      met: true,
      meaning: `${atOnce} at once.`,
    },
    {
      name: `Alerts without a case, or with two (${name})`,
      measured: `${expected - Number(cases.alerts)} and ${Number(cases.cases) - Number(cases.alerts)} of ${count(expected)}`,
      floor: 'none',
      met: Number(cases.cases) === expected && Number(cases.alerts) === expected,
      meaning: 'read from the store after the run.',
    },
  ];
}

function caseWorkflow() {
  return workflowOf('bench-case', paths.ours, {
    ...node('Open Case', 'n8n-nodes-soc.socInvestigation', 1.1, {
      resource: 'case',
      operation: 'openCase',
      alert: '={{ $json.body }}',
      options: {},
    }),
    credentials: bridgeToo,
  });
}

function setWorkflow() {
  return workflowOf(
    'bench-set',
    paths.plain,
    node('Set', 'n8n-nodes-base.set', 3.4, {
      assignments: {
        assignments: [{ id: randomUUID(), name: 'alert', value: '={{ $json.body.id }}', type: 'string' }],
      },
      options: {},
    }),
  );
}

function workflowOf(id, path, last) {
  const parameters = { path, httpMethod: 'POST', responseMode: 'lastNode' };
  const webhook = { ...node('Webhook', 'n8n-nodes-base.webhook', 2.1, parameters), webhookId: randomUUID() };
  return {
    id,
    name: id,
    nodes: [webhook, last],
    connections: { Webhook: { main: [[{ node: last.name, type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1' },
  };
}

function node(name, type, typeVersion, parameters) {
  return { id: randomUUID(), name, type, typeVersion, position: [0, 0], parameters };
}
