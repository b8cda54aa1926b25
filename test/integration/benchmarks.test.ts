import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { guardResult, page, section } from '../../bench/benchmarks-page.mjs';

const root = resolve(__dirname, '../..');

interface Result {
  figures: { name: string; measured: string; met: boolean }[];
}

/** Few rows say nothing about speed, so a missed floor (status 1) is no failure here; anything else is. */
test('the benchmark of rows still runs, and counts every row it should get', async () => {
  const args = ['--json', '--rows', '5000', '--memory-rows', '5000', '--rounds', '1'];
  const { status, stdout, stderr } = await new Promise<{ status: unknown; stdout: string; stderr: string }>((done) => {
    execFile(
      process.execPath,
      [join(root, 'bench/panther-rows.mjs'), ...args],
      { cwd: root, timeout: 100_000 },
      (error, out, err) => done({ status: error?.code ?? 0, stdout: out, stderr: err }),
    );
  });
  expect([0, 1]).toContain(status);
  expect(stderr).toContain('round 1 of 1');
  const { figures } = JSON.parse(stdout) as Result;
  expect(figures).toHaveLength(2);
  expect(Number(figures[0]?.measured)).toBeGreaterThan(0.2);
  expect(figures[1]?.measured).toMatch(/^\d+ MiB resident, \d+ MiB heap$/);
});

test('a log of 5 MB is reviewed to its end, and its memory stays flat', async () => {
  const { status, stdout } = await new Promise<{ status: unknown; stdout: string }>((done) => {
    execFile(
      process.execPath,
      [join(root, 'bench/gitlab-trace.mjs'), '--json', '--megabytes', '5'],
      { cwd: root, timeout: 100_000 },
      (error, out) => done({ status: error?.code ?? 0, stdout: out }),
    );
  });
  const { figures } = JSON.parse(stdout) as Result;
  expect(figures.filter(({ met }) => !met)).toEqual([]);
  expect(figures).toHaveLength(4);
  expect(status).toBe(0);
});

test('the page keeps what was not measured this time, and replaces what was', () => {
  const result = (measured: string) => ({
    bench: 'a-bench',
    title: 'A bench',
    figures: [{ name: 'Speed', measured, floor: 'some', met: false, meaning: 'How fast' }],
    notes: ['A note.'],
  });
  const facts = { date: '2026-01-02', machine: '2 cores', command: 'node bench/run.mjs a-bench' };
  const guard = guardResult({
    rounds: 2,
    results: [
      {
        dialect: 'snowflake',
        hostile: 5,
        hostile_accepted: 1,
        legitimate: 4,
        legitimate_refused: 0,
        characters_per_query: 99.6,
        guard_us_per_query: 10,
        parser_us_per_query: 40,
      },
    ],
    long_characters: 1000,
    long_ms: 1.26,
  });
  const first = page('', { 'a-bench': section(result('1'), facts), 'sql-guard': section(guard, facts) });
  const second = page(first, { 'a-bench': section(result('2'), facts) });
  expect(second).toContain('| Speed | 2 (missed) | some |');
  expect(second).not.toContain('| Speed | 1');
  expect(second).toContain('| Hostile statements accepted (snowflake) | 1 of 5 (missed) | none |');
  expect(second).toContain('0.25 (10 µs a query)');
  expect(page(second, {})).toBe(second);
});
