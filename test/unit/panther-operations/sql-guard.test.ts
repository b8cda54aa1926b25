import fc from 'fast-check';
import { InvalidInputError } from '../../../operations/errors';
import { planFor } from '../../../operations/investigation/plan';
import { assertAllowedSql, checkSql, type SqlGuardOptions } from '../../../operations/panther/sql/guard';
import { tenantSettings } from '../../../operations/panther/tenant-settings';
import { sampleAlert } from '../../support/cloud-rows';
import { processorMs } from '../../support/processor-time';
import { type HostileSql, hostileOnDatabricks, hostileSql } from './sql-guard-hostile';
import { legitimateOnDatabricks, legitimateSql, templates } from './sql-guard-legitimate';

const now = new Date('2026-11-24T13:00:00Z');

function options(defaults: Record<string, string> = {}, database = 'panther_logs'): SqlGuardOptions {
  return { database, settings: tenantSettings({ defaults }), now };
}

const snowflake = options();
const databricks = options({ dialect: 'databricks' });

function rules(sql: string, given = snowflake): string[] {
  return checkSql(sql, given).map(({ rule }) => rule);
}

describe('hostile statements', () => {
  const refused = (list: HostileSql[], given: SqlGuardOptions) =>
    list.filter(([rule, sql]) => !rules(sql, given).includes(rule));

  test('there are many, each another', () => {
    expect(new Set(hostileSql.map(([, sql]) => sql)).size).toBe(hostileSql.length);
    expect(hostileSql.length).toBeGreaterThan(400);
  });

  test('are refused over Snowflake, each by its own rule', () => {
    expect(refused(hostileSql, snowflake)).toEqual([]);
  });

  test('are refused over Databricks, each by its own rule', () => {
    expect(refused(hostileOnDatabricks, databricks)).toEqual([]);
  });

  test.each([
    [
      'in lower case',
      (sql: string) =>
        sql.replace(/\b(select|from|where|union|join|delete|drop|table)\b/gi, (word) => word.toLowerCase()),
    ],
    [
      'in upper case words',
      (sql: string) =>
        sql.replace(/\b(select|from|where|union|join|delete|drop|table)\b/gi, (word) => word.toUpperCase()),
    ],
    ['with a comment first', (sql: string) => `/* x */ -- y\n${sql}`],
    ['with white space first', (sql: string) => `\n\t  ${sql}`],
    ['with a semicolon last', (sql: string) => `${sql}\n;`],
  ])('are refused %s', (_, change) => {
    const accepted = hostileSql.map(([, sql]) => change(sql)).filter((sql) => checkSql(sql, snowflake).length === 0);
    expect(accepted).toEqual([]);
  });
});

describe('legitimate statements', () => {
  const problems = (list: readonly string[], given: SqlGuardOptions) =>
    list.flatMap((sql) => checkSql(sql, given).map(({ message }) => `${message} in ${sql}`));

  test('pass over Snowflake', () => {
    expect(legitimateSql.length).toBeGreaterThan(150);
    expect(problems(legitimateSql, snowflake)).toEqual([]);
  });

  test('pass over Databricks', () => {
    expect(problems(legitimateOnDatabricks, databricks)).toEqual([]);
  });

  test('pass as parts of a WITH, of a subquery and of a UNION', () => {
    const whole = legitimateSql
      .filter((sql) => /^SELECT[\s\S]*[^;]$/i.test(sql) && !sql.includes('--'))
      .flatMap((sql) => [
        `WITH a AS (${sql}) SELECT * FROM a`,
        `SELECT * FROM (${sql}) t WHERE 1 = 1`,
        `SELECT 1 WHERE EXISTS (${sql})`,
        `(${sql}) UNION ALL (${sql})`,
      ]);
    expect(problems(whole, snowflake)).toEqual([]);
  });

  test('the plan of an investigation passes, also long after the alert', () => {
    const alerts = [
      sampleAlert({
        indicators: ['eve', '203.0.113.7', 'arn:aws:iam::111122223333:role/Deploy', 'AKIAIOSFODNN7EXAMPLE'],
      }),
      { ...sampleAlert(), source: 'schedule', entities: [] },
    ];
    const queries = alerts.flatMap((alert) => planFor(alert).queries.map(({ sql }) => sql));
    expect(queries.length).toBeGreaterThan(5);
    expect(problems(queries, { ...snowflake, now: new Date('2031-01-01') })).toEqual([]);
  });
});

