import { type Dependency, dependency, emptyContent, type FileContent, type FileReader } from './dependency';
import { imageOf } from './image-reference';
import { isRecord, type JsonRecord, textAt, textsOf } from './json-text';
import { parseYaml } from './yaml-text';

/** Keys of a GitLab CI file that are no jobs. */
const global = new Set([
  'default',
  'include',
  'stages',
  'variables',
  'workflow',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
  'spec',
  'types',
]);
const scripts = ['before_script', 'script', 'after_script'] as const;

/** .gitlab-ci.yml and files it includes: where jobs come from, the images they run in, what they run, and when. */
export const readGitlabCi: FileReader = (path, text) => {
  const content = emptyContent(path, 'gitlab_ci', 'manifest');
  const { value, problems } = parseYaml(lastDocument(text));
  content.problems.push(...problems);
  if (!isRecord(value)) return { ...content, problems: [...content.problems, 'it is not a YAML mapping'] };
  const includes = Array.isArray(value.include) ? value.include : value.include === undefined ? [] : [value.include];
  for (const entry of includes) addInclude(entry, content);
  addJob('(top)', value, content);
  if (isRecord(value.default)) addJob('default', value.default, content);
  for (const [name, job] of Object.entries(value)) {
    if (global.has(name) || !isRecord(job)) continue;
    addJob(name, job, content);
    addRules(name, job, content);
  }
  return content;
};

/** A component's file begins with a document of its own that describes its inputs. */
function lastDocument(text: string): string {
  const parts = text.split(/^---\s*$/m).filter((part) => part.trim() !== '');
  return parts.at(-1) ?? text;
}

function addInclude(entry: unknown, content: FileContent): void {
  const fields: JsonRecord =
    typeof entry === 'string'
      ? /^https?:/.test(entry)
        ? { remote: entry }
        : { local: entry }
      : isRecord(entry)
        ? entry
        : {};
  const remote = textAt(fields, 'remote');
  const project = textAt(fields, 'project');
  const component = textAt(fields, 'component');
  const template = textAt(fields, 'template');
  if (remote !== null) {
    const hash = textAt(fields, 'integrity');
    content.dependencies.push(
      include(remote, null, { type: 'http', url: remote }, hash === null ? [] : [hash], `include remote ${remote}`),
    );
  } else if (project !== null) {
    for (const file of textsOf(fields.file)) {
      content.dependencies.push(
        include(
          project,
          textAt(fields, 'ref'),
          { type: 'git', url: project },
          [],
          `include project ${project} ${file}`,
        ),
      );
    }
  } else if (component !== null) {
    const [, name = component, version = null] = /^(.*?)@([^@]*)$/s.exec(component) ?? [];
    content.dependencies.push(include(name, version, { type: 'git', url: name }, [], `include component ${name}`));
  } else if (template !== null) {
    content.settings.push({ kind: 'ci_include', key: `template ${template}`, value: template });
  } else {
    const local = textAt(fields, 'local');
    if (local !== null) content.settings.push({ kind: 'ci_include', key: `local ${local}`, value: local });
    else content.problems.push('an include of a kind that is not known here');
  }
}

function include(
  name: string,
  version: string | null,
  source: Dependency['source'],
  integrity: string[],
  key: string,
): Dependency {
  return dependency({ ecosystem: 'gitlab_ci', name, version, isDirect: true, source, integrity, key });
}

function addJob(name: string, job: JsonRecord, content: FileContent): void {
  const image = typeof job.image === 'string' ? job.image : isRecord(job.image) ? textAt(job.image, 'name') : null;
  if (image !== null) content.dependencies.push(imageOf(image, `${name}.image`));
  for (const [index, service] of (Array.isArray(job.services) ? job.services : []).entries()) {
    const used = typeof service === 'string' ? service : isRecord(service) ? textAt(service, 'name') : null;
    if (used !== null) content.dependencies.push(imageOf(used, `${name}.services[${index}]`));
  }
  for (const key of scripts) {
    const lines = flatten(job[key]);
    if (lines.length > 0) content.settings.push({ kind: 'ci_script', key: `${name}.${key}`, value: lines.join('\n') });
  }
  const trigger = isRecord(job.trigger)
    ? (textAt(job.trigger, 'project') ?? textAt(job.trigger, 'include'))
    : typeof job.trigger === 'string'
      ? job.trigger
      : null;
  if (trigger !== null) content.settings.push({ kind: 'ci_include', key: `${name}.trigger`, value: trigger });
  for (const token of Object.keys(isRecord(job.id_tokens) ? job.id_tokens : {})) {
    content.settings.push({
      kind: 'ci_job',
      key: `${name}.id_tokens.${token}`,
      value: JSON.stringify((job.id_tokens as JsonRecord)[token]),
    });
  }
}

/** What decides whether a job runs and whether its failure counts. */
function addRules(name: string, job: JsonRecord, content: FileContent): void {
  content.settings.push({ kind: 'ci_job', key: name, value: 'defined' });
  for (const key of ['allow_failure', 'when', 'rules', 'only', 'except', 'extends']) {
    if (job[key] !== undefined)
      content.settings.push({ kind: 'ci_job', key: `${name}.${key}`, value: JSON.stringify(job[key]) });
  }
}

/** Scripts nest by anchors and references. */
function flatten(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value) || depth > 10) return [];
  return value.flatMap((entry) => flatten(entry, depth + 1));
}
