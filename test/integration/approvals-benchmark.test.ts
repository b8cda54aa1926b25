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
      [join(root, 'bench/approvals.mjs'), ...args],
      { cwd: root, timeout: 100_000 },
      (error, stdout, stderr) => done({ status: error?.code ?? 0, stdout, stderr }),
    );
  });

/** A few clicks say nothing about speed; that every one is decided and a burst settles once has to hold at any size. */
test('the benchmark of approvals still runs, and a burst settles once', async () => {
  const { status, stdout } = await run(['--json', '--open', '4', '--rounds', '1', '--clicks', '60']);
  expect([0, 1]).toContain(status);
  const { figures } = JSON.parse(stdout) as Result;
  const once = figures.filter(({ name }) => name.includes('settle once'));
  expect(once.length).toBeGreaterThan(0);
  for (const figure of once)
    expect(figure).toMatchObject({ measured: '1 decision, 1 outcome in the thread', met: true });
});

test('it refuses what it cannot do', async () => {
  expect(await run(['--clicks', 'many'])).toMatchObject({ status: 2, stderr: expect.stringContaining('many') });
});
