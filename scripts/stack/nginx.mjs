import { existsSync } from 'node:fs';
import { installDebian } from './debian.mjs';

/** A real nginx, for the tests of what stands in front of the bridge. */
export async function ensureNginx() {
  if (!existsSync('/usr/sbin/nginx')) await installDebian('nginx', ['nginx-light']);
}
