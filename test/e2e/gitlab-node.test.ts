import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromium as browserPath } from '../../scripts/stack/chromium.mjs';
import { owner } from '../../scripts/stack/n8n-instance.mjs';
import { callWorkflow } from '../support/run-in-node';
import { SocStack } from '../support/soc-stack';
import { patienceMs } from '../support/until';

/** The GitLab node as people use it: projects, groups and merge requests to choose from, and what was chosen. */
jest.setTimeout(300_000);

const type = 'n8n-nodes-soc.gitLabSoc';
const credentials = { gitLabSocApi: { id: 'soc-gitlab', name: 'GitLab' } };
const project = 'simulated-corp/platform/infrastructure';

let stack: SocStack;

beforeAll(async () => {
  stack = await SocStack.start('gitlab-node', { editor: true });
});
afterAll(() => stack?.stop());

const details = { resource: 'mergeRequest', operation: 'getMergeRequestDetails' };
const locator = (mode: string, value: unknown) => ({ __rl: true, mode, value });

/** What the editor asks n8n for when a list is opened in a node with these parameters. */
async function search(methodName: string, currentNodeParameters: object = {}, filter?: string) {
  const { data } = await stack.n8n.rest('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
    path: 'parameters.iid',
    nodeTypeAndVersion: { name: type, version: 1.1 },
    // n8n gives a node the credentials that its operation shows.
    currentNodeParameters: { ...details, ...currentNodeParameters },
    credentials,
    methodName,
    ...(filter === undefined ? {} : { filter }),
  });
  return data as { results: { name: string; value: string; url?: string }[] };
}

interface Item {
  json: Record<string, unknown>;
}

/** A webhook's path can be taken once. */
let runs = 0;

/** One node for each of the parameters, all in one workflow that starts from one item; what came out of each. */
async function runNodes(all: Record<string, unknown>[], item: object = {}): Promise<Item[][]> {
  runs += 1;
  const names = all.map((_, index) => `GitLab ${index + 1}`);
  const nodes = all.map(({ typeVersion = 1.1, ...parameters }, index) => ({
    name: String(names[index]),
    type,
    typeVersion,
    position: [300, 200 * index],
    credentials,
    parameters,
  }));
  const { outcome } = await callWorkflow(stack, `gitlab-node-${runs}`, nodes, {
    body: item,
    connections: { Webhook: { main: [names.map((node) => ({ node, type: 'main', index: 0 }))] } },
  });
  const { error, runData } = (await outcome()).data.resultData;
  if (error !== undefined) throw new Error(String(error.message));
  return names.map((name) => runData[name]?.[0]?.data.main[0] ?? []);
}

describe('lists to choose from', () => {
  it.each([
    ['searchProjects', 'infra', project],
    ['searchGroups', 'platform', 'simulated-corp/platform'],
  ])('%s finds by a part of the name', async (method, filter, expected) => {
    const { results } = await search(method, {}, filter);
    expect(results.map(({ value }) => value)).toEqual([expected]);
    expect(results[0]?.url).toMatch(/^http/);
  });

  it('offers the merge requests of the chosen project, and asks for one first', async () => {
    const { results } = await search('searchMergeRequests', { project: locator('list', project) });
    expect(results.length).toBeGreaterThan(20);
    expect(results[0]?.name).toMatch(/^!\d+ · \w+ · \d{4}-\d\d-\d\d · \S/);
    await expect(search('searchMergeRequests', {})).rejects.toThrow(/comes first/);
  });
});

