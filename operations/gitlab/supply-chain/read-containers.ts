import { emptyContent, type FileContent, type FileReader } from './dependency';
import { parseDockerfile } from './docker-text';
import { imageOf } from './image-reference';
import { isRecord, type JsonRecord, recordAt, textAt, textsOf } from './json-text';
import { isAtHome, isRegistryVariable } from './registry-places';
import { parseYaml } from './yaml-text';

/** Dockerfile and Containerfile: what it is built from, what it downloads, and commands that run what they download. */
export const readDockerfile: FileReader = (path, text) => {
  const content = emptyContent(path, 'docker', 'manifest');
  const { instructions, syntax } = parseDockerfile(text);
  // Not of this file, but the program that reads it.
  if (syntax !== null && syntax !== '') content.dependencies.push(imageOf(syntax, '# syntax'));
  const stages = new Set<string>();
  const defaults = new Map<string, string>();
  const use = (reference: string, key: (name: string) => string) => {
    const image = filled(reference, defaults);
    if (image === '' || image === 'scratch' || stages.has(image.toLowerCase())) return;
    content.dependencies.push(imageOf(image, key(imageOf(image, '').name)));
  };
  for (const { name, rest } of instructions) {
    if (name === 'ARG') {
      const [, key, value] = /^([A-Za-z_]\w*)=["']?([^"'\s]*)/.exec(rest) ?? [];
      if (key !== undefined && value !== undefined) defaults.set(key, value);
      addVariable('ARG', key, value, content);
    } else if (name === 'ENV') {
      for (const [key, value] of variablesOf(rest)) addVariable('ENV', key, value, content);
    } else if (name === 'FROM') {
      const [, reference = '', stage] = /^(?:--\S+\s+)*(\S+)(?:\s+[Aa][Ss]\s+(\S+))?/.exec(rest) ?? [];
      use(reference, (image) => `FROM ${image}${stage === undefined ? '' : ` as ${stage}`}`);
      if (stage !== undefined) stages.add(stage.toLowerCase());
    } else if (name === 'COPY') {
      const from = /(?:^|\s)--from=(\S+)/.exec(rest)?.[1];
      // A number is a stage.
      if (from !== undefined && !/^\d+$/.test(from)) use(from, (image) => `COPY --from ${image}`);
    } else if (name === 'ADD') {
      const url = /\b(?:https?|ftp|git):\/\/\S+|\bgit@\S+/.exec(rest)?.[0];
      if (url !== undefined) content.settings.push({ kind: 'distribution', key: `ADD ${url}`, value: rest });
    } else if (name === 'RUN' || name === 'ONBUILD') {
      for (const [, from = ''] of rest.slice(0, longestOptions).matchAll(/(?:^|\s)--mount=\S*?\bfrom=([^\s,]+)/g))
        if (!/^\d+$/.test(from)) use(from, (image) => `RUN --mount from ${image}`);
      // By its text: numbers would shift when a command is put in.
      content.settings.push({ kind: 'build_hook', key: `RUN ${rest.slice(0, 200)}`, value: rest });
    }
  }
  return unique(content);
};

/** `NAME=value NAME="value"`, or of one variable `NAME value`. */
function variablesOf(text: string): [string, string][] {
  const one = /^([A-Za-z_]\w*)\s+(.+)$/s.exec(text);
  if (one?.[1] !== undefined) return [[one[1], (one[2] ?? '').trim()]];
  return [...text.matchAll(/([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|(\S*))/g)].map((match) => [
    match[1] ?? '',
    match[2] ?? match[3] ?? match[4] ?? '',
  ]);
}

/** Variables that say where packages come from hold for all commands behind them. */
function addVariable(what: string, name: string | undefined, value: string | undefined, content: FileContent): void {
  if (name === undefined || value === undefined || value === '' || !isRegistryVariable(name) || isAtHome(value)) return;
  content.settings.push({ kind: 'registry', key: `${what} ${name}`, value });
}

/** Options stand in front of the command. */
const longestOptions = 2_000;

function filled(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$\{?([A-Za-z_]\w*)(?::?-([^}]*))?\}?/g,
    (whole, name: string, fallback?: string) => values.get(name) ?? fallback ?? whole,
  );
}

