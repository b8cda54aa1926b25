import { type Dependency, dependency, emptyContent, type FileContent, type FileReader } from './dependency';
import { isRecord, parseRecord, recordAt, textAt } from './json-text';
import { childrenOf, descendantsOf, flatText, parseXml, type XmlElement } from './xml-text';

/** packages.lock.json of NuGet. */
export const readNugetLock: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'lockfile');
  const lock = parseRecord(text);
  if (lock === undefined) return { ...content, problems: ['it is not a JSON object'] };
  if (!isRecord(lock.dependencies)) content.problems.push('it has no dependencies');
  for (const [framework, packages] of Object.entries(recordAt(lock, 'dependencies'))) {
    for (const [name, entry] of Object.entries(isRecord(packages) ? packages : {})) {
      const fields = isRecord(entry) ? entry : {};
      const type = textAt(fields, 'type');
      if (type?.toLowerCase() === 'project') continue;
      const hash = textAt(fields, 'contentHash');
      content.dependencies.push(
        dependency({
          ecosystem: 'nuget',
          name: name.toLowerCase(),
          version: textAt(fields, 'resolved'),
          isDirect: type === 'Direct',
          source: { type: 'registry', url: null },
          integrity: hash === null ? [] : [`sha512-${hash}`],
          key: `dependencies["${framework}"]["${name}"]`,
        }),
      );
    }
  }
  return content;
};

/** Items of a project that name a package; item names have no case. */
const references = [
  'PackageReference',
  'PackageVersion',
  'GlobalPackageReference',
  'PackageDownload',
  'DotNetCliToolReference',
];
/** Properties that hold commands, or places that packages come from. */
const events = ['PreBuildEvent', 'PostBuildEvent', 'PreLinkEvent', 'PostLinkEvent'];
const sources = ['RestoreSources', 'RestoreAdditionalProjectSources', 'RestoreFallbackFolders'];

/** .csproj and its kin, .props and .targets: packages, SDKs, which are packages that make up the build, and programs that run in it. */
export const readProjectFile: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'manifest');
  const { root, problems } = parseXml(text);
  content.problems.push(...problems);
  if (childrenOf(root, 'Project').length === 0) content.problems.push('it has no <Project>');
  for (const tag of references) {
    for (const element of descendantsOf(root, tag, true)) addPackage(element, tag, content);
  }
  for (const project of descendantsOf(root, 'Project')) {
    for (const sdk of (project.attributes.Sdk ?? '').split(';')) addSdk(sdk.trim(), undefined, content);
  }
  for (const tag of ['Sdk', 'Import']) {
    for (const { attributes } of descendantsOf(root, tag))
      addSdk((tag === 'Sdk' ? attributes.Name : attributes.Sdk) ?? '', attributes.Version, content);
  }
  for (const target of descendantsOf(root, 'Target')) {
    const name = target.attributes.Name ?? '';
    for (const { attributes } of descendantsOf(target, 'Exec'))
      content.settings.push({ kind: 'build_hook', key: `Exec in ${name}`, value: attributes.Command ?? '' });
    for (const { attributes } of descendantsOf(target, 'DownloadFile'))
      content.settings.push({
        kind: 'distribution',
        key: `DownloadFile in ${name}`,
        value: attributes.SourceUrl ?? '',
      });
  }
  for (const task of descendantsOf(root, 'UsingTask')) {
    content.settings.push({
      kind: 'build_hook',
      key: `UsingTask ${task.attributes.TaskName ?? ''}`,
      value: flatText(task),
    });
  }
  for (const tag of events) {
    for (const { text: command } of descendantsOf(root, tag))
      if (command.trim() !== '') content.settings.push({ kind: 'build_hook', key: tag, value: command.trim() });
  }
  for (const tag of sources) {
    for (const { text: value } of descendantsOf(root, tag)) {
      for (const place of value.split(';').map((entry) => entry.trim())) {
        if (place !== '' && place !== `$(${tag})`)
          content.settings.push({ kind: 'registry', key: `${tag} ${place}`, value: place });
      }
    }
  }
  return content;
};