describe('what the peer refuses wrongly passes', () => {
  const over = (condition: string) => rules(`SELECT * FROM panther_logs.public.aws_cloudtrail WHERE ${condition}`);

  test('the clock on the left of the comparison', () => {
    expect(over("now() - interval '1 day' < p_event_time")).toEqual([]);
  });
  test('the day of p_event_time', () => {
    expect(over("p_event_time::date = '2026-11-20'")).toEqual([]);
  });
  test('NOT BETWEEN beside a bound', () => {
    expect(over("p_event_time NOT BETWEEN '2026-11-20' AND '2026-11-21' AND p_occurs_since('7 days')")).toEqual([]);
  });
  test('a table of a lookup, and a look-up by id', () => {
    expect(rules('SELECT * FROM panther_lookups.public.vip_users')).toEqual([]);
    expect(over("p_alert_id = '0123456789abcdef0123456789abcdef'")).toEqual([]);
  });
});

describe('what the peer lets through is refused', () => {
  test.each([
    ['a table without its database', 'SELECT * FROM aws_cloudtrail'],
    ['quoted names', 'SELECT * FROM "PANTHER_LOGS"."PUBLIC"."AWS_CLOUDTRAIL"'],
    ['a filter in a comment', "SELECT * FROM aws_cloudtrail -- WHERE p_event_time > '2026-11-20'"],
    ['a filter in a literal', "SELECT 'WHERE p_event_time > x' FROM panther_logs.public.aws_cloudtrail"],
    [
      'one side of a join',
      "SELECT * FROM aws_cloudtrail a JOIN aws_alb b ON a.x = b.x WHERE a.p_event_time > '2026-11-20'",
    ],
  ])('%s', (_, sql) => {
    expect(rules(sql)).toEqual(['time-filter']);
  });
  test('a bound in 1970', () => {
    expect(rules("SELECT * FROM panther_logs.public.aws_cloudtrail WHERE p_event_time > '1970-01-01'")).toEqual([
      'time-window',
    ]);
  });
  test('DELETE', () => {
    expect(rules("DELETE FROM panther_logs.public.aws_cloudtrail WHERE p_event_time > '2026-11-20'")).toEqual([
      'read-only',
    ]);
  });
});

