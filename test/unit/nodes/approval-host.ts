import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  IDataObject,
  IExecuteFunctions,
  IHttpRequestOptions,
  INodeExecutionData,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';
import { SocSlack } from '../../../nodes/SocSlack/SocSlack.node';
import { SocSlackTrigger } from '../../../nodes/SocSlackTrigger/SocSlackTrigger.node';
import { slackSignature } from '../../../operations/slack/request-signature';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { newResponseUrl } from '../../../sandbox/src/slack/response-url';
import { createSlack, type SlackStandIn } from '../../../sandbox/src/slack/server';
import { answerJson } from './local-server';

export const secret = 'simulated-slack-signing-secret';
const token = 'xoxb-simulated';
export const channel = 'C0SIM0102';
export const people = { eva: 'U0SIM0009', rafael: 'U0SIM0010', stranger: 'U0SIM0001' };

export interface Posted {
  ts: string;
  blocks: { type: string; block_id?: string; elements?: { action_id: string; value: string }[] }[];
}

interface Setup {
  items?: IDataObject[];
  parameters?: Record<string, unknown>;
  node?: { executeOnce?: boolean; onError?: string; type?: string };
  /** In the credential; an empty one is none. */
  secret?: string;
  bridge?: string;
  /** False: none is chosen in the node. */
  slackCredential?: boolean;
}

/**
 * n8n's part of an execution that waits, and of the trigger beside it, in the order of n8n 2.41: the address with its
 * signature, the node's webhook, the claim of the execution, then the answer. Slack is the sandbox's.
 */
export class ApprovalHost {
  slack!: SlackStandIn;
  readonly faults = new FaultBoard();
  private service!: RunningService;
  private server!: Server;
  url = '';
  /** What came out of the wait; undefined while it waits. */
  resumed: INodeExecutionData[] | undefined;
  waitTill: Date | undefined;
  /** The input of the waiting node, as n8n keeps it and passes it on when time is up. */
  input: INodeExecutionData[] = [];
  started: INodeExecutionData[] = [];
  readonly log: string[] = [];
  /** Every request that a node sent by itself, without a credential. */
  readonly sent: IHttpRequestOptions[] = [];
  mode: 'webhook' | 'manual' = 'webhook';
  startOn = '';
  /** What is still going on: the trigger answers Slack before it has forwarded a click. */
  private readonly handling = new Set<Promise<void>>();
  private nodeContext: IDataObject = {};
  private setup: Setup = {};

