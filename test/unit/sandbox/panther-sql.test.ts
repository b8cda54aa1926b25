import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { cloudtrailFolder } from '../../support/labelled-data';
import { BASE_TIME, type FilledLake, lakeOf, sampleLake } from './panther-lake';

let filled: FilledLake;
let events: JsonObject[];
beforeAll(async () => {
  filled = await sampleLake();
  events = filled.events;
});
afterAll(() => filled.lake.close());

const LOGS = 'panther_logs.public.aws_cloudtrail';
const identity = (event: JsonObject): JsonObject => (event.userIdentity ?? {}) as JsonObject;
const issuer = (event: JsonObject): JsonObject =>
  ((identity(event).sessionContext as JsonObject)?.sessionIssuer ?? {}) as JsonObject;
const request = (event: JsonObject): JsonObject => (event.requestParameters ?? {}) as JsonObject;
const time = (event: JsonObject): number => Date.parse(String(event.eventTime));
const shown = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, -1);
const countWhere = (test: (event: JsonObject) => boolean): number => events.filter(test).length;
const count = async (where: string): Promise<unknown> =>
  (await filled.rows(`SELECT COUNT(*) AS n FROM ${LOGS} t WHERE ${where}`))[0]?.n;

function grouped<T>(key: (event: JsonObject) => T): Map<T, JsonObject[]> {
  const groups = new Map<T, JsonObject[]>();
  for (const event of events) groups.set(key(event), [...(groups.get(key(event)) ?? []), event]);
  return groups;
}

describe('paths and casts', () => {
  test.each<[string, (event: JsonObject) => boolean]>([
    ["userIdentity:userName = 'tomas.becker'", (e) => identity(e).userName === 'tomas.becker'],
    [
      "t.userIdentity:userName::string <> 'tomas.becker'",
      (e) => identity(e).userName !== undefined && identity(e).userName !== 'tomas.becker',
    ],
    [
      "userIdentity:sessionContext.sessionIssuer.userName IN ('ci-terraform', 'payments-api')",
      (e) => ['ci-terraform', 'payments-api'].includes(String(issuer(e).userName)),
    ],
    [
      "userIdentity:\"sessionContext\":sessionIssuer['userName'] ILIKE '%TERRAFORM'",
      (e) => String(issuer(e).userName).endsWith('terraform'),
    ],
    [
      "'ci-terraform' = userIdentity:sessionContext.sessionIssuer.userName",
      (e) => issuer(e).userName === 'ci-terraform',
    ],
    ['requestParameters:maxResults > 60', (e) => Number(request(e).maxResults) > 60],
    ["requestParameters:maxResults = '100'", (e) => request(e).maxResults === 100],
    ['requestParameters:maxResults::int BETWEEN 50 AND 100', (e) => [50, 100].includes(Number(request(e).maxResults))],
    [
      "requestParameters:ipPermissions.items[0].ipRanges.items[0]:cidrIp = '0.0.0.0/0'",
      (e) => JSON.stringify(request(e)).includes('0.0.0.0/0'),
    ],
    [
      "GET_PATH(requestParameters, 'ipPermissions.items[0].fromPort') = 22",
      (e) => JSON.stringify(request(e)).includes('"fromPort":22'),
    ],
    [
      "LOWER(requestParameters) LIKE '%administratoraccess%'",
      (e) => JSON.stringify(request(e)).includes('AdministratorAccess'),
    ],
    ['requestParameters:enableLogFileValidation = FALSE', (e) => request(e).enableLogFileValidation === false],
    ['readOnly = true AND errorCode IS NOT NULL', (e) => e.readOnly === true && e.errorCode !== undefined],
    ['TRY_CAST(requestParameters:maxResults AS INT) IS NULL', (e) => request(e).maxResults === undefined],
  ])('%s', async (where, test) => {
    expect(countWhere(test)).toBeGreaterThan(0);
    expect(await count(where)).toBe(countWhere(test));
  });

  test('a missing or mistyped path is NULL, not an error', async () => {
    expect(await count('userIdentity:userName.deeper:still IS NOT NULL OR requestParameters[3] IS NOT NULL')).toBe(0);
  });
});

