/**
 * What the compiler does not put into dist: icons, codex files and output schemas. Runs after esbuild
 * (scripts/build.mjs), or alone with `npx gulp`.
 */
const { mkdir, writeFile } = require('node:fs/promises');
const { join } = require('node:path');
const { dest, parallel, src } = require('gulp');

const nodeOfToolset = {
  panther: 'PantherSiem',
  gitlab: 'GitLabSoc',
  slack: 'SocSlack',
  investigation: 'SocInvestigation',
  analytics: 'SocInvestigation',
  compliance: 'SocInvestigation',
  response: 'SocInvestigation',
};

/** Icons are copied as bytes: gulp would otherwise read them as text. */
function icons() {
  return src('nodes/**/*.svg', { encoding: false }).pipe(dest('dist/nodes'));
}

/** n8n's search and tool catalogue read the codex from beside the compiled node. */
function codex() {
  return src('nodes/**/*.node.json').pipe(dest('dist/nodes'));
}

/** n8n's editor offers an operation's output fields before its first run when it finds their schema here. */
async function schemas() {
  const { loadOperations, outputSchema } = await import('./scripts/load-operations.mjs');
  const { approvalResult, camelCase, operations, resourceValue } = await loadOperations();
  const write = async (toolset, resource, value, described) => {
    const folder = join('dist/nodes', nodeOfToolset[toolset], '__schema__/v1.0.0', resourceValue(resource));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${value}.json`), `${JSON.stringify(outputSchema(described), null, 2)}\n`);
  };
  for (const operation of operations)
    await write(operation.toolset, operation.resource, camelCase(operation.name), operation);
  // Waiting is n8n's own, so this one is no operation of the shared layer.
  await write('slack', 'Approval', 'sendAndWait', { output: approvalResult });
}

exports.icons = icons;
exports.codex = codex;
exports.schemas = schemas;
exports.default = parallel(icons, codex, schemas);
