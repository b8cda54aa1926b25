import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { zodToJsonSchema } from 'zod-to-json-schema';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));

const entry = `
export { camelCase } from './operations/operation';
export { operations } from './operations/registry';
export { readMore } from './bridge/src/mcp/result-pager';
export { toTool } from './bridge/src/mcp/tools';
export { resultSchema as approvalResult } from './nodes-host/approvals/result';
export { fieldsOf } from './nodes-host/fields';
export { resourceValue } from './nodes-host/wording';
`;

/** The registry and its n8n names, for scripts: bundled to a temporary file, because the sources are TypeScript. */
export async function loadOperations() {
  const folder = await mkdtemp(join(tmpdir(), 'soc-operations-'));
  try {
    const outfile = join(folder, 'operations.mjs');
    await build({
      stdin: { contents: entry, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      mainFields: ['module', 'main'],
      // As in the build of the nodes: its build for Node cannot be bundled into a module.
      alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
      logLevel: 'silent',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An operation's output as JSON Schema, self-contained: n8n and the pages of the docs follow no references. */
export function outputSchema(operation) {
  const { $schema: _, ...schema } = zodToJsonSchema(operation.output, { $refStrategy: 'none', target: 'jsonSchema7' });
  return { version: 1, ...schema };
}
