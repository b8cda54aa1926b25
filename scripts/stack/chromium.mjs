import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child-process.mjs';
import { varDir } from './paths.mjs';
import { longStep, step } from './say.mjs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A browser's path, or undefined. `SOC_CHROMIUM` names another. */
export function chromium() {
  return [process.env.SOC_CHROMIUM, ...places].find((path) => path && existsSync(path));
}

/** Installs Debian's chromium where that can be done; else the browser tests say that they are skipped. */
export async function ensureChromium() {
  if (chromium()) return;
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    step('No Chromium here and no right to install one: the browser tests will be skipped');
    return;
  }
  const logs = join(varDir, 'logs');
  try {
    await longStep('Installing Chromium (once)', async () => {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update'], { env, logFile: join(logs, 'apt-update.log'), what: 'apt-get update' });
      await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
        env,
        logFile: join(logs, 'apt-install.log'),
        what: 'Installing Chromium',
      });
    });
  } catch (error) {
    step(`Chromium could not be installed, so the browser tests will be skipped: ${error.message}`);
  }
}