describe('what was chosen', () => {
  it('is read the same from a list, by number and expression, by address, and as version 1 stores it', async () => {
    const page = `${stack.addresses.gitlab.url}/${project}/-/merge_requests/22`;
    const outputs = await runNodes(
      [
        { ...details, project: locator('list', project), iid: locator('list', '22') },
        { ...details, project: locator('url', page.split('/-/')[0]), iid: locator('id', '={{ $json.body.iid }}') },
        { ...details, project: locator('list', ''), iid: locator('url', page) },
        { ...details, options: { project, iid: 22 }, typeVersion: 1 },
        {
          resource: 'mergeRequest',
          operation: 'listMergeRequests',
          returnAll: true,
          filters: { project: locator('list', project), from: '2011-01-01' },
          options: { resultMode: 'selected', resultFields: 'iid, title', splitIntoItems: true },
        },
        {
          resource: 'project',
          operation: 'listProjects',
          limit: 2,
          filters: { group: locator('id', 'simulated-corp') },
          options: { resultMode: 'simplified', splitIntoItems: true },
        },
      ],
      { iid: 22 },
    );
    const [fromList, ...others] = outputs.slice(0, 4).map((items) => items[0]?.json);
    expect(fromList).toMatchObject({ merge_request: { project, iid: 22 } });
    for (const other of others) expect(other).toEqual(fromList);

    const all = outputs[4] ?? [];
    expect(all.length).toBeGreaterThan(20);
    for (const { json } of all) expect(Object.keys(json).sort()).toEqual(['iid', 'title']);
    const projects = outputs[5] ?? [];
    expect(projects).toHaveLength(2);
    for (const { json } of projects)
      for (const value of Object.values(json)) expect(['string', 'number', 'boolean']).toContain(typeof value);
  });
});

describe('what reached the shop', () => {
  const monitor = { resource: 'mergeRequest', operation: 'monitorSupplyChainChanges' };

  it('is judged change by change: one item each, a group chosen from the list, page by page to the end', async () => {
    const group = locator('list', 'simulated-corp/shop');
    const split = { splitIntoItems: true };
    const [whole, paged, few] = await runNodes([
      { ...monitor, group, limit: 100, options: { minimumLevel: 'none' } },
      { ...monitor, group, returnAll: true, options: { minimumLevel: 'none', maxLookedAt: 3, ...split } },
      {
        ...monitor,
        project: locator('list', 'simulated-corp/shop/storefront'),
        limit: 100,
        options: { resultMode: 'selected', resultFields: 'id, level, score', ...split },
      },
    ]);
    const { changes, complete } = (whole?.[0]?.json ?? {}) as {
      changes: { id: string; kind: string }[];
      complete: boolean;
    };
    expect(complete).toBe(true);
    expect(changes.some(({ kind }) => kind === 'direct_push')).toBe(true);
    const ids = (paged ?? []).map(({ json }) => String(json.id));
    expect(ids.sort()).toEqual(changes.map(({ id }) => id).sort());
    for (const { json } of few ?? []) expect(Object.keys(json).sort()).toEqual(['id', 'level', 'score']);
    expect((few ?? []).map(({ json }) => json.level)).toContain('critical');
  });
});

const executablePath = browserPath();

(executablePath === undefined ? it.skip : it)('offers them in the editor, project first', async () => {
  const pictures = join(stack.folder, 'pictures');
  mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  try {
    const browserPage = await browser.newPage({ viewport: { width: 1500, height: 1000 } });
    browserPage.setDefaultTimeout(patienceMs);
    await browserPage.goto(`${stack.n8n.url}/signin`);
    await browserPage.fill(
      'input[autocomplete="email"], input[name="emailOrLdapLoginId"], input[type="email"]',
      owner.email,
    );
    await browserPage.fill('input[type="password"]', owner.password);
    await browserPage.click('button:has-text("Sign in")');
    await browserPage.waitForURL((url) => !url.pathname.includes('signin'));
    const { id } = await stack.n8n.api('POST', '/workflows', {
      name: 'editor',
      settings: { executionOrder: 'v1' },
      nodes: [
        {
          id: 'gitlab',
          name: 'GitLab SOC',
          type,
          typeVersion: 1.1,
          position: [0, 0],
          credentials,
          parameters: { resource: 'mergeRequest', operation: 'getMergeRequestDetails', options: {} },
        },
      ],
      connections: {},
    });
    await browserPage.goto(`${stack.n8n.url}/workflow/${id}/gitlab`);
    const choose = async (parameter: string, picture: string) => {
      await browserPage.locator(`[data-test-id="resource-locator-${parameter}"] input`).last().click();
      const items = browserPage.locator('[data-test-id="rlc-item"]');
      await items.first().waitFor();
      await browserPage.screenshot({ path: join(pictures, picture) });
      const count = await items.count();
      await items.first().click();
      return count;
    };
    expect(await choose('project', 'projects.png')).toBeGreaterThan(3);
    expect(await choose('iid', 'merge-requests.png')).toBeGreaterThan(0);
    await browserPage.screenshot({ path: join(pictures, 'chosen.png') });
  } finally {
    await browser.close();
  }
});
