import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromium as browserPath } from '../../scripts/stack/chromium.mjs';
import { owner } from '../../scripts/stack/n8n-instance.mjs';
import { callWorkflow } from '../support/run-in-node';
import { SocStack } from '../support/soc-stack';
import { patienceMs } from '../support/until';
import { answerJson, type LocalServer, listen } from '../unit/nodes/local-server';

/** The Panther node as people use it: lists to choose from, result modes, Return All, the SQL editor, the credential. */
jest.setTimeout(300_000);

const type = 'n8n-nodes-soc.pantherSiem';
const credentials = { pantherApi: { id: 'soc-panther', name: 'Panther' } };

let stack: SocStack;

beforeAll(async () => {
  stack = await SocStack.start('panther-node', { editor: true });
});
afterAll(() => stack?.stop());

interface Entry {
  name: string;
  value: string;
}

/** What the editor asks n8n for when a list is opened. */
async function search(
  methodName: string,
  more: { filter?: string; paginationToken?: string; credentials?: Record<string, unknown> } = {},
): Promise<{ results: Entry[]; paginationToken?: string }> {
  const { data } = await stack.n8n.rest('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
    path: 'parameters.table',
    nodeTypeAndVersion: { name: type, version: 1 },
    currentNodeParameters: {},
    credentials,
    methodName,
    ...more,
  });
  return data;
}

interface Item {
  json: Record<string, unknown>;
  pairedItem?: { item: number };
}

let counter = 0;

/** Runs the node once in a workflow of its own over `items`, and gives the items that came out. */
async function runNode(
  parameters: Record<string, unknown>,
  items: object[] = [{}],
  typeVersion = 1.1,
): Promise<Item[]> {
  counter += 1;
  const { outcome } = await callWorkflow(
    stack,
    `panther-node-${counter}`,
    [
      {
        name: 'Split',
        type: 'n8n-nodes-base.splitOut',
        typeVersion: 1,
        parameters: { fieldToSplitOut: 'body.items', options: {} },
      },
      { name: 'Panther', type, typeVersion, credentials, parameters },
    ],
    { body: { items } },
  );
  const { error, runData } = (await outcome()).data.resultData;
  if (error !== undefined) throw new Error(String(error.message));
  return runData.Panther?.[0]?.data.main[0] ?? [];
}

const listAlerts = { resource: 'alert', operation: 'listAlerts' };

