import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bridge } from '../../../bridge/src/bridge';
import type { ResumeCase } from '../../../bridge/src/case-runner';
import { type Environment, readConfig } from '../../../bridge/src/config';
import { createLogger } from '../../../bridge/src/hosting/logging';
import type { ApprovalRecord, ApprovalRequest, ApprovalsPort } from '../../../operations/approvals';
import { operations } from '../../../operations/registry';
import { FaultBoard } from '../../../sandbox/src/faults';
import { startService } from '../../../sandbox/src/service';
import type { ClickOutcome } from '../../../sandbox/src/slack/interactions';
import { createSlack, type SlackStandIn } from '../../../sandbox/src/slack/server';
import { eventually } from './running-bridge';
import { openTestCase } from './test-operations';

export const bridgeToken = 'simulated-bridge-token-for-tests';
export const signingSecret = 'simulated-signing-secret';
const botToken = 'xoxb-simulated';

/** People of the simulated workspace. The user group S0SIM0001 holds Eva, Rafael, Sian and Aylin. */
export const people = {
  eva: 'U0SIM0009',
  rafael: 'U0SIM0010',
  sian: 'U0SIM0011',
  aylin: 'U0SIM0012',
  guest: 'U0SIM0013',
  stranger: 'U0SIM0001',
} as const;

export interface SlackText {
  ts: string;
  user: string;
  text: string;
  thread_ts?: string;
  blocks?: { type: string; block_id?: string; [key: string]: unknown }[];
}

export interface ApprovalRig {
  bridge: Bridge;
  url: string;
  slack: SlackStandIn;
  faults: FaultBoard;
  logged: string[];
  port(principal?: string, signal?: AbortSignal): ApprovalsPort;
  ask(over?: Partial<ApprovalRequest>, principal?: string): Promise<ApprovalRecord>;
  get(id: string): Promise<ApprovalRecord>;
  /** A click in Slack; `on` is the card unless another message is given. */
  click(
    user: string,
    what: 'approve' | 'deny',
    on: Pick<ApprovalRecord, 'channel' | 'ts'>,
    fault?: Parameters<SlackStandIn['interactions']['click']>[0]['fault'],
  ): Promise<ClickOutcome>;
  settled(id: string): Promise<ApprovalRecord>;
  card(record: Pick<ApprovalRecord, 'channel' | 'ts'>): Promise<string>;
  replies(record: Pick<ApprovalRecord, 'channel' | 'ts'>): Promise<SlackText[]>;
  channel(name: string): Promise<SlackText[]>;
  /** Notes that only one person sees. */
  notes(user: string): string[];
  /** Ends the process and starts another on the same database; `killed` leaves everything where it was. */
  restart(environment?: Environment): Promise<void>;
  stop(): Promise<void>;
}

export const sampleAction = {
  title: 'Switch off a leaked access key',
  name: 'iam_deactivate_access_key',
  target: 'AKIASIMULATED000001',
  arguments: { user: 'simulated-user' },
};

export function sampleRequest(over: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    action: sampleAction,
    justification: 'Used from two countries within a minute.',
    requested_by: null,
    case_id: null,
    channel: null,
    approvers: null,
    min_approvals: null,
    expires_in_seconds: 600,
    idempotency_key: null,
    resume_url: null,
    ...over,
  };
}

/**
 * A bridge with approvals, and the simulated workspace whose clicks reach it: signed over HTTP, or over a socket when it is
 * given an app token and no signing secret.
 */
