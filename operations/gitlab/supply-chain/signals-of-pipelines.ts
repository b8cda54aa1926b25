import type { DependencyChange, SettingChange } from './compare-files';
import type { Dependency } from './dependency';
import { type Finding, finding } from './finding';
import { hostOf } from './signals-of-sources';

const commit = /^[0-9a-f]{40}$/i;
/** Jobs that look for something: their names, and the templates they come from. */
const guard =
  /sast|dast|secret[_-]?(?:detect|scan|push)|dependency[_-]?scan|container[_-]?scan|licen[cs]e[_-]?scan|iac[_-]?scan|semgrep|gitleaks|trufflehog|trivy|grype|snyk|sonar|security|audit|cosign|verify|compliance/i;

/** Images of jobs, containers and services. */
export function imageSignals(change: DependencyChange): Finding[] {
  const { before, after, path: file } = change;
  if (after?.ecosystem !== 'docker') return [];
  const at = { file, key: after.key, name: after.name };
  const old = before === null ? null : reference(before);
  const now = reference(after);
  const findings: Finding[] = [];
  if (before !== null && (before.name !== after.name || before.source.url !== after.source.url)) {
    const hostChanged = before.source.url !== after.source.url;
    findings.push(
      finding(
        'image_registry_changed',
        at,
        old,
        now,
        hostChanged
          ? `${after.key} came from ${before.source.url} and now comes from ${after.source.url}.`
          : `${after.key} uses ${after.name} instead of ${before.name}.`,
        hostChanged ? 'high' : 'low',
      ),
    );
  }
  const sameTag =
    before !== null && before.name === after.name && before.version === after.version && after.version !== null;
  if (
    sameTag &&
    before.integrity[0] !== undefined &&
    after.integrity[0] !== undefined &&
    before.integrity[0] !== after.integrity[0]
  ) {
    const isMoving = /^(?:latest|stable|edge|main|master|nightly|alpine|slim|\d+(?:\.\d+)?(?:-[a-z]+)?)$/i.test(
      after.version ?? '',
    );
    findings.push(
      finding(
        'image_digest_changed',
        at,
        old,
        now,
        `${after.name}:${after.version} has another digest than before.`,
        isMoving ? 'low' : 'high',
      ),
    );
  }
  const isUnpinned = after.integrity.length === 0 && !/\$/.test(now);
  const wasUnpinned = before !== null && before.integrity.length === 0;
  if (isUnpinned && !wasUnpinned) {
    const severity =
      before !== null ? 'high' : after.version === null || /^latest$/i.test(after.version) ? 'medium' : 'low';
    findings.push(
      finding(
        'image_unpinned',
        at,
        old,
        now,
        before === null
          ? `${now} is new and not pinned by a digest.`
          : `${after.name} was pinned by a digest and is not any more.`,
        severity,
      ),
    );
  } else if (
    isUnpinned &&
    before !== null &&
    before.version !== after.version &&
    /^latest$/i.test(after.version ?? 'latest')
  ) {
    findings.push(finding('image_unpinned', at, old, now, `${after.name} now takes whatever is newest.`, 'medium'));
  }
  return findings;
}

function reference({ name, version, integrity }: Dependency): string {
  return `${name}${version === null ? '' : `:${version}`}${integrity[0] === undefined ? '' : `@${integrity[0]}`}`;
}

/** Where a CI file takes its jobs from. */
export function includeSignals(change: DependencyChange): Finding[] {
  const { before, after, path: file } = change;
  if (after?.ecosystem !== 'gitlab_ci') {
    const lost = before?.ecosystem === 'gitlab_ci' && guard.test(before.name);
    return lost && after === null
      ? [
          finding(
            'guard_weakened',
            { file, key: before.key, name: before.name },
            before.name,
            null,
            `The include of ${before.name} was removed.`,
          ),
        ]
      : [];
  }
  const at = { file, key: after.key, name: after.name };
  if (after.source.type === 'http') {
    if (after.integrity.length > 0 && (before === null || before.integrity[0] === after.integrity[0])) return [];
    const statement =
      before === null
        ? `Jobs are taken from ${after.name}, which is not pinned by a checksum.`
        : after.integrity.length === 0
          ? `The include of ${after.name} has lost its checksum.`
          : `The include of ${after.name} has another checksum than before.`;
    return [
      finding(
        'remote_include',
        at,
        before?.integrity[0] ?? null,
        after.name,
        statement,
        after.integrity.length > 0 ? 'medium' : 'high',
      ),
    ];
  }
  const version = after.version ?? '';
  if (commit.test(version) || before?.version === after.version) return [];
  if (before !== null && !commit.test(before.version ?? '')) return [];
  const isFloating =
    version === '' || /^(?:~latest|latest|main|master|HEAD|develop)$/i.test(version) || /^\d+$/.test(version);
  return [
    finding(
      'include_unpinned',
      at,
      before?.version ?? null,
      after.version,
      before === null
        ? `Jobs are taken from ${after.name}${version === '' ? '' : ` at ${version}`}, which can move.`
        : `The include of ${after.name} was pinned to a commit and is not any more.`,
      isFloating || before !== null ? 'medium' : 'low',
    ),
  ];
}