function addPackage({ attributes, children }: XmlElement, tag: string, content: FileContent): void {
  const names = attributes.Include ?? attributes.Update;
  // What is taken out again asks for nothing.
  if (names === undefined) {
    if (attributes.Remove === undefined) content.problems.push(`a ${tag} has no name`);
    return;
  }
  const part = (name: string) => attributes[name] ?? children.find((child) => child.name === name)?.text.trim();
  const version = part('VersionOverride') ?? part('Version') ?? null;
  for (const name of names.split(';').map((entry) => entry.trim())) {
    if (name === '') continue;
    const key = `${tag} ${name}${attributes.Condition === undefined ? '' : ` when ${attributes.Condition}`}`;
    content.dependencies.push(reference(name, version === '' ? null : version, key));
  }
}

/** `Name/1.0.0`; the ones without a version come with .NET itself. */
function addSdk(sdk: string, version: string | undefined, content: FileContent): void {
  const [name = '', own = version] = sdk.split('/');
  if (name !== '' && own !== undefined) content.dependencies.push(reference(name, own, `Sdk ${name}`));
}

function reference(name: string, version: string | null, key: string): Dependency {
  return dependency({
    ecosystem: 'nuget',
    name: name.toLowerCase(),
    version,
    isDirect: true,
    source: { type: 'registry', url: null },
    key,
  });
}

/** packages.config, the older list of packages. */
export const readPackagesConfig: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'lockfile');
  const { root, problems } = parseXml(text);
  content.problems.push(...problems);
  if (childrenOf(root, 'packages').length === 0) content.problems.push('it has no <packages>');
  for (const { attributes } of descendantsOf(root, 'package')) {
    const name = attributes.id;
    if (name === undefined) content.problems.push('a package has no id');
    else content.dependencies.push(reference(name, attributes.version ?? null, `package ${name}`));
  }
  return content;
};

/** global.json: the SDKs of the build; .config/dotnet-tools.json: programs that the build may run. */
export const readDotnetJson: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'manifest');
  const json = parseRecord(text);
  if (json === undefined) return { ...content, problems: ['it is not a JSON object'] };
  for (const [name, version] of Object.entries(recordAt(json, 'msbuild-sdks'))) {
    content.dependencies.push(reference(name, typeof version === 'string' ? version : null, `msbuild-sdks ${name}`));
  }
  for (const [name, tool] of Object.entries(recordAt(json, 'tools'))) {
    const version = isRecord(tool) ? textAt(tool, 'version') : null;
    content.dependencies.push({ ...reference(name, version, `tools ${name}`), isDevelopment: true });
  }
  return content;
};

/** NuGet.config: package sources, which of them serves which names, and whether signatures count. */
export const readNugetConfig: FileReader = (path, text) => {
  const content = emptyContent(path, 'nuget', 'configuration');
  const { root, problems } = parseXml(text);
  content.problems.push(...problems);
  if (descendantsOf(root, 'configuration', true).length === 0) content.problems.push('it has no <configuration>');
  for (const list of ['packageSources', 'fallbackPackageFolders']) {
    for (const { children } of descendantsOf(root, list, true)) {
      for (const { name, attributes } of children) {
        const { key = '', value } = attributes;
        if (name === 'add' && value !== undefined)
          content.settings.push({ kind: 'registry', key: `${list} ${key}`, value });
      }
    }
  }
  for (const { children } of descendantsOf(root, 'packageSourceMapping', true)) {
    for (const source of children) {
      const patterns = source.children.flatMap(({ attributes }) => attributes.pattern ?? []);
      const key = `packageSourceMapping ${source.attributes.key ?? ''}`;
      content.settings.push({ kind: 'verification', key, value: patterns.join(' ') });
    }
  }
  for (const { children } of descendantsOf(root, 'config', true)) {
    for (const { attributes } of children) {
      const { key = '', value = '' } = attributes;
      if (/^signatureValidationMode$/i.test(key)) content.settings.push({ kind: 'verification', key, value });
    }
  }
  return content;
};
