import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SocStack } from './soc-stack';
import { patienceMs, until } from './until';

export { until } from './until';

export type Item = Record<string, unknown>;

export interface Execution {
  id: string;
  status: string;
  data: {
    resultData: {
      error?: { message: string };
      runData: Record<string, { data?: { main?: { json: Item }[][]; ai_tool?: { json: Item }[][] } }[]>;
    };
  };
}

export interface Card {
  ts: string;
  text: string;
  blocks: { type: string; block_id?: string; elements?: { action_id?: string; value?: string }[] }[];
}

export const people = { eva: 'U0SIM0009', rafael: 'U0SIM0010', stranger: 'U0SIM0001', guest: 'U0SIM0013' };
export const socGroup = 'S0SIM0001';
export const channel = 'C0SIM0102';

const credentials = {
  slack: { socSlackApi: { id: 'soc-slack', name: 'Slack' } },
  bridge: { socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' } },
};

/** Workflows on the real n8n that ask in the sandbox's Slack, and what became of them. */
export class ApprovalLab {
  constructor(readonly stack: SocStack) {}

  /** A workflow with the trigger that is the app's Request URL; resolves to that address. */
  async takeClicks(startOn = ''): Promise<{ url: string; workflow: string }> {
    const webhookId = randomUUID();
    const trigger = {
      id: randomUUID(),
      name: 'Clicks',
      type: 'n8n-nodes-soc.socSlackTrigger',
      typeVersion: 1,
      position: [0, 0],
      parameters: { startOn, settings: {} },
      webhookId,
      credentials: credentials.slack,
    };
    const workflow = await this.make([trigger, noOp('End', 300)], { Clicks: ['End'] });
    const url = `${this.stack.n8n.url}/webhook/${webhookId}/slack`;
    // n8n says that a workflow is active before its webhook is in place; without a signature it refuses.
    await until('the trigger', async () => (await fetch(url, { method: 'POST' })).status === 415);
    await this.setRequestUrl(url);
    return { url, workflow };
  }

  async setRequestUrl(requestUrl: string): Promise<void> {
    await this.stack.control('POST', '/slack/settings', { requestUrl });
  }

  /** A workflow that asks and waits. Its webhook takes the item to ask about. */
  async gate(
    parameters: object,
    by: 'n8n' | 'bridge' = 'n8n',
    node: object = {},
    /** With a node behind it that closes what nobody answered. */
    closes = false,
  ): Promise<{ workflow: string; ask: (item?: Item) => Promise<Execution> }> {
    const path = `gate-${randomUUID()}`;
    const ask = { ...askNode(parameters, by), ...node };
    const close = {
      ...askNode({}, by),
      id: randomUUID(),
      name: 'Close',
      parameters: { resource: 'approval', operation: 'closeUnanswered' },
    };
    const workflow = closes
      ? await this.make([webhook(path), ask, close, noOp('End', 500)], {
          Webhook: ['Ask'],
          Ask: ['Close'],
          Close: ['End'],
        })
      : await this.make([webhook(path), ask, noOp('End', 500)], { Webhook: ['Ask'], Ask: ['End'] });
    return { workflow, ask: (item = {}) => this.start(workflow, path, item) };
  }

  /** An AI Agent with one tool behind a human review. */
  async agent(
    parameters: object,
    by: 'n8n' | 'bridge' = 'n8n',
  ): Promise<{ workflow: string; ask: (user: string) => Promise<Execution> }> {
    const path = `agent-${randomUUID()}`;
    const { model } = this.stack.addresses;
    const review = {
      ...askNode(parameters, by),
      name: 'Review',
      type: 'n8n-nodes-soc.socSlackHitlTool',
      // The twin hides what it does not need, and takes n8n's own message.
      parameters: { approvers: socGroup, options: { channel: '#soc-high' }, ...parameters },
    };
    const nodes = [
      webhook(path),
      {
        id: randomUUID(),
        name: 'Agent',
        type: '@n8n/n8n-nodes-langchain.agent',
        typeVersion: 3.1,
        position: [200, 0],
        parameters: { promptType: 'define', text: '={{ $json.body.text }}', options: {} },
      },
      {
        id: randomUUID(),
        name: 'Model',
        type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
        typeVersion: 1.3,
        position: [200, 200],
        parameters: {
          model: { __rl: true, mode: 'id', value: model.name },
          responsesApiEnabled: false,
          options: {},
        },
        credentials: { openAiApi: { id: 'soc-model', name: 'Model' } },
      },
      review,
      {
        id: randomUUID(),
        name: 'Disable User',
        type: '@n8n/n8n-nodes-langchain.toolCode',
        typeVersion: 1.3,
        position: [300, 400],
        parameters: {
          description: 'Disables a user',
          language: 'javaScript',
          jsCode: 'return "disabled " + query.user;',
          specifyInputSchema: true,
          schemaType: 'manual',
          inputSchema: JSON.stringify({ type: 'object', properties: { user: { type: 'string' } }, required: ['user'] }),
        },
      },
    ];
    const link = (node: string, type: string) => ({ [type]: [[{ node, type, index: 0 }]] });
    const workflow = await this.makeWith(nodes, {
      Webhook: link('Agent', 'main'),
      Model: link('Agent', 'ai_languageModel'),
      Review: link('Agent', 'ai_tool'),
      'Disable User': link('Review', 'ai_tool'),
    });
    const ask = (user: string) => {
      const text = `Call the tool Disable_User with ${JSON.stringify({ user })}`;
      // n8n gives what came in to the review along with the tool's arguments.
      return this.start(workflow, path, { text, approved: true });
    };
    return { workflow, ask };
  }

  private async start(workflow: string, path: string, item: Item): Promise<Execution> {
    const known = new Set((await this.executions(workflow)).map(({ id }) => id));
    const answer = await until('the webhook', async () => {
      const response = await fetch(`${this.stack.n8n.url}/webhook/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(item),
      });
      return response.ok ? response : undefined;
    });
    expect(answer.status).toBe(200);
    return until('the execution that waits', async () =>
      (await this.executions(workflow)).find(
        ({ id, status }) => !known.has(id) && !['new', 'running'].includes(status),
      ),
    );
  }

  async make(nodes: object[], to: Record<string, string[]>): Promise<string> {
    const connections = Object.fromEntries(
      Object.entries(to).map(([from, targets]) => [
        from,
        { main: [targets.map((node) => ({ node, type: 'main', index: 0 }))] },
      ]),
    );
    return this.makeWith(nodes, connections);
  }

  private async makeWith(nodes: object[], connections: object): Promise<string> {
    const { id } = await this.stack.n8n.api('POST', '/workflows', {
      name: `approvals ${randomUUID()}`,
      nodes,
      connections,
      settings: { executionOrder: 'v1', saveDataSuccessExecution: 'all' },
    });
    await this.stack.n8n.api('POST', `/workflows/${id}/activate`);
    return id;
  }

  async executions(workflow: string): Promise<Execution[]> {
    return (await this.stack.n8n.api('GET', `/executions?workflowId=${workflow}&includeData=true&limit=100`)).data;
  }

  async execution(id: string): Promise<Execution> {
    return this.stack.n8n.api('GET', `/executions/${id}?includeData=true`);
  }

  /** The execution once it has ended. */
  async ended(id: string, timeoutMs = patienceMs): Promise<Execution> {
    return until(
      'the end of the execution',
      async () => {
        const execution = await this.execution(id);
        return ['success', 'error', 'crashed'].includes(execution.status) ? execution : undefined;
      },
      timeoutMs,
    );
  }

  /** Asserts that it still waits, some time after whatever could have ended it was answered. */
  async stillWaits(id: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await this.execution(id)).status).toBe('waiting');
  }

  async card(ts: string): Promise<Card> {
    const { token, url } = this.stack.addresses.slack;
    const query = new URLSearchParams({ channel, latest: ts, oldest: ts, inclusive: 'true', limit: '1' });
    const response = await fetch(`${url}/api/conversations.history?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { messages } = (await response.json()) as { messages: Card[] };
    if (messages[0] === undefined) throw new Error(`no message ${ts}`);
    return messages[0];
  }

  /** Where the bridge is to call for this approval; nobody else knows it. */
  resumeAddress(approvalId: string): string {
    const database = new DatabaseSync(join(this.stack.folder, 'soc-bridge.db'), { readOnly: true });
    try {
      const row = database.prepare('select request from approvals where id = ?').get(approvalId);
      return String((JSON.parse(String(row?.request)) as { resume_url: unknown }).resume_url);
    } finally {
      database.close();
    }
  }

  /** The card once it shows this, and no buttons any more. */
  async closedCard(ts: string, shows: RegExp): Promise<Card> {
    return until(`a card that shows ${shows}`, async () => {
      const card = await this.card(ts);
      const open = card.blocks.some(({ type }) => type === 'actions');
      return !open && shows.test(JSON.stringify(card.blocks)) ? card : undefined;
    });
  }

  /** A click as the sandbox's Slack sends it, without a browser. */
  async click(
    user: string,
    ts: string,
    action: 'approve' | 'deny',
    more: object = {},
  ): Promise<{ deliveries: { number: number; status?: number; acknowledged: boolean; ms: number }[] }> {
    const { blocks } = await this.card(ts);
    const ids = blocks.flatMap(({ elements = [] }) => elements.map(({ action_id: id = '' }) => id));
    const id = ids.find((entry) => entry.endsWith(`_${action}`)) ?? `soc_n8n_${action}`;
    return this.stack.control('POST', '/slack/click', { user, channel, ts, action_id: id, ...more });
  }

  /** How many clicks and answers the app has acknowledged. */
  async acknowledged(): Promise<number> {
    const { deliveries } = await this.stack.control<{ deliveries: { acknowledged: boolean }[] }>('GET', '/slack/state');
    return deliveries.filter((delivery) => delivery.acknowledged).length;
  }

  /** Answers the modal that asks this person for the reason of a denial. */
  async giveReason(user: string, reason: string): Promise<void> {
    await until('the modal', async () => {
      const { views } = await this.stack.control<{ views: { user: string }[] }>('GET', '/slack/state');
      return views.some((view) => view.user === user);
    });
    await this.stack.control('POST', '/slack/submit', { user, values: { reason } });
  }

  /** What this person was told since `before` messages, once it is there. */
  async toldSince(user: string, before: number): Promise<string[]> {
    return until('an answer', async () => {
      const all = await this.told(user);
      return all.length > before ? all.slice(before) : undefined;
    });
  }

  /** What this person was told, and nobody else. */
  async told(user: string): Promise<string[]> {
    const { ephemeral } = await this.stack.control<{ ephemeral: { ephemeralFor: string; text: string }[] }>(
      'GET',
      '/slack/state',
    );
    return ephemeral.filter((message) => message.ephemeralFor === user).map(({ text }) => text);
  }
}

function askNode(parameters: object, by: 'n8n' | 'bridge') {
  return {
    id: randomUUID(),
    name: 'Ask',
    type: 'n8n-nodes-soc.socSlack',
    typeVersion: 1.1,
    position: [250, 0],
    parameters: {
      resource: 'approval',
      operation: 'sendAndWait',
      message: '={{ $json.body.why ?? "Simulated request" }}',
      actionName: 'simulated_disable_user',
      target: '={{ $json.body.user ?? "simulated-user" }}',
      approvers: socGroup,
      options: { channel: '#soc-high' },
      ...parameters,
    },
    credentials: by === 'bridge' ? { ...credentials.slack, ...credentials.bridge } : credentials.slack,
  };
}

function webhook(path: string) {
  return {
    id: randomUUID(),
    name: 'Webhook',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2.1,
    position: [0, 0],
    parameters: { path, httpMethod: 'POST', responseMode: 'onReceived' },
    webhookId: randomUUID(),
  };
}

function noOp(name: string, x: number) {
  return { id: randomUUID(), name, type: 'n8n-nodes-base.noOp', typeVersion: 1, position: [x, 0], parameters: {} };
}

export function itemsOf(execution: Execution, node: string): Item[] {
  const runs = execution.data.resultData.runData[node] ?? [];
  const data = runs.at(-1)?.data;
  return ((data?.main ?? data?.ai_tool)?.[0] ?? []).map(({ json }) => json);
}

/** What a waiting node shows while it waits. */
export function asked(execution: Execution, node = 'Ask'): { ts: string; approval_id: string; action_digest: string } {
  const [item] = itemsOf(execution, node);
  if (execution.data.resultData.error) throw new Error(execution.data.resultData.error.message);
  expect(item).toMatchObject({ status: 'pending', approved: false });
  return item as { ts: string; approval_id: string; action_digest: string };
}