describe('a refusal', () => {
  const sql = "SELECT a.x\nFROM aws_cloudtrail a\n  JOIN aws_alb AS b ON a.x = b.x\nWHERE p_occurs_since('1 day', a)";

  test('names the table, the place and the fix, in the message and in the details', () => {
    const error = (() => {
      try {
        assertAllowedSql(sql, snowflake);
      } catch (thrown) {
        return thrown as InvalidInputError;
      }
      throw new Error('nothing was refused');
    })();
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toBe(
      "sql: 3:8 table aws_alb (alias b) is read without a bound on p_event_time; add b.p_event_time > current_timestamp - interval '7 days' for table aws_alb (alias b)",
    );
    expect(error.details).toEqual({ field: 'sql', token: 'aws_alb', line: 3, column: 8, rule: 'time-filter' });
  });

  test('the fix that it names is one', () => {
    for (const [given, text] of [
      [snowflake, sql],
      [databricks, sql],
      [snowflake, 'SELECT * FROM aws_cloudtrail'],
      [options({ max_window_days: '1' }), 'SELECT * FROM panther_logs.public.aws_cloudtrail'],
      [snowflake, 'SELECT 1 FROM panther_logs.public.aws_cloudtrail, panther_logs.public.aws_alb'],
    ] as const) {
      const conditions = checkSql(text, given).map(({ fix }) => /^add (.*) for table/.exec(fix)?.[1]);
      expect(conditions.length).toBeGreaterThan(0);
      expect(rules(`${text} ${text.includes('WHERE') ? 'AND' : 'WHERE'} ${conditions.join(' AND ')}`, given)).toEqual(
        [],
      );
    }
  });

  test('all problems are collected, in the order of the text', () => {
    const problems = checkSql('SELECT foo(1), @x FROM evil.public.t, aws_alb INTO y; SELECT 2', snowflake);
    expect(problems.map(({ rule, offset }) => [rule, offset])).toEqual([
      ['stage', 15],
      ['one-statement', 54],
    ]);
    const more = checkSql('SELECT foo(1), @x\nFROM evil.public.t, aws_alb', snowflake);
    expect(more.map(({ rule, line, column }) => `${rule} ${line}:${column}`)).toEqual([
      'function 1:8',
      'stage 1:16',
      'database 2:6',
      'time-filter 2:21',
    ]);
    expect(() => assertAllowedSql('SELECT foo(1), bar(1), baz(1)', snowflake)).toThrow(/foo is not.*\(and 2 more\)/);
  });

  test('at most 50 problems are kept, and a message has no control characters', () => {
    expect(checkSql(`SELECT ${'foo(1), '.repeat(200)}1`, snowflake)).toHaveLength(50);
    const hostile = checkSql('SELECT * FROM "a\u0007\u202eb\n"', snowflake);
    expect(hostile.map(({ message }) => message).join()).not.toMatch(/[\u0007\u202e\n]/);
  });
});

