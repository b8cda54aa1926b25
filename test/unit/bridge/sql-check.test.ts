import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram, failureLines } from '../../../bridge/src/cli';
import { checkedFile, checkJson, checkText } from '../../../bridge/src/sql-check';
import { queriesInYaml } from '../../../bridge/src/yaml-query';
import { tenantSettings } from '../../../operations/panther/tenant-settings';

const options = {
  database: 'panther_logs',
  settings: tenantSettings({ defaults: {} }),
  now: new Date('2026-11-24T13:00:00Z'),
};

test('a problem is shown with its place, its line, a caret and the fix', () => {
  const text = checkText(checkedFile('a.sql', "SELECT 1\n\tFROM aws_alb b\nWHERE b.x = 'y'", options));
  expect(text.split('\n')).toEqual([
    'a.sql:2:7  table aws_alb (alias b) is read without a bound on p_event_time  [time-filter]',
    '     FROM aws_alb b',
    '          ^^^^^^^',
    "    fix: add b.p_event_time > current_timestamp - interval '7 days' for table aws_alb (alias b)",
    '',
    '1 query, 1 refused, 1 problem',
  ]);
});

test('of a long line the part around the token is shown, without control characters', () => {
  const text = checkText(
    checkedFile('a.sql', `SELECT ${"'\u001b[31m', ".repeat(100)} @x, ${'1, '.repeat(100)} 1`, options),
  );
  const [, line = '', caret = ''] = text.split('\n');
  expect(line.length).toBeLessThan(120);
  expect(line.charAt(caret.indexOf('^'))).toBe('@');
  expect(text).not.toContain('\u001b');
});

test('what may be sent is counted', () => {
  expect(checkText(checkedFile('a.sql', 'SELECT 1', options))).toBe('1 query, no problems');
  expect(checkText([])).toBe('0 queries, no problems');
});

describe('queries of detections as code', () => {
  const rule = (block: string) => `AnalysisType: saved_query\n${block}\nTags:\n  - x\n`;

  test('are taken from their block, with places in the file', () => {
    const [checked] = checkedFile('q.yml', rule('Query: |-\n  -- why\n\n  SELECT *\n  FROM aws_alb'), options);
    expect(checked).toMatchObject({ key: 'Query', problems: [{ rule: 'time-filter', line: 6, column: 8 }] });
  });

  test('pass when they are bounded, in blocks of both kinds', () => {
    for (const style of ['|', '|-', '>', '>-', '| # the query']) {
      const content = rule(`Query: ${style}\n    SELECT *\n    FROM aws_alb\n    WHERE p_occurs_since('1 day')`);
      expect(checkedFile('q.yaml', content, options).map(({ problems }) => problems)).toEqual([[]]);
    }
  });

  test('folding joins lines: a comment then hides what follows, and places stay those of the file', () => {
    const content = rule('Query: >\n  SELECT * -- all\n  FROM aws_alb\n\n  FROM aws_nlb');
    expect(checkedFile('q.yml', content, options)[0]?.problems).toMatchObject([
      { rule: 'time-filter', line: 6, column: 8 },
    ]);
    const [folded] = queriesInYaml(rule('Query: >\n  a\n  b\n    c\n  d\n\n  e'));
    expect(folded?.sql?.trim().replace(/ +/g, ' ')).toBe('a b\n c\n d\n\n e');
  });

  test('each is read in its own dialect', () => {
    const content = rule(
      'SnowflakeQuery: |\n  SELECT "x" FROM "panther_logs"\nDatabricksQuery: |\n  SELECT `x` FROM `panther_logs`.t WHERE p_occurs_since(1d)',
    );
    expect(checkedFile('q.yml', content, options).map(({ key, problems }) => [key, problems.length])).toEqual([
      ['SnowflakeQuery', 1],
      ['DatabricksQuery', 0],
    ]);
  });

  test('in another form are a problem, and a file without one has none', () => {
    expect(checkedFile('q.yml', rule('Query: "SELECT 1"'), options)[0]?.problems).toMatchObject([
      { rule: 'unreadable', line: 2 },
    ]);
    expect(checkedFile('q.yml', 'AnalysisType: rule\n', options)).toEqual([]);
  });
});

