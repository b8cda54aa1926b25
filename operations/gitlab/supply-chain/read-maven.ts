import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { parseProperties } from './properties-text';
import { childrenOf, childText, descendantsOf, flatText, parseXml, type XmlElement } from './xml-text';

/** Plugins that run whatever their configuration says. */
const running =
  /^(?:exec-maven-plugin|maven-antrun-plugin|(?:groovy|gmaven\w*|gmavenplus)-(?:maven-)?plugin|gmaven.*|frontend-maven-plugin|download-maven-plugin|wagon-maven-plugin|jruby-maven-plugin)$/;

type Fill = (value: string | null) => string | null;

/**
 * pom.xml: the parent, dependencies, plugins and extensions, which run in the build, and repositories, of the project and of its
 * profiles. Properties of the same file are filled in. What is excluded is no dependency.
 */
export const readPom: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'manifest');
  const { root, problems } = parseXml(text);
  content.problems.push(...problems);
  const [project] = childrenOf(root, 'project');
  if (project === undefined) return { ...content, problems: [...problems, 'it has no <project>'] };
  const fill = fillerOf(project);
  const [parent] = childrenOf(project, 'parent');
  if (parent !== undefined) content.dependencies.push(artifactOf(parent, 'parent', fill));
  readModel(project, '', fill, content);
  for (const profile of childrenOf(project, 'profiles', 'profile')) {
    readModel(profile, `profile ${childText(profile, 'id') ?? ''} `, fill, content);
  }
  return content;
};

function readModel(model: XmlElement, prefix: string, fill: Fill, content: FileContent): void {
  const add = (entries: XmlElement[], what: string) => {
    for (const entry of entries) content.dependencies.push(artifactOf(entry, `${prefix}${what}`, fill));
  };
  add(childrenOf(model, 'dependencies', 'dependency'), 'dependency');
  add(childrenOf(model, 'dependencyManagement', 'dependencies', 'dependency'), 'dependencyManagement');
  add(childrenOf(model, 'build', 'extensions', 'extension'), 'extension');
  const plugins: [string, XmlElement[]][] = [
    ['plugin', childrenOf(model, 'build', 'plugins', 'plugin')],
    ['pluginManagement', childrenOf(model, 'build', 'pluginManagement', 'plugins', 'plugin')],
    ['reporting', childrenOf(model, 'reporting', 'plugins', 'plugin')],
  ];
  for (const [what, entries] of plugins) {
    for (const plugin of entries) {
      const found = artifactOf(plugin, `${prefix}${what}`, fill);
      content.dependencies.push(found);
      add(childrenOf(plugin, 'dependencies', 'dependency'), `${what} ${found.name} dependency`);
      if (running.test(fill(childText(plugin, 'artifactId')) ?? '')) {
        const shown = plugin.children
          .filter(({ name }) => name === 'configuration' || name === 'executions')
          .map(flatText)
          .join('\n');
        if (shown !== '') content.settings.push({ kind: 'build_hook', key: found.key, value: shown });
      }
    }
  }
  addRepositories(model, prefix, fill, content);
}

function addRepositories(model: XmlElement, prefix: string, fill: Fill, content: FileContent): void {
  for (const [list, tag] of [
    ['repositories', 'repository'],
    ['pluginRepositories', 'pluginRepository'],
  ] as const) {
    for (const repository of childrenOf(model, list, tag)) {
      const url = fill(childText(repository, 'url'));
      if (url !== null)
        content.settings.push({
          kind: 'registry',
          key: `${prefix}${tag} ${childText(repository, 'id') ?? url}`,
          value: url,
        });
    }
  }
}

