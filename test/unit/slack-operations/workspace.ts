import type { CasesPort } from '../../../operations/cases';
import { type Operation, runOperation } from '../../../operations/operation';
import { FaultBoard } from '../../../sandbox/src/faults';
import { startService } from '../../../sandbox/src/service';
import { createSlack, type SlackStandIn } from '../../../sandbox/src/slack/server';
import { createTestPorts, type TestPorts } from '../../support/ports';

export const token = 'xoxb-simulated';

export interface SeenMessage {
  ts: string;
  thread_ts?: string;
  text: string;
  blocks: { type: string; text?: { type: string; text: string } }[];
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
}

export interface Workspace {
  url: string;
  slack: SlackStandIn;
  faults: FaultBoard;
  ports(options?: {
    cases?: CasesPort;
    token?: string;
    defaults?: Record<string, string>;
    signal?: AbortSignal;
  }): TestPorts;
  run(operation: unknown, input: unknown, ports?: TestPorts): Promise<Record<string, unknown>>;
  /** Messages of a channel, oldest first, as another app would read them. */
  messages(channel: string): Promise<SeenMessage[]>;
  replies(channel: string, ts: string): Promise<SeenMessage[]>;
  channelId(name: string): string;
  close(): Promise<void>;
}

export const allDefaults = {
  channel_critical: '#soc-critical',
  channel_high: '#soc-high',
  channel_low: '#soc-low',
  channel_default: '#soc-alerts',
};

/** A Slack stand-in on loopback. */
export async function startWorkspace(): Promise<Workspace> {
  const slack = createSlack({ seed: 1, baseTime: new Date('2026-05-01T00:00:00Z'), token, signingSecret: 's' });
  const faults = new FaultBoard();
  const service = await startService('slack', 0, slack.handler, faults);
  const baseUrl = `${service.url}/api`;
  const ports: Workspace['ports'] = ({ cases, token: given = token, defaults = allDefaults, signal } = {}) =>
    createTestPorts({
      connections: { slack: { baseUrl, token: given, defaults } },
      cases,
      signal,
      speed: 20,
      random: Math.random,
    });
  const channelId = (name: string): string => {
    const channel = slack.channels.find((entry) => entry.name === name);
    if (channel === undefined) throw new Error(`no channel ${name}`);
    return channel.id;
  };
  const read = async (path: string): Promise<SeenMessage[]> => {
    const response = await fetch(`${baseUrl}/${path}`, { headers: { authorization: `Bearer ${token}` } });
    const { messages = [] } = (await response.json()) as { messages?: SeenMessage[] };
    return messages;
  };
  return {
    url: baseUrl,
    slack,
    faults,
    ports,
    channelId,
    run: async (operation, input, given = ports()) => runOperation(operation as Operation, given, input),
    messages: async (channel) =>
      (await read(`conversations.history?channel=${channelId(channel)}&limit=200&include_all_metadata=true`)).reverse(),
    replies: async (channel, ts) =>
      (await read(`conversations.replies?channel=${channelId(channel)}&ts=${ts}&include_all_metadata=true`)).slice(1),
    close: () => service.close(),
  };
}
