import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  ICredentialDataDecryptedObject,
  IDataObject,
  IHttpRequestOptions,
  INodeExecutionData,
  IWebhookFunctions,
} from 'n8n-workflow';
import { SocBridgeApi } from '../../../credentials/SocBridgeApi.credentials';
import { PantherSiemTrigger } from '../../../nodes/PantherSiemTrigger/PantherSiemTrigger.node';
import { parseAlert } from '../../../operations/investigation/alert-format';
import { answerJson, type LocalServer, listen } from './local-server';

const secret = 'Bearer simulated-secret-0123456789';
const body = {
  id: 'AWS.Console.Login',
  createdAt: '2026-03-01T12:00:00.123Z',
  severity: 'HIGH',
  type: 'RULE',
  link: 'https://acme.runpanther.example/alerts/c73bcdcc2669b5e5f4e7ce1eb5bd59e4',
  title: 'Console login of example.user',
  name: 'Console Login',
  alertId: 'c73bcdcc2669b5e5f4e7ce1eb5bd59e4',
  alertContext: { user: 'example.user', sourceIPAddress: '203.0.113.7' },
  description: 'Somebody signed in.',
  runbook: 'Ask them.',
  tags: ['AWS', 'login'],
  version: 'abc123',
};

interface Setup {
  credentials?: Record<string, ICredentialDataDecryptedObject>;
  parameters?: Record<string, unknown>;
  mode?: 'webhook' | 'manual';
  /** Whether n8n manages to store the execution. */
  n8n?: 'stores' | 'fails';
  workflow?: string;
}

let workflows = 0;

/** n8n's part of a webhook, in the order of n8n 2.41: the node, the execution, the static data, the answer. */
class Webhook {
  readonly started: INodeExecutionData[] = [];
  staticData: IDataObject = {};
  bodiesRead = 0;
  readonly log: string[] = [];
  /** In place of n8n's reading of the body. */
  readBody?: (request: IncomingMessage) => Promise<void>;
  setup: Setup;
  private server!: Server;
  url = '';

  constructor(setup: Setup) {
    workflows += 1;
    this.setup = { workflow: `workflow-${workflows}`, ...setup };
  }