describe('time', () => {
  const since =
    (minutes: number) =>
    (event: JsonObject): boolean =>
      time(event) >= BASE_TIME.getTime() - minutes * 60_000;
  test.each<[string, (event: JsonObject) => boolean]>([
    ["p_occurs_since('1 h')", since(60)],
    ['p_occurs_since(90m)', since(90)],
    ["p_occurs_since('2 weeks')", since(14 * 24 * 60)],
    ['p_occurs_since(3600)', since(60)],
    ["p_occurs_since('6 hrs', t)", since(360)],
    ["p_occurs_since('1d', , eventTime)", since(1440)],
    ["p_occurs_since(1d, 't', 'eventTime')", since(1440)],
    [
      "p_occurs_between('2026-03-17', '2026-03-17T06:00:00Z')",
      (e) => String(e.eventTime) >= '2026-03-17' && String(e.eventTime) <= '2026-03-17T06:00:00Z',
    ],
    [
      "p_occurs_between(DATEADD(day, -2, CURRENT_TIMESTAMP()), CURRENT_TIMESTAMP() - INTERVAL '1 day', t)",
      (e) => since(2880)(e) && time(e) <= BASE_TIME.getTime() - 86_400_000,
    ],
    [
      "p_occurs_around('2026-03-18T11:40:00Z', '5 m')",
      (e) => Math.abs(time(e) - Date.parse('2026-03-18T11:40:00Z')) <= 300_000,
    ],
    [
      "p_occurs_after('2026-03-18') AND p_occurs_before('2026-03-18 06:00:00')",
      (e) => String(e.eventTime) >= '2026-03-18' && String(e.eventTime) <= '2026-03-18T06:00:00Z',
    ],
    [
      "p_event_time > p_current_timestamp() - INTERVAL '1 day, 2 hours'",
      (e) => time(e) > BASE_TIME.getTime() - 26 * 3_600_000,
    ],
    ["p_event_time::date = '2026-03-16'", (e) => String(e.eventTime).startsWith('2026-03-16')],
    [
      "DATEDIFF('hour', p_event_time, CURRENT_TIMESTAMP) = 3",
      (e) => Math.floor(BASE_TIME.getTime() / 3_600_000) - Math.floor(time(e) / 3_600_000) === 3,
    ],
    ['HOUR(p_event_time) = 9', (e) => new Date(time(e)).getUTCHours() === 9],
    ['DATE_PART(epoch_second, p_event_time) % 2 = 0', (e) => (time(e) / 1000) % 2 === 0],
  ])('%s', async (where, test) => {
    expect(countWhere(test)).toBeGreaterThan(0);
    expect(await count(where)).toBe(countWhere(test));
  });

  test('timestamps come back as Panther writes them', async () => {
    const [row] = await filled.rows(
      `SELECT MIN(p_event_time) a, DATE_TRUNC('hour', MIN(p_event_time)) b, TO_VARCHAR(MIN(p_event_time), 'YYYY-MM-DD HH24:MI') c, DATEADD(minute, -90, MIN(p_event_time)) d FROM ${LOGS}`,
    );
    const first = Math.min(...events.map(time));
    expect(row).toEqual({
      a: shown(first),
      b: shown(Math.floor(first / 3_600_000) * 3_600_000),
      c: shown(first).slice(0, 16),
      d: shown(first - 90 * 60_000),
    });
  });

  test('an offset that is none fails with the macro named', async () => {
    expect(await filled.failure(`SELECT 1 FROM ${LOGS} WHERE p_occurs_since('soon')`)).toBe(
      "p_occurs_since: 'soon' is not a time offset such as '1 d' or '90 m'",
    );
  });
});

