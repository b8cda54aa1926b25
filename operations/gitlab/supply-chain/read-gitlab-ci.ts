import { type Dependency, dependency, emptyContent, type FileContent, type FileReader } from './dependency';
import { imageOf } from './image-reference';
import { isRecord, type JsonRecord, listAt, recordAt, shown, textAt, textsOf } from './json-text';
import { isAtHome, isRegistryVariable } from './registry-places';
import { parseYamlDocuments } from './yaml-text';

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
  const { values, problems } = parseYamlDocuments(text);
  content.problems.push(...problems);
  const value = configurationOf(values);
  if (!isRecord(value)) return { ...content, problems: [...content.problems, 'it is not a YAML mapping'] };
  if (values.filter((document) => document !== null).length > (value === values[0] ? 1 : 2))
    content.problems.push('it has more documents than GitLab reads');
  addIncludes(value.include, '', content);
  addVariables('variables', recordAt(value, 'variables'), content);
  addJob('(top)', value, content);
  if (isRecord(value.default)) addJob('default', value.default, content);
  for (const [name, job] of Object.entries(value)) {
    if (global.has(name) || !isRecord(job)) continue;
    addJob(name, job, content);
    addRules(name, job, content);
  }
  return content;
};

/** A component's file begins with a document of its own that describes its inputs; in any other file the first one counts. */
function configurationOf(documents: readonly unknown[]): unknown {
  const [first, second] = documents;
  return isRecord(first) && Object.hasOwn(first, 'spec') && documents.length > 1 ? second : first;
}

function addIncludes(value: unknown, prefix: string, content: FileContent): void {
  const inside = emptyContent(content.path, 'gitlab_ci', 'manifest');
  for (const entry of Array.isArray(value) ? value : value === undefined ? [] : [value]) addInclude(entry, inside);
  const below = <T extends { key: string }>(entry: T): T => ({ ...entry, key: prefix + entry.key });
  content.dependencies.push(...inside.dependencies.map(below));
  content.settings.push(...inside.settings.map(below));
  content.problems.push(...inside.problems);
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
    // What another job has made is a file of that job.
    const local = textAt(fields, 'local') ?? textAt(fields, 'artifact');
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
  const image = imageIn(job.image);
  if (image !== null) content.dependencies.push(imageOf(image, `${name}.image`));
  for (const [index, service] of listAt(job, 'services').entries()) {
    const used = imageIn(service);
    if (used !== null) content.dependencies.push(imageOf(used, `${name}.services[${index}]`));
  }
  const hooks = recordAt(job, 'hooks');
  const lists: [string, unknown][] = [
    ...scripts.map((key): [string, unknown] => [key, job[key]]),
    ['hooks.pre_get_sources_script', hooks.pre_get_sources_script],
  ];
  for (const [key, list] of lists) {
    const lines = linesOf(list);
    if (lines.length > 0) content.settings.push({ kind: 'ci_script', key: `${name}.${key}`, value: lines.join('\n') });
  }
  if (name !== '(top)') addVariables(`${name}.variables`, recordAt(job, 'variables'), content);
  addSteps(name, listAt(job, 'run'), content);
  addTrigger(name, job.trigger, content);
  for (const [token, wanted] of Object.entries(recordAt(job, 'id_tokens')))
    content.settings.push({ kind: 'ci_job', key: `${name}.id_tokens.${token}`, value: shown(wanted) });
}

/** Variables that take a guard of a package manager away. */
const ofGuards =
  /^(?:GONOSUMDB|GONOSUMCHECK|GOSUMDB|GOINSECURE|GOFLAGS|NODE_TLS_REJECT_UNAUTHORIZED|NODE_OPTIONS|GIT_SSL_NO_VERIFY|YARN_ENABLE_SCRIPTS)$/;

function addVariables(prefix: string, variables: JsonRecord, content: FileContent): void {
  for (const [name, entry] of Object.entries(variables)) {
    const value = typeof entry === 'string' ? entry : isRecord(entry) ? textAt(entry, 'value') : null;
    if (value === null) continue;
    const key = `${prefix}.${name}`;
    if (isAtHome(value)) continue;
    if (isRegistryVariable(name)) content.settings.push({ kind: 'registry', key, value });
    else if (ofGuards.test(name)) content.settings.push({ kind: 'build_hook', key, value });
  }
}

function imageIn(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return isRecord(value) ? textAt(value, 'name') : null;
}

/** Steps are code of other repositories, by address and version, or scripts of their own. */
function addSteps(name: string, steps: readonly unknown[], content: FileContent): void {
  for (const step of steps.filter(isRecord)) {
    const label = `${name}.run.${textAt(step, 'name') ?? ''}`;
    const script = textAt(step, 'script');
    if (script !== null) content.settings.push({ kind: 'ci_script', key: label, value: script });
    const address = textAt(step, 'step');
    if (address === null || address.startsWith('.')) continue;
    const [, from = address, version = null] = /^(.*?)@([^@]*)$/s.exec(address) ?? [];
    content.dependencies.push(include(from, version, { type: 'git', url: from }, [], `${label} step ${from}`));
  }
}

/** Another project's pipeline, or one made from files that are included. */
function addTrigger(name: string, trigger: unknown, content: FileContent): void {
  const project = isRecord(trigger) ? textAt(trigger, 'project') : typeof trigger === 'string' ? trigger : null;
  if (project !== null) content.settings.push({ kind: 'ci_include', key: `${name}.trigger`, value: project });
  const included = isRecord(trigger) ? trigger.include : undefined;
  if (typeof included === 'string' && !/^https?:/.test(included))
    content.settings.push({ kind: 'ci_include', key: `${name}.trigger`, value: included });
  else addIncludes(included, `${name}.trigger `, content);
}

/** What decides whether a job runs and whether its failure counts. */
function addRules(name: string, job: JsonRecord, content: FileContent): void {
  content.settings.push({ kind: 'ci_job', key: name, value: 'defined' });
  for (const key of ['allow_failure', 'when', 'rules', 'only', 'except', 'extends']) {
    if (Object.hasOwn(job, key) && job[key] !== undefined)
      content.settings.push({ kind: 'ci_job', key: `${name}.${key}`, value: shown(job[key]) });
  }
}

/** Lists of aliases of lists grow without end: no real script has more lines or goes deeper. */
const mostLines = 20_000;
const deepest = 10;

/** Scripts nest by anchors and references. */
function linesOf(value: unknown): string[] {
  const lines: string[] = [];
  let visited = 0;
  const visit = (entry: unknown, depth: number): void => {
    visited += 1;
    if (visited > mostLines) return;
    if (typeof entry === 'string') lines.push(entry);
    else if (Array.isArray(entry) && depth <= deepest) for (const part of entry) visit(part, depth + 1);
  };
  visit(value, 0);
  return lines;
}
