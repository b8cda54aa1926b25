import { SAMPLE_RULES } from '../../../sandbox/src/panther/sample-rules';
import { createPanther, type Panther } from '../../../sandbox/src/panther/server';
import { openTenant, type Tenant } from '../../../sandbox/src/panther/tenant';
import type { ServiceHandler } from '../../../sandbox/src/service';
import { type Answer, ask } from './ask';
import { BASE_TIME } from './panther-lake';

const TOKEN = 'a-token';
const OPTIONS = { seed: 7, baseTime: BASE_TIME, clock: () => BASE_TIME, days: 8 };
let tenant: Tenant;
let panther: Panther;
beforeAll(async () => {
  tenant = await openTenant(OPTIONS);
});
beforeEach(() => {
  panther = createPanther({
    lake: tenant.lake,
    seed: 7,
    token: TOKEN,
    clock: () => BASE_TIME,
    alerts: tenant.alerts,
    rules: SAMPLE_RULES,
  });
});
afterAll(() => tenant.lake.close());

const headers = { 'x-api-key': TOKEN, 'content-type': 'application/json' };
const rest = (target: string, method = 'GET', body?: unknown): Promise<Answer> =>
  ask(panther.handler, target, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
const graphql = (query: string, variables: object = {}, handler: ServiceHandler = panther.handler): Promise<Answer> =>
  ask(handler, '/public/graphql', { headers, body: JSON.stringify({ query, variables }) });

const EXECUTE = 'mutation Run($input: ExecuteDataLakeQueryInput!) { executeDataLakeQuery(input: $input) { id } }';
const POLL = `query Poll($id: ID!, $page: DataLakeQueryResultsInput) { dataLakeQuery(id: $id) { id status message completedAt
  results(input: $page) { edges { node } pageInfo { hasNextPage hasPreviousPage endCursor } columnInfo { order types }
  stats { bytesScanned executionTime rowCount } tryAgain } } }`;
const run = async (sql: string): Promise<string> =>
  (await graphql(EXECUTE, { input: { sql } })).json.data.executeDataLakeQuery.id;
const poll = async (id: string, page: object = {}) => (await graphql(POLL, { id, page })).json;
const finish = async (sql: string, page: object = {}) => {
  const id = await run(sql);
  await poll(id);
  return { id, ...(await poll(id, page)).data.dataLakeQuery };
};

describe('who may ask', () => {
  test.each(['/public/graphql', '/v1/public/graphql', '/alerts', '/v1/alerts'])(
    '%s wants the token in X-API-Key',
    async (target) => {
      for (const wrong of [{}, { 'x-api-key': 'wrong' }, { authorization: `Bearer ${TOKEN}` }] as Record<
        string,
        string
      >[]) {
        expect((await ask(panther.handler, target, { headers: wrong })).status).toBe(401);
      }
    },
  );

  test('both APIs answer below /v1 as well', async () => {
    const query = JSON.stringify({ query: '{ generalSettings { pantherVersion } }' });
    const answer = await ask(panther.handler, '/v1/public/graphql', { headers, body: query });
    expect(answer.json.data.generalSettings.pantherVersion).toContain('simulated');
    expect((await rest('/v1/api-tokens/self')).json.permissions).toContain('DataAnalyticsRead');
  });

  test('a missing permission is a 403 in one of two shapes', async () => {
    panther.settings.permissions = ['RuleRead'];
    const refused = await graphql(EXECUTE, { input: { sql: 'SELECT 1' } });
    expect([refused.status, refused.json]).toEqual([403, { error: 'forbidden' }]);
    const rested = await rest('/alerts');
    expect([rested.status, rested.json]).toEqual([403, { message: 'token lacks the permission AlertRead' }]);
    expect((await rest('/rules')).status).toBe(200);
    expect((await rest('/api-tokens/self')).json.permissions).toEqual(['RuleRead']);
  });
});

describe('life of a query', () => {
  test('running with null results for as many polls as set, then succeeded', async () => {
    panther.settings.runningPolls = 2;
    const id = await run('SELECT 1 AS one');
    for (let i = 0; i < 2; i += 1)
      expect((await poll(id)).data.dataLakeQuery).toMatchObject({
        status: 'running',
        results: null,
        completedAt: null,
        message: '',
      });
    const done = (await poll(id)).data.dataLakeQuery;
    expect(done).toMatchObject({
      status: 'succeeded',
      results: {
        edges: [{ node: { one: 1 } }],
        columnInfo: { order: ['one'], types: { one: 'NUMBER' } },
        stats: { rowCount: 1 },
        tryAgain: false,
      },
    });
  });

  test('a failure is no API error: the text stands in the message', async () => {
    const done = await finish('SELECT * FROM panther_logs.public.x');
    expect(done).toMatchObject({
      status: 'failed',
      results: null,
      message: "SQL compilation error:\nObject 'PANTHER_LOGS.PUBLIC.X' does not exist or not authorized.",
    });
  });

  test('a result that is too large fails', async () => {
    panther.settings.maxResultBytes = 10_000;
    expect(await finish('SELECT * FROM aws_cloudtrail')).toMatchObject({
      status: 'failed',
      message: 'result size exceeded',
    });
  });

  test('cancelled while running; a finished one stays as it is', async () => {
    const id = await run('SELECT 1');
    expect(
      (await graphql('mutation($id: ID!) { cancelDataLakeQuery(input: {id: $id}) { id } }', { id })).json.data
        .cancelDataLakeQuery.id,
    ).toBe(id);
    expect((await poll(id)).data.dataLakeQuery).toMatchObject({ status: 'cancelled', results: null });
    const done = await finish('SELECT 1');
    await graphql('mutation($id: ID!) { cancelDataLakeQuery(input: {id: $id}) { id } }', { id: done.id });
    expect((await poll(done.id)).data.dataLakeQuery.status).toBe('succeeded');
  });

  test('tryAgain is said once, with an empty page', async () => {
    panther.settings.tryAgainOnce = true;
    const done = await finish('SELECT 1 AS one');
    expect(done.results).toMatchObject({ tryAgain: true, edges: [] });
    expect((await poll(done.id)).data.dataLakeQuery.results).toMatchObject({
      tryAgain: false,
      edges: [{ node: { one: 1 } }],
    });
  });

  test('an unknown id is an error without a null query', async () => {
    const answer = await poll('nope');
    expect(answer.errors[0].message).toContain('not found');
    expect(answer.data).toBeNull();
  });

  test('the same requests after a reset give the same ids, times and sizes', async () => {
    const sql = "SELECT eventName, COUNT(*) n FROM aws_cloudtrail WHERE p_occurs_since('1 d') GROUP BY 1 ORDER BY 1";
    const first = await finish(sql);
    panther.reset();
    expect(await finish(sql)).toEqual(first);
    expect(first.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first.results.stats.bytesScanned).toBeGreaterThan(100_000);
  });

  test('history lists queries newest first, filtered by status and text', async () => {
    await finish('SELECT 1 AS first');
    await finish('SELECT nope');
    const list = async (input: object) =>
      (
        await graphql(
          'query($input: DataLakeQueriesInput) { dataLakeQueries(input: $input) { edges { node { sql status } } pageInfo { hasNextPage endCursor } } }',
          { input },
        )
      ).json.data.dataLakeQueries;
    expect((await list({})).edges.map((edge: { node: object }) => edge.node)).toEqual([
      { sql: 'SELECT nope', status: 'failed' },
      { sql: 'SELECT 1 AS first', status: 'succeeded' },
    ]);
    expect((await list({ status: ['succeeded'] })).edges).toHaveLength(1);
    expect((await list({ pageSize: 1 })).pageInfo.hasNextPage).toBe(true);
  });
});

describe('pages of results', () => {
  const sql = 'SELECT p_row_id FROM aws_cloudtrail ORDER BY p_row_id LIMIT 2500';

  test('every row once over all pages, and the true total on each', async () => {
    const done = await finish(sql);
    const ids: string[] = [];
    let page = done.results;
    for (let pages = 1; ; pages += 1) {
      expect(page.stats.rowCount).toBe(2500);
      expect(page.edges.length).toBeLessThanOrEqual(999);
      ids.push(...page.edges.map((edge: { node: { p_row_id: string } }) => edge.node.p_row_id));
      if (!page.pageInfo.hasNextPage) break;
      expect(pages).toBeLessThan(4);
      page = (await poll(done.id, { cursor: page.pageInfo.endCursor })).data.dataLakeQuery.results;
    }
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).toHaveLength(2500);
    expect(page.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true, endCursor: null });
  });

  test('a cursor serves its own query only, even of equal SQL', async () => {
    const one = await finish(sql, { pageSize: 10 });
    const two = await finish(sql, { pageSize: 10 });
    const answer = await poll(two.id, { pageSize: 10, cursor: one.results.pageInfo.endCursor });
    expect(answer.errors[0].message).toBe('invalid cursor for this query');
    expect((await poll(two.id, { cursor: 'rubbish' })).errors[0].message).toBe('invalid cursor for this query');
  });

  test.each([0, 1000])('pageSize %d is refused', async (pageSize) => {
    const done = await finish('SELECT 1');
    expect((await poll(done.id, { pageSize })).errors[0].message).toBe(
      `pageSize must be between 1 and 999, got ${pageSize}`,
    );
  });
});

