import { type Dependency, dependency, emptyContent, type FileContent, type FileReader, sourceOf } from './dependency';
import { isRecord, recordAt, textAt } from './json-text';
import { parseToml } from './toml-text';
import { blocksOf, firstText } from './xml-text';

/** Gemfile.lock: GEM, GIT and PATH parts with their remotes, then DEPENDENCIES and CHECKSUMS. */
export const readGemfileLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'gem', 'lockfile');
  let part = '';
  let remote: string | null = null;
  const direct = new Set<string>();
  const checksums = new Map<string, string>();
  const found: Dependency[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\r$/, '');
    if (/^[A-Z ]+$/.test(line)) {
      part = line.trim();
      remote = null;
    } else if (/^ {2}remote: /.test(line)) {
      remote = line.slice('  remote: '.length).trim();
      if (part === 'GEM') content.settings.push({ kind: 'registry', key: `GEM ${remote}`, value: remote });
    } else if (part === 'DEPENDENCIES') {
      const name = /^ {2}([^\s!(]+)/.exec(line)?.[1];
      if (name !== undefined) direct.add(name);
    } else if (part === 'CHECKSUMS') {
      const sum = /^ {2}(\S+) \((\S+)\)(?: (\S+))?/.exec(line);
      if (sum?.[3] !== undefined) checksums.set(`${sum[1]} ${sum[2]}`, sum[3]);
    } else {
      const spec = /^ {4}(\S+) \(([^)]+)\)/.exec(line);
      if (spec === null) continue;
      const [, name = '', version = ''] = spec;
      found.push(
        dependency({
          ecosystem: 'gem',
          name,
          version,
          source: gemSource(part, remote),
          key: `${part} ${name} ${version}`,
        }),
      );
    }
  }
  if (found.length === 0 && text.trim() !== '') content.problems.push('it has no specs');
  content.dependencies = found.map((gem) => ({
    ...gem,
    isDirect: direct.has(gem.name),
    integrity: [checksums.get(`${gem.name} ${gem.version}`)].filter((sum): sum is string => sum !== undefined),
  }));
  return content;
};

function gemSource(part: string, remote: string | null): Dependency['source'] {
  if (part === 'GIT') return { type: 'git', url: remote };
  if (part === 'PATH') return { type: 'file', url: remote };
  return { type: 'registry', url: remote };
}