describe('settings', () => {
  const query = "SELECT * FROM extra.public.t WHERE p_event_time > '2026-11-20'";

  test('a database that the settings name is read like a log', () => {
    const allowed = options({ databases: 'Extra, other' });
    expect(rules(query)).toEqual(['database']);
    expect(rules(query, allowed)).toEqual([]);
    expect(rules('SELECT * FROM EXTRA.any_schema.t', allowed)).toEqual(['time-filter']);
    expect(rules("SELECT * FROM extra.public.t WHERE p_occurs_since('1 day', , start_time)", allowed)).toEqual([]);
    expect(rules(`SELECT * FROM "extra".public.t WHERE p_row_id = 'a'`, allowed)).toEqual(['database']);
    expect(rules(`SELECT * FROM "EXTRA".public.t WHERE p_row_id = 'a'`, allowed)).toEqual([]);
  });

  test('a table that may have no p_event_time cannot borrow that of another relation or of the SELECT list', () => {
    const allowed = options({ databases: 'extra' });
    const time = "WHERE p_event_time > '2026-11-20'";
    expect(rules(`SELECT * FROM extra.public.t, (SELECT now() AS p_event_time) u ${time}`, allowed)).toEqual([
      'time-filter',
    ]);
    expect(rules(`SELECT now() AS p_event_time FROM extra.public.t ${time}`, allowed)).toEqual(['time-filter']);
    expect(rules(`SELECT now() p_event_time FROM extra.public.t ${time}`, allowed)).toEqual(['time-filter']);
    expect(rules(`SELECT t.p_event_time, x AS y FROM extra.public.t ${time}`, allowed)).toEqual([]);
  });

  test('the database for unqualified names has to be allowed too', () => {
    expect(rules("SELECT * FROM t WHERE p_occurs_since('1 day')", options({}, 'evil'))).toEqual(['database']);
    expect(rules('SELECT * FROM t', options({}, 'panther_lookups'))).toEqual([]);
    expect(rules('SELECT * FROM t', options({}, 'panther_logs.public'))).toEqual(['time-filter']);
    expect(rules('SELECT 1', options({}, 'evil'))).toEqual([]);
  });

  test('catalogues on Databricks are allowed by name', () => {
    const query = "SELECT * FROM main.panther_logs.aws_cloudtrail WHERE p_occurs_since('1 day')";
    expect(rules(query, databricks)).toEqual(['database']);
    expect(rules(query, options({ dialect: 'databricks', databases: 'main.panther_logs' }))).toEqual([]);
    const whole = options({ dialect: 'databricks', databases: 'main' });
    expect(rules(query, whole)).toEqual([]);
    expect(rules('SELECT * FROM main.panther_lookups.vip_users', whole)).toEqual([]);
  });

  test('the window is the settings own', () => {
    const query = (days: number) => `SELECT * FROM aws_cloudtrail WHERE p_occurs_since('${days} days')`;
    for (const days of [1, 7, 400]) {
      const limited = options({ max_window_days: String(days) });
      expect(rules(query(days), limited)).toEqual([]);
      expect(rules(query(days + 1), limited)).toEqual(['time-window']);
    }
  });

  test('pragmas pass when they are allowed, and only then', () => {
    const allowed = options({ pragmas: 'template' });
    for (const text of templates) {
      expect(rules(text)).toContain('pragma');
      expect(rules(text, allowed)).toEqual([]);
    }
    expect(rules('SELECT {{ x }}', allowed)).toContain('template');
    expect(rules('-- pragma: pantherflow\nt', allowed)).toContain('pragma');
  });

  test('what a template does not touch is still checked', () => {
    const allowed = options({ pragmas: 'template' });
    const template = (sql: string) => rules(`-- pragma: template\n${sql}`, allowed);
    expect(template('SELECT * FROM aws_cloudtrail WHERE x = {{ y }}')).toEqual(['time-filter']);
    expect(template("SELECT * FROM evil.public.t WHERE p_occurs_since('1 day') {{ y }}")).toEqual(['database']);
    expect(template('SELECT 1; {{ y }}')).toEqual(['one-statement']);
    expect(template('DELETE FROM {{ t }}')).toEqual(['read-only']);
    expect(template('SELECT {{ x')).toEqual(['unreadable']);
  });

  test('PantherFlow passes as the first line, and hides no SQL', () => {
    const allowed = options({ pragmas: 'pantherflow' });
    expect(
      rules('-- pragma: pantherflow\npanther_logs.public.aws_alb | where p_event_time > time.ago(1d)', allowed),
    ).toEqual([]);
    expect(rules('-- pragma: pantherflow\nlet x = aws_alb; x | limit 1', allowed)).toEqual([]);
    for (const text of [
      '-- pragma: pantherflow\nSELECT * FROM aws_cloudtrail',
      '-- pragma: pantherflow\n-- x\n/* y */ (SELECT 1)',
      '-- pragma: pantherflow\naws_alb; DELETE FROM t',
      "SELECT '\n-- pragma: pantherflow\n'",
      '/* pragma: pantherflow */ aws_alb',
      'SELECT 1 -- pragma: pantherflow',
    ]) {
      expect(rules(text, allowed)).toContain('pragma');
    }
  });
});

