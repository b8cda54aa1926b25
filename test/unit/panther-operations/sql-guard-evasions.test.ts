import { checkSql, type SqlGuardOptions } from '../../../operations/panther/sql/guard';
import { tenantSettings } from '../../../operations/panther/tenant-settings';
import type { HostileSql } from './sql-guard-hostile';

const now = new Date('2026-11-24T13:00:00Z');
const over = (dialect: string): SqlGuardOptions => ({
  database: 'panther_logs',
  settings: tenantSettings({ defaults: { dialect } }),
  now,
});
const snowflake = over('snowflake');
const databricks = over('databricks');

const day = "p_occurs_since('1 day')";
const since = "p_event_time > '2026-11-20'";
const minted = '0b1c2d3e-1111-4222-8333-444455556666';

/** What one database takes for a comment, a letter or a keyword and another does not. */
const spellings: HostileSql[] = [
  ['unreadable', 'SELECT 1 -- \r FROM evil.public.t'],
  ['unreadable', 'SELECT 1 -- \u2028 FROM evil.public.t'],
  ['unreadable', 'SELECT 1 -- \u0085 FROM evil.public.t'],
  ['unreadable', 'SELECT 1 -- \v FROM evil.public.t'],
  ['unreadable', 'SELECT 1 /* /*+ */ FROM evil.public.t -- */'],
  ['unreadable', 'SELECT 1 /* /* */ -- */'],
  ['character', 'SELECT 1 un\u0131on all \u017felect 2'],
  ['character', 'SELECT 1 AS \u212aey'],
  ['character', `SELECT now() AS p_event_t\u0131me FROM aws_cloudtrail WHERE p_event_t\u0131me > '2026-11-20'`],
  ['database', `SELECT * FROM panther_log\u017f.public.aws_cloudtrail WHERE ${day}`],
  ['database', 'SELECT * FROM "panther_log\u017f"."public"."x"'],
  ['database', `SELECT * FROM \uff50anther_logs.public.aws_cloudtrail WHERE ${day}`],
  ['character', `SELECT * FROM aws_cloudtrail WHERE\u200b${day}`],
  ['character', `SELECT * FROM aws_cloudtrail WHERE ${day}\u2028OR true`],
  ['time-filter', `SELECT * FROM aws_cloudtrail WHERE '\\u0070_event_time' > '2026-11-20'`],
];

/** Names that are not the table's own column. */
const columns: HostileSql[] = [
  [
    'time-filter',
    `SELECT * FROM aws_alb, TABLE(SPLIT_TO_TABLE('a', ',')) f (seq, idx, eventid) WHERE eventid = '${minted}'`,
  ],
  [
    'time-filter',
    `SELECT * FROM aws_alb, LATERAL FLATTEN(input => x) f (a, b, c, d, p_alert_id, e) WHERE p_alert_id = '${minted}'`,
  ],
  [
    'time-filter',
    `SELECT * FROM panther_monitor.public.failures, LATERAL FLATTEN(input => x) f (p_event_time) WHERE ${since}`,
  ],
  ['time-filter', `SELECT * FROM aws_alb, inline(x) WHERE eventid = '${minted}'`],
  [
    'time-filter',
    `SELECT * FROM aws_cloudtrail WHERE ${day} AND EXISTS (SELECT 1 FROM aws_alb WHERE eventid = '${minted}')`,
  ],
  [
    'time-filter',
    `SELECT * FROM aws_cloudtrail WHERE ${day} AND EXISTS (SELECT 1 FROM panther_monitor.public.failures WHERE ${since})`,
  ],
  [
    'time-filter',
    `SELECT * FROM panther_lookups.public.l o JOIN panther_lookups.public.m ON EXISTS (SELECT 1 FROM aws_alb WHERE eventid = '${minted}')`,
  ],
  ['time-filter', `SELECT * FROM (SELECT 1 AS eventid) o, LATERAL (SELECT * FROM aws_alb WHERE eventid = '${minted}')`],
  ['time-filter', `SELECT * REPLACE ('${minted}' AS eventid) FROM aws_alb WHERE eventid = '${minted}'`],
  ['time-filter', `SELECT * FROM aws_cloudtrail a WHERE EXISTS (SELECT 1 WHERE a.${since})`],
  ['time-filter', `SELECT * FROM aws_cloudtrail aws_alb JOIN aws_alb aws_cloudtrail ON aws_alb.${since}`],
  ['time-filter', `SELECT * FROM aws_cloudtrail, aws_cloudtrail WHERE aws_cloudtrail.${since}`],
  ['time-filter', `SELECT * FROM aws_cloudtrail a NATURAL JOIN aws_alb b WHERE ${since}`],
  ['time-filter', `SELECT * FROM aws_cloudtrail a JOIN (SELECT ${day} AS x) b USING (p_event_time)`],
  [
    'time-filter',
    `SELECT * FROM aws_cloudtrail a FULL JOIN (SELECT now() AS p_event_time) b USING (p_event_time) WHERE b.${since}`,
  ],
  ['time-filter', `SELECT * FROM aws_cloudtrail a WHERE a.x.${since}`],
  ['time-filter', "SELECT * FROM windows_eventlogs WHERE EventID = '4624'"],
  ['time-filter', "SELECT * FROM windows_eventlogs WHERE event_id IN ('4624', '4625')"],
  ['time-filter', "SELECT * FROM windows_eventlogs WHERE event_id = 'user.login'"],
];

