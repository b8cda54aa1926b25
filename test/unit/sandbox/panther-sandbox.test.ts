import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';

let folder: string;
let sandbox: Sandbox;
const event = (eventName: string, userName: string, minute: number): object => ({
  eventName,
  eventTime: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`,
  eventID: `${eventName}-${userName}-${minute}`,
  sourceIPAddress: '198.51.100.9',
  userIdentity: { type: 'IAMUser', userName, arn: `arn:aws:iam::111122223333:user/${userName}` },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const records = [
    event('CreateAccessKey', 'eve', 1),
    event('StopLogging', 'ops', 2),
    event('StopLogging', 'ops', 3),
    event('StopLogging', 'eve', 4),
    event('GetObject', 'eve', 5),
  ];
  await writeFile(join(folder, 'a.json'), JSON.stringify({ Records: [...records, { broken: true }] }));
  sandbox = await startSandbox({ cloudtrail: folder, baseTime: new Date('2026-03-01T12:00:00Z') });
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: answers are foreign JSON; each test states what it expects in them
const json = async (answer: Promise<Response>): Promise<any> => (await answer).json();
const control = (path: string, method = 'GET', body?: unknown): Promise<Response> =>
  fetch(sandbox.control.url + path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
const graphql = (query: string): Promise<Response> =>
  fetch(sandbox.panther.graphql, {
    method: 'POST',
    headers: { 'x-api-key': sandbox.panther.token },
    body: JSON.stringify({ query }),
  });
const EXECUTE = 'mutation { executeDataLakeQuery(input: {sql: "SELECT COUNT(*) n FROM aws_cloudtrail"}) { id } }';
afterEach(() => control('/reset', 'POST'));

test('loaded data stands alone: nothing generated is mixed in', async () => {
  const state = await json(control('/'));
  expect(state).toMatchObject({
    rows: 5,
    simulated: false,
    report: { events: 5, malformed: 1 },
    panther: { url: sandbox.panther.url },
  });
});

test('the sample alert comes from the loaded data: the rarest principal of the most telling rule', async () => {
  const alert = await json(control('/sample-alert'));
  expect(alert).toMatchObject({
    title: 'CloudTrail stopped or deleted: StopLogging by eve',
    timestamp: '2026-03-01T10:04:00.000Z',
    simulated: false,
  });
  const alerts = await json(control('/sample-alerts'));
  expect(alerts.webhook.alertId).toBe(alert.id);
  expect(alerts.benign).toBeUndefined();
});

test.each([
  [
    '429 with Retry-After',
    { status: 429, headers: { 'retry-after': '2' }, body: { message: 'slow down' } },
    429,
    '{"message":"slow down"}',
  ],
  [
    'an HTML page of a balancer',
    { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' },
    502,
    '<html>Bad gateway</html>',
  ],
])('fault: %s, once', async (_name, fault, status, text) => {
  expect(
    (await control('/faults', 'POST', { service: 'panther', bodyContains: 'executeDataLakeQuery', ...fault })).status,
  ).toBe(201);
  const answer = await graphql(EXECUTE);
  expect([answer.status, await answer.text()]).toEqual([status, text]);
  for (const [name, value] of Object.entries(fault.headers)) expect(answer.headers.get(name)).toBe(value);
  expect((await graphql(EXECUTE)).status).toBe(200);
});

test('fault: the connection is cut after the mutation took effect', async () => {
  await control('/faults', 'POST', [{ service: 'panther', bodyContains: 'executeDataLakeQuery', reset: 'after' }]);
  await expect(graphql(EXECUTE)).rejects.toThrow();
  const history = await json(graphql('{ dataLakeQueries { edges { node { sql } } } }'));
  expect(history.data.dataLakeQueries.edges).toHaveLength(1);
});

test('faults can be taken back, settings are checked, and requests are told by service', async () => {
  await control('/faults', 'POST', { service: 'panther', status: 500, times: 9 });
  expect((await control('/faults', 'DELETE')).status).toBe(204);
  expect((await graphql(EXECUTE)).status).toBe(200);
  expect((await control('/faults', 'POST', { service: 'nobody' })).status).toBe(400);
  expect((await control('/panther/settings', 'POST', { runningPolls: 'many' })).status).toBe(400);
  expect(await json(control('/panther/settings', 'POST', { runningPolls: 0 }))).toMatchObject({
    runningPolls: 0,
  });
  const recorded = await json(control('/requests?service=panther'));
  expect(recorded).toHaveLength(1);
  expect(recorded[0]).toMatchObject({ method: 'POST', operation: 'executeDataLakeQuery' });
  await control('/reset', 'POST');
  expect(await json(control('/requests?service=panther'))).toEqual([]);
});

test('a change over REST answers without a body', async () => {
  const answer = await fetch(`${sandbox.panther.url}/v1/alerts`, {
    method: 'PATCH',
    headers: { 'x-api-key': sandbox.panther.token },
    body: JSON.stringify({ ids: [sandbox.sampleAlert?.id], status: 'TRIAGED' }),
  });
  expect([answer.status, await answer.text()]).toEqual([204, '']);
});

test('a port in use is named, and nothing stays open', async () => {
  const port = Number(new URL(sandbox.panther.url).port);
  await expect(startSandbox({ ports: { panther: port } })).rejects.toThrow(
    `The panther stand-in needs port ${port}, which is in use.`,
  );
});

test('a folder that is missing is named', async () => {
  await expect(startSandbox({ cloudtrail: join(folder, 'missing') })).rejects.toThrow('does not exist');
});
