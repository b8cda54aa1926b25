import { emptyContent, type FileContent, type FileReader } from './dependency';
import { isRecord, type JsonRecord, listAt, parseRecord, recordAt, shown, textsOf } from './json-text';
import { withoutComments } from './jsonc-text';
import { parseYaml } from './yaml-text';

/** Rules in rules, as Renovate allows them; a hostile file nests further. */
const deepest = 20;

/**
 * Renovate's configuration, as JSON, JSON5 or JSON with comments: presets, which are settings that lie in other repositories, where
 * packages are looked for, what may be merged without a person, and commands that run after an update.
 */
export const readRenovate: FileReader = (path, text) => {
  const content = emptyContent(path, 'gitlab_ci', 'configuration');
  // What JSON5 allows beyond comments, a YAML parser reads as well.
  const plain = parseRecord(text) ?? parseRecord(withoutComments(text));
  const { value, problems } = plain === undefined ? parseYaml(withoutComments(text)) : { value: plain, problems: [] };
  if (!isRecord(value)) return { ...content, problems: [...problems.slice(0, 3), 'it is not a JSON object'] };
  content.problems.push(...problems);
  readRules(value, '', content, 0);
  return content;
};

function readRules(rules: JsonRecord, prefix: string, content: FileContent, depth: number): void {
  if (depth > deepest) {
    content.problems.push(`it is nested deeper than ${deepest} levels`);
    return;
  }
  for (const preset of textsOf(rules.extends)) addPreset(preset, prefix, content);
  for (const key of ['registryUrls', 'defaultRegistryUrls'])
    for (const url of textsOf(rules[key]))
      content.settings.push({ kind: 'registry', key: `${prefix}${key} ${url}`, value: url });
  for (const [name, url] of Object.entries(recordAt(rules, 'registryAliases')))
    if (typeof url === 'string')
      content.settings.push({ kind: 'registry', key: `${prefix}registryAliases ${name}`, value: url });
  for (const [kind, keys] of [
    ['verification', ['automerge', 'platformAutomerge', 'ignoreTests']],
    ['build_hook', ['ignoreScripts', 'allowScripts', 'minimumReleaseAge', 'npmrc']],
  ] as const) {
    for (const key of keys) {
      const value = Object.hasOwn(rules, key) ? rules[key] : undefined;
      if (value === undefined || value === null) continue;
      const text = typeof value === 'string' ? value : shown(value);
      content.settings.push({ kind, key: `${prefix}${key}`, value: text });
    }
  }
  for (const command of textsOf(recordAt(rules, 'postUpgradeTasks').commands))
    content.settings.push({
      kind: 'build_hook',
      key: `${prefix}postUpgradeTasks ${command.slice(0, 200)}`,
      value: command,
    });
  for (const [index, rule] of listAt(rules, 'packageRules').entries())
    if (isRecord(rule)) readRules(rule, `${prefix}packageRules[${index}].`, content, depth + 1);
  for (const [name, rule] of Object.entries(rules))
    if (isRecord(rule) && name !== 'registryAliases' && name !== 'postUpgradeTasks')
      readRules(rule, `${prefix}${name}.`, content, depth + 1);
}

/** `config:recommended` is Renovate's own; `github>owner/repository//file#v1` and an address are somebody's. */
function addPreset(preset: string, prefix: string, content: FileContent): void {
  const key = `${prefix}extends ${preset.split('#')[0] ?? ''}`;
  if (/^https?:/i.test(preset)) content.settings.push({ kind: 'distribution', key, value: preset });
  else if (preset.includes('>')) content.settings.push({ kind: 'build_hook', key, value: preset });
}

/** The same in a package.json. */
export function addRenovate(manifest: JsonRecord, content: FileContent): void {
  readRules(recordAt(manifest, 'renovate'), 'renovate.', content, 0);
}
