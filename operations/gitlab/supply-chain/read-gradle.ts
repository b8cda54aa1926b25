import { type Dependency, dependency, emptyContent, type FileContent, type FileReader } from './dependency';
import { type GradlePart, type GradleStatement, gradleStatements } from './gradle-text';
import { isRecord, recordAt, textAt } from './json-text';
import { parseToml } from './toml-text';
import { childrenOf, childText, descendantsOf, parseXml } from './xml-text';

/**
 * build.gradle(.kts) and settings.gradle(.kts) are programs; what is asked for in their usual blocks is read: dependencies, plugins,
 * repositories, scripts that are applied, and versions that are forced.
 */
export const readGradle: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'manifest');
  const statements = gradleStatements(text);
  const variables = variablesOf(statements);
  for (const statement of statements) {
    const { blocks, parts } = statement;
    const call = parts[0]?.kind === 'word' ? parts[0].text : '';
    if (call === 'apply') addApplied(parts, content);
    if (blocks.includes('plugins')) addPlugin(parts, variables, content);
    else if (isForcing(call, blocks)) addForced(call, parts, content);
    else if (blocks.includes('dependencies') || blocks.includes('imports') || blocks.includes('constraints'))
      addDependencies(call, parts, variables, content);
    if (blocks.some((block) => /[rR]epositor(?:y|ies)$/.test(block)) || call === 'repositories')
      addRepositories(call, parts, content);
  }
  return content;
};

const textsOf = (parts: readonly GradlePart[]): string[] =>
  parts.flatMap(({ kind, text }) => (kind === 'text' ? [text] : []));

function isForcing(call: string, blocks: readonly string[]): boolean {
  return (
    /(?:^|\.)force$/.test(call) ||
    /(?:^|\.)substitute$/.test(call) ||
    blocks.some((block) => /dependencySubstitution$/.test(block))
  );
}

/** `force 'a:b:1'`, `substitute module('a:b') using module('c:d:1')`. */
function addForced(call: string, parts: readonly GradlePart[], content: FileContent): void {
  const [first, ...rest] = textsOf(parts);
  if (first === undefined) return;
  if (/force$/.test(call)) {
    for (const wanted of [first, ...rest]) {
      const name = wanted.split(':').slice(0, 2).join(':');
      content.settings.push({ kind: 'override', key: `force ${name}`, value: wanted });
    }
  } else content.settings.push({ kind: 'override', key: `substitute ${first}`, value: rest.join(' ') });
}

/** Of `group:name`, `group:name:version`, with a classifier and `@extension` behind. */
const coordinates =
  /^([A-Za-z][\w.-]{0,200}):([\w.${}-]{1,200})(?::([^:@\s]{1,200}))?(?::[^:@\s]{1,200})?(?:@[\w.-]{1,40})?$/;

function addDependencies(
  call: string,
  parts: readonly GradlePart[],
  variables: ReadonlyMap<string, string>,
  content: FileContent,
): void {
  if (call === '' || /^(?:exclude|project|println|because|logger)/.test(call)) return;
  for (const text of textsOf(parts)) {
    const [, group, name, version = null] = coordinates.exec(text) ?? [];
    if (group === undefined || name === undefined) continue;
    content.dependencies.push(found(call, `${group}:${filled(name, variables)}`, filled(version, variables)));
  }
  // `group: 'a', name: 'b', version: '1'`, and with `=` in Kotlin.
  const named = namedTexts(parts);
  const [group, name] = [named.get('group'), named.get('name')];
  if (group !== undefined && name !== undefined)
    content.dependencies.push(found(call, `${group}:${name}`, filled(named.get('version') ?? null, variables)));
}

function found(call: string, name: string, version: string | null): Dependency {
  return {
    ...gradleDependency(name, version, `${call} ${name}`),
    isDevelopment: /^(?:test|androidTest)|Test[A-Z]/.test(call),
  };
}

function namedTexts(parts: readonly GradlePart[]): Map<string, string> {
  const named = new Map<string, string>();
  for (let index = 0; index + 2 < parts.length; index += 1) {
    const [word, sign, text] = [parts[index], parts[index + 1], parts[index + 2]];
    if (word?.kind === 'word' && (sign?.text === ':' || sign?.text === '=') && text?.kind === 'text')
      named.set(word.text, text.text);
  }
  return named;
}

/** `id 'a' version '1'`, `id("a") version "1" apply false`, `kotlin("jvm") version "1"`. */
function addPlugin(parts: readonly GradlePart[], variables: ReadonlyMap<string, string>, content: FileContent): void {
  const [call] = parts;
  const [name, version] = textsOf(parts);
  if (call?.kind !== 'word' || name === undefined || (call.text !== 'id' && call.text !== 'kotlin')) return;
  const full = call.text === 'kotlin' ? `org.jetbrains.kotlin.${name}` : name;
  content.dependencies.push(gradleDependency(full, filled(version ?? null, variables), `plugin ${full}`));
}

function addRepositories(call: string, parts: readonly GradlePart[], content: FileContent): void {
  if (!/^(?:url|setUrl|maven|ivy|uri|artifactUrls|dir|dirs|flatDir)$|\.(?:url|setUrl)$/.test(call)) return;
  for (const url of textsOf(parts)) content.settings.push({ kind: 'registry', key: `repository ${url}`, value: url });
}

function addApplied(parts: readonly GradlePart[], content: FileContent): void {
  const from =
    namedTexts(parts).get('from') ?? (parts.some(({ text }) => text === 'from') ? textsOf(parts)[0] : undefined);
  if (from !== undefined) content.settings.push({ kind: 'build_hook', key: `apply from ${from}`, value: from });
}