describe('aggregates and tables', () => {
  test('group, count and order by a path', async () => {
    const rows = await filled.rows(
      `SELECT userIdentity:userName, COUNT(*) n FROM ${LOGS} WHERE userIdentity:userName IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    const groups = grouped((event) => identity(event).userName);
    groups.delete(undefined);
    const expected = [...groups]
      .map(([name, of]) => [name, of.length])
      .sort((a, b) => String(a[0]).localeCompare(String(b[0])));
    expect(rows.map((row) => Object.values(row))).toEqual(expected);
  });

  test('COUNT DISTINCT, COUNT_IF, IFF, LISTAGG and ARRAY_AGG', async () => {
    const [row] = await filled.rows(
      `SELECT COUNT(DISTINCT userIdentity:userName) names, COUNT_IF(errorCode IS NOT NULL) errors, IFF(COUNT(*) > 5, 'many', 'few') size,
        LISTAGG(DISTINCT userIdentity:type, ', ') WITHIN GROUP (ORDER BY userIdentity:type) types,
        ARRAY_AGG(DISTINCT awsRegion) WITHIN GROUP (ORDER BY awsRegion DESC) regions,
        OBJECT_CONSTRUCT('region', MIN(awsRegion), 'none', NULL, 'count', COUNT(*)) summary FROM ${LOGS}`,
    );
    const distinct = (of: (event: JsonObject) => unknown): string[] =>
      [...new Set(events.map(of).filter((value) => value !== undefined))].map(String).sort();
    expect(row).toEqual({
      names: distinct((event) => identity(event).userName).length,
      errors: countWhere((event) => event.errorCode !== undefined),
      size: 'many',
      types: distinct((event) => identity(event).type).join(', '),
      regions: distinct((event) => event.awsRegion).reverse(),
      summary: { region: distinct((event) => event.awsRegion)[0], count: events.length },
    });
  });

  test('QUALIFY picks the latest event of each address', async () => {
    const rows = await filled.rows(
      `SELECT sourceIPAddress ip, p_event_time at FROM ${LOGS} QUALIFY ROW_NUMBER() OVER (PARTITION BY sourceIPAddress ORDER BY p_event_time DESC) = 1 ORDER BY ip`,
    );
    const expected = [...grouped((event) => String(event.sourceIPAddress))].map(([ip, of]) => ({
      ip,
      at: shown(Math.max(...of.map(time))),
    }));
    expect(rows).toEqual(expected.sort((a, b) => (a.ip < b.ip ? -1 : 1)));
  });

  test('ARRAY_CONTAINS and FLATTEN over an indicator list', async () => {
    const expected = countWhere((event) => event.sourceIPAddress === '192.0.2.66');
    expect(await count("ARRAY_CONTAINS('192.0.2.66'::VARIANT, p_any_ip_addresses)")).toBe(expected);
    const rows = await filled.rows(
      `SELECT f.value::string AS ip, f.index i, COUNT(*) n FROM ${LOGS} t, LATERAL FLATTEN(input => t.p_any_ip_addresses) f WHERE f.value = '192.0.2.66' GROUP BY 1, 2`,
    );
    expect(rows).toEqual([{ ip: '192.0.2.66', i: 0, n: expected }]);
  });

  test('FLATTEN over an object gives its keys; OUTER keeps rows without any', async () => {
    const [event] = events as [JsonObject];
    const rows = await filled.rows(
      `SELECT f.key, f.value FROM ${LOGS}, TABLE(FLATTEN(userIdentity)) f WHERE eventID = '${event.eventID}' AND f.key IN ('type', 'arn') ORDER BY f.key`,
    );
    expect(rows).toEqual([
      { key: 'arn', value: identity(event).arn },
      { key: 'type', value: identity(event).type },
    ]);
    const outer = await filled.rows(
      `SELECT COUNT(*) n FROM ${LOGS} t, LATERAL FLATTEN(input => t.resources, outer => true) f`,
    );
    expect(outer).toEqual([{ n: events.length }]);
  });

  test('CTEs, aliases of paths and joins', async () => {
    const rows = await filled.rows(
      `WITH keys AS (SELECT userIdentity:accessKeyId AS key, requestParameters AS params FROM ${LOGS} WHERE eventName = 'CreateAccessKey')
       SELECT params:userName AS who FROM keys JOIN ${LOGS} b ON keys.key = b.userIdentity:accessKeyId AND b.eventName = 'StopLogging' -- the intruder`,
    );
    expect(rows).toEqual([{ who: 'svc-backup-legacy' }]);
  });

  test('unqualified, quoted and other databases', async () => {
    const all = [{ n: events.length }];
    expect(await filled.rows('SELECT COUNT(*) n FROM aws_cloudtrail')).toEqual(all);
    expect(await filled.rows('SELECT COUNT(*) n FROM aws_cloudtrail', 'panther_logs.public')).toEqual(all);
    expect(await filled.rows('SELECT COUNT(*) n FROM "panther_logs"."public"."aws_cloudtrail";')).toEqual(all);
    expect(
      await filled.rows("SELECT COUNT(*) n FROM all_logs WHERE p_log_type = 'AWS.CloudTrail'", 'panther_views'),
    ).toEqual(all);
  });
});

describe('shape of results', () => {
  test('bare columns in the case of the catalogue, aliases as written, the rest by their text', async () => {
    const result = await filled.lake.run(
      `SELECT EVENTNAME, t.awsregion, userIdentity:type::string, count( * ), 'a' AS "My Alias", 1 myNumber FROM ${LOGS} t GROUP BY 1, 2, 3 LIMIT 1`,
    );
    expect(result.columns.map(({ name }) => name)).toEqual([
      'eventName',
      'awsRegion',
      'USERIDENTITY:TYPE::STRING',
      'COUNT( * )',
      'My Alias',
      'myNumber',
    ]);
    expect(result.columns.map(({ type }) => type)).toEqual([
      'VARCHAR',
      'VARCHAR',
      'VARCHAR',
      'NUMBER',
      'VARCHAR',
      'NUMBER',
    ]);
  });

  test('JSON stays JSON, and whole numbers beyond 2^53 become text', async () => {
    const [row] = await filled.rows(
      `SELECT PARSE_JSON('{"a":[1,2.5,"x",true,null],"big":9007199254740993}') j, 9007199254740993 big, 9007199254740991 safe, 7::number(5,2) d, 1/2 half, TRUE yes, NULL nothing`,
    );
    expect(row).toEqual({
      j: { a: [1, 2.5, 'x', true, null], big: '9007199254740993' },
      big: '9007199254740993',
      safe: 9007199254740991,
      d: 7,
      half: 0.5,
      yes: true,
      nothing: null,
    });
  });

  test('string escapes and dollar strings', async () => {
    expect(
      await filled.rows(`SELECT 'it''s \\'so\\'' a, 'back\\\\slash' b, $$a'b\\c$$ c, 'a.b' RLIKE 'a\\\\.b' d`),
    ).toEqual([{ a: "it's 'so'", b: 'back\\slash', c: "a'b\\c", d: true }]);
  });
});

