import { init } from '@polyglot-sql/sdk';
import type {
  IAuthenticateGeneric,
  IDataObject,
  IHttpRequestOptions,
  INodeExecutionData,
  IPollFunctions,
} from 'n8n-workflow';
import { NodeApiError, ObservableObject } from 'n8n-workflow';
import { PantherApi } from '../../../credentials/PantherApi.credentials';
import { PantherSiemPollingTrigger } from '../../../nodes/PantherSiemPollingTrigger/PantherSiemPollingTrigger.node';
import { pollParameters } from '../../../nodes-host/panther-trigger/poll-parameters';
import { parseAlert } from '../../../operations/investigation/alert-format';
import { FaultBoard } from '../../../sandbox/src/faults';
import { cloudTrailRow } from '../../../sandbox/src/panther/cloudtrail-row';
import { Lake } from '../../../sandbox/src/panther/lake';
import { raiseAlerts } from '../../../sandbox/src/panther/sample-alerts';
import { SAMPLE_RULES } from '../../../sandbox/src/panther/sample-rules';
import { createPanther, type Panther } from '../../../sandbox/src/panther/server';
import { type RunningService, startService } from '../../../sandbox/src/service';

const token = 'simulated-panther-token';
let lake: Lake;
let panther: Panther;
let service: RunningService;
let faults: FaultBoard;

beforeAll(async () => {
  await init();
  lake = await Lake.open(() => new Date());
});
afterAll(() => lake.close());

beforeEach(async () => {
  const old = cloudTrailRow(
    {
      eventID: 'simulated-1',
      eventName: 'StopLogging',
      eventSource: 'cloudtrail.amazonaws.com',
      eventTime: new Date(Date.now() - 7 * 24 * 3600 * 1000).toISOString(),
      awsRegion: 'eu-central-1',
      sourceIPAddress: '203.0.113.7',
      userIdentity: { type: 'IAMUser', userName: 'example.user', arn: 'arn:aws:iam::111122223333:user/example.user' },
    },
    { sourceId: 'simulated', sourceLabel: 'simulated' },
    new Map(),
  );
  panther = createPanther({
    lake,
    seed: 1,
    token,
    clock: () => new Date(),
    alerts: raiseAlerts([old]),
    rules: SAMPLE_RULES,
  });
  faults = new FaultBoard();
  service = await startService('panther', 0, panther.handler, faults);
});
afterEach(() => service.close());

interface Setup {
  filters?: Record<string, unknown>;
  options?: Record<string, unknown>;
  mode?: 'trigger' | 'manual';
}

/** A node in an active workflow: n8n keeps its static data, watched for changes, from poll to poll. */
function trigger(setup: Setup = {}) {
  const staticData: IDataObject = ObservableObject.create({});
  staticData['node:Panther'] = ObservableObject.create({}, staticData as Parameters<typeof ObservableObject.create>[1]);
  const context = {
    getNode: () => ({ id: 'poll', name: 'Panther', credentials: { pantherApi: { id: '1', name: 'Panther' } } }),
    getWorkflow: () => ({ id: `workflow-${Math.random()}` }),
    getMode: () => setup.mode ?? 'trigger',
    getNodeParameter: (name: string, fallback: unknown) => (setup as Record<string, unknown>)[name] ?? fallback,
    getWorkflowStaticData: () => staticData['node:Panther'],
    getCredentials: async () => ({ apiUrl: service.url, apiToken: token }),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    helpers: {
      async httpRequestWithAuthentication(this: IPollFunctions, _type: string, options: IHttpRequestOptions) {
        const { properties } = new PantherApi().authenticate as IAuthenticateGeneric;
        const headers = Object.fromEntries(Object.keys(properties.headers ?? {}).map((name) => [name, token]));
        const answer = await fetch(options.url, {
          method: options.method,
          headers: { ...(options.headers as Record<string, string>), ...headers },
          body: options.body as string | undefined,
        });
        return { statusCode: answer.status, headers: {}, body: await answer.text() };
      },
    },
  } as unknown as IPollFunctions;
  const workflow = { id: `workflow-${Math.random()}` };
  (context as unknown as { getWorkflow: () => object }).getWorkflow = () => workflow;
  const poll = async (): Promise<INodeExecutionData[]> =>
    (await new PantherSiemPollingTrigger().poll.call(context))?.[0] ?? [];
  const titles = async () => (await poll()).map(({ json }) => json.title);
  return { poll, titles, staticData };
}

const raise = (title: string, more: object = {}) => panther.raiseAlert({ title, ...more });

it('hands on what is raised after the activation, whole, in the shape of the webhook trigger', async () => {
  const node = trigger();
  expect(await node.titles()).toEqual([]);
  const body = raise('first', { severity: 'HIGH' });
  const [item] = await node.poll();
  expect(item?.json).toMatchObject({
    alert_id: body.alertId,
    detection_id: body.id,
    title: 'first',
    severity: 'HIGH',
    status: 'OPEN',
    type: 'RULE',
    created_at: body.createdAt,
    context: body.alertContext,
    runbook: body.runbook,
    source: 'panther',
    received_by: 'polling',
    possibly_repeated: false,
  });
  expect(await node.titles()).toEqual([]);
});

