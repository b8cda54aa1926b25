import { workflow } from '../../scripts/stack/services.mjs';
import { SocStack } from '../support/soc-stack';
import { until } from '../support/until';

/** Alerts of Panther on the real n8n: pushed, polled, and looked at in the editor. */
let stack: SocStack;
const secret = () => `Bearer ${stack.alertToken}`;

jest.setTimeout(300_000);

beforeAll(async () => {
  stack = await SocStack.start('panther-trigger');
});

afterAll(() => stack?.stop());

interface Execution {
  id: string;
  status: string;
  data: {
    resultData: { error?: { message: string }; runData: Record<string, { data?: { main: { json: Item }[][] } }[]> };
  };
}
type Item = Record<string, unknown>;

const executionsOf = async (workflowId: string): Promise<Execution[]> =>
  (await stack.n8n.api('GET', `/executions?workflowId=${workflowId}&includeData=true&limit=50`)).data.toReversed();
const itemsOf = (execution: Execution, node: string): Item[] =>
  execution.data.resultData.runData[node]?.[0]?.data?.main[0]?.map(({ json }) => json) ?? [];

/** A workflow of one trigger and a node behind it. */
async function make(name: string, trigger: object): Promise<string> {
  const { id } = await stack.n8n.api('POST', '/workflows', {
    name,
    nodes: [
      { id: `${name}-trigger`, name: 'Trigger', typeVersion: 1, position: [0, 0], ...trigger },
      {
        id: `${name}-end`,
        name: 'End',
        type: 'n8n-nodes-base.noOp',
        typeVersion: 1,
        position: [200, 0],
        parameters: {},
      },
    ],
    connections: { Trigger: { main: [[{ node: 'End', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1', saveDataSuccessExecution: 'all', saveManualExecutions: true },
  });
  return id;
}
/** n8n answers before the webhooks and polls are in place, so that is waited for. */
async function activate(id: string, webhook?: string): Promise<void> {
  const polled = (await polls()).length;
  await stack.n8n.api('POST', `/workflows/${id}/activate`);
  await until('the activation', async () => {
    if (webhook === undefined) return (await polls()).length > polled ? true : undefined;
    return (await knock(webhook)) === 401 ? true : undefined;
  });
}
/** The status that a caller without a secret gets. */
const knock = async (path: string) => (await fetch(`${stack.n8n.url}/${path}`, { method: 'POST' })).status;
const polls = async () =>
  (await stack.control<{ path: string }[]>('GET', '/requests?service=panther')).filter(
    ({ path }) => path === '/alerts',
  );
const raise = (given: object = {}) => stack.control<Item>('POST', '/panther/alerts', given);

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${stack.n8n.url}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: secret(), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Item };
}

/** What was pushed first, to be pushed again after a restart. */
const pushed = { path: '', alert: {} as Item };

describe('pushed', () => {
  const webhookId = '5b0b9a5e-0000-4000-8000-000000000001';
  const path = `webhook/${webhookId}/panther`;
  const trigger = {
    type: 'n8n-nodes-soc.pantherSiemTrigger',
    webhookId,
    parameters: {},
    credentials: { pantherWebhookApi: { id: 'soc-panther-webhook', name: 'Panther webhook' } },
  };
  let id: string;
  let alert: Item;

  beforeAll(async () => {
    id = await make('pushed', trigger);
    await activate(id, path);
    alert = await raise();
    Object.assign(pushed, { path, alert });
  });

  it.each([
    ['no secret', { authorization: '' }, 401],
    ['a wrong secret', { authorization: 'Bearer simulated-wrong-secret' }, 401],
  ])('refuses %s', async (_kind, headers, status) => {
    const answer = await post(path, alert, headers);
    expect(answer).toEqual({ status, body: { code: 'unauthenticated', message: 'Unauthorized' } });
  });

  it.each([
    ['what is no JSON', '{', 400],
    ['a list', [], 400],
    ['an alert without its id', { id: 'Rule', severity: 'HIGH' }, 400],
    ['more than eight megabytes', { ...{ alertId: 'a' }, text: 'x'.repeat(8_400_000) }, 413],
  ])('refuses %s', async (_kind, body, status) => {
    const answer = await post(path, body);
    expect(answer).toMatchObject({
      status,
      body: { code: 'invalid_input', message: expect.stringMatching(/body|alertId/) },
    });
  });

  it('takes the alert, once, and answers the test alert', async () => {
    expect(await post(path, { ...alert, alertId: 'Test.Alert' })).toMatchObject({ status: 200, body: { test: true } });
    expect(await post(path, alert)).toEqual({ status: 202, body: { accepted: true, alert_id: alert.alertId } });
    expect(await post(path, alert)).toMatchObject({ status: 200, body: { duplicate: true } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(path, { ...alert, alertId: 'f'.repeat(32) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 202]);
    const all = await until('two executions', async () => {
      const found = await executionsOf(id);
      return found.filter(({ status }) => status === 'success').length >= 2 ? found : undefined;
    });
    expect(all).toHaveLength(2);
    expect(itemsOf(all[0] as Execution, 'End')).toEqual([
      expect.objectContaining({ alert_id: alert.alertId, detection_id: alert.id, received_by: 'webhook', raw: alert }),
    ]);
  });

  it('still knows the alert after the workflow was activated anew', async () => {
    await stack.n8n.api('POST', `/workflows/${id}/deactivate`);
    await until('the end of the webhook', async () => ((await knock(path)) === 404 ? true : undefined));
    await activate(id, path);
    expect(await post(path, alert)).toMatchObject({ status: 200, body: { duplicate: true } });
    expect(await executionsOf(id)).toHaveLength(2);
  });

  it('shows the test alert to whoever listens for it in the editor', async () => {
    const { data } = await stack.n8n.rest('POST', `/rest/workflows/${id}/run`, {
      triggerToStartFrom: { name: 'Trigger' },
    });
    expect(data.waitingForWebhook).toBe(true);
    expect(await post(`webhook-test/${webhookId}/panther`, { ...alert, alertId: 'Test.Alert' })).toMatchObject({
      status: 202,
    });
    const seen = await until('the test execution', async () =>
      (await executionsOf(id)).find(
        ({ status, data: run }) => status === 'success' && itemsOf({ id, status, data: run }, 'End')[0]?.test === true,
      ),
    );
    expect(itemsOf(seen, 'End')[0]).toMatchObject({ alert_id: 'Test.Alert' });
  });

  it('cannot be activated without a secret', async () => {
    const open = await make('open', { ...trigger, webhookId: '5b0b9a5e-0000-4000-8000-000000000002', credentials: {} });
    await expect(stack.n8n.api('POST', `/workflows/${open}/activate`)).rejects.toThrow(/secret|credential/i);
    expect(
      (await fetch(`${stack.n8n.url}/webhook/5b0b9a5e-0000-4000-8000-000000000002/panther`, { method: 'POST' })).status,
    ).toBe(404);
  });
});

describe('the shipped workflow', () => {
  const shipped = workflow('panther_alert_intake');
  const path = `webhook/${shipped.nodes[0].webhookId}/panther`;
  let id: string;

  beforeAll(async () => {
    const { name, nodes, connections, settings } = shipped;
    ({ id } = await stack.n8n.api('POST', '/workflows', { name, nodes, connections, settings }));
    await activate(id, path);
  });

  it('opens the case before it answers, investigates it, and comments on the alert', async () => {
    const alert = await raise();
    const answer = await post(path, alert);
    expect(answer).toMatchObject({ status: 202, body: { alert_id: alert.alertId, case_id: expect.any(String) } });
    expect(await stack.case(String(answer.body.case_id))).toBeDefined();
    const execution = await until('the execution', async () =>
      (await executionsOf(id)).find(({ status }) => ['success', 'error'].includes(status)),
    );
    expect(execution.data.resultData.error?.message).toBeUndefined();
    expect(itemsOf(execution, 'Panther Alert')[0]).toMatchObject({ case_id: answer.body.case_id, case_created: true });
    const [result] = itemsOf(execution, 'Investigate Alert');
    expect(result).toMatchObject({ case_id: answer.body.case_id, created: false, outcome: expect.any(String) });
    const comments = await fetch(`${stack.addresses.panther.url}/alert-comments?alert-id=${alert.alertId}`, {
      headers: { 'x-api-key': stack.addresses.panther.token },
    });
    expect(JSON.stringify(await comments.json())).toContain(`Case ${answer.body.case_id}`);
  });

  it('asks Panther to try again while the bridge is away, and takes the alert then', async () => {
    const alert = await raise();
    const before = (await executionsOf(id)).length;
    expect(before).toBe(1);
    await stack.bridge.stop();
    expect(await post(path, alert)).toMatchObject({ status: 503 });
    await stack.startBridge();
    expect(await post(path, alert)).toMatchObject({ status: 202, body: { case_id: expect.any(String) } });
    await until('one more execution', async () => ((await executionsOf(id)).length === before + 1 ? true : undefined));
  });
});

describe('polled', () => {
  // n8n polls at most once a minute by one schedule; twenty of them make it every three seconds.
  const every3Seconds = Array.from({ length: 20 }, (_, index) => ({
    mode: 'custom',
    cronExpression: `${index * 3} * * * * *`,
  }));
  const trigger = {
    type: 'n8n-nodes-soc.pantherSiemPollingTrigger',
    parameters: { pollTimes: { item: every3Seconds }, filters: { severities: ['CRITICAL'] }, options: {} },
    credentials: { pantherApi: { id: 'soc-panther', name: 'Panther' } },
  };
  let id: string;

  beforeAll(async () => {
    await raise({ severity: 'CRITICAL', title: 'before' });
    id = await make('polled', trigger);
    await activate(id);
  });
  afterAll(() => stack.n8n.api('POST', `/workflows/${id}/deactivate`));

  const titles = async () =>
    (await executionsOf(id)).flatMap((execution) => itemsOf(execution, 'End').map(({ title }) => title));

  it('hands on what is new and matches, once', async () => {
    await raise({ severity: 'LOW', title: 'other severity' });
    const alert = await raise({ severity: 'CRITICAL', title: 'new' });
    const execution = await until('an execution', async () =>
      (await executionsOf(id)).find(({ status }) => status === 'success'),
    );
    expect(itemsOf(execution, 'End')).toEqual([
      expect.objectContaining({
        alert_id: alert.alertId,
        detection_id: alert.id,
        title: 'new',
        severity: 'CRITICAL',
        received_by: 'polling',
        context: alert.alertContext,
        possibly_repeated: false,
      }),
    ]);
    await raise({ severity: 'CRITICAL', title: 'late', created_at: new Date(Date.now() - 5 * 60_000).toISOString() });
    await until('the late alert', async () => ((await titles()).includes('late') ? true : undefined));
    expect(await titles()).toEqual(['new', 'late']);
  });

  it('says why a poll failed, and loses nothing by it', async () => {
    await stack.control('POST', '/faults', {
      service: 'panther',
      path: '^/alerts\\?',
      times: 1,
      status: 403,
      body: { message: 'forbidden' },
    });
    await raise({ severity: 'CRITICAL', title: 'after a failure' });
    const failed = await until('a failed execution', async () =>
      (await executionsOf(id)).find(({ status }) => status === 'error'),
    );
    expect(failed.data.resultData.error?.message).toMatch(/AlertRead/);
    await until('the alert', async () => ((await titles()).includes('after a failure') ? true : undefined));
    expect(await titles()).toEqual(['new', 'late', 'after a failure']);
  });

  it('gives a sample in the editor, and the position stays', async () => {
    const sampled = await make('sampled', { ...trigger, parameters: { filters: {}, options: {} } });
    const { data } = await stack.n8n.rest('POST', `/rest/workflows/${sampled}/run`, {
      triggerToStartFrom: { name: 'Trigger' },
    });
    const execution = await until('the sample', async () =>
      (await executionsOf(sampled)).find(({ id: own, status }) => own === data.executionId && status !== 'running'),
    );
    expect(itemsOf(execution, 'End')).toEqual([
      expect.objectContaining({ alert_id: expect.any(String), source: 'panther' }),
    ]);
    expect((await stack.n8n.api('GET', `/workflows/${sampled}`)).staticData ?? null).toBeNull();
  });

  it('hands on the last batch once more, marked, after n8n was killed; the webhook still knows its alerts', async () => {
    const before = await titles();
    await stack.n8n.stop?.('SIGKILL');
    await stack.n8n.start({ webhooks: [pushed.path.replace('webhook/', '')] });
    const again = await until('the last batch', async () => {
      const items = (await executionsOf(id)).flatMap((execution) => itemsOf(execution, 'End'));
      return items.length > before.length ? items.slice(before.length) : undefined;
    });
    expect(again).toEqual([expect.objectContaining({ title: 'after a failure', possibly_repeated: true })]);
    expect(await post(pushed.path, pushed.alert)).toMatchObject({ status: 200, body: { duplicate: true } });
  });
});
