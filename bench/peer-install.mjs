import { join } from 'node:path';
import { root } from '../scripts/stack/paths.mjs';
import { ensurePinned } from '../scripts/stack/pinned-packages.mjs';

/**
 * Installs the pinned peers once into the cache and resolves to the folder. Throws an error of one plain line when the registry
 * cannot be reached.
 * @param {(text: string) => void} say
 */
export function ensurePeers(say) {
  return ensurePinned({ source: join(root, 'bench', 'peers'), name: 'bench-peers', what: 'the peers', say });
}