/** Jobs and templates that went, or that count less. */
export function pipelineSettingSignals(change: SettingChange): Finding[] {
  const { path: file, kind, key, before, after } = change;
  const at = { file, key };
  const [job = key] = key.split('.');
  if (kind === 'ci_include') {
    if (after === null && before !== null && guard.test(before)) {
      return [finding('guard_weakened', at, before, after, `The include of ${before} was removed.`)];
    }
    return [];
  }
  if (kind !== 'ci_job') return [];
  if (key.includes('.id_tokens.') && after !== null) {
    return [finding('build_hook_changed', at, before, after, `${job} asks for an identity token: ${after}`, 'medium')];
  }
  if (!guard.test(job)) return [];
  if (key === job && after === null)
    return [finding('guard_weakened', at, before, after, `The job ${job} was removed.`)];
  if (key.endsWith('.allow_failure') && after === 'true') {
    return [finding('guard_weakened', at, before, after, `A failure of ${job} does not count any more.`)];
  }
  if (key.endsWith('.when') && /manual|never/.test(after ?? '')) {
    return [finding('guard_weakened', at, before, after, `${job} does not run by itself any more.`)];
  }
  if (/\.(?:rules|only|except)$/.test(key)) {
    const never = /"when":"(?:never|manual)"/.test(after ?? '') && !/"when":"(?:never|manual)"/.test(before ?? '');
    if (never) return [finding('guard_weakened', at, before, after, `${job} runs less often than before.`)];
    if (before !== null) return [finding('guard_weakened', at, before, after, `When ${job} runs has changed.`, 'low')];
  }
  return [];
}

/** Who has to look, and what is shown to them. */
export function reviewSignals(change: SettingChange): Finding[] {
  const { path: file, kind, key, before, after } = change;
  if (kind !== 'verification') return [];
  const at = { file, key };
  if (key.startsWith('owners of ') && before !== null) {
    const kept = new Set((after ?? '').split(' '));
    const lost = before.split(' ').filter((owner) => owner !== '' && !kept.has(owner));
    if (lost.length === 0) return [];
    return [
      finding(
        'review_weakened',
        at,
        before,
        after,
        `${lost.join(', ')} no longer own ${key.slice('owners of '.length)}.`,
      ),
    ];
  }
  if (key.startsWith('hidden from review') && before === null) {
    return [
      finding(
        'review_weakened',
        at,
        before,
        after,
        `Changes of these files are no longer shown in reviews: ${after ?? ''}`,
      ),
    ];
  }
  return [];
}

/** Submodules and hooks whose code lies elsewhere. */
export function submoduleSignals(change: DependencyChange): Finding[] {
  const { before, after, path: file } = change;
  if (after?.ecosystem !== 'git_submodule') return [];
  const at = { file, key: after.key, name: after.name };
  const url = after.source.url;
  if (before === null) {
    const findings = [
      finding('direct_source', at, null, url, `The code of ${after.name} comes from ${url ?? 'elsewhere'}.`),
    ];
    if (/^(?:http|git):/i.test(url ?? ''))
      findings.push(finding('plain_http_source', at, null, url, `${after.name} is fetched without encryption.`));
    return findings;
  }
  if (before.source.url !== url) {
    const hostChanged = hostOf(before.source.url) !== hostOf(url);
    return [
      finding(
        'submodule_changed',
        at,
        before.source.url,
        url,
        `${after.name} came from ${before.source.url} and now comes from ${url}.`,
        hostChanged ? 'high' : 'medium',
      ),
    ];
  }
  return [];
}
