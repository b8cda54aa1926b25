import fc from 'fast-check';
import { newestRows, sqlName, sqlTable } from '../../../operations/panther/dialect';
import { databaseKey, nameParts, parseTableName } from '../../../operations/panther/table-names';
import { dialects } from '../../../operations/panther/tenant-settings';
import { processorMs } from '../../support/processor-time';

const dialect = fc.constantFrom(...dialects);
/** Names as attackers and ordinary people make them. */
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('a', 'Z', '0', '_', '-', '$', '"', '`', "'", ';', ' ', '.', '\n', '\u200b', 'é'),
    maxLength: 12,
  }),
  fc.constantFrom('x; DROP TABLE y', 'x" OR "1"="1', 'x` --', "x'", 'a--b', 'x/*', '', ' ', 'Ünïcode', 'a-b'),
);
const plain = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
const safe = fc.oneof(plain, fc.stringMatching(/^[0-9a-zé$]{1,8}(-[0-9a-z]{1,5})?$/u));

test('what becomes SQL is one name: plain, or quoted without a quote inside', () => {
  fc.assert(
    fc.property(anyName, dialect, (name, speaks) => {
      const sql = sqlName(name, speaks);
      if (sql === undefined) return;
      const quote = speaks === 'databricks' ? '`' : '"';
      if (sql !== name) expect(sql).toBe(`${quote}${name}${quote}`);
      else expect(sql).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      expect(name).not.toMatch(/["'`;\s./*\\]|--|\p{C}/u);
    }),
    { numRuns: 2_000 },
  );
});

test('plain names stay plain: quoting would make them other names on Snowflake', () => {
  fc.assert(fc.property(plain, dialect, (name, speaks) => expect(sqlName(name, speaks)).toBe(name)));
});

test('a name put into SQL is read back as the same table', () => {
  fc.assert(
    fc.property(safe, safe, safe, dialect, (catalogue, schema, table, speaks) => {
      const database = speaks === 'databricks' ? `${catalogue}.${schema}` : catalogue;
      const sql = sqlTable(database, table, speaks);
      fc.pre(sql !== undefined && catalogue.toLowerCase() !== 'public' && schema.toLowerCase() !== 'public');
      expect(parseTableName(sql ?? '', 'elsewhere', speaks)).toEqual({ database, table });
    }),
  );
});

test('no name breaks out of the SQL for sample events', () => {
  const part = '(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\s;]+"|`[^`\\s;]+`)';
  const shape = new RegExp(
    `^SELECT \\* FROM ${part}(?:\\.${part})+ WHERE p_event_time >= current_timestamp\\S* - (?:interval '24 hours'|INTERVAL 24 HOURS) AND p_event_time <= current_timestamp\\S* ORDER BY p_event_time DESC LIMIT 10$`,
  );
  fc.assert(
    fc.property(anyName, anyName, dialect, (database, table, speaks) => {
      const name = sqlTable(database, table, speaks);
      if (name !== undefined) expect(newestRows(name, 24, 10, speaks)).toMatch(shape);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['snowflake', 'panther_logs', 'aws_alb', 'panther_logs.public.aws_alb'],
  ['snowflake', 'panther_logs.public', 'aws_alb', 'panther_logs.public.aws_alb'],
  ['snowflake', 'panther_logs', '1password', 'panther_logs.public."1password"'],
  ['databricks', 'panther_logs', 'aws_alb', 'panther_logs.aws_alb'],
  ['databricks', 'main.panther_logs', 'aws_alb', 'main.panther_logs.aws_alb'],
  ['databricks', 'my-catalogue.panther_logs', '1password', '`my-catalogue`.panther_logs.`1password`'],
  ['snowflake', 'panther_logs', 'a"b', undefined],
  ['databricks', 'x; drop', 'y', undefined],
] as const)('on %s, %s and %s are %s', (speaks, database, table, sql) => {
  expect(sqlTable(database, table, speaks)).toBe(sql);
});

test.each([
  ['snowflake', 'PANTHER_LOGS.PUBLIC', 'panther_logs'],
  ['snowflake', '"panther_logs"."public"', 'panther_logs'],
  ['snowflake', 'public', 'public'],
  ['databricks', 'main.public', 'main.public'],
] as const)('on %s, %s has the key %s', (speaks, database, key) => {
  expect(databaseKey(database, speaks)).toBe(key);
});

test('a dot inside quotes belongs to the name', () => {
  expect(nameParts('"a.b".`c``d`. e ')).toEqual(['a.b', 'c`d', 'e']);
  expect(nameParts('')).toEqual(['']);
});

test('the longest hostile name is read at once', () => {
  const texts = ['"'.repeat(20_000), '`"'.repeat(10_000), '.'.repeat(20_000)];
  expect(processorMs(() => texts.map(nameParts))).toBeLessThan(1_000);
});
