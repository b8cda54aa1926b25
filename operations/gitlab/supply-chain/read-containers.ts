import { emptyContent, type FileReader } from './dependency';
import { imageOf } from './image-reference';
import { isRecord, recordAt, textAt } from './json-text';
import { parseYaml } from './yaml-text';

/** Dockerfile and Containerfile: what it is built from, what it downloads, and commands that run what they download. */
export const readDockerfile: FileReader = (path, text) => {
  const content = emptyContent(path, 'docker', 'manifest');
  const stages = new Set<string>();
  const defaults = new Map<string, string>();
  let number = 0;
  for (const line of instructions(text)) {
    number += 1;
    const [, word = '', rest = ''] = /^([A-Za-z]+)\s+(.*)$/s.exec(line) ?? [];
    const instruction = word.toUpperCase();
    if (instruction === 'ARG') {
      const [, name, value] = /^([A-Za-z_]\w*)=["']?([^"'\s]*)/.exec(rest) ?? [];
      if (name !== undefined && value !== undefined) defaults.set(name, value);
    } else if (instruction === 'FROM') {
      const [, reference = '', stage] = /^(?:--\S+\s+)*(\S+)(?:\s+[Aa][Ss]\s+(\S+))?/.exec(rest) ?? [];
      const image = filled(reference, defaults);
      if (image !== 'scratch' && !stages.has(image.toLowerCase()) && image !== '') {
        content.dependencies.push(
          imageOf(image, `FROM ${imageOf(image, '').name}${stage === undefined ? '' : ` as ${stage}`}`),
        );
      }
      if (stage !== undefined) stages.add(stage.toLowerCase());
    } else if (instruction === 'COPY') {
      const from = /--from=(\S+)/.exec(rest)?.[1];
      if (from !== undefined && !stages.has(from.toLowerCase()) && /[/:.]/.test(from)) {
        content.dependencies.push(imageOf(filled(from, defaults), `COPY --from ${imageOf(from, '').name}`));
      }
    } else if (instruction === 'ADD') {
      const url = /\b(?:https?|ftp|git):\/\/\S+|\bgit@\S+/.exec(rest)?.[0];
      if (url !== undefined) content.settings.push({ kind: 'distribution', key: `ADD ${url}`, value: rest });
    } else if (instruction === 'RUN' || instruction === 'ONBUILD') {
      content.settings.push({ kind: 'build_hook', key: `${instruction} ${number}`, value: rest });
    }
  }
  // Numbers shift when a command is put in: equal commands are told apart by their text.
  content.settings = content.settings.map((setting) =>
    setting.kind === 'build_hook' ? { ...setting, key: `RUN ${setting.value.slice(0, 200)}` } : setting,
  );
  return unique(content);
};

/** Comments and empty lines off, lines that end in a backslash joined. */
function instructions(text: string): string[] {
  const result: string[] = [];
  let open = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\r$/, '');
    if (/^\s*#/.test(line)) continue;
    if (/\\\s*$/.test(line)) {
      open += `${line.replace(/\\\s*$/, '')} `;
      continue;
    }
    const whole = (open + line).trim();
    open = '';
    if (whole !== '') result.push(whole);
  }
  if (open.trim() !== '') result.push(open.trim());
  return result;
}

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
  if (!isRecord(value)) return content;
  for (const [name, service] of Object.entries(recordAt(value, 'services'))) {
    const image = isRecord(service) ? textAt(service, 'image') : null;
    if (image !== null) content.dependencies.push(imageOf(image, `services.${name}.image`));
    const build = isRecord(service) ? service.build : undefined;
    const context = typeof build === 'string' ? build : isRecord(build) ? textAt(build, 'context') : null;
    if (context !== null && /^(?:https?|git|ssh):|^git@|\.git(?:#|$)/.test(context)) {
      content.settings.push({ kind: 'distribution', key: `services.${name}.build`, value: context });
    }
  }
  return content;
};