describe('dialects', () => {
  test('what stands in literals and comments never changes the decision', () => {
    const literal = fc
      .string({ maxLength: 30 })
      .map((text) => `'${text.replaceAll(/[\\\0]|pragma|\{/gi, '').replaceAll("'", "''")}'`);
    const comment = fc.string({ maxLength: 20 }).map((text) => `/* ${text.replaceAll(/[*/\0{]/g, '')} */`);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(literal, comment), { maxLength: 5 }),
        fc.constantFrom(snowflake, databricks),
        (parts, given) => {
          const list = parts.map((part) => (part.startsWith('/*') ? part : `${part},`)).join(' ');
          expect(rules(`SELECT ${list} 1`, given)).toEqual([]);
          expect(rules(`SELECT ${list} 1; DROP TABLE t`, given)).toContain('one-statement');
          expect(rules(`SELECT ${list} 1 FROM aws_cloudtrail`, given)).toEqual(['time-filter']);
        },
      ),
    );
  });

  test('any text is either accepted or refused with a typed error', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...`' " \` -- /* */ // $$ $a$ ; \\ ( ) [ ] { } , . : :: @ $x {{ }} {%`.split(' '),
        '\n',
        '\r',
        '\0',
      ),
      fc.constantFrom(
        ...'SELECT WITH FROM JOIN WHERE ON UNION VALUES AS a b t p_event_time p_occurs_since AND OR CASE END BETWEEN interval 1 1d'.split(
          ' ',
        ),
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom(snowflake, databricks), (pieces, given) => {
        try {
          assertAllowedSql(pieces.join(' '), given);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a long text is read in about the time of its length', () => {
  const size = 100_000;
  const repeated = (piece: string, before = 'SELECT ', after = ' 1') =>
    before + piece.repeat(Math.floor(size / piece.length)) + after;
  test.each([
    ['literals', repeated("'a', ")],
    ['open brackets', repeated('(')],
    ['pairs of brackets', repeated('() ')],
    ['closed brackets', repeated(')')],
    ['nested subqueries', `SELECT * FROM ${'(SELECT * FROM '.repeat(98)}t${')'.repeat(98)}`.padEnd(size)],
    ['wide nested brackets', `SELECT ${'('.repeat(99)}${'a, '.repeat(size / 3)}1${')'.repeat(99)}`],
    ['open comments', repeated('/*')],
    ['comment edges', repeated('/*/')],
    ['line comments', repeated('--\n')],
    ['continued comments', repeated('-- \\\n')],
    ['quotes', repeated("'")],
    ['escaped quotes', repeated("\\'", "SELECT '")],
    ['dollars', repeated('$')],
    ['dollar tags', repeated('$a')],
    ['minus signs', repeated('- ', 'SELECT * FROM t WHERE p_event_time > ')],
    ['ANDs', repeated("p_event_time > '2026-11-20' AND ", 'SELECT * FROM aws_cloudtrail WHERE ')],
    ['ORs', repeated("p_occurs_since('1 day') OR ", 'SELECT * FROM aws_cloudtrail WHERE ')],
    ['BETWEENs', repeated('x BETWEEN ', 'SELECT * FROM aws_cloudtrail WHERE ')],
    ['CASEs', repeated('CASE WHEN ', 'SELECT * FROM aws_cloudtrail WHERE ')],
    ['tables', repeated('aws_cloudtrail, ', 'SELECT * FROM ', 'x')],
    ['joins', repeated('a JOIN ', 'SELECT * FROM ', 'x ON true')],
    ['unions', repeated('SELECT * FROM t UNION ALL ', '', 'SELECT 1')],
    ['withs', repeated('a AS (SELECT 1), ', 'WITH ', 'b AS (SELECT 1) SELECT 1')],
    ['name parts', repeated('a.', 'SELECT * FROM ', 'a')],
    ['pragmas', repeated('pragma ')],
    ['pragma spaces', repeated(`pragma${' '.repeat(1000)}`)],
    ['semicolons', repeated(';')],
    ['intervals', repeated("interval '1 day' + ", 'SELECT * FROM t WHERE p_event_time > ', "interval '1 day'")],
    ['numbers', repeated('1e')],
    ['one word', repeated('a')],
    ['line ends', repeated('\n@')],
    ['plus signs in brackets', repeated('(+)')],
    ['casts', repeated('::date', 'SELECT * FROM t WHERE p_event_time', " = '2026-11-20'")],
  ])('%s', (_, sql) => {
    for (const given of [snowflake, databricks]) {
      expect(processorMs(() => checkSql(sql, given))).toBeLessThan(1500);
    }
  });
});