/** `group:artifact`; the key has type and classifier too, because one artifact may be asked for in several forms. */
function artifactOf(element: XmlElement, prefix: string, fill: Fill): Dependency {
  const isPlugin = element.name === 'plugin';
  const group = fill(childText(element, 'groupId')) ?? (isPlugin ? 'org.apache.maven.plugins' : '');
  const name = `${group}:${fill(childText(element, 'artifactId')) ?? ''}`;
  const form = ['type', 'classifier'].flatMap((tag) => fill(childText(element, tag)) ?? []);
  const scope = fill(childText(element, 'scope'));
  return dependency({
    ecosystem: 'maven',
    name,
    version: fill(childText(element, 'version')),
    isDirect: true,
    isDevelopment: scope === 'test',
    source:
      scope === 'system'
        ? { type: 'file', url: fill(childText(element, 'systemPath')) }
        : { type: 'registry', url: null },
    key: [`${prefix} ${name}`, ...form].join(':'),
  });
}

/** Properties may name others, and a hostile file makes them grow without end. */
const mostRounds = 8;
const longestFilled = 300;
const longestProperty = 150;

function fillerOf(project: XmlElement): Fill {
  const properties = new Map<string, string>();
  const blocks = [
    ...childrenOf(project, 'profiles', 'profile', 'properties'),
    // Those of the project come last, and win: a profile is not always on.
    ...childrenOf(project, 'properties'),
  ];
  for (const block of blocks)
    for (const { name, text } of block.children) properties.set(name, text.trim().slice(0, longestProperty));
  const [parent] = childrenOf(project, 'parent');
  for (const part of ['groupId', 'artifactId', 'version']) {
    const inherited = parent === undefined ? null : childText(parent, part);
    const own = childText(project, part) ?? inherited;
    if (own !== null) for (const prefix of ['project', 'pom']) properties.set(`${prefix}.${part}`, own);
    if (inherited !== null) properties.set(`project.parent.${part}`, inherited);
  }
  return (value) => {
    let text = value;
    for (let round = 0; text?.includes('${') && round < mostRounds; round += 1) {
      const filled: string = text
        .slice(0, longestFilled)
        .replace(/\$\{([\w.-]{1,200})\}/g, (whole, name: string) => properties.get(name) ?? whole);
      if (filled === text) break;
      text = filled;
    }
    return text;
  };
}

/** Maven's settings.xml: mirrors, and the repositories of its profiles. Other programs have files of this name too. */
export const readMavenSettings: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'configuration');
  const { root, problems } = parseXml(text);
  const [settings] = childrenOf(root, 'settings');
  if (settings === undefined) return content;
  content.problems.push(...problems);
  for (const mirror of childrenOf(settings, 'mirrors', 'mirror')) {
    const url = childText(mirror, 'url');
    const of = childText(mirror, 'mirrorOf');
    if (url !== null)
      content.settings.push({
        kind: 'registry',
        key: `mirror ${childText(mirror, 'id') ?? url}${of === null ? '' : ` of ${of}`}`,
        value: url,
      });
  }
  for (const profile of childrenOf(settings, 'profiles', 'profile')) {
    addRepositories(profile, `profile ${childText(profile, 'id') ?? ''} `, (value) => value, content);
  }
  content.settings = content.settings.filter(({ value }) => sourceOf(value).type !== 'unknown');
  return content;
};

/** .mvn/extensions.xml: programs that Maven loads into itself before it reads anything else. */
export const readMavenExtensions: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'manifest');
  const { root, problems } = parseXml(text);
  content.problems.push(...problems);
  for (const extension of descendantsOf(root, 'extension')) {
    content.dependencies.push(artifactOf(extension, 'extension', (value) => value));
  }
  return content;
};

/** gradle-wrapper.properties and maven-wrapper.properties: which build program is downloaded and run, and its checksum. */
export const readWrapper: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'configuration');
  for (const [key, value] of parseProperties(text)) {
    if (!/^(?:distribution|wrapper)(?:Url|Sha256Sum)$/.test(key)) continue;
    content.settings.push({ kind: key.endsWith('Sum') ? 'verification' : 'distribution', key, value });
  }
  return content;
};