/** Gemfile is a program; its usual lines are read, and what fetches from elsewhere is kept. */
export const readGemfile: FileReader = (path, text) => {
  const content = emptyContent(path, 'gem', 'manifest');
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    const source = /^source\s*\(?\s*["']([^"']+)["']/.exec(line);
    if (source?.[1] !== undefined) {
      content.settings.push({ kind: 'registry', key: `source ${source[1]}`, value: source[1] });
      continue;
    }
    const gem = /^gem\s*\(?\s*["']([^"']+)["'](.*)$/.exec(line);
    if (gem?.[1] === undefined) continue;
    const rest = gem[2] ?? '';
    const git = /\b(?:git|github|gitlab|bitbucket)(?::|["']?\s*=>)\s*["']([^"']+)["']/.exec(rest)?.[1];
    const folder = /\bpath(?::|["']?\s*=>)\s*["']([^"']+)["']/.exec(rest)?.[1];
    const other = /\bsource(?::|["']?\s*=>)\s*["']([^"']+)["']/.exec(rest)?.[1];
    content.dependencies.push(
      dependency({
        ecosystem: 'gem',
        name: gem[1],
        version: /^\s*,\s*["']([^"']+)["']/.exec(rest)?.[1] ?? null,
        isDirect: true,
        source:
          git !== undefined
            ? { type: 'git', url: git }
            : folder !== undefined
              ? { type: 'file', url: folder }
              : { type: 'registry', url: other ?? null },
        key: `gem ${gem[1]} line ${index + 1}`,
      }),
    );
  }
  // A line that moves is not a change of what is asked for.
  content.dependencies = content.dependencies.map((gem) => ({ ...gem, key: `gem ${gem.name}` }));
  return content;
};

/** pom.xml: dependencies, plugins, which run in the build, and repositories. Properties are filled in. */
export const readPom: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'manifest');
  if (!/<project[\s>]/.test(text)) return { ...content, problems: ['it has no <project>'] };
  const properties = new Map<string, string>();
  for (const { body } of blocksOf(text, 'properties')) {
    for (const match of body.matchAll(/<([\w.-]+)>([^<]*)<\/\1>/g))
      properties.set(match[1] ?? '', (match[2] ?? '').trim());
  }
  const filled = (value: string | null) =>
    value?.replace(/\$\{([\w.-]+)\}/g, (whole, name: string) => properties.get(name) ?? whole) ?? null;
  for (const [tag, prefix] of [
    ['dependency', 'dependency'],
    ['plugin', 'plugin'],
    ['extension', 'extension'],
  ] as const) {
    for (const { body } of blocksOf(text, tag)) {
      const artifact = firstText(body, 'artifactId');
      if (artifact === null) continue;
      const group = firstText(body, 'groupId') ?? (tag === 'plugin' ? 'org.apache.maven.plugins' : '');
      const name = `${filled(group)}:${filled(artifact)}`;
      content.dependencies.push(
        dependency({
          ecosystem: 'maven',
          name,
          version: filled(firstText(body, 'version')),
          isDirect: true,
          isDevelopment: firstText(body, 'scope') === 'test',
          source:
            firstText(body, 'scope') === 'system'
              ? { type: 'file', url: filled(firstText(body, 'systemPath')) }
              : { type: 'registry', url: null },
          key: `${prefix} ${name}`,
        }),
      );
    }
  }
  for (const tag of ['repository', 'pluginRepository', 'mirror']) {
    for (const { body } of blocksOf(text, tag)) {
      const url = firstText(body, 'url');
      if (url !== null)
        content.settings.push({ kind: 'registry', key: `${tag} ${firstText(body, 'id') ?? url}`, value: url });
    }
  }
  return content;
};

const configurations =
  /^(?:api|implementation|compileOnly|runtimeOnly|annotationProcessor|kapt|ksp|classpath|testImplementation|testRuntimeOnly|testCompileOnly|developmentOnly|compile|runtime|testCompile)$/;

/** build.gradle(.kts) is a program; its usual lines are read. */
export const readGradle: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'manifest');
  for (const raw of text.split('\n')) {
    const line = raw.replace(/(^|\s)\/\/.*$/, '').trim();
    const used = /^([A-Za-z]+)\s*\(?\s*(?:platform\s*\(\s*)?["']([^"':\s]+):([^"':\s]+)(?::([^"'@\s]+))?/.exec(line);
    if (used !== null && configurations.test(used[1] ?? '')) {
      const name = `${used[2]}:${used[3]}`;
      content.dependencies.push(gradleDependency(name, used[4] ?? null, `${used[1]} ${name}`));
      continue;
    }
    const plugin = /^id\s*\(?\s*["']([^"']+)["']\s*\)?\s*version\s*\(?\s*["']([^"']+)["']/.exec(line);
    if (plugin !== null)
      content.dependencies.push(gradleDependency(plugin[1] ?? '', plugin[2] ?? null, `plugin ${plugin[1]}`));
    const url = /\b(?:url|setUrl)\s*[=(]?\s*(?:uri\s*\(\s*)?["']([^"']+)["']/.exec(line)?.[1];
    if (url !== undefined) content.settings.push({ kind: 'registry', key: `repository ${url}`, value: url });
    const applied = /^apply\s*\(?\s*from\s*[:=]\s*["']([^"']+)["']/.exec(line)?.[1];
    if (applied !== undefined)
      content.settings.push({ kind: 'build_hook', key: `apply from ${applied}`, value: applied });
  }
  return content;
};

function gradleDependency(name: string, version: string | null, key: string): Dependency {
  return dependency({
    ecosystem: 'maven',
    name,
    version,
    isDirect: true,
    isDevelopment: key.startsWith('test'),
    source: { type: 'registry', url: null },
    key,
  });
}

/** gradle.lockfile: `group:name:version=configurations`. */
export const readGradleLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'lockfile');
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('empty=')) continue;
    const match = /^([^:=\s]+:[^:=\s]+):([^=\s]+)=/.exec(line);
    if (match === null) {
      content.problems.push(`line ${index + 1}: "${line.slice(0, 80)}" is no entry`);
      continue;
    }
    content.dependencies.push({
      ...gradleDependency(match[1] ?? '', match[2] ?? null, `${match[1]}:${match[2]}`),
      isDirect: null,
      isDevelopment: null,
    });
  }
  return content;
};

/** gradle/libs.versions.toml. */
export const readVersionCatalogue: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'manifest');
  const { value, problems } = parseToml(text);
  if (value === undefined) return { ...content, problems };
  const versions = recordAt(value, 'versions');
  const versionOf = (wanted: unknown): string | null => {
    if (typeof wanted === 'string') return wanted;
    if (!isRecord(wanted)) return null;
    const ref = textAt(wanted, 'ref');
    return ref === null ? (textAt(wanted, 'strictly') ?? textAt(wanted, 'require')) : versionOf(versions[ref]);
  };
  for (const [alias, wanted] of Object.entries(recordAt(value, 'libraries'))) {
    const parts = typeof wanted === 'string' ? wanted.split(':') : [];
    const fields = isRecord(wanted) ? wanted : {};
    const name =
      parts.length > 1
        ? `${parts[0]}:${parts[1]}`
        : (textAt(fields, 'module') ?? `${textAt(fields, 'group')}:${textAt(fields, 'name')}`);
    content.dependencies.push(gradleDependency(name, parts[2] ?? versionOf(fields.version), `libraries ${alias}`));
  }
  for (const [alias, wanted] of Object.entries(recordAt(value, 'plugins'))) {
    const parts = typeof wanted === 'string' ? wanted.split(':') : [];
    const fields = isRecord(wanted) ? wanted : {};
    content.dependencies.push(
      gradleDependency(
        parts[0] ?? textAt(fields, 'id') ?? alias,
        parts[1] ?? versionOf(fields.version),
        `plugins ${alias}`,
      ),
    );
  }
  return content;
};

/** gradle-wrapper.properties and maven-wrapper.properties: which build program is downloaded and run, and its checksum. */
export const readWrapper: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'configuration');
  for (const line of text.split('\n')) {
    const match = /^\s*(distributionUrl|wrapperUrl|distributionSha256Sum|wrapperSha256Sum)\s*[=:]\s*(\S+)/.exec(line);
    if (match === null) continue;
    const [, key = '', value = ''] = match;
    const kind = key.endsWith('Sum') ? 'verification' : 'distribution';
    content.settings.push({ kind, key, value: value.replace(/\\:/g, ':') });
  }
  return content;
};

