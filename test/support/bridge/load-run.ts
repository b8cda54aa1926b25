import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../../scripts/stack/free-port.mjs';
import { haveNginx, Nginx } from './nginx';
import { buildTestMain, Program } from './processes';
import { createScratchDatabase, postgresProblem } from './scratch-postgres';

/** Mixed calls for some time through the shipped nginx to two pods on one PostgreSQL, one of which is killed again and again. */
export interface LoadOptions {
  /** For what the pods and nginx write. */
  folder: string;
  seconds: number;
  /** One pod is killed (SIGKILL) so often, and started anew; the other one lives through all of it. */
  killEverySeconds: number;
  /** How long it is found out how much two pods can take. */
  capacitySeconds: number;
  /** Share of that which is sent then, 0 to 1. */
  share: number;
  /**
   * nginx learns of a pod's end by its closed connections; what it sends on one of them before that is lost like what was there. Within
   * this time it knows.
   */
  noticedWithinMs: number;
  say?(text: string): void;
}

export interface LoadResult {
  /** Answers a second of two pods, as fast as 16 clients can ask. */
  capacity: number;
  rate: number;
  sent: number;
  answered: number;
  /** Requests without the answer they should have had, by what came instead. */
  lost: Record<string, number>;
  kills: number;
  /** Of those lost, the ones that were not under way when a pod was killed, nor begun before nginx had to know. */
  lostBesideKills: number;
  /** Milliseconds, of those that were answered, from when each was due. */
  p50: number;
  p99: number;
  slowest: number;
  /** Alerts that were acknowledged, and their cases in the store. */
  alerts: { acknowledged: number; cases: number; twice: number };
  /**
   * Memory of the pod that lives, MiB, after its first minute (or tenth of the time) and at the end. `held`: what the collector
   * leaves in V8's old space, with its slope in MiB a minute. `resident`: what the system counts, with all that only waits for
   * the collector.
   */
  memory: { held: { first: number; last: number; slope: number }; resident: { first: number; last: number } };
}

const name = 'bridge.simulated.example';
const token = 'simulated-bridge-token-for-load';
const restartAfterMs = 1000;
/** One address may hold 64 connections (deploy/nginx). */
const mostConnections = 60;
const longestAnswerMs = 20_000;

