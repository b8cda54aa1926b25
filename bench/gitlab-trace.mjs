#!/usr/bin/env node
/**
 * Reviewing a job with a long log: how much the memory grows, how long it takes and how large the answer is. Starts
 * everything itself on free loopback ports. Progress goes to stderr.
 *
 *   node bench/gitlab-trace.mjs [--json] [--megabytes 50]
 *
 * Ends with status 1 when a figure misses its floor.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readyLine, startService } from '../scripts/stack/child-process.mjs';
import { nodeEnvironment, nodeExecutable } from '../scripts/stack/node-runtime.mjs';
import { ProgramBundles } from './program-bundle.mjs';

const floors = { growthMiB: 16, answerKiB: 24 };
const longestMs = 5 * 60_000;
const mib = 1024 * 1024;

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, megabytes: { type: 'string', default: '50' } },
});
const megabytes = Number(values.megabytes);
if (!Number.isInteger(megabytes) || megabytes < 4 || megabytes > 2000) {
  process.stderr.write(`gitlab-trace: ${values.megabytes} is not a whole number from 4 to 2000\n`);
  process.exit(2);
}

const say = (text) => process.stderr.write(`gitlab-trace: ${text}\n`);

const folder = mkdtempSync(join(tmpdir(), 'soc-bench-'));
const bundles = new ProgramBundles();
const deadline = setTimeout(() => {
  say(`not done after ${longestMs / 60_000} minutes; given up`);
  process.exit(1);
}, longestMs);
deadline.unref();

let sandbox;
try {
  say('building');
  const [sandboxFile, readerFile] = await Promise.all([
    bundles.add('sandbox/src/main.ts', 'sandbox.mjs'),
    bundles.add('bench/trace-reader.ts', 'trace-reader.mjs'),
  ]);
  sandbox = await startService(nodeExecutable(), [sandboxFile], {
    cwd: folder,
    env: nodeEnvironment(),
    logFile: join(folder, 'sandbox.log'),
    what: 'The sandbox',
    ready: readyLine,
  });
  const { gitlab, control } = sandbox.value;
  const job = await failedJob(gitlab);
  const order = { control: control.url, ...job, bytes: megabytes * 1_000_000 };
  say(`a log of ${megabytes} MB`);
  const run = (mode) => runReader(readerFile, { ...order, mode }, gitlab);
  const result = report({ held: await run('held'), resident: await run('resident'), first: await run('first') });
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const { name, measured, floor, met } of result.figures)
      console.log(`${met ? 'ok  ' : 'MISS'} ${name}: ${measured} (floor ${floor})`);
  if (result.figures.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
  bundles.remove();
}

function report({ held, resident, first }) {
  const inMiB = (bytes) => `${(bytes / mib).toFixed(1)} MiB`;
  const found = [held, resident, first].every(
    ({ failingSection, endsInFailure }) => failingSection === 'step_script' && endsInFailure,
  );
  const size = `${megabytes} MB`;
  return {
    bench: 'gitlab-trace',
    title: 'Logs of GitLab jobs',
    figures: [
      {
        name: `Memory held while a log of ${size} is reviewed`,
        measured: inMiB(held.growth),
        floor: `under ${floors.growthMiB} MiB`,
        met: held.growth < floors.growthMiB * mib,
        meaning:
          'Heap, buffers and strings, with garbage collected before each look, every 5 ms from the start of the review to its end; over the same before the review. The server sends the whole log, as all do that know no offset.',
      },
      {
        name: `Growth of the process while a log of ${size} is reviewed`,
        measured: inMiB(first.growth),
        floor: `under ${floors.growthMiB} MiB`,
        met: first.growth < floors.growthMiB * mib,
        meaning:
          'Resident memory at its peak during the review, over what it was before it, in a process that has reviewed two logs of 3 MB.',
      },
      {
        name: 'The failure at its end is found',
        measured: found ? 'yes' : 'no',
        floor: 'yes',
        met: found,
        meaning: 'The failing section by name, and the last line of the runner in the excerpt.',
      },
      {
        name: 'Size of the answer',
        measured: `${(first.answerBytes / 1024).toFixed(1)} KiB`,
        floor: `under ${floors.answerKiB} KiB`,
        met: first.answerBytes < floors.answerKiB * 1024,
        meaning: 'JSON of the whole answer at the default of 8,000 characters of log.',
      },
    ],
    notes: [
      `A review took ${(resident.ms / 1000).toFixed(1)} s.`,
      `After thirty reviews of logs of 3 MB, without any collection by force, resident memory grew by ${inMiB(resident.growth)}: the heap's own garbage. Neither figure depends on the length of the log.`,
      'The bridge has V8 collect the pieces of a log for every MiB read (bridge/src/hosting/young-garbage.ts); without that some 60 MiB of them gather during any download. n8n offers no such means to a node.',
    ],
  };
}

/** A job that failed, by the API. */
async function failedJob(gitlab) {
  const headers = { 'private-token': gitlab.token };
  const project = `${gitlab.group}/platform/payments-api`;
  const at = `${gitlab.url}/api/v4/projects/${encodeURIComponent(project)}/pipelines`;
  const read = async (url) => (await fetch(url, { headers })).json();
  for (const { id } of await read(`${at}?status=failed&per_page=20`)) {
    const [job] = await read(`${at}/${id}/jobs?scope[]=failed`);
    if (job?.failure_reason === 'script_failure') return { project, jobId: job.id };
  }
  throw new Error('the sandbox has no failed job');
}

async function runReader(file, order, gitlab) {
  const child = spawn(nodeExecutable(), ['--expose-gc', file, JSON.stringify(order)], {
    cwd: folder,
    env: nodeEnvironment({ GITLAB_URL: gitlab.url, GITLAB_TOKEN: gitlab.token, SOC_ALLOW_PRIVATE_NETWORK: 'true' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new Error(`the reader ended with ${status}`);
  return JSON.parse(output);
}