describe('lists to choose from', () => {
  it('finds tables by a part of their name', async () => {
    const { results } = await search('searchTables', { filter: 'cloudtrail' });
    expect(results.map(({ value }) => value)).toContain('panther_logs.public.aws_cloudtrail');
    for (const { name } of results) expect(name.toLowerCase()).toContain('cloudtrail');
  });

  it.each(['searchDatabases', 'searchAlerts', 'searchDetections', 'searchUsers'])(
    '%s gives names with their context',
    async (methodName) => {
      const { results } = await search(methodName);
      expect(results.length).toBeGreaterThan(0);
      for (const { name, value } of results) {
        expect(name).not.toMatch(/undefined|null|\[object/);
        expect(value).not.toBe('');
      }
      expect(new Set(results.map(({ value }) => value)).size).toBe(results.length);
    },
  );

  it('shows severity, status and time of an alert', async () => {
    const { results } = await search('searchAlerts');
    expect(results[0]?.name).toMatch(
      /^(CRITICAL|HIGH|MEDIUM|LOW|INFO) · (open|triaged|closed|resolved) · \d\d-\d\d \d\d:\d\d · \S/,
    );
  });

  it('goes on with the next page where a list is longer', async () => {
    const seen: string[] = [];
    let paginationToken: string | undefined;
    let pages = 0;
    do {
      const page = await search('searchAlerts', paginationToken === undefined ? {} : { paginationToken });
      seen.push(...page.results.map(({ value }) => value));
      paginationToken = page.paginationToken;
      pages += 1;
    } while (paginationToken !== undefined && pages < 20);
    expect(new Set(seen).size).toBe(seen.length);
    expect(paginationToken).toBeUndefined();
  });

  it('says what is wrong in words when the credential does not work', async () => {
    const { data } = await stack.n8n.rest('POST', '/rest/credentials', {
      name: 'Panther with a wrong token',
      type: 'pantherApi',
      data: { apiUrl: stack.addresses.panther.url, apiToken: 'simulated-wrong-token' },
    });
    await expect(
      search('searchTables', { credentials: { pantherApi: { id: data.id, name: data.name } } }),
    ).rejects.toThrow(/Panther did not accept the credential/);
  });
});

describe('what was chosen', () => {
  it('is the value of the field, from a list, by name, and as plain text of older workflows', async () => {
    const table = 'panther_logs.public.aws_cloudtrail';
    const schemas = await Promise.all(
      [{ __rl: true, mode: 'list', value: table }, { __rl: true, mode: 'name', value: '={{ $json.name }}' }, table].map(
        (value) => runNode({ resource: 'table', operation: 'getTableSchema', table: value }, [{ name: table }]),
      ),
    );
    for (const [item] of schemas) expect(item?.json.qualified_name).toBe(table);
  });

  it('may be the address of an alert in the console', async () => {
    const id = (await search('searchAlerts')).results[0]?.value;
    const address = `${new URL(stack.addresses.panther.url).origin}/alerts/${id}?tab=events`;
    const [item] = await runNode({
      resource: 'alert',
      operation: 'getAlert',
      alertId: { __rl: true, mode: 'url', value: address },
    });
    expect(JSON.stringify(item?.json)).toContain(id);
  });

  it.each([
    ['the Options of version 1', { options: { severities: ['HIGH'], limit: 1 } }, 1],
    ['the Filters of version 1.1', { filters: { severities: ['HIGH'] }, limit: 1 }, 1.1],
  ])('narrows a list from %s', async (_, parameters, version) => {
    const [item] = await runNode({ ...listAlerts, ...parameters }, [{}], version);
    const alerts = item?.json.alerts as { severity: string }[];
    expect(alerts.map(({ severity }) => severity)).toEqual(['HIGH']);
  });
});

describe('what comes out', () => {
  it('is the whole result unless something else is chosen', async () => {
    const [item] = await runNode({ ...listAlerts, limit: 2 });
    expect(Object.keys(item?.json ?? {})).toEqual(
      expect.arrayContaining(['alerts', 'count', 'complete', 'next', 'window']),
    );
    expect(item?.json.count).toBe(2);
  });

  it('is flat and without what is empty when simplified', async () => {
    const records = await runNode({
      ...listAlerts,
      limit: 3,
      options: { resultMode: 'simplified', splitIntoItems: true },
    });
    expect(records).toHaveLength(3);
    for (const { json } of records) {
      expect(json.id).toMatch(/^[0-9a-f]{32}$/);
      for (const value of Object.values(json)) {
        expect(value).not.toBeNull();
        expect(typeof value === 'object' && !Array.isArray(value)).toBe(false);
      }
    }
  });

  it('has the named fields only, when fields are selected', async () => {
    const records = await runNode({
      ...listAlerts,
      limit: 2,
      options: { resultMode: 'selected', resultFields: 'id, detection.id', splitIntoItems: true },
    });
    for (const { json } of records) {
      expect(Object.keys(json)).toEqual(['id', 'detection']);
      expect(Object.keys(json.detection as object)).toEqual(['id']);
    }
  });

  it('is every page with Return All', async () => {
    const json = (await runNode({ ...listAlerts, returnAll: true }))[0]?.json ?? {};
    const ids = (json.alerts as { id: string }[]).map(({ id }) => id);
    expect(json).toMatchObject({ complete: true, next: null, count: ids.length });
    expect(new Set(ids).size).toBe(ids.length);
    const [first] = await runNode({ ...listAlerts, limit: 3 });
    expect(first?.json).toMatchObject({ complete: false, count: 3 });
    expect(ids.length).toBeGreaterThan(3);
  });
});

describe('SQL', () => {
  const query = (sql: string, items: object[]) =>
    runNode({ resource: 'query', operation: 'executeSqlQuery', sql, options: { splitIntoItems: true } }, items);

  it.each([
    ['typed into the editor', "SELECT '{{ $json.word }}' AS word"],
    ['given by expression', "=SELECT '{{ $json.word }}' AS word"],
    ['given whole by expression', `={{ "SELECT '" + $json.word + "' AS word" }}`],
  ])('%s is filled in for each item, once: what data brings in stays text', async (_, sql) => {
    const items = [{ word: 'alpha' }, { word: 'beta' }, { word: 'gamma' }, { word: 'delta' }];
    const records = await query(sql, items);
    expect(records.map(({ json }) => Object.values(json)[0])).toEqual(items.map(({ word }) => word));
    expect(records.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_item, item) => ({ item })));
    // Evaluated a second time it would be 42.
    const [planted] = await query(sql, [{ word: '{{ 6 * 7 }}' }]);
    expect(Object.values(planted?.json ?? {})).toEqual(['{{ 6 * 7 }}']);
  });
});

