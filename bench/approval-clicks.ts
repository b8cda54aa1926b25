import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvalActions, blockIdOf, denialCallback } from '../bridge/src/approvals/approval-messages';
import type { ApprovalRecord } from '../operations/approvals';
import { slackSignature } from '../operations/slack/request-signature';
import { FaultBoard } from '../sandbox/src/faults';
import { startService } from '../sandbox/src/service';
import { createSlack } from '../sandbox/src/slack/server';

/**
 * The measuring side of the approvals benchmark: the simulated workspace, the bridges as processes of their own, and the
 * clicks. Its one argument is JSON; its result is one line of JSON on stdout.
 */
interface Order {
  bridgeFile: string;
  databaseUrl: string;
  open: number;
  rounds: number;
  clicks: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const token = 'simulated-bridge-token-for-tests';
const secret = 'simulated-signing-secret';
const approvers = ['U0SIM0009', 'U0SIM0010', 'U0SIM0011', 'U0SIM0012'];
const folder = mkdtempSync(join(tmpdir(), 'soc-bench-'));
const say = (text: string) => process.stderr.write(`approvals: ${text}\n`);

/** When each message was last changed, by its timestamp. */
const updatedAt = new Map<string, number>();
const slack = createSlack({ seed: 1, baseTime: new Date(0), token: 'xoxb-simulated', signingSecret: secret });
const service = await startService(
  'slack',
  0,
  async (request, raw) => {
    const answer = await slack.handler(request, raw);
    if (request.path === '/api/chat.update') updatedAt.set(String(JSON.parse(String(request.body)).ts), Date.now());
    return answer;
  },
  new FaultBoard(),
  slack.upgrade,
);

interface RunningProcess {
  url: string;
  child: ChildProcess;
}

async function startBridge(): Promise<RunningProcess> {
  const child = spawn(process.execPath, [order.bridgeFile, 'serve'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH ?? '',
      SOC_BRIDGE_TOKEN: token,
      SOC_BRIDGE_PORT: '0',
      SOC_DATABASE_URL: order.databaseUrl,
      SOC_ALLOW_PRIVATE_NETWORK: 'true',
      LOG_LEVEL: process.env.BENCH_LOG ?? 'fatal',
      SLACK_BOT_TOKEN: 'xoxb-simulated',
      SLACK_API_URL: `${service.url}/api`,
      SLACK_SIGNING_SECRET: secret,
      SLACK_APPROVERS: 'S0SIM0001',
      SLACK_APPROVAL_CHANNEL: '#soc-high',
    },
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.once('exit', (status) => reject(new Error(`the bridge ended with ${status}`)));
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve((JSON.parse(text.split('\n', 1)[0] ?? '') as { url: string }).url);
    });
  });
  return { url, child };
}

async function call(url: string, name: string, given: Record<string, unknown>): Promise<ApprovalRecord> {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }),
  });
  const text = await response.text();
  const line =
    text
      .split('\n')
      .find((one) => one.startsWith('data: {'))
      ?.slice('data: '.length) ?? text;
  const content = (JSON.parse(line) as { result?: { structuredContent?: ApprovalRecord } }).result?.structuredContent;
  if (content === undefined) throw new Error(`${name}: ${text.slice(0, 300)}`);
  return content;
}

let asked = 0;
function ask(url: string): Promise<ApprovalRecord> {
  asked += 1;
  return call(url, 'request_analyst_approval', {
    action: 'sample_action',
    target: `simulated target ${asked}`,
    title: 'A sample',
    wait_seconds: 0,
  });
}

