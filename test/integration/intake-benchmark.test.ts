import { type BenchResult, runBench } from '../support/run-bench';

/** A few alerts say nothing about speed; that none is lost and no case doubled has to hold at any size. */
test('the benchmark of intake still runs, and loses nothing', async () => {
  const { status, stdout } = await runBench('intake', '--json', '--alerts', '150', '--rounds', '1');
  expect([0, 1]).toContain(status);
  const { figures } = JSON.parse(stdout) as BenchResult;
  const counted = figures.filter(({ name }) => name.startsWith('Alerts lost'));
  expect(counted.length).toBeGreaterThan(0);
  for (const figure of counted)
    expect(figure).toMatchObject({ measured: '0 lost, 0 doubled, 0 not kept as they came', met: true });
});

test('it refuses what it cannot do', async () => {
  expect(await runBench('intake', '--alerts', 'many')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('many'),
  });
});