  async open(): Promise<this> {
    this.slack = createSlack({ seed: 1, baseTime: new Date('2026-05-01T00:00:00Z'), token, signingSecret: secret });
    this.service = await startService('slack', 0, this.slack.handler, this.faults);
    this.slack.listensAt(this.service.url);
    this.server = createServer((request, response) => {
      const handled = this.handle(request, response)
        .catch((error: unknown) => answerJson(response, 500, { error: String(error) }))
        .finally(() => this.handling.delete(handled));
      this.handling.add(handled);
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await this.service.close();
  }

  reset(): void {
    this.slack.reset();
    this.faults.clear();
    this.resumed = undefined;
    this.waitTill = undefined;
    this.started = [];
    this.nodeContext = {};
    this.mode = 'webhook';
    this.startOn = '';
    this.sent.length = 0;
  }

  /** Runs the node until it waits or fails. */
  async ask(setup: Setup = {}): Promise<INodeExecutionData[]> {
    this.setup = setup;
    this.resumed = undefined;
    const items = setup.items ?? [{}];
    this.input = items.map((json, item) => ({ json, pairedItem: { item } }));
    const [output] = await new SocSlack().execute.call(this.executeContext());
    return output ?? [];
  }

  /** Takes the signing secret out of the credential, after it was asked with. */
  forgetSecret(): void {
    this.setup = { ...this.setup, secret: '' };
  }

  /** Runs the operation that closes what nobody answered over these items. */
  async closeUnanswered(items: IDataObject[], onError?: string): Promise<INodeExecutionData[]> {
    this.setup = {
      parameters: { operation: 'closeUnanswered' },
      ...(onError === undefined ? {} : { node: { onError } }),
    };
    this.input = items.map((json, item) => ({ json, pairedItem: { item } }));
    const [output] = await new SocSlack().execute.call(this.executeContext());
    return output ?? [];
  }

  /** What people were told alone. */
  notes(): string[] {
    return this.slack.interactions.state.messages.filter((message) => message.ephemeralFor).map(({ text }) => text);
  }

  async card(): Promise<Posted> {
    const response = await fetch(`${this.service.url}/api/conversations.history?channel=${channel}&limit=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { messages } = (await response.json()) as { messages: Posted[] };
    if (messages[0] === undefined) throw new Error('nothing was posted');
    return messages[0];
  }

  /** A click as Slack signs it. */
  async click(user: string, action: 'approve' | 'deny', change: (payload: Record<string, unknown>) => void = () => {}) {
    const { ts, blocks } = await this.card();
    const block = blocks.find(({ type }) => type === 'actions');
    const button = block?.elements?.find(({ action_id: id }) => id.endsWith(`_${action}`));
    const { state } = this.slack.interactions;
    const message = state.find(channel, ts);
    const payload: Record<string, unknown> = {
      type: 'block_actions',
      user: { id: user, username: 'whatever', team_id: 'T0SIM0001' },
      team: { id: 'T0SIM0001' },
      channel: { id: channel },
      message: { ts, text: 'card', blocks },
      trigger_id: 'none',
      ...(message === undefined ? {} : { response_url: newResponseUrl(state, this.service.url, user, message) }),
      actions: [
        {
          type: 'button',
          action_ts: `${Date.now()}.1`,
          block_id: block?.block_id,
          action_id: button?.action_id,
          value: button?.value,
        },
      ],
    };
    change(payload);
    return this.signed(payload);
  }

  async signed(payload: object, to = '/webhook/clicks', given: Record<string, string> = {}) {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const timestamp = given['x-slack-request-timestamp'] ?? String(Math.floor(Date.now() / 1000));
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': slackSignature(body, timestamp, secret),
      ...given,
    };
    const response = await fetch(to.startsWith('http') ? to : this.url + to, { method: 'POST', headers, body });
    const text = await response.text();
    while (this.handling.size > 0) await Promise.all(this.handling);
    return { status: response.status, text };
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', this.url);
    request.readRawBody = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      request.rawBody = Buffer.concat(chunks);
    };
    if (pathname === '/webhook/clicks') {
      const result = await new SocSlackTrigger().webhook.call(this.webhookContext(request, response));
      if (result.workflowData !== undefined) this.started = result.workflowData[0] ?? [];
      return this.finish(response, result);
    }
    if (this.resumed !== undefined) return void response.writeHead(200).end('<html>No action required</html>');
    await request.readRawBody();
    const result = await new SocSlack().webhook.call(this.webhookContext(request, response));
    if (result.workflowData !== undefined) {
      if (this.resumed !== undefined) return answerJson(response, 409, { message: 'running already' });
      this.resumed = result.workflowData[0] ?? [];
    }
    return this.finish(response, result);
  }

  private finish(response: ServerResponse, { noWebhookResponse, webhookResponse }: IWebhookResponseData): void {
    if (noWebhookResponse) return;
    if (typeof webhookResponse === 'string') response.writeHead(200).end(webhookResponse);
    else answerJson(response, 200, webhookResponse);
  }

  private common() {
    const write = (message: string) => this.log.push(message);
    const bridge = this.setup.bridge;
    const data: Record<string, Record<string, string>> = {
      socSlackApi: { apiUrl: `${this.service.url}/api`, botToken: token, signingSecret: this.setup.secret ?? secret },
      ...(bridge === undefined ? {} : { socBridgeApi: { url: bridge, token: 'simulated-bridge-token' } }),
    };
    return {
      getNode: () => ({
        id: 'node-1',
        name: 'Ask "twice" }}',
        type: 'n8n-nodes-soc.socSlack',
        credentials: Object.fromEntries(
          Object.keys(data)
            .filter((type) => type !== 'socSlackApi' || this.setup.slackCredential !== false)
            .map((type) => [type, { id: type, name: type }]),
        ),
        ...this.setup.node,
      }),
      getCredentials: async (type: string) => data[type],
      getWorkflow: () => ({ id: 'w1', name: 'Gate' }),
      getExecutionId: () => '7',
      logger: { debug: write, info: write, warn: write, error: write },
      evaluateExpression: (text: string) => this.evaluate(text),
      helpers: {
        httpRequest: async (options: IHttpRequestOptions) => {
          this.sent.push(options);
          return send(options);
        },
        httpRequestWithAuthentication: async (type: string, options: IHttpRequestOptions) => {
          const bearer = data[type]?.botToken ?? data[type]?.token;
          return send({ ...options, headers: { ...options.headers, authorization: `Bearer ${bearer}` } });
        },
      },
    };
  }

  private evaluate(text: string): unknown {
    if (text === '{{ $execution.resumeUrl }}') return `${this.url}/webhook-waiting/__UNKNOWN__`;
    const [, name, key] = /^\{\{ \$node\[decodeURIComponent\("([^"]*)"\)\]\.context\["(\w+)"\] \}\}$/.exec(text) ?? [];
    if (name === undefined || key === undefined) throw new Error(`an expression that n8n is not asked: ${text}`);
    if (decodeURIComponent(name) !== 'Ask "twice" }}') throw new Error(`another node: ${name}`);
    return this.nodeContext[key];
  }

  private executeContext(): IExecuteFunctions {
    const parameters: Record<string, unknown> = {
      operation: 'sendAndWait',
      message: 'Why\nBecause',
      actionName: 'disable_user',
      target: 'simulated-user',
      approvers: `${people.rafael}, S0SIM0002`,
      options: { channel: '#soc-high' },
      ...this.setup.parameters,
    };
    const once = this.setup.node?.executeOnce === true;
    return {
      ...this.common(),
      getInputData: () => (once ? this.input.slice(0, 1) : this.input),
      getExecuteData: () => ({ data: { main: [this.input] } }),
      getNodeParameter: (name: string, index: number, fallback: unknown) => {
        const value = parameters[name] ?? fallback;
        return typeof value === 'function' ? value(this.input[index]?.json) : value;
      },
      getContext: () => this.nodeContext,
      getSignedResumeUrl: (query: Record<string, string>) =>
        `${this.url}/webhook-waiting/7/node-1?${new URLSearchParams(query)}&signature=${'0'.repeat(64)}`,
      putExecutionToWait: async (until: Date) => {
        this.waitTill = until;
        // What n8n keeps goes through its database.
        this.input = JSON.parse(JSON.stringify(this.input));
        this.nodeContext = JSON.parse(JSON.stringify(this.nodeContext));
      },
      continueOnFail: () => this.setup.node?.onError !== undefined,
    } as unknown as IExecuteFunctions;
  }

  private webhookContext(request: IncomingMessage, response: ServerResponse): IWebhookFunctions {
    const { searchParams } = new URL(request.url ?? '', this.url);
    const text = request.rawBody?.toString() ?? '';
    return {
      ...this.common(),
      getRequestObject: () => request,
      getResponseObject: () => response,
      getQueryData: () => Object.fromEntries(searchParams),
      getBodyData: () => Object.fromEntries(new URLSearchParams(text)),
      getMode: () => this.mode,
      getNodeParameter: (name: string, fallback: unknown) => (name === 'startOn' ? this.startOn : fallback),
    } as unknown as IWebhookFunctions;
  }
}

function send(options: IHttpRequestOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      options.url,
      { method: options.method, headers: options.headers as Record<string, string>, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            statusCode: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    if (typeof options.body === 'string') request.write(options.body);
    request.end();
  });
}