/** gradle/verification-metadata.xml: the checksums that Gradle insists on. */
export const readVerificationMetadata: FileReader = (path, text) => {
  const content = emptyContent(path, 'maven', 'lockfile');
  for (const { body, attributes } of blocksOf(text, 'component')) {
    const name = `${attributes.group ?? ''}:${attributes.name ?? ''}`;
    const hashes = [...body.matchAll(/<(sha256|sha512|sha1|md5)\s+value="([^"]*)"/g)].map(
      (match) => `${match[1]}-${match[2]}`,
    );
    content.dependencies.push({
      ...gradleDependency(name, attributes.version ?? null, `${name}:${attributes.version ?? ''}`),
      isDirect: null,
      isDevelopment: null,
      integrity: hashes.sort(),
    });
  }
  const verifies = firstText(text, 'verify-metadata');
  if (verifies !== null) content.settings.push({ kind: 'verification', key: 'verify-metadata', value: verifies });
  return content;
};

/** Maven's settings.xml: mirrors and repositories. */
export const readMavenSettings: FileReader = (path, text): FileContent => {
  const content = emptyContent(path, 'maven', 'configuration');
  for (const tag of ['mirror', 'repository', 'pluginRepository']) {
    for (const { body } of blocksOf(text, tag)) {
      const url = firstText(body, 'url');
      if (url !== null && sourceOf(url).type !== 'unknown')
        content.settings.push({ kind: 'registry', key: `${tag} ${firstText(body, 'id') ?? url}`, value: url });
    }
  }
  return content;
};
