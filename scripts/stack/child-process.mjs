import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PlainError } from './say.mjs';

const living = new Set();

/** Remembers a child for as long as it lives. */
function track(child) {
  living.add(child);
  child.once('exit', () => living.delete(child));
  child.once('error', () => living.delete(child));
  return child;
}

/** Ends what is still running: a command that was cut off in the middle must not leave its children behind. */
export function endChildren() {
  for (const child of living) child.kill();
}

/**
 * Runs a command to its end. Its output goes to `logFile` (a closed pipe would make n8n's command line spin).
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, logFile: string, what: string}} options
 */
export async function run(command, args, { cwd, env, logFile, what }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  await new Promise((resolve) => log.once('open', resolve));
  const child = track(spawn(command, args, { cwd, env, stdio: ['ignore', log, log] }));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  log.end();
  if (status !== 0) throw new PlainError(`${what} ended with ${status}. ${lastLines(logFile)} Whole log: ${logFile}`);
}

/** The last lines of a log that say something, on one line. */
export function lastLines(logFile, count = 3) {
  try {
    const lines = readFileSync(logFile, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
    const errors = lines.filter((line) => /error/i.test(line) && !/complete log/i.test(line));
    return (errors.length > 0 ? errors : lines).slice(-count).join(' | ');
  } catch {
    return '';
  }
}

/**
 * Starts a service and waits until it is ready. `ready` sees the child's stdout so far and resolves to a value once it
 * is; a child that ends before that rejects with its last words.
 * @template T
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env: NodeJS.ProcessEnv, logFile: string, what: string, timeoutMs?: number, ready: (stdout: string) => Promise<T | undefined> | T | undefined}} options
 * @returns {Promise<{value: T, child: import('node:child_process').ChildProcess, stop: (signal?: NodeJS.Signals) => Promise<void>}>}
 */
export async function startService(command, args, { cwd, env, logFile, what, timeoutMs = 60_000, ready }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  await new Promise((resolve) => log.once('open', resolve));
  const child = track(spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', log] }));
  let stdout = '';
  let ended;
  const exit = new Promise((resolve) => {
    child.once('error', (error) => {
      ended = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      ended = signal ?? code;
      resolve();
    });
  });
  child.stdout.on('data', (chunk) => {
    if (stdout.length < 100_000) stdout += chunk;
    log.write(chunk);
  });
  const stop = async (signal = 'SIGTERM') => {
    if (ended !== undefined) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(timer);
  };
  const until = Date.now() + timeoutMs;
  while (Date.now() < until) {
    if (ended !== undefined) throw new PlainError(`${what} did not start (${ended}). ${lastLines(logFile)}`);
    const value = await ready(stdout);
    if (value !== undefined) return { value, child, stop };
    await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  await stop('SIGKILL');
  throw new PlainError(
    `${what} was not ready within ${timeoutMs / 1000} s. ${lastLines(logFile)} Whole log: ${logFile}`,
  );
}

/** The first JSON object on a line of its own that has `ready: true`. */
export function readyLine(stdout) {
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      const value = JSON.parse(line);
      if (value.ready === true) return value;
    } catch {
      // The line is not complete yet.
    }
  }
  return undefined;
}
