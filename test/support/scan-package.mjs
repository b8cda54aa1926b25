/**
 * Lints a package as n8n's scanner does and prints `{passed, details}` as JSON.
 *
 *   node scan-package.mjs <folder> <source|dist> <scanner|newest>
 *
 * `scanner` is analyzePackage of @n8n/scan-community-package with the rules it pins; `newest` is the same set of rules
 * with the newest @n8n/eslint-plugin-community-nodes in their place.
 */
import n8nCommunityNodesPlugin from '@n8n/eslint-plugin-community-nodes';
import { analyzePackage, buildScanConfig, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ESLint } from 'eslint';

const [folder, leg, rules] = process.argv.slice(2);
const patterns = leg === 'source' ? SOURCE_FILE_PATTERNS : ['**/*.js', 'package.json'];

const result = rules === 'scanner' ? await analyzePackage(folder, patterns) : await analyzeWithNewest();
process.stdout.write(JSON.stringify({ passed: result.passed, details: result.details ?? result.message ?? '' }));

async function analyzeWithNewest() {
  const config = await buildScanConfig();
  const pinned = config.filter(({ plugins }) => plugins !== undefined && '@n8n/community-nodes' in plugins);
  if (pinned.length === 0) throw new Error('the scanner no longer uses the plugin under the name it had');
  const newest = [n8nCommunityNodesPlugin.configs.recommended].flat();
  const eslint = new ESLint({
    cwd: folder,
    allowInlineConfig: false,
    overrideConfigFile: true,
    overrideConfig: [...newest, ...config.filter((entry) => !pinned.includes(entry))],
  });
  const results = (await eslint.lintFiles(patterns)).filter(({ errorCount }) => errorCount > 0);
  const formatter = await eslint.loadFormatter('stylish');
  return { passed: results.length === 0, details: await formatter.format(results) };
}
