#!/usr/bin/env node
/**
 * Crash points: the bridge is killed by SIGKILL between every two writes of its ledgers, each time in a new investigation, and another
 * bridge brings the case to its end; on SQLite and on PostgreSQL. Before that, a PostgreSQL is gone for a minute. Runs the integration
 * tests of these with all points and the whole minute.
 *
 *   node bench/crash-points.mjs [--json]
 *
 * Ends with status 1 when a case ended differently. PostgreSQL is found at SOC_TEST_POSTGRES_URL.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { root } from '../scripts/stack/paths.mjs';

const json = process.argv.includes('--json');
const folder = mkdtempSync(join(tmpdir(), 'soc-bench-'));
const file = join(folder, 'result.json');
try {
  const gone = await runTest('bridge/database-gone', { SOC_GONE_SECONDS: '60' });
  const killed = await runTest('investigation/crash-points', {
    SOC_CRASH_POINTS: 'all',
    SOC_CRASH_POINTS_RESULT: file,
  });
  const figures = Object.entries(JSON.parse(readFileSync(file, 'utf8'))).map(
    ([engine, { points, same, differing }]) => {
      for (const difference of differing) process.stderr.write(`crash-points: ${engine}: ${difference}\n`);
      return {
        name: `Same case after a crash (${engine})`,
        measured: `${same} of ${points} points`,
        floor: 'all',
        met: points > 0 && same === points,
        meaning:
          'the same row, evidence, coverage and events, and every effect once in the ledger and in the simulated workspace, as in a case that nobody interrupted.',
      };
    },
  );
  // A run that was cut short would show the engines that it came to, and no more.
  if (killed.failed > figures.filter(({ met }) => !met).length)
    throw new Error('the test of crash points did not come to its end; run it by itself to see why');
  if (gone.passed + gone.failed > 0)
    figures.push({
      name: 'A PostgreSQL that is gone for a minute in the middle of an investigation',
      measured: `${gone.passed} of ${gone.passed + gone.failed} as if it had not been`,
      floor: 'all',
      met: gone.failed === 0,
      meaning:
        'its connections break and are refused, or it falls silent: alerts are answered with 503 and no case is lost, the case under way and those sent again end the same, every effect once, in one process.',
    });
  const notes = [
    'The points are read from the ledgers of an uninterrupted case: for each stage and effect the moments after its claim, after its work and before the result is stored, and after that; for each event the moment after it.',
    'Each point is a new investigation in a process of its own, which ends itself by SIGKILL there; the shipped bridge beside it goes on once the lease of one second has run out.',
  ];
  const result = { bench: 'crash-points', title: 'Crash points of an investigation', figures, notes };
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const { name, measured, floor, met } of figures)
      console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor ${floor})`);
  if (figures.length === 0 || figures.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One file of the integration tests; how many of its tests passed and failed. Skipped ones are neither. */
async function runTest(pattern, env) {
  process.stderr.write(`crash-points: ${pattern}\n`);
  const summary = join(folder, 'jest.json');
  const child = spawn(
    nodeExecutable(),
    [
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['--selectProjects', 'integration', '--maxWorkers=1', '--forceExit'],
      ...['--testPathPatterns', pattern, '--json', '--outputFile', summary],
    ],
    {
      cwd: root,
      env: { ...nodeEnvironment(), NODE_OPTIONS: '--experimental-vm-modules --no-warnings', ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  await new Promise((resolve) => child.once('close', resolve));
  const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(summary, 'utf8'));
  return { passed, failed };
}
