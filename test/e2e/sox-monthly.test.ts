import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyFolder } from '../../bridge/src/compliance/verify-chain';
import { verifyPackage } from '../../operations/compliance/verify';
import { workflow } from '../../scripts/stack/services.mjs';
import { slackMessages } from '../support/slack-messages';
import { SocStack } from '../support/soc-stack';

/** The monthly evidence package on the real n8n: made, posted with its files, and told when it is not whole. */
let stack: SocStack;

jest.setTimeout(600_000);

beforeAll(async () => {
  stack = await SocStack.start('sox-monthly');
}, 900_000);
afterAll(() => stack?.stop());
afterEach(() => stack?.control('DELETE', '/faults'));

interface Execution {
  finished: boolean;
  status: string;
  data: {
    resultData: {
      error?: unknown;
      runData: Record<string, { error?: unknown; data?: { main: ({ json: Record<string, unknown> }[] | null)[] } }[]>;
    };
  };
}

async function run(settings: Record<string, unknown>): Promise<Execution> {
  const { name, nodes, connections, settings: options } = workflow('soc_sox_monthly', settings);
  const { id } = await stack.n8n.api('POST', '/workflows', { name, nodes, connections, settings: options });
  const { data } = await stack.n8n.rest('POST', `/rest/workflows/${id}/run`, {
    triggerToStartFrom: { name: '1st of the Month' },
  });
  return ended(data.executionId);
}

async function ended(id: string): Promise<Execution> {
  for (const end = Date.now() + 280_000; ; ) {
    const execution = (await stack.n8n.api('GET', `/executions/${id}?includeData=true`)) as Execution;
    if (execution.finished || !['running', 'new', 'waiting'].includes(execution.status)) {
      expect(execution.data.resultData.error).toBeUndefined();
      return execution;
    }
    if (Date.now() > end) throw new Error(`the execution is ${execution.status}`);
    await pause();
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 300));

const itemsOf = (execution: Execution, node: string, output = 0) =>
  (execution.data.resultData.runData[node] ?? []).flatMap(
    (one) => one.data?.main[output]?.map(({ json }) => json) ?? [],
  );

/** The files of the package as the thread got them, by name. */
function filesOf(execution: Execution): Map<string, Uint8Array> {
  const read = itemsOf(execution, 'Read File').map(({ content }) => String(content));
  const names = itemsOf(execution, 'Put File into Thread').map(({ filename }) => String(filename));
  return new Map(names.map((name, index) => [name, new TextEncoder().encode(read[index])]));
}

it('posts the package of last week with every file in the thread, and the files are those of the manifest', async () => {
  const execution = await run({
    zone: 'Europe/Berlin',
    period: 'previous_week',
    gitlab_group: 'simulated-corp',
    channel: '#soc-alerts',
    people_roles: 'platform-admin',
  });
  const [made] = itemsOf(execution, 'Make Evidence Package');
  expect(made).toMatchObject({ status: 'COMPLETE', reasons: [], period: { zone: 'Europe/Berlin', days: 7 } });
  const files = (made?.files ?? []) as { name: string; sha256: string }[];
  const posted = itemsOf(execution, 'Put File into Thread');
  expect(posted.map(({ filename }) => filename).sort()).toEqual(files.map(({ name }) => name).sort());
  const [summary] = itemsOf(execution, 'Post Summary');
  expect(new Set(posted.map(({ thread_ts }) => thread_ts))).toEqual(new Set([summary?.ts]));
  const bytes = filesOf(execution);
  expect(verifyPackage(bytes)).toMatchObject({ flaws: [], manifestSha256: made?.manifest_sha256 });
  expect(verifyPackage(bytes).manifest?.made_by).toMatchObject({ program: 'n8n-nodes-soc', version: '0.1.0' });
  const text = JSON.stringify(await slackMessages(stack));
  expect(text).toContain('COMPLETE: evidence package');
  expect(text).toContain(String(made?.manifest_sha256));
  expect(itemsOf(execution, 'Tell That It Failed')).toEqual([]);
});