  async open(): Promise<this> {
    this.server = createServer((request, response) => void this.handle(request, response));
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhook`;
    return this;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const node = new PantherSiemTrigger();
    // Each request reads the stored data anew.
    const data = structuredClone(this.staticData);
    const { webhookResponse, workflowData, noWebhookResponse } = await node.webhook.call(
      this.context(request, response, data),
    );
    if (workflowData === undefined) {
      if (noWebhookResponse !== true) throw new Error('nobody answers');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.setup.n8n === 'fails') return answerJson(response, 500, { message: 'no database' });
    this.started.push(...(workflowData[0] ?? []));
    this.staticData = data;
    answerJson(response, 202, webhookResponse);
  }

  private context(request: IncomingMessage, response: ServerResponse, data: IDataObject): IWebhookFunctions {
    const { credentials = { pantherWebhookApi: { headerName: 'Authorization', secret } } } = this.setup;
    const write = (message: string) => this.log.push(message);
    request.readRawBody = async () => {
      this.bodiesRead += 1;
      if (this.readBody !== undefined) return this.readBody(request);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      request.rawBody = Buffer.concat(chunks);
    };
    const context = {
      getRequestObject: () => request,
      getResponseObject: () => response,
      getHeaderData: () => request.headers,
      getMode: () => this.setup.mode ?? 'webhook',
      getWorkflow: () => ({ id: this.setup.workflow }),
      getNode: () => ({
        id: 'trigger',
        name: 'Panther',
        credentials: Object.fromEntries(Object.keys(credentials).map((type) => [type, { id: type, name: type }])),
      }),
      getCredentials: async (type: string) => credentials[type],
      getNodeParameter: (name: string, fallback: unknown) => this.setup.parameters?.[name] ?? fallback,
      getWorkflowStaticData: () => data,
      logger: { debug: write, info: write, warn: write, error: write },
      helpers: {
        async httpRequestWithAuthentication(this: IWebhookFunctions, type: string, options: IHttpRequestOptions) {
          const { headers } = await new SocBridgeApi().authenticate(await this.getCredentials(type), options);
          const answer = await fetch(options.url, {
            method: options.method,
            headers: headers as Record<string, string>,
            body: options.body as string,
          }).catch((error: Error) => {
            throw (error.cause as Error | undefined) ?? error;
          });
          return { statusCode: answer.status, headers: {}, body: await answer.text() };
        },
      },
    };
    return context as unknown as IWebhookFunctions;
  }

  async post(content: unknown = body, headers: Record<string, string> = {}) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: secret, ...headers },
      body: typeof content === 'string' ? content : JSON.stringify(content),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: JSON.parse(text) as Record<string, unknown>,
      headers: response.headers,
    };
  }
}

const opened: Webhook[] = [];
async function webhook(setup: Setup = {}): Promise<Webhook> {
  const made = await new Webhook(setup).open();
  opened.push(made);
  return made;
}
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

describe('who may come in', () => {
  it('takes the secret, in any case of the header name', async () => {
    const trigger = await webhook();
    expect((await trigger.post()).status).toBe(202);
    expect(trigger.started).toHaveLength(1);
  });

  it.each([
    ['none', ''],
    ['a wrong one', 'Bearer simulated-secret-0123456788'],
    ['a beginning of it', 'Bearer simulated-secret'],
    ['more than it', `${secret}0`],
    ['it without its scheme', secret.slice('Bearer '.length)],
  ])('refuses %s without a detail, and does not read the body', async (_kind, authorization) => {
    const trigger = await webhook();
    const answer = await trigger.post(body, { authorization });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated', message: 'Unauthorized' } });
    expect(trigger.bodiesRead).toBe(0);
    expect(trigger.started).toEqual([]);
  });

  it('takes a header of another name', async () => {
    const trigger = await webhook({
      credentials: {
        pantherWebhookApi: { headerName: 'X-Panther-Secret', secret: 'simulated-secret-0123456789' },
      },
    });
    expect((await trigger.post()).status).toBe(401);
    expect((await trigger.post(body, { 'x-panther-secret': 'simulated-secret-0123456789' })).status).toBe(202);
  });

  it.each<[string, Record<string, ICredentialDataDecryptedObject>]>([
    ['no credential', {}],
    ['an empty value', { pantherWebhookApi: { headerName: 'Authorization', secret: '' } }],
    ['blanks', { pantherWebhookApi: { headerName: 'Authorization', secret: '   ' } }],
    ['a scheme without a secret', { pantherWebhookApi: { headerName: 'Authorization', secret: 'Bearer ' } }],
    ['no header name', { pantherWebhookApi: { headerName: '', secret } }],
  ])('with %s nobody comes in', async (_kind, credentials) => {
    const trigger = await webhook({ credentials });
    for (const authorization of ['', 'Bearer ', 'Bearer', secret]) {
      expect((await trigger.post(body, { authorization })).status).toBe(401);
    }
    expect(trigger.started).toEqual([]);
  });
});

describe('what is taken', () => {
  it.each<[string, unknown, number, RegExp]>([
    ['what is no JSON', '{"alertId": ', 400, /JSON/],
    ['nothing', '', 400, /JSON/],
    ['a list', [body], 400, /body: must be a JSON object/],
    ['null', 'null', 400, /body: must be a JSON object/],
    ['an alert without its id', { ...body, alertId: undefined }, 400, /alertId: is missing/],
    ['an alert with an empty id', { ...body, alertId: ' \u200b ' }, 400, /alertId: is empty/],
    ['an alert whose id is a number', { ...body, alertId: 7 }, 400, /alertId: must be text/],
    ['too much', { ...body, description: 'x'.repeat(8 * 1024 * 1024) }, 413, /bytes/],
    ['too many values', { ...body, alertContext: { list: Array(400_000).fill(0) } }, 400, /values/],
  ])('answers %s so that it can be understood', async (_kind, content, status, message) => {
    const trigger = await webhook();
    const answer = await trigger.post(content);
    expect(answer.status).toBe(status);
    expect(String(answer.body.message)).toMatch(message);
    expect(trigger.started).toEqual([]);
  });

  it('refuses another content type', async () => {
    const trigger = await webhook();
    expect((await trigger.post('alertId=1', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  });

  it('tells the detection from the alert', async () => {
    const trigger = await webhook();
    await trigger.post();
    expect(trigger.started[0]?.json).toEqual({
      alert_id: body.alertId,
      detection_id: 'AWS.Console.Login',
      detection_name: 'Console Login',
      title: body.title,
      severity: 'HIGH',
      type: 'RULE',
      status: null,
      created_at: '2026-03-01T12:00:00.123Z',
      link: body.link,
      tags: ['AWS', 'login'],
      context: body.alertContext,
      description: 'Somebody signed in.',
      runbook: 'Ask them.',
      version: 'abc123',
      source: 'panther',
      test: false,
      received_by: 'webhook',
      raw: body,
    });
  });

  it('takes an alert with nothing but its id, or with fields of another type', async () => {
    const trigger = await webhook();
    expect((await trigger.post({ alertId: 'bare' })).status).toBe(202);
    const strange = {
      alertId: 'strange',
      createdAt: 7,
      tags: 'x',
      alertContext: [],
      link: 'javascript:alert(1)',
      severity: {},
    };
    expect((await trigger.post(strange)).status).toBe(202);
    expect(trigger.started[1]?.json).toMatchObject({
      created_at: null,
      tags: [],
      context: {},
      link: null,
      severity: null,
    });
  });

  it('cleans what an attacker can write, in the raw body too', async () => {
    const trigger = await webhook();
    const hostile = 'title\u202e\u200b \u001b[31mred\u0007 password=hunter2hunter2';
    await trigger.post({ ...body, alertId: 'hostile', title: hostile, alertContext: { note: hostile } });
    const text = JSON.stringify(trigger.started[0]?.json);
    expect(text).not.toMatch(/\u202e|\u200b|\\u001b|hunter2/);
    expect(trigger.started[0]?.json.title).toContain('red');
  });

  it.each([
    ['webhook body', (item: IDataObject) => item.raw],
    ['whole item', (item: IDataObject) => item],
  ])('gives the SOC Investigation node the same alert by its %s', async (_kind, pick) => {
    const trigger = await webhook();
    await trigger.post();
    expect(parseAlert(pick(trigger.started[0]?.json ?? {}))).toEqual(parseAlert(body));
  });
});

describe("Panther's test alert", () => {
  const test = { ...body, alertId: 'Test.Alert' };

  it('is answered and starts nothing', async () => {
    const trigger = await webhook();
    expect(await trigger.post(test)).toMatchObject({ status: 200, body: { test: true } });
    expect(trigger.started).toEqual([]);
  });

  it('starts the workflow when it is asked to, each time', async () => {
    const trigger = await webhook({ parameters: { settings: { startOnTests: true } } });
    await trigger.post(test);
    await trigger.post(test);
    expect(trigger.started.map(({ json }) => json.test)).toEqual([true, true]);
  });

  it('is shown to whoever listens for it in the editor', async () => {
    const trigger = await webhook({ mode: 'manual' });
    await trigger.post(test);
    expect(trigger.started).toHaveLength(1);
    expect(trigger.staticData).toEqual({});
  });
});

describe('deliveries that come again', () => {
  it('are answered and start nothing', async () => {
    const trigger = await webhook();
    await trigger.post();
    expect(await trigger.post()).toMatchObject({ status: 200, body: { duplicate: true } });
    expect(trigger.started).toHaveLength(1);
  });

  it('are known with dashes and in capitals', async () => {
    const trigger = await webhook();
    await trigger.post();
    await trigger.post({ ...body, alertId: 'C73BCDCC-2669-B5E5-F4E7-CE1EB5BD59E4' });
    expect(trigger.started).toHaveLength(1);
  });

  it('are known after a restart, from what n8n stored', async () => {
    const before = await webhook();
    await before.post();
    const after = await webhook();
    after.staticData = before.staticData;
    await after.post();
    expect(after.started).toEqual([]);
  });

  it('start one execution when 50 come at once', async () => {
    const trigger = await webhook();
    const answers = await Promise.all(Array.from({ length: 50 }, () => trigger.post()));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    expect(trigger.started).toHaveLength(1);
  });

  it('are taken when n8n could not store the first', async () => {
    const trigger = await webhook({ n8n: 'fails' });
    expect((await trigger.post()).status).toBe(500);
    trigger.setup.n8n = 'stores';
    expect((await trigger.post()).status).toBe(202);
    expect(trigger.started).toHaveLength(1);
  });

  it('get 503 while the delivery that they waited for fails', async () => {
    const trigger = await webhook({ n8n: 'fails' });
    const answers = await Promise.all([trigger.post(), trigger.post()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([500, 503]);
  });

  it('start the workflow again when it is asked to', async () => {
    const trigger = await webhook({ parameters: { settings: { startOnRepeats: true } } });
    await trigger.post();
    await trigger.post();
    expect(trigger.started).toHaveLength(2);
  });

  it('of the same alert to another workflow are its own', async () => {
    const one = await webhook();
    const other = await webhook();
    await one.post();
    await other.post();
    expect(other.started).toHaveLength(1);
  });

  it('are forgotten after a day, so that what is stored does not grow', async () => {
    const trigger = await webhook();
    const long = Date.now() - 25 * 60 * 60 * 1000;
    trigger.staticData = {
      accepted: {
        [body.alertId]: long,
        ...Object.fromEntries(
          Array(3000)
            .fill(0)
            .map((_, i) => [`a${i}`, Date.now()]),
        ),
      },
    };
    await trigger.post();
    expect(trigger.started).toHaveLength(1);
    expect(Object.keys(trigger.staticData.accepted as object).length).toBeLessThanOrEqual(2001);
  });
});

describe('handing over to the bridge', () => {
  let bridge: LocalServer;
  let seen: { path?: string; authorization?: string; body: string }[];
  let answers: { status: number; body: unknown }[];

  beforeEach(async () => {
    seen = [];
    answers = [];
    bridge = await listen((request, response, text) => {
      seen.push({ path: request.url, authorization: request.headers.authorization, body: text });
      const { status, body: content } = answers.shift() ?? {
        status: 202,
        body: { case_id: 'C-1', created: true, status: 'opened' },
      };
      answerJson(response, status, content);
    });
  });
  afterEach(() => bridge.close());

  const handing = (url = bridge.url) =>
    webhook({
      parameters: { handOver: true },
      credentials: {
        pantherWebhookApi: { headerName: 'Authorization', secret },
        socBridgeApi: { url, token: 'bridge-token' },
      },
    });

  it('stores the alert there first, and starts the workflow with its case', async () => {
    const trigger = await handing();
    expect(await trigger.post()).toMatchObject({ status: 202, body: { case_id: 'C-1' } });
    expect(seen).toEqual([{ path: '/alerts', authorization: 'Bearer bridge-token', body: JSON.stringify(body) }]);
    expect(trigger.started[0]?.json).toMatchObject({ alert_id: body.alertId, case_id: 'C-1', case_created: true });
  });

  it('starts the workflow for an alert that the bridge knows and n8n does not', async () => {
    answers.push({ status: 202, body: { case_id: 'C-1', created: false, status: 'investigating' } });
    const trigger = await handing();
    await trigger.post();
    expect(trigger.started[0]?.json).toMatchObject({ case_created: false });
  });

  it.each([
    ['is restarting', 503, {}],
    ['answers with nonsense', 202, { hello: 'world' }],
    ['does not know the token', 401, { code: 'unauthenticated', message: 'no' }],
  ])('asks Panther to try again when the bridge %s, and takes it then', async (_kind, status, content) => {
    answers.push({ status, body: content });
    const trigger = await handing();
    const answer = await trigger.post();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(trigger.started).toEqual([]);
    expect((await trigger.post()).status).toBe(202);
    expect(trigger.started).toHaveLength(1);
  });

  it('asks Panther to try again when the bridge is away', async () => {
    const gone = await listen(() => {});
    await gone.close();
    const trigger = await handing(gone.url);
    expect((await trigger.post()).status).toBe(503);
    expect(trigger.started).toEqual([]);
  });

  it('tells Panther what the bridge refused for good', async () => {
    answers.push({ status: 400, body: { code: 'invalid_input', message: 'severity: is missing', field: 'severity' } });
    const trigger = await handing();
    expect(await trigger.post()).toMatchObject({ status: 400, body: { message: 'severity: is missing' } });
    expect(trigger.started).toEqual([]);
  });

  it('keeps test alerts from the bridge', async () => {
    const trigger = await handing();
    await trigger.post({ ...body, alertId: 'Test.Alert' });
    expect(seen).toEqual([]);
  });
});

describe('the form of the credential', () => {
  const test = new PantherSiemTrigger().methods.credentialTest.pantherWebhookSecret;
  const ask = (data: ICredentialDataDecryptedObject) =>
    test.call({} as never, { id: '1', name: 'c', type: 'pantherWebhookApi', data });

  it.each([
    ['Authorization', secret, 'OK'],
    ['X-Secret', '0123456789abcdef', 'OK'],
    ['Authorization', 'Bearer short', 'Error'],
    ['Authorization', 'Bearer ', 'Error'],
    ['Authorization', '', 'Error'],
    ['Bad Header', secret, 'Error'],
    ['Authorization', 'Bearer sécret-0123456789abc', 'Error'],
  ])('finds %s: %s %s', async (headerName, value, status) => {
    const result = await ask({ headerName, secret: value });
    expect(result.status).toBe(status);
    if (value !== '') expect(result.message).not.toContain(value);
  });
});

describe('a body that n8n cannot give', () => {
  const refuseWith = (error: Error) => async (request: IncomingMessage) => {
    request.resume();
    throw error;
  };
  it.each([
    ['is larger than n8n takes', { status: 413, type: 'entity.too.large' }, 413],
    ['is not compressed as it says', { code: 'Z_DATA_ERROR' }, 400],
    ['broke off', { status: 400, type: 'request.aborted' }, 503],
  ])('%s is answered so that Panther knows whether to send it again', async (_kind, facts, status) => {
    const trigger = await webhook();
    trigger.readBody = refuseWith(Object.assign(new Error('no body'), facts));
    const answer = await trigger.post();
    expect(answer.status).toBe(status);
    expect(answer.headers.has('retry-after')).toBe(status === 503);
    expect(trigger.started).toEqual([]);
  });
});

describe('the activation', () => {
  const activate = (data?: ICredentialDataDecryptedObject, handOver = false) => {
    const chosen = data === undefined ? {} : { pantherWebhookApi: { id: '1', name: 'c' } };
    return new PantherSiemTrigger().webhookMethods.default.checkExists.call({
      getNode: () => ({ name: 'Panther', credentials: chosen }),
      getCredentials: async () => data,
      getNodeParameter: () => handOver,
    } as never);
  };

  it('passes with a secret that can be used', async () => {
    expect(await activate({ headerName: 'Authorization', secret })).toBe(true);
  });

  it.each([
    ['no credential', undefined],
    ['no value', { headerName: 'Authorization', secret: 'Bearer ' }],
    ['a value that can be guessed', { headerName: 'X-Secret', secret: 'panther' }],
    ['a value that no header can carry', { headerName: 'X-Secret', secret: 'sécret-0123456789abcdef' }],
  ])('is refused with %s', async (_, data) => {
    const error = await activate(data).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(/secret/), description: expect.any(String) });
    if (data !== undefined)
      expect(JSON.stringify(error)).not.toContain(data.secret.trim().split(' ')[1] ?? data.secret);
  });

  it('is refused without a bridge to hand alerts to', async () => {
    await expect(activate({ headerName: 'Authorization', secret }, true)).rejects.toThrow(/without a bridge/);
  });
});
