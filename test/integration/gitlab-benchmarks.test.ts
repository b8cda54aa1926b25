import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

interface Result {
  bench: string;
  figures: { name: string; measured: string; met: boolean; meaning: string }[];
  notes: string[];
}

async function run(bench: string, args: string[]) {
  const ended = await new Promise<{ status: unknown; stdout: string; stderr: string }>((done) => {
    execFile(
      process.execPath,
      [join(root, 'bench', `${bench}.mjs`), '--json', ...args],
      { cwd: root, timeout: 110_000 },
      (error, stdout, stderr) => done({ status: error?.code ?? 0, stdout, stderr }),
    );
  });
  return {
    ...ended,
    get result(): Result {
      if (ended.stdout === '') throw new Error(`${bench} ended with ${ended.status}: ${ended.stderr}`);
      return JSON.parse(ended.stdout) as Result;
    },
  };
}

test('a group is read whole, with hardly more requests than the API needs', async () => {
  const { status, result } = await run('gitlab-group', [
    ...['--projects', '6', '--merge-requests', '2000', '--rounds', '1'],
  ]);
  expect(result.figures.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^Merge requests of a group by time updated/),
    expect.stringMatching(/^Merge requests of a group by time merged/),
    expect.stringMatching(/^Failed pipelines of a group/),
    expect.stringMatching(/^Supply-chain changes of a group/),
  ]);
  // Two calls of 1,000, and one more request where the first one ends.
  expect(result.figures[0]?.measured).toMatch(/^1\.\d\d \(2[12] to 20, for 2,000 in /);
  expect(result.figures[2]?.measured).toBe('1.00 (13 to 13)');
  expect(result.figures[3]?.measured).toMatch(/^1\.0\d \(/);
  expect(result.figures[3]?.meaning).toContain('were found to be merges');
  expect(status).toBe(0);
});

/** Few calls say nothing about speed, so a missed floor (status 1) is no failure here; anything else is. */
test('our bridge and its peer answer the same questions', async () => {
  const ended = await run('gitlab-peer', ['--rounds', '1', '--calls', '3', '--log-kilobytes', '32']);
  if (ended.status === 3) {
    console.warn(`Skipped: ${ended.stderr.trim().split('\n').pop()}`);
    return;
  }
  expect([0, 1]).toContain(ended.status);
  const { figures, notes } = ended.result;
  expect(figures).toHaveLength(9);
  for (const { name, met } of figures)
    if (name.includes('text of the answer')) expect([name, met]).toEqual([name, true]);
  expect(figures.at(-1)?.measured).toMatch(/^ours \d+ tools, [\d,]+ bytes .* the peer \d+ tools, /);
  expect(notes[0]).toContain('@zereight/mcp-gitlab 2.1.64 (licence MIT)');
});

test.each([
  ['gitlab-group', ['--projects', '0']],
  ['gitlab-peer', ['--rounds', 'many']],
])('%s refuses sizes that are none', async (bench, args) => {
  expect(await run(bench, args)).toMatchObject({ status: 2, stdout: '' });
});