let clicked = 0;
/** A signed click, or a signed denial with its reason. Resolves to the status and the time to the acknowledgement. */
async function click(url: string, user: string, record: ApprovalRecord, decision: 'approve' | 'deny') {
  clicked += 1;
  const common = {
    user: { id: user, username: user, team_id: 'T0SIM0001' },
    team: { id: 'T0SIM0001', domain: 'simulated-corp' },
    api_app_id: 'A0SIM0001',
    trigger_id: `simulated.${clicked}`,
  };
  const where = {
    approval_id: record.approval_id,
    block_id: blockIdOf(record),
    channel: record.channel,
    thread_ts: null,
  };
  const payload =
    decision === 'approve'
      ? {
          ...common,
          type: 'block_actions',
          channel: { id: record.channel },
          message: { ts: record.ts },
          actions: [
            {
              type: 'button',
              action_id: approvalActions.approve,
              block_id: where.block_id,
              value: record.approval_id,
              action_ts: String(clicked),
            },
          ],
        }
      : {
          ...common,
          type: 'view_submission',
          view: {
            id: 'V1',
            callback_id: denialCallback,
            private_metadata: JSON.stringify(where),
            state: { values: { soc_denial: { reason: { value: 'No' } } } },
          },
        };
  const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const started = Date.now();
  const response = await fetch(`${url}/slack/interactions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': slackSignature(body, timestamp, secret),
    },
    body,
  });
  await response.text();
  return { status: response.status, ms: Date.now() - started };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await check()); await pause(2)) {
    if (Date.now() > end) throw new Error('nothing within 60 s');
  }
}

/** One approval after another is decided while the others stay open, each with a caller that waits for it. */
async function latencies(bridges: RunningProcess[]) {
  const times: { ack: number; settled: number; told: number; shown: number }[] = [];
  const at = (index: number) => bridges[index % bridges.length]?.url ?? '';
  for (let round = 0; round < order.rounds; round += 1) {
    const open = await Promise.all(Array.from({ length: order.open }, (_, index) => ask(at(index))));
    const waiting = open.map(async ({ approval_id }, index) => {
      // The caller waits at one process, the click may come to another.
      const record = await call(at(index + 1), 'get_approval_status', { approval_id, wait_seconds: 120 });
      return { record, at: Date.now() };
    });
    await pause(300);
    for (const [index, record] of open.entries()) {
      const started = Date.now();
      const { ms, status } = await click(at(index), approvers[index % 4] ?? '', record, 'approve');
      if (status !== 200) throw new Error(`the click was answered with ${status}`);
      await until(() => (updatedAt.get(record.ts ?? '') ?? 0) >= started).catch(async (error: Error) => {
        const now = await call(at(index), 'get_approval_status', { approval_id: record.approval_id });
        throw new Error(`${error.message}; ${JSON.stringify({ ...now, round, index, first: record.ts })}`);
      });
      const told = await waiting[index];
      times.push({
        ack: ms,
        settled: Date.parse(told?.record.settled_at ?? '') - started,
        told: (told?.at ?? 0) - started,
        shown: (updatedAt.get(record.ts ?? '') ?? 0) - started,
      });
    }
  }
  return times;
}

/** All at the same moment, through every process, approvals and denials alternating. */
async function burst(bridges: RunningProcess[]) {
  const record = await ask(bridges[0]?.url ?? '');
  const answers = await Promise.all(
    Array.from({ length: order.clicks }, (_, index) =>
      click(
        bridges[index % bridges.length]?.url ?? '',
        approvers[index % 4] ?? '',
        record,
        index % 3 === 0 ? 'deny' : 'approve',
      ),
    ),
  );
  const url = bridges[0]?.url ?? '';
  const settled = await call(url, 'get_approval_status', { approval_id: record.approval_id, wait_seconds: 60 });
  const outcomes = () =>
    slack.interactions.state.messages.filter(({ threadTs, ephemeralFor }) => threadTs === record.ts && !ephemeralFor)
      .length;
  await until(() => outcomes() > 0);
  await pause(5000);
  const last = await call(url, 'get_approval_status', { approval_id: record.approval_id });
  return {
    acknowledged: answers.filter(({ status }) => status === 200).length,
    slowestAck: Math.max(...answers.map(({ ms }) => ms)),
    votes: last.decided_by.length,
    same: last.status === settled.status,
    outcomes: outcomes(),
  };
}

const bridges: RunningProcess[] = [];
try {
  for (let count = 0; count < 2; count += 1) bridges.push(await startBridge());
  say(`${order.open} open approvals, ${order.rounds} rounds`);
  const times = await latencies(bridges);
  say(`${order.clicks} clicks at the same moment`);
  const result = { times, burst: await burst(bridges) };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  for (const { child } of bridges) child.kill('SIGTERM');
  slack.close();
  await service.close();
  rmSync(folder, { recursive: true, force: true });
}
