import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { createSlack, type SlackStandIn } from '../../../sandbox/src/slack/server';

/** One request the app under test got from the workspace. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: a payload is foreign JSON; each test states what it expects in it
  payload: any;
}

export const token = 'xoxb-simulated';
export const appToken = 'xapp-simulated';
export const signingSecret = 'simulated-secret';

/** A workspace and an app behind a request URL, both listening; the app answers what `answer` gives. */
export class SlackApp {
  readonly received: Received[] = [];
  answer: (received: Received) => { status?: number; body?: object; delayMs?: number } = () => ({});
  /** The real clock of the workspace stands still from the last reset on; this is added to it. */
  skewMs = 0;
  private readAt = Date.now();

  private constructor(
    readonly slack: SlackStandIn,
    readonly service: RunningService,
    private readonly server: Server,
    readonly faults: FaultBoard,
  ) {}

  static async start(): Promise<SlackApp> {
    let app: SlackApp | undefined;
    const slack = createSlack({
      seed: 1,
      baseTime: new Date('2026-11-20T12:00:00Z'),
      token,
      appToken,
      signingSecret,
      realNow: () => (app === undefined ? Date.now() : app.readAt + app.skewMs),
    });
    const faults = new FaultBoard();
    const service = await startService('slack', 0, slack.handler, faults, slack.upgrade);
    slack.listensAt(service.url);
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const payload = JSON.parse(new URLSearchParams(body).get('payload') ?? 'null');
        const received = { headers: request.headers, body, payload };
        app?.received.push(received);
        const { status = 200, body: answer, delayMs = 0 } = app?.answer(received) ?? {};
        setTimeout(() => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(answer === undefined ? '' : JSON.stringify(answer));
        }, delayMs);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    app = new SlackApp(slack, service, server, faults);
    app.reset();
    return app;
  }

  get requestUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/slack/interactions`;
  }

  reset(): void {
    this.slack.reset();
    this.received.length = 0;
    this.skewMs = 0;
    this.readAt = Date.now();
    this.answer = () => ({});
    Object.assign(this.slack.interactions.delivery.settings, {
      requestUrl: this.requestUrl,
      socketMode: false,
      // Slack gives three seconds; a test that is not about them does not depend on them.
      ackMs: 20_000,
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers are foreign JSON; each test states what it expects in them
  async call(method: string, args: object = {}): Promise<any> {
    const response = await fetch(`${this.service.url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(args),
    });
    return response.json();
  }

  async close(): Promise<void> {
    this.slack.close();
    await this.service.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const plain = (text: string) => ({ type: 'plain_text', text });

/** A message with one button of each kind. */
export const card = [
  { type: 'section', text: { type: 'mrkdwn', text: 'Disable the key?' } },
  {
    type: 'actions',
    block_id: 'decide',
    elements: [
      { type: 'button', action_id: 'approve', value: 'r1', style: 'primary', text: plain('Approve') },
      {
        type: 'button',
        action_id: 'deny',
        value: 'r1',
        text: plain('Deny'),
        confirm: {
          title: plain('Sure?'),
          text: plain('This ends it.'),
          confirm: plain('Deny it'),
          deny: plain('Back'),
        },
      },
      { type: 'button', action_id: 'open', url: 'https://soc.example/case', text: plain('Case') },
    ],
  },
];

export const reasonView = {
  type: 'modal',
  callback_id: 'deny_reason',
  private_metadata: 'r1',
  notify_on_close: true,
  title: plain('Deny'),
  submit: plain('Send'),
  close: plain('Back'),
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Why?'),
      element: { type: 'plain_text_input', action_id: 'text', multiline: true },
    },
  ],
};