function unique<T extends { settings: { kind: string; key: string }[]; dependencies: { key: string }[] }>(
  content: T,
): T {
  const seen = new Map<string, number>();
  const numbered = <E extends { key: string }>(entries: E[], kindOf: (entry: E) => string): E[] =>
    entries.map((entry) => {
      const name = `${kindOf(entry)} ${entry.key}`;
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return count === 1 ? entry : { ...entry, key: `${entry.key} (${count})` };
    });
  return {
    ...content,
    dependencies: numbered(content.dependencies, () => 'dependency'),
    settings: numbered(content.settings, ({ kind }) => kind),
  };
}

/** docker-compose files: images and what they are built from. */
export const readCompose: FileReader = (path, text) => {
  const content = emptyContent(path, 'docker', 'manifest');
  const { value, problems } = parseYaml(text);
  content.problems.push(...problems);
  if (!isRecord(value)) {
    if (value !== null && value !== undefined) content.problems.push('it is not a YAML mapping');
    return content;
  }
  for (const [name, service] of Object.entries(recordAt(value, 'services'))) {
    if (isRecord(service)) addService(`services.${name}`, service, content);
  }
  for (const entry of Array.isArray(value.include) ? value.include : []) {
    for (const place of textsOf(isRecord(entry) ? entry.path : entry)) {
      if (isRemote(place)) content.settings.push({ kind: 'distribution', key: `include ${place}`, value: place });
    }
  }
  return content;
};

const isRemote = (place: string): boolean => /^(?:https?|git|ssh|oci):|^git@|\.git(?:#|$)/.test(place);

/** A mapping, or a list of `NAME=value`. */
function pairsOf(value: unknown): [string, string][] {
  if (isRecord(value))
    return Object.entries(value).flatMap(([name, entry]) => (typeof entry === 'string' ? [[name, entry]] : []));
  return textsOf(value).flatMap((entry) => {
    const [, name, own] = /^([^=]+)=(.*)$/s.exec(entry) ?? [];
    return name === undefined || own === undefined ? [] : [[name, own]];
  });
}

function addService(key: string, service: JsonRecord, content: FileContent): void {
  const image = textAt(service, 'image');
  if (image !== null) content.dependencies.push(imageOf(image, `${key}.image`));
  const { build } = service;
  const fields = isRecord(build) ? build : {};
  for (const [what, place] of Object.entries({ environment: service.environment, 'build.args': fields.args })) {
    for (const [name, value] of pairsOf(place)) addVariable(`${key}.${what}`, name, value, content);
  }
  const context = typeof build === 'string' ? build : textAt(fields, 'context');
  if (context !== null && isRemote(context))
    content.settings.push({ kind: 'distribution', key: `${key}.build`, value: context });
  for (const [name, place] of Object.entries(recordAt(fields, 'additional_contexts'))) {
    if (typeof place !== 'string') continue;
    const used = /^docker-image:\/\/(.+)$/.exec(place)?.[1];
    if (used !== undefined) content.dependencies.push(imageOf(used, `${key}.build.additional_contexts.${name}`));
    else if (isRemote(place))
      content.settings.push({ kind: 'distribution', key: `${key}.build.additional_contexts.${name}`, value: place });
  }
  const inline = textAt(fields, 'dockerfile_inline');
  if (inline === null) return;
  const inside = readDockerfile('', inline);
  const below = <T extends { key: string }>(entry: T): T => ({ ...entry, key: `${key}.build: ${entry.key}` });
  content.dependencies.push(...inside.dependencies.map(below));
  content.settings.push(...inside.settings.map(below));
}
