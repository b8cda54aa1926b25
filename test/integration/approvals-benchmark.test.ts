import { type BenchResult, runBench } from '../support/run-bench';

/** A few clicks say nothing about speed; that every one is decided and a burst settles once has to hold at any size. */
test('the benchmark of approvals still runs, and a burst settles once', async () => {
  const { status, stdout } = await runBench('approvals', '--json', '--open', '4', '--rounds', '1', '--clicks', '60');
  expect([0, 1]).toContain(status);
  const { figures } = JSON.parse(stdout) as BenchResult;
  const once = figures.filter(({ name }) => name.includes('settle once'));
  expect(once.length).toBeGreaterThan(0);
  for (const figure of once)
    expect(figure).toMatchObject({ measured: '1 decision, 1 outcome in the thread', met: true });
});

test('it refuses what it cannot do', async () => {
  expect(await runBench('approvals', '--clicks', 'many')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('many'),
  });
});
