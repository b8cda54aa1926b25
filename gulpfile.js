/**
 * What the compiler does not put into dist: icons, codex files and output schemas. Runs after esbuild
 * (scripts/build.mjs), or alone with `npx gulp`.
 */
const { mkdir, writeFile } = require('node:fs/promises');
const { dirname, join } = require('node:path');
const { dest, parallel, src } = require('gulp');

const nodeOfToolset = {
  panther: 'PantherSiem',
  gitlab: 'GitLabSoc',
  slack: 'SocSlack',
  investigation: 'SocInvestigation',
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
  const { camelCase, operations, resourceValue } = await loadOperations();
  for (const operation of operations) {
    const file = join(
      'dist/nodes',
      nodeOfToolset[operation.toolset],
      '__schema__/v1.0.0',
      resourceValue(operation.resource),
      `${camelCase(operation.name)}.json`,
    );
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(outputSchema(operation), null, 2)}\n`);
  }
}

exports.icons = icons;
exports.codex = codex;
exports.schemas = schemas;
exports.default = parallel(icons, codex, schemas);
