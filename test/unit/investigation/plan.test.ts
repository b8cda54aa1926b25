import fc from 'fast-check';
import { parseAlert } from '../../../operations/investigation/alert-format';
import { planFor } from '../../../operations/investigation/plan';
import { sqlList, sqlText } from '../../../operations/investigation/sql-text';
import { checkSql } from '../../../operations/panther/sql/guard';
import { tenantSettings } from '../../../operations/panther/tenant-settings';
import { sampleAlert } from '../../support/cloud-rows';

/** Reads one SQL string literal at the start of a text; the rest of the text, or undefined when it does not end. */
function afterLiteral(sql: string, backslashEscapes: boolean): string | undefined {
  if (!sql.startsWith("'")) return undefined;
  for (let at = 1; at < sql.length; at += 1) {
    if (backslashEscapes && sql[at] === '\\') at += 1;
    else if (sql[at] === "'" && sql[at + 1] === "'") at += 1;
    else if (sql[at] === "'") return sql.slice(at + 1);
  }
  return undefined;
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom("'", '\\', '"', ';', '--', '/*', '*/', '$$', '\n', ' OR 1=1', '\u0000', '%', 'x'))
    .map((parts) => parts.join('')),
);

test('a value is one literal and nothing more, whether backslashes escape or not', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const sql = `${sqlText(value)} rest`;
      expect(afterLiteral(sql, true)).toBe(' rest');
      expect(afterLiteral(sql, false)).toBe(' rest');
    }),
    { numRuns: 1000 },
  );
});

test('whatever an alert names, every query passes the guard, is bounded and ordered', () => {
  const settings = tenantSettings({ defaults: {} });
  const type = fc.constantFrom('user', 'role', 'aws_arn', 'access_key', 'email', 'host', 'other', 'aws_account');
  fc.assert(
    fc.property(fc.array(fc.record({ type, value: hostile }), { maxLength: 8 }), (entities) => {
      const alert = {
        ...sampleAlert(),
        entities: entities.map(({ type, value }) => ({ type, value: value.slice(0, 512) || 'x' })),
      };
      const plan = planFor(alert);
      expect(plan.queries.length).toBeLessThanOrEqual(8);
      for (const { sql, database, max_rows } of plan.queries) {
        expect(checkSql(sql, { database, settings, now: new Date('2030-01-01') })).toEqual([]);
        expect(sql).toMatch(/p_event_time BETWEEN '[\d :.-]+' AND '[\d :.-]+'/);
        expect(sql).toMatch(/ORDER BY .* LIMIT \d+$/s);
        expect(sql.endsWith(`LIMIT ${max_rows}`)).toBe(true);
      }
    }),
  );
});

test('equal alerts give equal bytes, whatever order their indicators come in', () => {
  const indicators = ['eve', '203.0.113.7', 'arn:aws:iam::111122223333:role/Deploy', 'AKIAIOSFODNN7EXAMPLE', 'Bob'];
  const bytes = JSON.stringify(planFor(sampleAlert({ indicators })));
  fc.assert(
    fc.property(fc.shuffledSubarray(indicators, { minLength: indicators.length }), (shuffled) => {
      expect(JSON.stringify(planFor(sampleAlert({ indicators: shuffled })))).toBe(bytes);
    }),
  );
});

test('users, ARNs, sessions, keys and addresses are all asked for', () => {
  const sqlOf = (value: unknown) => planFor(sampleAlert({ indicators: [value] })).queries[0]?.sql ?? '';
  expect(sqlOf('Eve')).toContain("LOWER(userIdentity:userName::string) IN ('eve')");
  expect(sqlOf('arn:aws:iam::111122223333:user/eve')).toContain("IN ('arn:aws:iam::111122223333:user/eve')");
  const session = sqlOf('arn:aws:sts::111122223333:assumed-role/Deploy/attacker-chose-this');
  expect(session).toContain("sessionIssuer:userName::string) IN ('deploy')");
  expect(sqlOf('AKIAIOSFODNN7EXAMPLE')).toContain("userIdentity:accessKeyId::string IN ('AKIAIOSFODNN7EXAMPLE')");
  expect(sqlOf('203.0.113.7')).toContain("LOWER(sourceIPAddress) IN ('203.0.113.7')");
  expect(sqlList(['b', 'a', 'b'])).toBe("'a', 'b'");
});

test('more entities than a query takes are named, not dropped silently', () => {
  const indicators = Array.from({ length: 25 }, (_, index) => `user${String(index).padStart(2, '0')}`);
  const plan = planFor(sampleAlert({ indicators }));
  expect(plan.too_many).toHaveLength(5);
  expect(
    planFor(parseAlert({ id: '1', severity: 'low', source: 's', timestamp: '2026-01-15T00:00:00Z', indicators: [] }))
      .queries,
  ).toEqual([]);
});

describe('a scheduled hunt', () => {
  const hunt = parseAlert({
    id: 'hunt-1',
    source: 'schedule',
    severity: 'LOW',
    timestamp: '2026-01-02T08:00:00Z',
    title: 'Scheduled hunt',
    indicators: [],
  });

  test('asks one bounded question about everybody', () => {
    const plan = planFor(hunt);
    expect(plan).toMatchObject({ from: '2026-01-02T03:45:00.000Z', to: '2026-01-02T08:00:00.000Z' });
    expect(plan.queries.map((query) => query.label)).toEqual(['hunt_activity']);
    const sql = plan.queries[0]?.sql ?? '';
    const options = {
      database: 'panther_logs',
      settings: tenantSettings({ defaults: {} }),
      now: new Date('2030-01-01'),
    };
    expect(checkSql(sql, options)).toEqual([]);
    expect(sql).toContain('p_event_time BETWEEN');
    expect(sql).toContain('LIMIT 1000');
  });

  test('is not what an alert becomes that names nothing', () => {
    expect(planFor({ ...hunt, source: 'panther' }).queries).toEqual([]);
  });
});
