import { existsSync } from 'node:fs';
import { installDebian } from './debian.mjs';

/** The keychain of Linux and the session bus it is reached over, for the tests that store secrets in a real one. */
export async function ensureKeychain() {
  const have = ['/usr/bin/gnome-keyring-daemon', '/usr/bin/dbus-run-session'].every((file) => existsSync(file));
  if (process.platform === 'linux' && !have) await installDebian('gnome-keyring', ['gnome-keyring', 'dbus']);
}