describe('failures', () => {
  const compile = (text: string): string => `SQL compilation error:\n${text}`;
  test.each<[string, string]>([
    [
      'SELECT * FROM panther_logs.public.auth0_events',
      compile("Object 'PANTHER_LOGS.PUBLIC.AUTH0_EVENTS' does not exist or not authorized."),
    ],
    ['SELECT * FROM nope', compile("Object 'PANTHER_LOGS.PUBLIC.NOPE' does not exist or not authorized.")],
    ['SELECT * FROM no_database.public.x', compile("Database 'NO_DATABASE' does not exist or not authorized.")],
    ['SELECT foo FROM aws_cloudtrail', compile("invalid identifier 'FOO'")],
    ['SELECT t.foo FROM aws_cloudtrail t', compile("invalid identifier 'T.FOO'")],
    ['SELECT x.eventName FROM aws_cloudtrail t', compile("invalid identifier 'X.EVENTNAME'")],
    ['SELECT userIdentity.arn FROM aws_cloudtrail', compile("invalid identifier 'USERIDENTITY.ARN'")],
    ['SELECT t.userIdentity.arn FROM aws_cloudtrail t', compile("invalid identifier 'T.USERIDENTITY.ARN'")],
    ['EXPLAIN SELECT foo FROM aws_cloudtrail', compile("invalid identifier 'FOO'")],
    ['SELECT eventName FROM FROM aws_cloudtrail', compile("syntax error line 1 at position 22 unexpected 'FROM'.")],
    ['SELECT eventName\nFROM aws_cloudtrail\nWHERE )', compile("syntax error line 3 at position 6 unexpected ')'.")],
    ['SELEC 1', compile("syntax error line 1 at position 0 unexpected 'SELEC'.")],
    ['SELECT count(*', compile("syntax error line 1 at position 14 unexpected '<EOF>'.")],
    ['', compile("syntax error line 1 at position 0 unexpected '<EOF>'.")],
    ['SELECT no_such_function(1)', compile('Unknown function NO_SUCH_FUNCTION')],
    [
      'SELECT eventName, COUNT(*) FROM aws_cloudtrail',
      compile("'EVENTNAME' in select clause is neither an aggregate nor in the group by clause."),
    ],
    ["SELECT 'x'::timestamp", "Timestamp 'x' is not recognized"],
    ['SELECT 1; SELECT 2', 'Actual statement count 2 did not match the desired statement count 1.'],
    ['-- pragma: pantherflow\npanther_logs.public.aws_cloudtrail', 'PantherFlow is not supported over the API.'],
  ])('%s', async (sql, text) => {
    expect(await filled.failure(sql)).toBe(text);
  });

  test.each([
    'DELETE FROM panther_logs.public.aws_cloudtrail',
    'drop table aws_cloudtrail',
    'INSERT INTO aws_cloudtrail SELECT * FROM aws_cloudtrail',
    'CREATE TABLE x AS SELECT 1',
    'WITH x AS (SELECT 1) DELETE FROM aws_cloudtrail',
    "COPY aws_cloudtrail TO '/tmp/x'",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM '/etc/hostname.csv'",
    'CALL system$wait(1)',
    'EXPLAIN DROP TABLE aws_cloudtrail',
  ])('only reads: %s', async (sql) => {
    expect(await filled.failure(sql)).toMatch(/access control error|syntax error|does not exist or not authorized/);
    expect(await filled.rows('SELECT COUNT(*) n FROM aws_cloudtrail')).toEqual([{ n: events.length }]);
  });

  test('EXPLAIN compiles without reading', async () => {
    const result = await filled.lake.run('EXPLAIN SELECT eventName FROM aws_cloudtrail;');
    expect(result.scanned).toEqual({ rows: 0, bytes: 0 });
  });
});

