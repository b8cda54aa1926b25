import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child-process.mjs';
import { varDir } from './paths.mjs';
import { longStep, step } from './say.mjs';

/** A package list is fresh enough for one run of the tests. */
let updated = false;

/**
 * Installs Debian's packages where that can be done. Never rejects: where it cannot be done it says so, and the tests that
 * need `what` are skipped.
 */
export async function installDebian(what, packages) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    step(`No ${what} here and no right to install it: its tests will be skipped`);
    return;
  }
  const logFile = join(varDir, 'logs', `apt-${packages[0]}.log`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await longStep(`Installing ${what} (once)`, async () => {
      if (!updated) await run('apt-get', ['update'], { env, logFile, what: 'apt-get update' });
      updated = true;
      const args = ['install', '-y', '--no-install-recommends', ...packages];
      await run('apt-get', args, { env, logFile, what: `Installing ${what}` });
    });
  } catch (error) {
    step(`${what} could not be installed, so its tests will be skipped: ${error.message}`);
  }
}