/** Bounds that bound nothing, or not when it matters. */
const bounds: HostileSql[] = [
  ['time-filter', `SELECT * FROM aws_cloudtrail WHERE ${day} START WITH true CONNECT BY PRIOR x = y`],
  ['time-filter', `SELECT * FROM aws_cloudtrail WHERE ${day} CONNECT BY PRIOR x = y`],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > now() - interval '-9223372036854 days'"],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > dateadd(year, 20000, '2026-11-20'::timestamp)"],
  [
    'time-window',
    "SELECT * FROM aws_cloudtrail WHERE p_event_time > '2020-01-01' AND p_event_time < to_timestamp(1577923200000)",
  ],
  [
    'time-window',
    "SELECT * FROM aws_cloudtrail WHERE p_event_time BETWEEN '2020-01-01' AND timestamp(1577923200 * 1000)",
  ],
  ['time-window', "SELECT * FROM aws_cloudtrail WHERE p_event_time > date '2026-11-20' - 2000"],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > now() - interval '1 day' * 1000"],
  ['time-filter', 'SELECT * FROM aws_cloudtrail WHERE p_event_time > NULL'],
  ['time-filter', 'SELECT * FROM aws_cloudtrail WHERE p_event_time > now() - NULL'],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > now() - coalesce(NULL, interval '1 day')"],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > CASE WHEN x THEN '2026-11-20' END"],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > '2026-11-20 00:00:00 America/New_York'"],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > '2026-11-20' AT TIME ZONE 'UTC'"],
  [
    'time-filter',
    "SELECT * FROM aws_cloudtrail WHERE convert_timezone('America/New_York', p_event_time) > '2026-11-20'",
  ],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > ALL ('2026-11-20')"],
  ['time-filter', 'SELECT * FROM aws_cloudtrail WHERE p_event_time = ANY (SELECT x FROM panther_lookups.public.l)'],
  ['time-filter', `SELECT * FROM aws_cloudtrail WHERE p_event_time IN (SELECT p_event_time FROM aws_alb WHERE ${day})`],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time NOT IN ('2026-11-20')"],
  ['time-filter', `SELECT * FROM aws_cloudtrail WHERE (((${since}) OR ((true))))`],
  ['time-filter', `SELECT * FROM aws_cloudtrail WHERE ${since} XOR true`],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time(+) > '2026-11-20'"],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time >= date_trunc('century', now())"],
  ['time-filter', "SELECT * FROM aws_cloudtrail WHERE p_event_time > to_timestamp('2026', 'YYYY')"],
  ['time-filter', `SELECT * FROM aws_cloudtrail WHERE ${since} UNION SELECT * FROM aws_cloudtrail`],
  ['time-filter', `SELECT max(p_event_time) FROM aws_cloudtrail HAVING max(p_event_time) > '2026-11-20'`],
  [
    'time-filter',
    'WITH RECURSIVE aws_cloudtrail AS (SELECT 1 EXCEPT SELECT * FROM aws_cloudtrail) SELECT * FROM aws_cloudtrail',
  ],
  [
    'time-filter',
    'WITH RECURSIVE aws_cloudtrail AS (SELECT 1 UNION ALL SELECT 2) SELECT * FROM panther_logs.public.aws_cloudtrail',
  ],
  [
    'structure',
    `SELECT * FROM aws_cloudtrail a LEFT JOIN aws_alb b JOIN x c ON b.${since} AND c.${since} ON a.${since}`,
  ],
];

/** The guard never reads what no rule knows. */
const reading: HostileSql[] = [
  ['function', 'SELECT lower(x):my_udf(y)'],
  ['function', 'SELECT get_object_reference(x)'],
  ['database', 'SELECT * FROM TABLE(GENERATOR(ROWCOUNT => (SELECT count(*) FROM evil.public.t)))'],
  ['structure', 'SELECT (TABLE evil.public.t)'],
  ['database', `SELECT * FROM aws_cloudtrail SAMPLE (10) WHERE ${day} AND x IN (SELECT 1 FROM evil.public.t)`],
];

