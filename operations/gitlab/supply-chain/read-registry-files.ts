import { emptyContent, type FileContent, type FileReader } from './dependency';
import { isRecord, parseRecord, recordAt, textAt } from './json-text';
import { parseProperties } from './properties-text';
import { isAtHome, isRegistryVariable } from './registry-places';
import { parseToml } from './toml-text';
import { parseYaml } from './yaml-text';

const deepest = 6;
const mostAddresses = 500;

/** Every address in these files is one that packages come from or go to, whatever it is called there. */
function addAddresses(value: unknown, key: string, content: FileContent, depth = 0): void {
  if (content.settings.length >= mostAddresses || depth > deepest) return;
  if (typeof value === 'string') {
    if (/^(?:[a-z]+\+)?[a-z]+:\/\/|^\/\//i.test(value.trim()) && !isAtHome(value))
      content.settings.push({ kind: 'registry', key: key === '' ? value : key, value: value.trim() });
  } else if (Array.isArray(value)) {
    // By what it is: numbers would shift when one is put in front.
    for (const entry of value)
      addAddresses(entry, typeof entry === 'string' ? `${key} ${entry}` : key, content, depth + 1);
  } else if (isRecord(value)) {
    for (const [name, entry] of Object.entries(value))
      if (name !== '$schema') addAddresses(entry, key === '' ? name : `${key}.${name}`, content, depth + 1);
  }
}

/** bunfig.toml, poetry.toml, pdm.toml: registries, and what Bun runs before everything else. */
export const readTomlSettings: FileReader = (path, text) => {
  const content = emptyContent(path, path.endsWith('bunfig.toml') ? 'npm' : 'pypi', 'configuration');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  addAddresses(value, '', content);
  const preload = value.preload;
  for (const file of Array.isArray(preload) ? preload : [preload])
    if (typeof file === 'string') content.settings.push({ kind: 'build_hook', key: `preload ${file}`, value: file });
  return content;
};

/** .condarc, .gemrc, .bundle/config, and of conda's environment.yml its channels. */
export const readYamlSettings: FileReader = (path, text) => {
  const content = emptyContent(path, /gemrc|bundle\/config$/.test(path) ? 'gem' : 'pypi', 'configuration');
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  if (!isRecord(value)) {
    if (value !== null && value !== undefined) content.problems.push('it is not a YAML mapping');
    return content;
  }
  if (/environment\.ya?ml$/.test(path)) addAddresses(value.channels, 'channels', content);
  else addAddresses(value, '', content);
  return content;
};

/** lerna.json: where packages are published to. */
export const readLerna: FileReader = (path, text) => {
  const content = emptyContent(path, 'npm', 'configuration');
  const settings = parseRecord(text);
  if (settings === undefined) return { ...content, problems: ['it is not a JSON object'] };
  const commands = recordAt(settings, 'command');
  for (const [key, place] of Object.entries({ '': settings, ...commands })) {
    const registry = isRecord(place) ? textAt(place, 'registry') : null;
    if (registry !== null)
      content.settings.push({
        kind: 'registry',
        key: key === '' ? 'registry' : `command.${key}.registry`,
        value: registry,
      });
  }
  return content;
};

/** go.env: variables of Go that hold for the whole project. */
export const readGoEnvironment: FileReader = (path, text) => {
  const content = emptyContent(path, 'golang', 'configuration');
  for (const [key, value] of parseProperties(text)) {
    if (isRegistryVariable(key)) content.settings.push({ kind: 'registry', key, value });
    else if (/^GO(?:SUMDB|NOSUMDB|NOSUMCHECK|INSECURE|FLAGS|PRIVATE)$/.test(key))
      content.settings.push({ kind: 'build_hook', key, value });
  }
  return content;
};
