import type { FileChange, SettingChange } from './compare-files';
import { type Finding, finding } from './finding';

/** What a job or template looks for, by the words of its name. */
const guards: readonly { kind: string; words: RegExp }[] = [
  { kind: 'code', words: /(?:^|[^a-z])sast(?:[^a-z]|$)|semgrep|codeql|sonar|bandit|gosec|brakeman/i },
  { kind: 'running', words: /(?:^|[^a-z])dast(?:[^a-z]|$)|\bzap\b/i },
  { kind: 'secrets', words: /secrets?[_\s-]?(?:detect|scan|push)|gitleaks|trufflehog/i },
  {
    kind: 'dependencies',
    words: /dependency[_\s-]?(?:scan|check|review)|\baudit\b|snyk|osv-scanner|grype|licen[cs]e[_\s-]?(?:scan|check)/i,
  },
  { kind: 'containers', words: /container[_\s-]?scan|trivy|clair/i },
  { kind: 'infrastructure', words: /iac[_\s-]?scan|(?:^|[^a-z])(?:kics|checkov|tfsec)(?:[^a-z]|$)/i },
  { kind: 'signatures', words: /cosign|\bverify[_\s-]?(?:sig|prov|att)|slsa/i },
  { kind: 'security', words: /security|compliance/i },
];

function guardKind(text: string): string | undefined {
  return guards.find(({ words }) => words.test(text.slice(0, 500)))?.kind;
}

interface Guard {
  file: string;
  key: string;
  what: string;
  text: string;
  kind: string;
}

/**
 * Checks of the pipeline that are gone or count less. A check that is moved, renamed or done in another way in the same change is
 * still there: it is looked for in everything that the change adds.
 */
export function guardSignals(changes: readonly FileChange[]): Finding[] {
  const settings = changes.flatMap((change) => change.settings);
  const kinds = addedKinds(changes, settings);
  const scripts = new Set(
    settings.flatMap(({ kind, before, after }) =>
      kind === 'ci_script' && before === null && after !== null ? [after] : [],
    ),
  );
  const removed = [...removedJobs(settings), ...removedIncludes(changes)];
  return [
    ...removed
      .filter(({ kind, text }) => !kinds.has(kind) && !(text !== '' && scripts.has(text)))
      .map(({ file, key, what, text }) =>
        finding('guard_weakened', { file, key }, text === '' ? key : text, null, `${what} was removed.`),
      ),
    ...settings.flatMap(weakened),
  ];
}

/** What the change adds that looks for something. */
function addedKinds(changes: readonly FileChange[], settings: readonly SettingChange[]): Set<string> {
  const names = [
    ...settings.flatMap(({ kind, key, before, after }) =>
      before === null && after !== null && ((kind === 'ci_job' && after === 'defined') || kind === 'ci_include')
        ? [key]
        : [],
    ),
    ...changes.flatMap(({ dependencies }) =>
      dependencies.flatMap(({ before, after }) =>
        before === null && after?.ecosystem === 'gitlab_ci' ? [after.name] : [],
      ),
    ),
  ];
  return new Set(names.flatMap((name) => guardKind(name) ?? []));
}

function removedJobs(settings: readonly SettingChange[]): Guard[] {
  const scripts = new Map(
    settings.flatMap(({ kind, path, key, before, after }) =>
      kind === 'ci_script' && after === null && before !== null ? [[`${path} ${key}`, before] as const] : [],
    ),
  );
  return settings.flatMap(({ kind, path: file, key, before, after }) => {
    if (after !== null || before === null) return [];
    const isJob = kind === 'ci_job' && before === 'defined';
    if (!isJob && kind !== 'ci_include') return [];
    const guard = guardKind(isJob ? key : `${key} ${before}`);
    if (guard === undefined) return [];
    const text = scripts.get(`${file} ${key}.script`) ?? '';
    return [{ file, key, what: isJob ? `The job ${key}` : `The include of ${before}`, text, kind: guard }];
  });
}

function removedIncludes(changes: readonly FileChange[]): Guard[] {
  return changes.flatMap(({ path: file, dependencies }) =>
    dependencies.flatMap(({ before, after }) => {
      const kind = before?.ecosystem === 'gitlab_ci' && after === null ? guardKind(before.name) : undefined;
      if (before === null || kind === undefined) return [];
      return [{ file, key: before.key, what: `The include of ${before.name}`, text: before.name, kind }];
    }),
  );
}

/** Throws the result of a command away. */
const ignored =
  /\|\|\s{0,9}(?:true|:|exit\s{1,9}0)\s{0,9}$|;\s{0,9}(?:true|exit\s{1,9}0)\s{0,9}$|^set\s{1,9}\+e\b|^exit\s{1,9}0$/;
/** Does nothing. */
const idle = /^(?:echo\b.*|true|:|exit\s{1,9}0|sleep\s.*|printf\b.*)$/;

/** A check that stays and counts less than before. */
function weakened(change: SettingChange): Finding[] {
  const { path: file, kind, key, before, after } = change;
  const at = { file, key };
  const [job = key] = key.split('.');
  if (kind === 'ci_script') return weakenedScript(change, job);
  if (kind !== 'ci_job' || after === null || guardKind(job) === undefined || key === job) return [];
  const say = (what: string) => [finding('guard_weakened', at, before, after, what)];
  if (key.endsWith('.allow_failure') && after !== 'false') return say(`A failure of ${job} does not count any more.`);
  if (key.endsWith('.when') && /manual|never/.test(after)) return say(`${job} does not run by itself any more.`);
  if (/\.(?:rules|only|except)$/.test(key)) {
    const stops = /"when":"(?:never|manual)"/;
    if (stops.test(after) && !stops.test(before ?? '')) return say(`${job} runs less often than before.`);
  }
  return [];
}

function weakenedScript({ path: file, key, before, after }: SettingChange, job: string): Finding[] {
  if (before === null || after === null || !/\.script$/.test(key)) return [];
  const at = { file, key };
  const isGuard = guardKind(job) !== undefined;
  const old = new Set(before.split('\n').map((line) => line.trim()));
  const lines = after
    .split('\n')
    .slice(0, 2_000)
    .map((line) => line.trim().slice(0, 2_000));
  const loose = lines.find(
    (line) => !old.has(line) && ignored.test(line) && (isGuard || guardKind(line) !== undefined),
  );
  if (loose !== undefined)
    return [
      finding('guard_weakened', at, before, after, `The result of ${job} is thrown away: ${loose.slice(0, 200)}`),
    ];
  const wasWorking = [...old].some((line) => line !== '' && !idle.test(line));
  return isGuard && wasWorking && lines.every((line) => line === '' || idle.test(line))
    ? [finding('guard_weakened', at, before, after, `${job} does nothing any more.`)]
    : [];
}