const onDatabricks: HostileSql[] = [
  ['from', `SELECT * FROM panther_lookups.public.x, WHERE ${since}`],
  ['unreadable', "SELECT /*+ BROADCAST('*/ 1 --') */ * FROM evil.x"],
  ['unreadable', `SELECT /*+ BROADCAST('*/ * FROM aws_cloudtrail WHERE ${day} --') */ * FROM aws_cloudtrail`],
  ['unreadable', 'SELECT /*+ a -- */ 1\n*/ * FROM evil.x'],
  ['time-filter', 'WITH `aws_cloudtra\u0131l` AS (SELECT 1) SELECT * FROM aws_cloudtrail'],
  ['time-filter', `SELECT * FROM aws_alb LATERAL VIEW explode(x) v AS eventid WHERE eventid = '${minted}'`],
  ['time-filter', `SELECT * FROM panther_monitor.failures LATERAL VIEW explode(x) v AS p_event_time WHERE ${since}`],
  ['database', `SELECT * FROM public.secrets WHERE ${day}`],
  ['time-filter', 'SELECT * FROM aws_cloudtrail WHERE p_event_time > "2026-11-20" "x"'],
  ['time-window', 'SELECT * FROM aws_cloudtrail WHERE p_event_time > timestamp_millis(0)'],
];

describe('attempts to get past the guard', () => {
  const accepted = (list: HostileSql[], given: SqlGuardOptions) =>
    list.filter(([rule, sql]) => !checkSql(sql, given).some((problem) => problem.rule === rule));
  const everywhere = { spellings, columns, bounds, reading };

  test.each(Object.entries(everywhere))('%s are refused over Snowflake', (_, list) => {
    expect(accepted(list, snowflake)).toEqual([]);
  });

  test.each(Object.entries(everywhere))('%s are refused over Databricks', (_, list) => {
    // How else a text may be refused there is no concern of this test.
    expect(list.filter(([, sql]) => checkSql(sql, databricks).length === 0)).toEqual([]);
  });

  test("Databricks' own are refused", () => {
    expect(accepted(onDatabricks, databricks)).toEqual([]);
  });
});

test('the advice for a subquery over a table that may lack the column names the table, and is enough', () => {
  const given = { ...snowflake, settings: tenantSettings({ defaults: { databases: 'finance' } }) };
  const query = (condition: string) =>
    `SELECT * FROM aws_cloudtrail WHERE ${day} AND x IN (SELECT y FROM finance.public.t WHERE ${condition})`;
  const [problem] = checkSql(query(since), given);
  const condition = /^add (.*) for table/.exec(problem?.fix ?? '')?.[1] ?? '';
  expect(condition).toMatch(/^finance\.public\.t\.p_event_time > /);
  expect(checkSql(query(condition), given)).toEqual([]);
});

describe('neighbours of those attempts that are harmless', () => {
  const lookup = 'panther_lookups.public.x';
  const fine = [
    `SELECT * FROM aws_cloudtrail a JOIN ${lookup} b ON a.x = b.x JOIN (SELECT 1 AS y) c ON c.y = a.y WHERE a.${since}`,
    `SELECT * FROM aws_cloudtrail WHERE eventid = '${minted}'`,
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM aws_cloudtrail WHERE eventid = '${minted}')`,
    `SELECT * FROM ${lookup} l WHERE EXISTS (SELECT 1 FROM aws_cloudtrail c WHERE c.eventid = '${minted}')`,
    `SELECT * FROM aws_cloudtrail, LATERAL FLATTEN(input => x) f (a, b) WHERE ${since}`,
    `SELECT x FROM (SELECT * FROM aws_cloudtrail WHERE ${day}) START WITH true CONNECT BY PRIOR x = y`,
    'SELECT * FROM aws_cloudtrail WHERE p_event_time > to_timestamp(1795000000000)',
    `SELECT * FROM aws_cloudtrail WHERE ${since} -- one line\r\n AND x = 1 /* two\r\nlines */`,
    `SELECT "gr\u00f6\u00dfe", stra\u00dfe FROM aws_cloudtrail WHERE ${since}`,
  ];

  test('pass', () => {
    expect(fine.flatMap((sql) => checkSql(sql, snowflake).map(({ message }) => `${message} in ${sql}`))).toEqual([]);
  });

  test('a plain hint passes over Databricks', () => {
    expect(
      checkSql(`SELECT /*+ BROADCAST(a), SHUFFLE_HASH(b) */ 1 FROM aws_cloudtrail a WHERE ${since}`, databricks),
    ).toEqual([]);
  });
});