describe('the credential', () => {
  let other: LocalServer;
  beforeAll(async () => {
    other = await listen((request, response) => {
      if (request.url?.startsWith('/page')) {
        return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
      }
      return answerJson(response, request.url?.startsWith('/forbidden') ? 403 : 404, { message: 'no' });
    });
  });
  afterAll(() => other?.close());

  const test = async (apiUrl: string, apiToken = stack.addresses.panther.token) => {
    const { data } = await stack.n8n.rest('POST', '/rest/credentials/test', {
      credentials: { id: 'soc-panther', name: 'Panther', type: 'pantherApi', data: { apiUrl, apiToken } },
    });
    return data as { status: string; message: string };
  };

  it.each(['', '/', '/public/graphql', '/public/graphql/'])('accepts the address that ends in "%s"', async (end) => {
    const base = stack.addresses.panther.url.replace(/\/public\/graphql$/, '');
    expect(await test(`${base}${end}`)).toMatchObject({ status: 'OK' });
  });

  it('says when the token is wrong', async () => {
    expect(await test(stack.addresses.panther.url, 'simulated-wrong-token')).toMatchObject({
      status: 'Error',
      message: expect.stringMatching(/did not accept the token|refused the token/),
    });
  });

  it.each([
    ['/page/v1', /^A web page answered instead of Panther's API/],
    ['/forbidden/v1', /^Panther refused the token/],
    ['/nothing/v1', /^Something else answered instead of Panther's API/],
  ])('says what answered at %s', async (path, message) => {
    expect(await test(`${other.url}${path}`)).toMatchObject({
      status: 'Error',
      message: expect.stringMatching(message),
    });
  });
});

const executablePath = browserPath();

(executablePath === undefined ? describe.skip : describe)('in the editor', () => {
  let browser: Browser;
  let page: Page;
  const pictures = () => join(stack.folder, 'pictures');

  beforeAll(async () => {
    mkdirSync(pictures(), { recursive: true });
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
    page = await browser.newPage({ viewport: { width: 1500, height: 1000 } });
    page.setDefaultTimeout(patienceMs);
    await page.goto(`${stack.n8n.url}/signin`);
    await page.fill('input[autocomplete="email"], input[name="emailOrLdapLoginId"], input[type="email"]', owner.email);
    await page.fill('input[type="password"]', owner.password);
    await page.click('button:has-text("Sign in")');
    await page.waitForURL((url) => !url.pathname.includes('signin'));
  });
  afterAll(() => browser?.close());

  /** Opens the panel of a Panther node with these parameters. */
  async function open(name: string, parameters: Record<string, unknown>): Promise<void> {
    const { id } = await stack.n8n.api('POST', '/workflows', {
      name: `editor ${name}`,
      settings: { executionOrder: 'v1' },
      nodes: [
        { id: 'panther', name: 'Panther SIEM', type, typeVersion: 1.1, position: [0, 0], credentials, parameters },
      ],
      connections: {},
    });
    await page.goto(`${stack.n8n.url}/workflow/${id}/panther`);
    await page.locator('[data-test-id="parameter-input-operation"]').first().waitFor();
    await page.screenshot({ path: join(pictures(), `${name}.png`) });
  }

  it('shows SQL in the SQL editor', async () => {
    await open('sql', {
      resource: 'query',
      operation: 'executeSqlQuery',
      sql: "SELECT eventName, count(*) AS events\nFROM panther_logs.public.aws_cloudtrail\nWHERE awsRegion = '{{ $json.region }}'\nGROUP BY eventName",
      options: {},
    });
    const editor = page.locator('[data-test-id="sql-editor-container"]');
    expect(await editor.textContent()).toContain('FROM panther_logs.public.aws_cloudtrail');
  });

  it('offers alerts to choose from', async () => {
    await open('alert', { resource: 'alert', operation: 'getAlert', options: {} });
    await page.locator('[data-test-id="resource-locator-alertId"] input').last().click();
    const items = page.locator('[data-test-id="rlc-item"]');
    await items.first().waitFor();
    await page.screenshot({ path: join(pictures(), 'alert-list.png') });
    expect(await items.count()).toBeGreaterThan(3);
    await items.first().click();
    await page.screenshot({ path: join(pictures(), 'alert-chosen.png') });
  });

  it('keeps filters apart from options', async () => {
    await open('filters', {
      ...listAlerts,
      filters: { severities: ['HIGH'], detectionId: { __rl: true, mode: 'id', value: 'AWS.CloudTrail.Stopped' } },
      options: { resultMode: 'selected', resultFields: 'id, title' },
    });
    for (const label of ['Return All', 'Limit', 'Filters', 'Detection ID', 'Result Mode', 'Selected Fields']) {
      await expect(page.getByText(label, { exact: true }).count()).resolves.toBeGreaterThan(0);
    }
  });
});
