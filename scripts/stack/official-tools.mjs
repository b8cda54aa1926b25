import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { ensurePinned, pinnedFolder } from './pinned-packages.mjs';
import { step } from './say.mjs';

const pinned = { source: join(root, 'scripts', 'official-tools'), name: 'official-tools' };

/** The official Inspector and the official tool for MCP bundles, as paths of their programs for Node; undefined until installed. */
export function officialTools() {
  const folder = pinnedFolder(pinned);
  if (!existsSync(folder)) return undefined;
  const program = (name, command) => {
    const place = join(folder, 'node_modules', name);
    const { bin } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    return join(place, typeof bin === 'string' ? bin : bin[command]);
  };
  return {
    inspector: program('@modelcontextprotocol/inspector', 'mcp-inspector'),
    mcpb: program('@anthropic-ai/mcpb', 'mcpb'),
  };
}

/** Installs them. Throws an error of one plain line when they are not there and the registry cannot be reached. */
export async function ensureOfficialTools() {
  await ensurePinned({ ...pinned, what: 'the official MCP Inspector and bundle tool', say: step });
}
