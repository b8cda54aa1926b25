import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { run } from './stack/child-process.mjs';
import { ensureChromium } from './stack/chromium.mjs';
import { ensureDependencies } from './stack/install.mjs';
import { ensureKeychain } from './stack/keychain.mjs';
import { ensureN8n, n8nFolder } from './stack/n8n-install.mjs';
import { ensureNginx } from './stack/nginx.mjs';
import { nodeEnvironment, nodeExecutable } from './stack/node-runtime.mjs';
import { ensureOfficialTools } from './stack/official-tools.mjs';
import { ensureBuilt } from './stack/package-build.mjs';
import { root, varDir } from './stack/paths.mjs';
import { done, fail, longStep, PlainError, step } from './stack/say.mjs';

const usage = `npm test -- [unit|integration|e2e ...]

Installs what is missing, builds, checks types and style, and runs the suites (all of them unless named).
The last line is "N passed, N failed, N skipped".
`;

/**
 * Runs one jest project; its output is shown when it ends, so that suites side by side do not mix their lines. Two workers
 * fit two cores.
 */
async function suite(name, workers = ['--maxWorkers=2']) {
  const started = Date.now();
  const report = join(varDir, 'test', `${name}.json`);
  rmSync(report, { force: true });
  const args = [
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--selectProjects',
    name,
    '--json',
    `--outputFile=${report}`,
    ...workers,
    '--passWithNoTests',
    '--forceExit',
    '--silent=false',
  ];
  const env = nodeEnvironment({ NODE_OPTIONS: '--experimental-vm-modules --no-warnings', FORCE_COLOR: '0' });
  const child = spawn(nodeExecutable(), args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const status = await new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  process.stdout.write(output);
  const seconds = Math.round((Date.now() - started) / 1000);
  if (!existsSync(report))
    return { name, passed: 0, failed: 1, skipped: 0, seconds, problem: `jest ended with ${status} and no report` };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not run at all has no failed test in it, but must not pass.
  const brokenFiles = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  return {
    name,
    passed: result.numPassedTests,
    failed: result.numFailedTests + brokenFiles,
    skipped: result.numPendingTests + result.numTodoTests,
    seconds,
    failures: result.testResults.flatMap(failuresOf),
  };
}

/** The unit suite with one worker beside the end-to-end suite. A worker that has grown large is replaced by a fresh one. */
async function both(e2e) {
  const unit = suite('unit', ['--maxWorkers=1', '--workerIdleMemoryLimit=1GB']).then((result) => {
    done(`Suite unit: ${result.seconds} s`);
    return result;
  });
  return Promise.all([unit, e2e()]);
}

/** What failed in a file, a line each with the first line of its reason: the output above is long, and often cut. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [`${file}: ${stripVTControlCharacters(message).trim()}`] : [];
  return failed.map(({ fullName, failureMessages }) => {
    const reason = stripVTControlCharacters(failureMessages[0] ?? '').trim();
    return `${file}: ${fullName}\n    ${reason.split('\n').slice(0, 12).join('\n    ')}`;
  });
}

/** A check that is one command: counts as one test. */
async function check(name, args) {
  const started = Date.now();
  const logFile = join(varDir, 'test', `${name}.log`);
  try {
    await run(nodeExecutable(), args, { cwd: root, env: nodeEnvironment(), logFile, what: name });
    return { name, passed: 1, failed: 0, skipped: 0, seconds: Math.round((Date.now() - started) / 1000) };
  } catch {
    process.stdout.write(readFileSync(logFile, 'utf8').slice(-6000));
    return { name, passed: 0, failed: 1, skipped: 0, seconds: Math.round((Date.now() - started) / 1000) };
  }
}

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const known = ['unit', 'integration', 'e2e'];
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown) throw new PlainError(`There is no suite "${unknown}"; there are ${known.join(', ')}.`);
  const chosen = positionals.length > 0 ? positionals : known;
  await ensureDependencies();
  mkdirSync(join(varDir, 'test'), { recursive: true });
  await ensureBuilt();
  // What people do in a browser is tested in one.
  if (chosen.some((name) => name !== 'unit')) await ensureChromium();
  if (chosen.includes('integration')) {
    await ensureKeychain();
    await ensureNginx();
    await ensureOfficialTools().catch(({ message }) => {
      step(`Without the official MCP Inspector and bundle tool: their tests are skipped. ${message}`);
    });
  }

  const results = [];
  // n8n's install mostly waits for the network and the disk, so the other suites run beside it.
  const n8nWasHere = existsSync(n8nFolder());
  const n8n = chosen.includes('e2e') ? ensureN8n() : undefined;
  n8n?.catch(() => {});
  if (positionals.length === 0) {
    step('Checking types and style');
    results.push(
      await check('biome', [
        join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'),
        'check',
        '--error-on-warnings',
        '.',
      ]),
    );
    results.push(await check('types', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit']));
  }
  // The integration suite measures and loads, so nothing else that works hard runs beside it. The end-to-end suite mostly
  // waits for n8n: the unit suite fits beside it, or beside n8n's install while that is still to come.
  const unitBesideE2e = chosen.includes('unit') && chosen.includes('e2e') && n8nWasHere;
  for (const name of ['unit', 'integration']) {
    if (!chosen.includes(name) || (name === 'unit' && unitBesideE2e)) continue;
    results.push(await longStep(`Suite ${name}`, () => suite(name)));
  }
  if (chosen.includes('e2e')) {
    await n8n;
    // The end-to-end suite must not compete with itself.
    const e2e = () => suite('e2e', ['--runInBand']);
    if (unitBesideE2e)
      results.push(...(await longStep('Suites unit and e2e (real n8n, many minutes)', () => both(e2e))));
    else results.push(await longStep('Suite e2e (real n8n, several minutes)', e2e));
  }
  for (const failure of results.flatMap(({ failures = [] }) => failures)) process.stdout.write(`FAILED ${failure}\n`);
  for (const { name, passed, failed, skipped, seconds, problem } of results) {
    process.stdout.write(
      `${name.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s${problem ? ` (${problem})` : ''}\n`,
    );
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  if (sum('failed') === 0) done('Everything passed');
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
  return sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
}

main()
  .then((status) => process.exit(status))
  .catch((error) => fail(error instanceof PlainError ? error.message : (error?.stack ?? String(error))));
