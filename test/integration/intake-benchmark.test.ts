import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

interface Result {
  figures: { name: string; measured: string; met: boolean }[];
}

const run = (args: string[]) =>
  new Promise<{ status: unknown; stdout: string; stderr: string }>((done) => {
    execFile(
      process.execPath,
      [join(root, 'bench/intake.mjs'), ...args],
      { cwd: root, timeout: 100_000 },
      (error, stdout, stderr) => done({ status: error?.code ?? 0, stdout, stderr }),
    );
  });

/** A few alerts say nothing about speed; that none is lost and no case doubled has to hold at any size. */
test('the benchmark of intake still runs, and loses nothing', async () => {
  const { status, stdout } = await run(['--json', '--alerts', '150', '--rounds', '1']);
  expect([0, 1]).toContain(status);
  const { figures } = JSON.parse(stdout) as Result;
  const counted = figures.filter(({ name }) => name.startsWith('Alerts lost'));
  expect(counted.length).toBeGreaterThan(0);
  for (const figure of counted)
    expect(figure).toMatchObject({ measured: '0 lost, 0 doubled, 0 not kept as they came', met: true });
});

test('it refuses what it cannot do', async () => {
  expect(await run(['--alerts', 'many'])).toMatchObject({ status: 2, stderr: expect.stringContaining('many') });
});
