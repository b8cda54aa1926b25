import fc from 'fast-check';
import { checkSql } from '../../../operations/panther/sql/guard';
import { pantherDatabases } from '../../../operations/panther/sql/table-access';
import { type SqlDialect, tenantSettings } from '../../../operations/panther/tenant-settings';
import { sqlOracle } from '../../support/sql-oracle';
import { hostileSql } from './sql-guard-hostile';
import { legitimateOnDatabricks, legitimateSql } from './sql-guard-legitimate';

/**
 * A full SQL parser looks at what the guard lets through: whatever it can parse has to be one query that reads, of tables that
 * the guard knows about. The parser is used for development only.
 */
const parse = sqlOracle();

/** Raise it, and set FAST_CHECK_SEED=random, to search for longer. */
const runs = 10_000;
const now = new Date('2026-11-24T13:00:00Z');

function accepted(sql: string, dialect: SqlDialect): boolean {
  const settings = tenantSettings({ defaults: { dialect } });
  return checkSql(sql, { database: 'panther_logs', settings, now }).length === 0;
}

type Node = Record<string, unknown>;

/** The parser's statements; undefined when it cannot read the text. It knows no macros of Panther. */
function parsed(sql: string, dialect: SqlDialect): Node[] | undefined {
  try {
    return parse(sql.replace(/\bp_occurs_\w+\([^()]*\)/gi, 'TRUE'), dialect);
  } catch {
    return undefined;
  }
}

const allowed = new Set<string>([...pantherDatabases, 'public', 'information_schema']);

/** What is not as it should be in a parsed text; empty when all is well. */
function objections(statements: Node[]): string[] {
  const found: string[] = [];
  if (statements.length !== 1) found.push(`${statements.length} statements`);
  for (const statement of statements) {
    const kinds = Object.keys(statement);
    if (kinds.join() !== 'Query') found.push(`a statement ${kinds.join()}`);
  }
  const todo: unknown[] = [...statements];
  for (let node = todo.pop(); todo.length > 0 || node !== undefined; node = todo.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if (Array.isArray(node)) {
      todo.push(...node);
      continue;
    }
    const entry = node as Node;
    if ('body' in entry && 'pipe_operators' in entry) found.push(...queryObjections(entry));
    if (entry.into !== undefined && entry.into !== null) found.push('INTO');
    if (isNode(entry.Table) && Array.isArray(entry.Table.name)) found.push(...tableObjections(entry.Table));
    todo.push(...Object.values(entry));
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function queryObjections(query: Node): string[] {
  const body = Object.keys(query.body as Node).join();
  const found = ['Select', 'SetOperation', 'Values', 'Query'].includes(body) ? [] : [`a query of ${body}`];
  for (const part of ['locks', 'pipe_operators']) {
    if ((query[part] as unknown[]).length > 0) found.push(part);
  }
  return found;
}

/** A name with a database has to name one of Panther's; a name with arguments has to be a known function. */
function tableObjections(table: Node): string[] {
  const parts = (table.name as { Identifier?: { value: string } }[]).map((part) => part.Identifier?.value ?? '()');
  if (table.args !== undefined && table.args !== null) {
    return /^(flatten|generator|split_to_table|explode|table)$/i.test(parts.join('.')) ? [] : [`${parts.join('.')}()`];
  }
  return parts.length < 2 || allowed.has(parts[0]?.toLowerCase() ?? '') ? [] : [`table ${parts.join('.')}`];
}

test('the parser objects to what it should object to', () => {
  const objected = (sql: string) => objections(parsed(sql, 'snowflake') ?? []);
  expect(objected('SELECT 1')).toEqual([]);
  expect(objected('SELECT 1; SELECT 2')).toEqual(['2 statements']);
  expect(objected('DROP TABLE t')).toEqual(['a statement Drop']);
  expect(objected('WITH a AS (SELECT 1) INSERT INTO t SELECT 1')).toContain('a query of Insert');
  expect(objected('SELECT * INTO x FROM t')).toEqual(['INTO']);
  expect(objected('SELECT (SELECT 1 FROM evil.public.t)')).toEqual(['table evil.public.t']);
  expect(objected('SELECT * FROM my_udtf(1)')).toEqual(['my_udtf()']);
});

test('it reads most of the legitimate statements and objects to none', () => {
  for (const [list, dialect] of [
    [legitimateSql, 'snowflake'],
    [legitimateOnDatabricks, 'databricks'],
  ] as const) {
    const readable = list.map((sql) => parsed(sql, dialect)).filter((statements) => statements !== undefined);
    expect(readable.length / list.length).toBeGreaterThan(0.8);
    expect(readable.flatMap(objections)).toEqual([]);
  }
});

/** Pieces that statements are cut into: words, literals, names, comments, brackets. */
const pieces = (sql: string) =>
  sql.match(/'(?:[^']|'')*'|"[^"]*"|`[^`]*`|--[^\n]*\n?|\/\*[\s\S]*?\*\/|\w+|\s+|[\s\S]/g) ?? [];

const fragments = [
  '; DROP TABLE t',
  ';',
  ';;',
  '; SELECT 2',
  '--',
  '-- x\n',
  '/*',
  '*/',
  '/* x */',
  '//',
  "'",
  '"',
  '`',
  '$$',
  '$a$',
  '\\',
  "\\'",
  "''",
  '(',
  ')',
  ',',
  '.',
  '(DELETE FROM t)',
  '(DROP TABLE t)',
  'DELETE FROM t',
  'UPDATE t SET x = 1',
  'INSERT INTO t SELECT 1',
  'MERGE INTO t',
  ' INTO x ',
  ' INTO :x ',
  ' FROM evil.public.t ',
  ' JOIN evil.public.t ON true ',
  ', evil.public.t ',
  ' UNION SELECT * FROM evil.public.t ',
  '(SELECT * FROM evil.public.t)',
  ' WITH a AS (SELECT * FROM evil.public.t) ',
  ' EXCEPT SELECT 1 FROM evil.public.t ',
  '(TABLE evil.public.t)',
  ' LATERAL (SELECT * FROM evil.public.t) ',
  "TABLE(RESULT_SCAN('x'))",
  'TABLE(my_udtf(1))',
  "IDENTIFIER('evil.public.t')",
  '@stage',
  '@~',
  '$x',
  '->>',
  '|>',
  ' FOR UPDATE ',
  ' AS ',
  ' select ',
  ' from ',
  ' where ',
  ' on ',
  ' case ',
  ' end ',
  ' and ',
  ' or ',
  ' not ',
  ' union ',
  ' all ',
  ' with ',
  ' x ',
  ' 1',
  '1',
  '\n',
  '\r',
  'r',
  '{',
  '}',
  '[',
  ']',
  ' LIMIT 1 ',
  ' ORDER BY 1 ',
  ' QUALIFY true ',
  ' HAVING true ',
  ' VALUES (1) ',
  ' PIVOT (max(a) FOR b IN (1)) ',
  ' USING (x) ',
  '::',
  ':',
  '=>',
  '->',
];

interface Edit {
  at: number;
  remove: number;
  insert: string;
}
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.integer({ min: 0, max: 2 }),
  insert: fc.constantFrom('', ...fragments),
});