it('says INCOMPLETE and why, where GitLab refuses to be read', async () => {
  await stack.control('POST', '/faults', {
    service: 'gitlab',
    times: 100_000,
    status: 403,
    body: { message: '403 Forbidden' },
  });
  const execution = await run({
    period: 'previous_day',
    gitlab_group: 'simulated-corp',
    channel: '#soc-alerts',
    largest_file: 1_000,
  });
  expect(itemsOf(execution, 'Make Evidence Package')).toMatchObject([{ status: 'INCOMPLETE' }]);
  const last = JSON.stringify((await slackMessages(stack)).filter((one) => JSON.stringify(one).includes('INCOMPLETE')));
  // What Slack does not take is named in the thread, with its hash.
  const files = (itemsOf(execution, 'Make Evidence Package')[0]?.files ?? []) as { bytes: number }[];
  const [summary] = itemsOf(execution, 'Post Summary');
  const named = itemsOf(execution, 'Name What Is Too Large');
  expect(named).toHaveLength(files.filter(({ bytes }) => bytes > 1_000).length);
  expect(new Set(named.map(({ thread_ts }) => thread_ts))).toEqual(new Set([summary?.ts]));
  expect(itemsOf(execution, 'Put File into Thread')).toHaveLength(files.length - named.length);
  expect(last).toContain('What is missing:');
  expect(last).toContain('Merged merge requests could not be read');
  expect(last).toContain('Not tested: Segregation of duties');
});

it('tells that it was not made', async () => {
  await run({ zone: 'Nowhere/Land', channel: '#soc-alerts' });
  expect(JSON.stringify(await slackMessages(stack))).toMatch(/NOT whole in Slack: .*Nowhere\/Land/);
});

it('chains the packages of two scheduled runs, and `compliance verify` holds both against each other', async () => {
  const { name, nodes, connections, settings } = workflow('soc_sox_monthly', {
    period: 'previous_day',
    gitlab_group: 'simulated-corp',
    channel: '#soc-alerts',
  });
  // The month does not come; a second of the minute does, and n8n keeps what a node remembers of scheduled runs alone.
  const schedule = (nodes as { name: string; parameters: Record<string, unknown> }[]).find(
    (node) => node.name === '1st of the Month',
  );
  if (schedule === undefined) throw new Error('the workflow has no node "1st of the Month"');
  const { id } = await stack.n8n.api('POST', '/workflows', { name, nodes, connections, settings });
  const folder = join(stack.folder, 'chain');
  rmSync(folder, { recursive: true, force: true });
  for (const _ of [1, 2]) {
    const soon = new Date(Date.now() + 8_000).getSeconds();
    schedule.parameters = { rule: { interval: [{ field: 'cronExpression', expression: `${soon} * * * * *` }] } };
    await stack.n8n.api('PUT', `/workflows/${id}`, { name, nodes, connections, settings });
    await stack.n8n.api('POST', `/workflows/${id}/activate`, {});
    const made = await nextRun(id).finally(() => stack.n8n.api('POST', `/workflows/${id}/deactivate`, {}));
    for (const [file, bytes] of filesOf(made)) {
      const [{ package_id } = {}] = itemsOf(made, 'Make Evidence Package');
      mkdirSync(join(folder, String(package_id)), { recursive: true });
      writeFileSync(join(folder, String(package_id), file), bytes);
    }
  }
  const [first, second, ...more] = await verifyFolder(folder);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ flaws: [], chain: [], manifest: { previous: null } });
  expect(second).toMatchObject({
    flaws: [],
    chain: [],
    manifest: { previous: { package_id: first?.manifest?.package_id, manifest_sha256: first?.manifestSha256 } },
  });
});

const seen = new Set<string>();

/** The next execution that the schedule starts, ended. */
async function nextRun(workflowId: string): Promise<Execution> {
  for (const end = Date.now() + 280_000; Date.now() < end; await pause()) {
    const { data } = await stack.n8n.api('GET', `/executions?workflowId=${workflowId}`);
    const started = (data as { id: string; mode: string }[])
      .filter(({ id }) => !seen.has(id))
      .sort((a, b) => Number(a.id) - Number(b.id))[0];
    if (started === undefined) continue;
    seen.add(started.id);
    expect(started.mode).toBe('trigger');
    return ended(started.id);
  }
  throw new Error('the schedule started nothing');
}