/** `def v = '1'`, `val v = "1"`, `ext.v = '1'`, `v = '1'` in an ext block: the last one wins. */
function variablesOf(statements: readonly GradleStatement[]): Map<string, string> {
  const variables = new Map<string, string>();
  for (const { parts } of statements) {
    const sign = parts.findIndex(({ kind, text }) => kind === 'sign' && text === '=');
    const [word, value] = [parts[sign - 1], parts[sign + 1]];
    if (sign > 0 && word?.kind === 'word' && value?.kind === 'text' && parts.length === sign + 2)
      variables.set(word.text.replace(/^(?:project\.)?(?:ext|extra)\./, ''), value.text);
  }
  return variables;
}

function filled<T extends string | null>(text: T, variables: ReadonlyMap<string, string>): T {
  if (text === null) return text;
  return text.replace(
    /\$(?:\{([\w.]{1,100})\}|([A-Za-z_]\w{0,100}))/g,
    (whole, inBraces?: string, bare?: string) => variables.get(inBraces ?? bare ?? '')?.slice(0, 200) ?? whole,
  ) as T;
}

function gradleDependency(name: string, version: string | null, key: string): Dependency {
  return dependency({
    ecosystem: 'maven',
    name,
    version,
    isDirect: true,
    isDevelopment: false,
    source: { type: 'registry', url: null },
    key,
  });
}

const locked = (name: string, version: string | null): Dependency => ({
  ...gradleDependency(name, version, `${name}:${version ?? ''}`),
  isDirect: null,
  isDevelopment: null,
});

/** gradle.lockfile: `group:name:version=configurations`; before Gradle 7 one file a configuration, without the `=`. */
export const readGradleLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'lockfile');
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('empty=')) continue;
    const match = /^([^:=\s]+:[^:=\s]+):([^:=\s]+)(?:=|$)/.exec(line);
    if (match === null) content.problems.push(`line ${index + 1}: "${line.slice(0, 80)}" is no entry`);
    else content.dependencies.push(locked(match[1] ?? '', match[2] ?? null));
  }
  return content;
};

/** gradle/libs.versions.toml. */
export const readVersionCatalogue: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'manifest');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  const versions = recordAt(value, 'versions');
  const richVersion = (wanted: unknown): string | null =>
    typeof wanted === 'string'
      ? wanted
      : isRecord(wanted)
        ? (textAt(wanted, 'strictly') ?? textAt(wanted, 'require') ?? textAt(wanted, 'prefer'))
        : null;
  const versionOf = (wanted: unknown): string | null => {
    const ref = isRecord(wanted) ? textAt(wanted, 'ref') : null;
    if (ref === null) return richVersion(wanted);
    return Object.hasOwn(versions, ref) ? richVersion(versions[ref]) : null;
  };
  for (const [group, wantedOf] of [
    ['libraries', (fields: Record<string, unknown>) => textAt(fields, 'module') ?? groupAndName(fields)],
    ['plugins', (fields: Record<string, unknown>) => textAt(fields, 'id')],
  ] as const) {
    for (const [alias, wanted] of Object.entries(recordAt(value, group))) {
      const parts = typeof wanted === 'string' ? wanted.split(':') : [];
      const fields = isRecord(wanted) ? wanted : {};
      const length = group === 'libraries' ? 2 : 1;
      const name = parts.length > 0 ? parts.slice(0, length).join(':') : wantedOf(fields);
      if (name === null) {
        content.problems.push(`${group}.${alias} names nothing`);
        continue;
      }
      content.dependencies.push(
        gradleDependency(name, parts[length] ?? versionOf(fields.version), `${group} ${alias}`),
      );
    }
  }
  return content;
};

function groupAndName(fields: Record<string, unknown>): string | null {
  const [group, name] = [textAt(fields, 'group'), textAt(fields, 'name')];
  return group === null || name === null ? null : `${group}:${name}`;
}

/** gradle/verification-metadata.xml: the checksums that Gradle insists on, and what it takes without. */
export const readVerificationMetadata: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'lockfile');
  const { root, problems } = parseXml(text);
  content.problems.push(...problems);
  const [metadata] = childrenOf(root, 'verification-metadata');
  if (metadata === undefined) return { ...content, problems: [...problems, 'it has no <verification-metadata>'] };
  for (const component of childrenOf(metadata, 'components', 'component')) {
    const { group = '', name = '', version = '' } = component.attributes;
    const hashes = childrenOf(component, 'artifact').flatMap((artifact) =>
      artifact.children.flatMap((sum) =>
        /^(?:sha256|sha512|sha1|md5|pgp)$/.test(sum.name)
          ? [sum, ...childrenOf(sum, 'also-trust')].map(({ attributes }) => `${sum.name}-${attributes.value ?? ''}`)
          : [],
      ),
    );
    content.dependencies.push({ ...locked(`${group}:${name}`, version), integrity: [...new Set(hashes)].sort() });
  }
  for (const configuration of childrenOf(metadata, 'configuration')) {
    for (const key of ['verify-metadata', 'verify-signatures']) {
      const value = childText(configuration, key);
      if (value !== null) content.settings.push({ kind: 'verification', key, value });
    }
    for (const tag of ['trust', 'trusted-key', 'ignored-key']) {
      for (const { attributes } of descendantsOf(configuration, tag)) {
        const value = Object.entries(attributes)
          .map(([name, text_]) => `${name}=${text_}`)
          .join(' ');
        content.settings.push({ kind: 'verification', key: `${tag} ${value}`, value });
      }
    }
  }
  return content;
};
