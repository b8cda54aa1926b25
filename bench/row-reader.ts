import { readConfig } from '../bridge/src/config';
import { keepMemoryFlat } from '../bridge/src/flat-memory';
import { ServicePorts } from '../bridge/src/hosting/service-ports';
import { runToTarget } from '../bridge/src/sql-run';
import { streamOperation } from '../operations/operation';
import { getQuery } from '../operations/panther/query-documents';
import { streamQueryResults } from '../operations/panther/row-streams';

/**
 * The measured side of the row benchmark, a process of its own so that nobody else's memory is measured with it. Its one
 * argument is JSON; its result is one line of JSON on stdout.
 */
interface Order {
  mode: 'race' | 'memory';
  graphql: string;
  token: string;
  queryId: string;
  rows: number;
  rounds: number;
  file: string;
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const services = new ServicePorts(readConfig(process.env), 'bench');
const signal = new AbortController().signal;

/** The least that gets the same pages: fetch, read the text, parse it, follow the cursor. Nothing is checked or kept. */
async function bareLoop(): Promise<number> {
  let rows = 0;
  let cursor: string | undefined;
  for (;;) {
    const response = await fetch(order.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': order.token },
      body: JSON.stringify({ query: getQuery, variables: { id: order.queryId, page: { pageSize: 999, cursor } } }),
    });
    const { results } = JSON.parse(await response.text()).data.dataLakeQuery;
    rows += results.edges.length;
    if (!results.pageInfo.hasNextPage) return rows;
    cursor = results.pageInfo.endCursor;
  }
}

/** The stream of checked and cleaned rows, as operations give it to their hosts. */
async function rowsOnly(): Promise<number> {
  let rows = 0;
  const log = { debug() {}, info() {}, warn() {} };
  const stream = streamOperation(
    { name: 'bench', stream: streamQueryResults },
    services.ports({ signal, log, progress: () => {} }),
    { query_id: order.queryId, max_rows: order.rows },
  );
  for await (const page of stream) rows += page.rows.length;
  return rows;
}

/** What `soc-bridge sql results ID --output FILE` does: checked, cleaned, encoded and written. */
async function toFile(): Promise<number> {
  let rows = 0;
  await runToTarget(
    ({ log }) =>
      streamOperation({ name: 'bench', stream: streamQueryResults }, services.ports({ signal, log, progress }), {
        query_id: order.queryId,
        max_rows: order.rows,
      }),
    { output: order.file, force: true, limited: true },
    { stdout: process.stdout, stderr: silent(), signal },
  );
  return rows;

  function progress(_message: string, done: number): void {
    rows = done;
  }
}

function silent(): NodeJS.WritableStream {
  return { write: () => true } as unknown as NodeJS.WritableStream;
}

async function timed(work: () => Promise<number>): Promise<{ ms: number; cpuMs: number }> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const rows = await work();
  const ms = performance.now() - started;
  if (rows !== order.rows) throw new Error(`${rows} rows came instead of ${order.rows}`);
  const used = process.cpuUsage(cpu);
  return { ms, cpuMs: (used.user + used.system) / 1000 };
}

const contestants = { bare: bareLoop, rows: rowsOnly, file: toFile };
type Name = keyof typeof contestants;

/** Rounds in which each goes once, each time in another order, so that nobody has the warmer server. */
async function race(): Promise<unknown> {
  const rounds: Record<Name, { ms: number; cpuMs: number }>[] = [];
  const names = Object.keys(contestants) as Name[];
  for (let round = 0; round < order.rounds; round += 1) {
    const result = {} as (typeof rounds)[number];
    for (const name of [...names.slice(round % 3), ...names.slice(0, round % 3)])
      result[name] = await timed(contestants[name]);
    rounds.push(result);
    process.stderr.write(`  round ${round + 1} of ${order.rounds}\n`);
  }
  return rounds;
}

async function memory(): Promise<unknown> {
  // As the command does.
  keepMemoryFlat();
  globalThis.gc?.();
  const before = process.memoryUsage();
  const peak = { rss: before.rss, heapUsed: before.heapUsed };
  const sampler = setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    peak.rss = Math.max(peak.rss, rss);
    peak.heapUsed = Math.max(peak.heapUsed, heapUsed);
  }, 20);
  const { ms, cpuMs } = await timed(toFile);
  clearInterval(sampler);
  globalThis.gc?.();
  return {
    ms,
    cpuMs,
    rssGrowth: peak.rss - before.rss,
    heapGrowth: peak.heapUsed - before.heapUsed,
    heapLeft: process.memoryUsage().heapUsed - before.heapUsed,
  };
}

const result = await (order.mode === 'race' ? race() : memory());
services.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