export async function startApprovalRig(
  environment: Environment = {},
  databaseUrl?: string,
  resume: ResumeCase = () => Promise.reject(new Error('no')),
): Promise<ApprovalRig> {
  const folder = mkdtempSync(join(tmpdir(), 'soc-approvals-'));
  const faults = new FaultBoard();
  const slack = createSlack({
    seed: 1,
    baseTime: new Date('2026-05-01T00:00:00Z'),
    token: botToken,
    appToken: 'xapp-simulated',
    signingSecret,
  });
  const service = await startService('slack', 0, slack.handler, faults, slack.upgrade);
  slack.listensAt(service.url);
  const logged: string[] = [];
  const base: Environment = {
    SOC_BRIDGE_TOKEN: bridgeToken,
    SOC_BRIDGE_PORT: '0',
    // Sample alerts have one rule and one user; each is meant to be a case of its own.
    SOC_RELATED_HOURS: '0',
    SOC_ALLOW_PRIVATE_NETWORK: 'true',
    SOC_DATABASE_URL: databaseUrl ?? `sqlite:${join(folder, 'cases.db')}`,
    SOC_RECONCILE_SECONDS: '1',
    LOG_LEVEL: 'info',
    SLACK_BOT_TOKEN: botToken,
    SLACK_API_URL: `${service.url}/api`,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_APPROVERS: 'S0SIM0001',
    SLACK_APPROVAL_CHANNEL: '#soc-high',
    ...environment,
  };
  const open = async (more: Environment = {}) => {
    const config = readConfig({ ...base, ...more });
    const logger = createLogger(config.logLevel, { write: (line) => void logged.push(line) });
    const capabilities = {
      operations,
      open: openTestCase,
      resume,
    };
    const bridge = await Bridge.open(config, capabilities, '0.0.0-test', logger);
    const server = await bridge.serve();
    const socketMode = config.approvals.signingSecrets.length === 0 && config.approvals.appToken !== undefined;
    const requestUrl = socketMode ? '' : `${server.url}/slack/interactions`;
    Object.assign(slack.interactions.delivery.settings, { requestUrl, socketMode });
    if (socketMode) await eventually(() => (slack.sockets() === 1 ? true : undefined));
    return { bridge, server };
  };
  let running = await open();
  const api = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${service.url}/api/${path}`, { headers: { authorization: `Bearer ${botToken}` } });
    return (await response.json()) as T;
  };
  const at = (record: Pick<ApprovalRecord, 'channel' | 'ts'>) => {
    if (record.channel === null || record.ts === null) throw new Error('the approval has no message');
    return { channel: record.channel, ts: record.ts };
  };
  const port = (principal?: string, signal = new AbortController().signal) =>
    running.bridge.approvals.port({ principal, signal });
  const get = async (id: string) => {
    const record = await port().get(id);
    if (record === undefined) throw new Error(`no approval ${id}`);
    return record;
  };
  const replies = async (record: Pick<ApprovalRecord, 'channel' | 'ts'>) => {
    const { channel, ts } = at(record);
    const { messages = [] } = await api<{ messages?: SlackText[] }>(
      `conversations.replies?channel=${channel}&ts=${ts}`,
    );
    return messages;
  };
  return {
    get bridge() {
      return running.bridge;
    },
    get url() {
      return running.server.url;
    },
    slack,
    faults,
    logged,
    port,
    get,
    ask: async (over, principal) => (await port(principal).request(sampleRequest(over))).record,
    click: (user, what, on, fault) =>
      slack.interactions.click({ user, ...at(on), actionId: `soc_approval_${what}`, ...(fault ? { fault } : {}) }),
    settled: async (id) => {
      const record = await port().wait(id, 8000);
      if (record === undefined || record.status === 'pending') throw new Error(`${id} is not settled`);
      return record;
    },
    card: async (record) => JSON.stringify((await replies(record))[0] ?? null),
    replies: async (record) => (await replies(record)).slice(1),
    channel: async (name) => {
      const id = slack.channels.find((channel) => channel.name === name)?.id ?? '';
      const { messages = [] } = await api<{ messages?: SlackText[] }>(`conversations.history?channel=${id}&limit=200`);
      return messages.reverse();
    },
    notes: (user) =>
      slack.interactions.state.messages.filter(({ ephemeralFor }) => ephemeralFor === user).map(({ text }) => text),
    restart: async (more) => {
      await running.server.close();
      await running.bridge.close();
      // Slack still sends to the socket of a process that has ended until it sees it gone.
      await eventually(() => (slack.sockets() === 0 ? true : undefined));
      running = await open(more);
    },
    stop: async () => {
      await running.server.close();
      await running.bridge.close();
      slack.close();
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