/** Why it cannot be run here; undefined when it can. */
export function loadProblem(): string | undefined {
  return haveNginx ? postgresProblem() : 'skipped, there is no nginx';
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { folder, say = () => {} } = options;
  const undo: (() => unknown)[] = [];
  try {
    const main = await buildTestMain();
    undo.push(() => main.remove());
    const database = await createScratchDatabase();
    undo.push(() => database.drop());
    const ports = [await freePort(), await freePort()];
    const metricsPorts = [await freePort(), await freePort()];
    const pods: Program[] = [];
    undo.push(() => Promise.all(pods.map((pod) => pod.stop('SIGKILL'))));
    const startPod = async (index: number): Promise<void> => {
      pods[index] = new Program(main.file, ['serve'], {
        cwd: folder,
        env: {
          SOC_BRIDGE_TOKEN: token,
          SOC_BRIDGE_PORT: String(ports[index]),
          SOC_ALLOWED_HOSTS: name,
          SOC_DATABASE_URL: database.url,
          SOC_METRICS_PORT: String(metricsPorts[index]),
          SOC_RATE_PER_MINUTE: '1000000',
          SOC_TOOL_RATE_PER_MINUTE: '1000000',
          GITLAB_TOKEN: 'simulated-token',
          GITLAB_ALLOW: 'destructive',
          SOC_TOOLSETS: 'all',
          STAGE_MS: '1',
          LOG_LEVEL: 'warn',
        },
      });
      await pods[index].url();
    };
    await Promise.all([startPod(0), startPod(1)]);
    const nginx = await Nginx.start({
      folder: join(folder, 'nginx'),
      port: await freePort(),
      servers: ports.map((port) => `127.0.0.1:${port}`),
      publicName: name,
      callsPerSecond: 100_000,
    });
    undo.push(() => nginx.stop());
    const client = new Client(nginx);
    undo.push(() => client.close());

    say(`finding out what two pods take, ${options.capacitySeconds} s`);
    const capacity = await client.asFastAsPossible(options.capacitySeconds);
    const rate = Math.min(capacity * options.share, mostAlertsPerSecond * turns.length);
    say(`${Math.round(capacity)} a second; ${Math.round(rate)} a second for ${options.seconds} s`);

    const memory = new MemoryLog(`http://127.0.0.1:${metricsPorts[1]}/metrics`);
    undo.push(() => memory.stop());
    const kills: number[] = [];
    let restarting: Promise<void> = Promise.resolve();
    let isBack = true;
    const killer = setInterval(() => {
      // On a busy machine it may not be there again yet.
      if (!isBack) return;
      isBack = false;
      kills.push(performance.now());
      const pod = pods[0];
      pod?.child.kill('SIGKILL');
      restarting = (async () => {
        await pod?.ended;
        await new Promise((later) => setTimeout(later, restartAfterMs));
        await startPod(0);
        isBack = true;
      })();
      say(`kill ${kills.length}: ${client.sent} sent, ${client.lost.length} lost`);
    }, options.killEverySeconds * 1000);
    undo.push(() => clearInterval(killer));
    await client.atRate(rate, options.seconds);
    clearInterval(killer);
    await restarting;
    await client.allAnswered();
    memory.stop();
    const times = client.times.sort((a, b) => a - b);
    const at = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? 0;
    return {
      capacity,
      rate,
      sent: client.sent,
      answered: times.length,
      lost: client.lostBy(),
      kills: kills.length,
      lostBesideKills: client.lost.filter(
        ({ begun, ended }) => !kills.some((at) => at >= begun - options.noticedWithinMs && at <= ended),
      ).length,
      p50: at(0.5),
      p99: at(0.99),
      slowest: times.at(-1) ?? 0,
      alerts: await alertsIn(database.url, client.alerts),
      memory: memory.result(options.seconds),
    };
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/**
 * What is sent: mostly calls that read, some lists of tools, some calls that change something and are on record first, and now and
 * then an alert. All come from one address, from which nginx takes 50 alerts a second and answers 429 to the rest.
 */
type Kind = 'call' | 'list' | 'change' | 'alert';
const ten: Kind[] = ['call', 'call', 'list', 'call', 'change', 'call', 'call', 'call', 'call', 'list'];
const turns: Kind[] = [...ten, ...ten.slice(0, 7), 'alert', ...ten.slice(8)];
const mostAlertsPerSecond = 45;

/** An open loop: a request is sent when it is due, whether those before it were answered or not. */
class Client {
  sent = 0;
  underWay = 0;
  readonly times: number[] = [];
  readonly lost: { problem: string; begun: number; ended: number }[] = [];
  /** Ids of alerts that were acknowledged. */
  readonly alerts: string[] = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: mostConnections });

  constructor(private readonly nginx: Nginx) {}

  lostBy(): Record<string, number> {
    const by: Record<string, number> = {};
    for (const { problem } of this.lost) by[problem] = (by[problem] ?? 0) + 1;
    return by;
  }

  async asFastAsPossible(seconds: number): Promise<number> {
    const until = performance.now() + seconds * 1000;
    let done = 0;
    const one = async () => {
      while (performance.now() < until) {
        const problem = await this.ask(done, `warm-${done}`);
        if (problem !== undefined) throw new Error(`before any pod was killed: ${problem}`);
        done += 1;
      }
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: 16 }, one));
    this.alerts.length = 0;
    return done / ((performance.now() - begun) / 1000);
  }

  async atRate(rate: number, seconds: number): Promise<void> {
    const begun = performance.now();
    const total = Math.floor(rate * seconds);
    while (this.sent < total) {
      const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * rate));
      while (this.sent < due) void this.send(begun + (this.sent / rate) * 1000);
      await new Promise((later) => setTimeout(later, 5));
    }
  }

  async allAnswered(): Promise<void> {
    while (this.underWay > 0) await new Promise((later) => setTimeout(later, 20));
  }

  close(): void {
    this.agent.destroy();
  }

  private async send(due: number): Promise<void> {
    const number = this.sent;
    this.sent += 1;
    this.underWay += 1;
    const begun = performance.now();
    const problem = await this.ask(number, `load-${number}`);
    const ended = performance.now();
    this.underWay -= 1;
    if (problem === undefined) this.times.push(ended - due);
    else this.lost.push({ problem, begun, ended });
  }

  /** Undefined when the answer is the one that should have come. */
  private async ask(number: number, id: string): Promise<string | undefined> {
    const kind = turns[number % turns.length] ?? 'call';
    const { path, body, expected } = message(kind, id);
    try {
      const { status, text } = await this.post(path, JSON.stringify(body));
      if (status === 202 && kind === 'alert') {
        this.alerts.push(id);
        return undefined;
      }
      if (status !== 200 || kind === 'alert') return `status ${status}`;
      return text.includes(expected) && !text.includes('"isError":true')
        ? undefined
        : `another answer to a ${kind}: ${text.slice(0, 300)}`;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  }

  private post(path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const asked = httpsRequest(
        {
          host: '127.0.0.1',
          port: Number(new URL(this.nginx.url).port),
          servername: name,
          ca: this.nginx.certificate,
          path,
          method: 'POST',
          agent: this.agent,
          timeout: longestAnswerMs,
          headers: {
            host: name,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            accept: 'application/json, text/event-stream',
            authorization: `Bearer ${token}`,
            'mcp-protocol-version': '2025-11-25',
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => {
            text += piece;
          });
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      asked.on('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { code: 'no answer in 20 s' })));
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

function message(kind: Kind, id: string): { path: string; body: unknown; expected: string } {
  if (kind === 'alert') {
    return {
      path: '/alerts',
      body: { id, title: 'Simulated alert', severity: 'HIGH', createdAt: new Date().toISOString() },
      expected: '',
    };
  }
  if (kind === 'list') {
    return { path: '/mcp', body: { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, expected: 'repeat_text' };
  }
  const [tool, given, expected] =
    kind === 'call' ? ['repeat_text', { text: id, times: 2 }, `${id}${id}`] : ['delete_nothing', {}, '"result"'];
  const params = { name: tool, arguments: given };
  return { path: '/mcp', body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, expected: String(expected) };
}

async function alertsIn(url: string, acknowledged: string[]): Promise<LoadResult['alerts']> {
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  try {
    const { rows } = await database.query<{ dedup_key: string; cases: string }>(
      `select dedup_key, count(*) as cases from security_investigations where dedup_key like 'panther:default:load-%' group by dedup_key`,
    );
    const cases = new Map(rows.map((row) => [row.dedup_key.split(':')[2] ?? '', Number(row.cases)]));
    return {
      acknowledged: acknowledged.length,
      cases: acknowledged.filter((id) => cases.has(id)).length,
      twice: [...cases.values()].filter((count) => count > 1).length,
    };
  } finally {
    await database.end();
  }
}

const memoryEveryMs = 500;
/** Long enough to hold a collection, whose low is what counts. */
const lowOverSeconds = 10;

interface MemorySample {
  seconds: number;
  held: number;
  resident: number;
}

/** Memory of one process over time, from its metrics. */
class MemoryLog {
  private readonly samples: MemorySample[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(metricsUrl: string) {
    const begun = performance.now();
    this.timer = setInterval(async () => {
      const text = await fetch(metricsUrl).then((response) => response.text());
      const mib = (series: string) => Number(new RegExp(`^${series} (\\d+)`, 'm').exec(text)?.[1]) / 2 ** 20;
      this.samples.push({
        seconds: (performance.now() - begun) / 1000,
        held: mib('nodejs_heap_space_size_used_bytes\\{space="old"\\}'),
        resident: mib('process_resident_memory_bytes'),
      });
    }, memoryEveryMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The slope by least squares over all but the first minute, or the first tenth of a shorter run, in which everything still grows. */
  result(seconds: number): LoadResult['memory'] {
    const settled = this.samples.filter((sample) => sample.seconds >= Math.min(60, seconds / 10));
    const lows = lowest(settled);
    return {
      held: { first: lows[0]?.held ?? 0, last: lows.at(-1)?.held ?? 0, slope: slopeOf(lows) },
      resident: { first: settled[0]?.resident ?? 0, last: settled.at(-1)?.resident ?? 0 },
    };
  }
}

/** The sample that holds least, of every ten seconds. */
function lowest(samples: readonly MemorySample[]): MemorySample[] {
  const by = new Map<number, MemorySample>();
  for (const sample of samples) {
    const turn = Math.floor(sample.seconds / lowOverSeconds);
    if (sample.held < (by.get(turn)?.held ?? Number.POSITIVE_INFINITY)) by.set(turn, sample);
  }
  return [...by.values()];
}

/** MiB a minute. */
function slopeOf(samples: readonly MemorySample[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [x, y] = [mean(samples.map(({ seconds }) => seconds)), mean(samples.map(({ held }) => held))];
  const over = samples.reduce((sum, { seconds, held }) => sum + (seconds - x) * (held - y), 0);
  const under = samples.reduce((sum, { seconds }) => sum + (seconds - x) ** 2, 0);
  return under === 0 ? 0 : (over / under) * 60;
}