it('is the same alert to an investigation as the pushed one', async () => {
  const node = trigger();
  await node.poll();
  const body = raise('pushed and polled');
  const [item] = await node.poll();
  const { entities, id, source, severity, title, created_at } = parseAlert(body);
  expect(entities.length).toBeGreaterThan(0);
  expect(parseAlert(item?.json)).toMatchObject({
    entities,
    id,
    source,
    severity,
    title,
    created_at,
    format: 'panther',
  });
});

it('applies its filters', async () => {
  const node = trigger({ filters: { severities: ['CRITICAL'], logTypes: 'AWS.CloudTrail, Okta.SystemLog' } });
  await node.poll();
  raise('low', { severity: 'LOW' });
  raise('critical', { severity: 'CRITICAL' });
  expect(await node.titles()).toEqual(['critical']);
});

it.each([
  ['text', { severities: 'CRITICAL', detectionId: 12 }, { severities: ['CRITICAL'], detection_id: '12' }],
  ['text with commas', { statuses: 'OPEN, TRIAGED' }, { statuses: ['OPEN', 'TRIAGED'] }],
  ['a list', { logTypes: ['AWS.CloudTrail'] }, { log_types: ['AWS.CloudTrail'] }],
  ['nothing', { severities: [], detectionId: '', logTypes: ' ', statuses: null }, {}],
])('a filter that an expression gives as %s is applied', (_, filters, expected) => {
  expect(pollParameters((name) => (name === 'filters' ? filters : {})).filters).toEqual(expected);
});

it.each([{ detectionId: { id: 'a' } }, { severities: { CRITICAL: true } }, { severities: [null] }])(
  'a filter that cannot be read is refused, not left out: %j',
  async (filters) => {
    await expect(trigger({ filters }).poll()).rejects.toThrow(/detection|severit/i);
  },
);

it('hands on more than fits into one poll with the next ones, oldest first within each', async () => {
  const node = trigger({ options: { maxAlerts: 50 } });
  await node.poll();
  const start = Date.now();
  const all = Array.from({ length: 120 }, (_, index) => `alert ${index}`);
  for (const [index, title] of all.entries()) raise(title, { created_at: new Date(start + index).toISOString() });
  const batches = [await node.titles(), await node.titles(), await node.titles(), await node.titles()];
  expect(batches.map((batch) => batch.length)).toEqual([50, 50, 20, 0]);
  expect(batches.flat().sort()).toEqual([...all].sort());
});

it.each([
  ['refuses the token', { status: 403, body: { message: 'forbidden' } }, /AlertRead/],
  ['answers with nonsense', { status: 200, body: { hello: 'world' } }, /Panther/],
])('says so when Panther %s, keeps its position and loses nothing', async (_kind, answer, message) => {
  const node = trigger();
  await node.poll();
  raise('meanwhile');
  const before = JSON.stringify(node.staticData);
  faults.add({ service: 'panther', ...answer });
  await expect(node.poll()).rejects.toThrow(message);
  faults.add({ service: 'panther', ...answer });
  await expect(node.poll()).rejects.toBeInstanceOf(NodeApiError);
  expect(JSON.stringify(node.staticData)).toBe(before);
  expect(await node.titles()).toEqual(['meanwhile']);
});

it('keeps everything of a poll whose second page fails for the next one', async () => {
  const node = trigger({ options: { maxAlerts: 500 } });
  await node.poll();
  for (let index = 0; index < 60; index += 1) raise(`alert ${index}`);
  faults.add({ service: 'panther', path: '^/alerts\\?.*cursor=', status: 403, body: { message: 'forbidden' } });
  await expect(node.poll()).rejects.toThrow();
  expect(await node.titles()).toHaveLength(60);
});

it('reads the list from its beginning when Panther no longer takes the cursor of the poll before', async () => {
  const node = trigger({ options: { maxAlerts: 50 } });
  await node.poll();
  for (let index = 0; index < 60; index += 1) raise(`alert ${index}`);
  expect(await node.titles()).toHaveLength(50);
  faults.add({ service: 'panther', path: '^/alerts\\?.*cursor=', status: 400, body: { message: 'invalid cursor' } });
  expect(await node.titles()).toHaveLength(10);
  expect(await node.titles()).toEqual([]);
});

it('does not hand on the same alerts from two polls at once', async () => {
  const node = trigger();
  await node.poll();
  raise('once');
  faults.add({ service: 'panther', delayMs: 100 });
  expect((await Promise.all([node.titles(), node.titles()])).flat()).toEqual(['once']);
});

it('tells n8n that its static data changed, or n8n would not store the position', async () => {
  const node = trigger();
  await node.poll();
  expect((node.staticData as { __dataChanged?: boolean }).__dataChanged).toBe(true);
});

it('gives the newest alert as a sample in the editor, and leaves the position alone', async () => {
  raise('newest');
  const node = trigger({ mode: 'manual' });
  expect(await node.titles()).toEqual(['newest']);
  expect(await node.titles()).toEqual(['newest']);
  expect(JSON.stringify(node.staticData)).toBe('{"node:Panther":{}}');
});

it('says that there is nothing to show when no alert passes the filters', async () => {
  const node = trigger({ mode: 'manual', filters: { detectionId: 'no.such.rule' } });
  await expect(node.poll()).rejects.toThrow(/no alert of the last 30 days/);
});
