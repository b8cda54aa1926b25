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