describe('GraphQL', () => {
  test('unknown fields are validation errors with their code', async () => {
    const answer = await graphql('{ dataLakeDatabases { name colour } }');
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0]).toMatchObject({
      message: expect.stringContaining('colour'),
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
    expect((await graphql('{ dataLakeDatabases {')).json.errors[0].extensions.code).toBe('GRAPHQL_PARSE_FAILED');
    expect((await graphql(EXECUTE, { input: {} })).status).toBe(400);
  });

  test('the catalogue names what the lake has', async () => {
    const { json } = await graphql('{ dataLakeDatabases { name tables { name logType columns { name type } } } }');
    for (const database of json.data.dataLakeDatabases) {
      for (const table of database.tables) {
        const columns = table.columns.map(({ name }: { name: string }) => name);
        const { columns: found } = await tenant.lake.run(`SELECT * FROM ${database.name}.public.${table.name} LIMIT 0`);
        expect(found.map(({ name }) => name)).toEqual(columns);
      }
    }
    const one = await graphql(
      'query($input: DataLakeDatabaseTableInput!) { dataLakeDatabaseTable(input: $input) { displayName } }',
      { input: { databaseName: 'panther_logs.public', tableName: 'AWS_CLOUDTRAIL' } },
    );
    expect(one.json.data.dataLakeDatabaseTable.displayName).toBe('AWS.CloudTrail');
  });

  test('tables come in pages', async () => {
    const tables = async (cursor?: string) =>
      (
        await graphql(
          'query($input: DataLakeDatabaseTablesInput!) { dataLakeDatabaseTables(input: $input) { edges { node { name } } pageInfo { hasNextPage endCursor } } }',
          { input: { databaseName: 'panther_views', pageSize: 1, cursor } },
        )
      ).json.data.dataLakeDatabaseTables;
    const first = await tables();
    const second = await tables(first.pageInfo.endCursor);
    expect(
      [first, second].flatMap((page) => page.edges.map((edge: { node: { name: string } }) => edge.node.name)),
    ).toEqual(['all_logs', 'all_rule_matches']);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  test('indicator search runs as a query of its own', async () => {
    const { json } = await graphql(
      'mutation($input: ExecuteIndicatorSearchQueryInput!) { executeIndicatorSearchQuery(input: $input) { id } }',
      {
        input: { indicators: ['192.0.2.66'], startTime: '2026-03-18T11:00:00Z', endTime: '2026-03-18T12:00:00Z' },
      },
    );
    const { id } = json.data.executeIndicatorSearchQuery;
    await poll(id);
    expect((await poll(id)).data.dataLakeQuery.results.stats.rowCount).toBe(27);
  });

  test('alerts need both dates; their cursor is full of quotes and works as a variable', async () => {
    const list = (input: object) =>
      graphql(
        'query($input: AlertsInput!) { alerts(input: $input) { edges { node { id createdAt } } pageInfo { hasNextPage endCursor } } }',
        { input },
      );
    expect((await list({ createdAtAfter: '2026-03-01T00:00:00Z' })).json.errors[0].message).toContain('required');
    const dates = { createdAtAfter: '2026-03-01T00:00:00Z', createdAtBefore: '2026-03-19T00:00:00Z', pageSize: 5 };
    const first = (await list(dates)).json.data.alerts;
    expect(first.pageInfo.endCursor).toMatch(/^\{.*\\".*\}$/);
    const second = (await list({ ...dates, cursor: first.pageInfo.endCursor })).json.data.alerts;
    const nodes = [...first.edges, ...second.edges].map((edge: { node: { createdAt: string } }) => edge.node);
    expect(new Set(nodes.map((node) => JSON.stringify(node))).size).toBe(10);
    expect(nodes.map(({ createdAt }) => createdAt)).toEqual(
      nodes
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse(),
    );
  });

  test('one alert with its events, status and comment', async () => {
    const id = tenant.sampleAlert?.id;
    const read = await graphql(
      'query($id: ID!) { alert(id: $id) { id severity status origin { ... on Detection { id name } } events { edges { node } } } }',
      { id },
    );
    expect(read.json.data.alert).toMatchObject({
      id,
      severity: 'HIGH',
      status: 'OPEN',
      origin: { id: 'AWS.CloudTrail.Stopped' },
    });
    expect(read.json.data.alert.events.edges[0].node).toMatchObject({
      eventName: 'StopLogging',
      p_event_time: '2026-03-18 11:40:00.000',
    });
    const written = await graphql(
      'mutation($ids: [ID!]!, $id: ID!) { updateAlertStatusById(input: {ids: $ids, status: TRIAGED}) { alerts { status updatedAt } } createAlertComment(input: {alertId: $id, body: "seen"}) { comment { body format entity { ... on Alert { id } } createdBy { __typename } } } }',
      { ids: [id], id },
    );
    expect(written.json.data.updateAlertStatusById.alerts).toEqual([
      { status: 'TRIAGED', updatedAt: BASE_TIME.toISOString() },
    ]);
    expect(written.json.data.createAlertComment.comment).toEqual({
      body: 'seen',
      format: 'PLAIN_TEXT',
      entity: { id },
      createdBy: { __typename: 'APIToken' },
    });
    expect((await rest(`/alert-comments?alert-id=${id}`)).json.results).toHaveLength(1);
    panther.reset();
    expect((await rest(`/alerts/${id}`)).json.status).toBe('OPEN');
  });
});

describe('REST', () => {
  test('alerts come at most 50 at a time, and every one once', async () => {
    expect((await rest('/alerts?limit=51')).status).toBe(400);
    const ids: string[] = [];
    let target = '/alerts?limit=50&created-after=2026-01';
    for (;;) {
      const { json } = await rest(target);
      ids.push(...json.results.map(({ id }: { id: string }) => id));
      if (!json.next) break;
      target = `/alerts?limit=50&created-after=2026-01&cursor=${encodeURIComponent(json.next)}`;
    }
    expect(new Set(ids).size).toBe(tenant.alerts.length);
    expect(ids).toHaveLength(tenant.alerts.length);
  });

  test('filters repeat their key', async () => {
    const { json } = await rest('/alerts?severity=HIGH&severity=MEDIUM&created-after=1772323200&sort-dir=asc');
    expect(new Set(json.results.map(({ severity }: { severity: string }) => severity))).toEqual(
      new Set(['HIGH', 'MEDIUM']),
    );
  });

  test('a bulk change answers 204, and changes nothing when one id is unknown', async () => {
    const [one, two] = tenant.alerts;
    const answer = await rest('/alerts', 'PATCH', {
      ids: [one?.id, two?.id],
      status: 'RESOLVED',
      quality: 'NOISE',
      contextTags: ['known-change'],
    });
    expect(answer.status).toBe(204);
    expect((await rest(`/alerts/${one?.id}`)).json).toMatchObject({
      status: 'RESOLVED',
      quality: 'NOISE',
      contextTags: ['known-change'],
    });
    expect((await rest('/alerts', 'PATCH', { ids: [one?.id, 'nope'], status: 'OPEN' })).status).toBe(404);
    expect((await rest(`/alerts/${one?.id}`)).json.status).toBe('RESOLVED');
  });

  test.each([
    ['PATCH', '/alerts', { status: 'OPEN' }, 'ids is required'],
    ['PATCH', '/alerts', { ids: ['x'], status: 'DONE' }, 'invalid status: DONE'],
    ['PATCH', '/alerts', { ids: ['x'], contextTags: ['Not Valid'] }, 'invalid contextTags: Not Valid'],
    ['POST', '/alert-comments', { alertId: 'x', body: 'y' }, 'format is required'],
    ['GET', '/alert-comments', undefined, 'alert-id is required'],
    ['GET', '/users?limit=61', undefined, 'limit must be between 1 and 60'],
  ])('%s %s refuses %j', async (method, target, body, message) => {
    const answer = await rest(target, method, body);
    expect([answer.status, answer.json]).toEqual([400, { message }]);
  });

  test('users, rules and what is not there', async () => {
    expect((await rest('/users')).json.results[0].email).toBe('eva.novak@simulated-corp.example');
    expect((await rest('/rules?name-contains=cloudtrail')).json.results).toHaveLength(2);
    expect((await rest('/rules/AWS.CloudTrail.Stopped')).json.displayName).toBe('CloudTrail stopped or deleted');
    for (const target of ['/rules/Nope', '/alerts/ffff', '/nope', '/users/1'])
      expect((await rest(target)).status).toBe(404);
  });
});

test('requests are recorded with operation and SQL, without the token', async () => {
  await run('SELECT 42');
  expect(panther.requests.at(-1)).toMatchObject({
    method: 'POST',
    path: '/public/graphql',
    operation: 'Run',
    sql: 'SELECT 42',
  });
  expect(JSON.stringify(panther.requests)).not.toContain(TOKEN);
});

describe('the generated tenant', () => {
  test('is the same for the same seed and moment', async () => {
    const again = await openTenant(OPTIONS);
    expect(again.alerts).toEqual(tenant.alerts);
    again.lake.close();
  });

  test('the sample alert names what the intrusion left, and fits its webhook form', () => {
    expect(tenant.sampleAlert).toMatchObject({
      severity: 'HIGH',
      source: 'panther',
      timestamp: '2026-03-18T11:40:00.000Z',
      simulated: true,
    });
    expect(tenant.sampleAlert?.indicators).toEqual(
      expect.arrayContaining([
        { type: 'user_name', value: 'tomas.becker' },
        { type: 'ip', value: '192.0.2.66' },
        { type: 'access_key', value: 'AKIASIMULATEDTOMAS01' },
      ]),
    );
    expect(Object.keys(tenant.sampleAlerts.webhook ?? {}).sort()).toEqual([
      'alertContext',
      'alertId',
      'createdAt',
      'description',
      'id',
      'link',
      'name',
      'runbook',
      'severity',
      'tags',
      'title',
      'type',
      'version',
    ]);
    expect(tenant.sampleAlerts.webhook).toMatchObject({
      id: 'AWS.CloudTrail.Stopped',
      alertId: tenant.sampleAlert?.id,
    });
    expect(tenant.sampleAlerts.benign?.title).toContain('ci-terraform');
  });
});
