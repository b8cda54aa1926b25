import { existsSync } from 'node:fs';
import { installDebian } from './debian.mjs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A browser's path, or undefined. `SOC_CHROMIUM` names the one to use; `SOC_CHROMIUM=none` is none, as where there is no browser. */
export function chromium() {
  const { SOC_CHROMIUM: named } = process.env;
  return (named ? [named] : places).find((path) => existsSync(path));
}

/** Installs Debian's chromium where that can be done; else the browser tests say that they are skipped. */
export async function ensureChromium() {
  if (!chromium() && !process.env.SOC_CHROMIUM)
    await installDebian('Chromium', ['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji']);
}