function edited(sql: string, edits: readonly Edit[]): string {
  return edits
    .reduce(
      (parts, { at, remove, insert }) => {
        const index = Math.floor(at * parts.length);
        return [...parts.slice(0, index), insert, ...parts.slice(index + remove)];
      },
      [...pieces(sql)] as string[],
    )
    .join('');
}

test.each([
  ['snowflake', [...Array(6).fill(legitimateSql).flat(), ...hostileSql.map(([, sql]) => sql)]],
  ['databricks', [...legitimateOnDatabricks, ...legitimateSql]],
] as const)(
  'whatever it makes of changed statements over %s, the guard lets only one reading query through',
  (dialect, list) => {
    let both = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...list.filter((sql) => sql.length < 2000)),
        fc.array(edit, { minLength: 1, maxLength: 2 }),
        (base, edits) => {
          const sql = edited(base, edits);
          if (!accepted(sql, dialect)) return;
          const statements = parsed(sql, dialect);
          if (statements === undefined) return;
          both += 1;
          expect(objections(statements)).toEqual([]);
        },
      ),
      { numRuns: runs },
    );
    // Most changes make a statement that one of the two refuses; these are what was compared.
    expect(both).toBeGreaterThan(runs / 200);
  },
);

/** Queries from a small grammar, most of them sound, some with a hostile part. */
const { query } = fc.letrec((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'sql' },
    fc.constantFrom(
      '1',
      "'a'",
      "'delete'",
      'x',
      't.x',
      'a:b.c::string',
      'update',
      'count(*)',
      "p_event_time > '2026-11-20'",
      '(x = 1)',
      'NEXTVAL',
      '$1',
    ),
    tie('expression').map((inner) => `lower(${inner})`),
    tie('expression').map((inner) => `CASE WHEN ${inner} THEN 1 ELSE 2 END`),
    tie('query').map((inner) => `(${inner})`),
    tie('query').map((inner) => `x IN (${inner})`),
  ),
  source: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'sql' },
    fc.constantFrom(
      'aws_cloudtrail t',
      'panther_logs.public.aws_alb AS t',
      'panther_lookups.public.v t',
      'evil.public.t',
      'a',
      '(VALUES (1)) t',
      'TABLE(FLATTEN(x)) t',
      'TABLE(udtf(x)) t',
      '@s t',
    ),
    tie('query').map((inner) => `(${inner}) t`),
    fc
      .tuple(tie('source'), fc.constantFrom('JOIN', 'LEFT JOIN', ',', 'CROSS JOIN'), tie('source'))
      .map((parts) => parts.join(' ')),
  ),
  select: fc
    .tuple(
      tie('expression'),
      tie('source'),
      fc.constantFrom(
        '',
        " WHERE p_occurs_since('1 day')",
        " WHERE t.p_event_time > '2026-11-20'",
        ' GROUP BY 1',
        ' INTO z',
        ' LIMIT 1',
      ),
    )
    .map(([expression, source, rest]) => `SELECT ${expression} FROM ${source}${rest}`),
  query: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'sql' },
    fc.constantFrom('SELECT 1', 'VALUES (1)', 'DELETE FROM t', 'TABLE t', 'SELECT 1; SELECT 2'),
    tie('select'),
    fc
      .tuple(tie('query'), fc.constantFrom('UNION ALL', 'EXCEPT', 'INTERSECT', ';'), tie('query'))
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('query'), tie('query')).map(([inner, outer]) => `WITH a AS (${inner}) ${outer}`),
  ),
}));

test.each(['snowflake', 'databricks'] as const)(
  'of generated statements over %s it lets only reading queries through',
  (dialect) => {
    let both = 0;
    fc.assert(
      fc.property(query, (generated) => {
        const sql = String(generated);
        if (!accepted(sql, dialect)) return;
        const statements = parsed(sql, dialect);
        if (statements === undefined) return;
        both += 1;
        expect(objections(statements)).toEqual([]);
      }),
      { numRuns: runs },
    );
    // Most changes make a statement that one of the two refuses; these are what was compared.
    expect(both).toBeGreaterThan(runs / 200);
  },
);