const REAL = join(cloudtrailFolder, 'invictus.ndjson');
(existsSync(REAL) ? describe : describe.skip)('recorded CloudTrail', () => {
  let real: FilledLake;
  let recorded: JsonObject[];
  beforeAll(async () => {
    recorded = readFileSync(REAL, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event as JsonObject);
    real = await lakeOf(recorded, new Date('2023-07-10T12:40:00Z'));
  });
  afterAll(() => real.lake.close());

  test('who called what from where, most active first', async () => {
    const rows = await real.rows(
      `SELECT userIdentity:arn::string arn, sourceIPAddress ip, COUNT(*) n, COUNT(DISTINCT eventName) apis, COUNT_IF(errorCode IS NOT NULL) errors FROM ${LOGS} WHERE p_occurs_since('30 m') GROUP BY ALL ORDER BY n DESC, arn, ip LIMIT 5`,
    );
    const groups = new Map<string, JsonObject[]>();
    for (const event of recorded) {
      if (time(event) < Date.parse('2023-07-10T12:10:00Z')) continue;
      const key = JSON.stringify([identity(event).arn ?? null, event.sourceIPAddress]);
      groups.set(key, [...(groups.get(key) ?? []), event]);
    }
    const expected = [...groups].map(([key, of]) => {
      const [arn, ip] = JSON.parse(key) as [string | null, string];
      return {
        arn,
        ip,
        n: of.length,
        apis: new Set(of.map((event) => event.eventName)).size,
        errors: of.filter((event) => event.errorCode).length,
      };
    });
    const order = (a: string | null, b: string | null): number =>
      a === b ? 0 : a === null ? 1 : b === null || a < b ? -1 : 1;
    expected.sort((a, b) => b.n - a.n || order(a.arn, b.arn) || order(a.ip, b.ip));
    expect(rows).toEqual(expected.slice(0, 5));
  });

  test('flattened resources', async () => {
    const rows = await real.rows(
      `SELECT f.value:type::string AS type, COUNT(*) n FROM ${LOGS} t, LATERAL FLATTEN(input => t.resources) f WHERE f.value:type IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1`,
    );
    const counts = new Map<string, number>();
    for (const event of recorded)
      for (const { type } of (event.resources ?? []) as { type?: string }[])
        if (type) counts.set(type, (counts.get(type) ?? 0) + 1);
    const expected = [...counts]
      .map(([type, n]) => ({ type, n }))
      .sort((a, b) => b.n - a.n || (a.type < b.type ? -1 : 1));
    expect(rows).toEqual(expected);
  });
});
