import { readConfig } from '../bridge/src/config';
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

async function race(): Promise<unknown> {
  const rounds: { bare: { ms: number; cpuMs: number }; ours: { ms: number; cpuMs: number } }[] = [];
  for (let round = 0; round < order.rounds; round += 1) {
    // Who goes first changes, so that neither has the warmer server.
    if (round % 2 === 0) {
      const bare = await timed(bareLoop);
      rounds.push({ bare, ours: await timed(toFile) });
    } else {
      const ours = await timed(toFile);
      rounds.push({ bare: await timed(bareLoop), ours });
    }
    process.stderr.write(`  round ${round + 1} of ${order.rounds}\n`);
  }
  return rounds;
}

async function memory(): Promise<unknown> {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const peak = { rss: before.rss, heapUsed: before.heapUsed };
  const sampler = setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    peak.rss = Math.max(peak.rss, rss);
    peak.heapUsed = Math.max(peak.heapUsed, heapUsed);
  }, 20);
  const { ms } = await timed(toFile);
  clearInterval(sampler);
  globalThis.gc?.();
  return {
    ms,
    rssGrowth: peak.rss - before.rss,
    heapGrowth: peak.heapUsed - before.heapUsed,
    heapLeft: process.memoryUsage().heapUsed - before.heapUsed,
  };
}

const result = await (order.mode === 'race' ? race() : memory());
services.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