describe('soc-bridge sql check', () => {
  let folder: string;
  let written: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sql-check-'));
    await writeFile(join(folder, 'good.sql'), "SELECT * FROM aws_alb WHERE p_occurs_since('10 days')");
    await writeFile(join(folder, 'bad.sql'), 'SELECT * FROM aws_alb');
    await writeFile(join(folder, 'flow.sql'), '-- pragma: pantherflow\naws_alb | limit 1');
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function run(...args: string[]): Promise<number> {
    written = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
    const before = process.exitCode;
    process.exitCode = 0;
    try {
      const program = createProgram({ operations: [] } as unknown as Parameters<typeof createProgram>[0], '0.0.0');
      await program.parseAsync([
        'node',
        'soc-bridge',
        'sql',
        'check',
        ...args.map((arg) => arg.replace('@', `${folder}/`)),
      ]);
      return Number(process.exitCode);
    } finally {
      process.exitCode = before;
      write.mockRestore();
    }
  }

  test('is 0 for what may be sent and 1 for what is refused', async () => {
    expect(await run('@good.sql')).toBe(0);
    expect(await run('@good.sql', '@bad.sql')).toBe(1);
    expect(written).toContain('bad.sql:1:15  table aws_alb is read without');
    expect(written).toContain('2 queries, 1 refused, 1 problem');
  });

  test('gives JSON', async () => {
    expect(await run('--json', '@bad.sql')).toBe(1);
    expect(JSON.parse(written)).toEqual([
      {
        file: `${folder}/bad.sql`,
        key: null,
        problems: [expect.objectContaining({ rule: 'time-filter', line: 1, column: 15 })],
      },
    ]);
  });

  test('follows its flags', async () => {
    expect(await run('--max-window-days', '9', '@good.sql')).toBe(1);
    expect(await run('--database', 'panther_lookups', '@bad.sql')).toBe(0);
    expect(await run('--database', 'extra', '@good.sql')).toBe(1);
    expect(await run('--database', 'extra', '--databases', 'other,extra', '@good.sql')).toBe(0);
    expect(await run('@flow.sql')).toBe(1);
    expect(await run('--allow-pragma', 'template', '--allow-pragma', 'pantherflow', '@flow.sql')).toBe(0);
    expect(await run('--dialect', 'databricks', '@good.sql')).toBe(0);
  });

  test('names the flag or the file that cannot be used', async () => {
    await expect(run('--dialect', 'oracle', '@good.sql')).rejects.toThrow(
      '--dialect is not one of snowflake, databricks',
    );
    await expect(run('--max-window-days', '0', '@good.sql')).rejects.toThrow(/^--max-window-days is not/);
    await expect(run('@none.sql')).rejects.toThrow(/none\.sql cannot be read: ENOENT/);
  });
});

test('JSON of the problems holds nothing that a terminal obeys, and the same values', () => {
  const checked = checkedFile('a.sql', 'SELECT 1 FROM "a\u009b31m\u202e\u{e0041}b" x, @y\u009b', options);
  const json = checkJson(checked);
  expect(checked[0]?.problems.some(({ token }) => /\p{C}/u.test(token))).toBe(true);
  expect(json).not.toMatch(/[^\P{C}\n]/u);
  expect(JSON.parse(json)).toEqual(checked.map(({ sql: _, ...entry }) => entry));
});

test.each(['"Query": |', "'Query': |", 'Query : |'])('a query under %s is a query', (key) => {
  const content = `AnalysisType: saved_query\n${key}\n  SELECT * FROM aws_alb\n`;
  expect(checkedFile('q.yml', content, options)).toMatchObject([{ key: 'Query', problems: [{ rule: 'time-filter' }] }]);
});

test('what went wrong is told without what a terminal obeys', () => {
  const lines = failureLines(new Error('a\u001b]0;b\u0007.sql\u009b31m cannot\nbe read'));
  expect(lines).toEqual(['a ]0;b .sql 31m cannot be read']);
});

test('a setting that cannot be read is called by where it came from', async () => {
  const check = (...args: string[]) => {
    const program = createProgram({ operations: [] } as unknown as Parameters<typeof createProgram>[0], '0.0.0');
    return program.parseAsync(['node', 'soc-bridge', 'sql', 'check', 'none.sql', ...args]);
  };
  const before = process.env.PANTHER_MAX_WINDOW_DAYS;
  process.env.PANTHER_MAX_WINDOW_DAYS = 'soon';
  try {
    await expect(check()).rejects.toThrow(/^PANTHER_MAX_WINDOW_DAYS is not/);
    await expect(check('--max-window-days', 'later')).rejects.toThrow(/^--max-window-days is not/);
  } finally {
    if (before === undefined) delete process.env.PANTHER_MAX_WINDOW_DAYS;
    else process.env.PANTHER_MAX_WINDOW_DAYS = before;
  }
});
