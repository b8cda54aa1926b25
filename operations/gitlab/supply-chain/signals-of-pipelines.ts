import type { DependencyChange, SettingChange } from './compare-files';
import type { Dependency } from './dependency';
import { type Finding, finding } from './finding';
import { repositoryOf } from './hosts';

const commit = /^[0-9a-f]{40}$/i;

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
    const ownerChanged = isOtherOwner(before.name, after.name);
    findings.push(
      finding(
        'image_registry_changed',
        at,
        old,
        now,
        hostChanged
          ? `${after.key} came from ${before.source.url} and now comes from ${after.source.url}.`
          : `${after.key} uses ${after.name} instead of ${before.name}${ownerChanged ? ', an image of the same name by another owner' : ''}.`,
        hostChanged || ownerChanged ? 'high' : 'low',
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

/** Owners of images that everybody uses in place of each other. */
const usualOwners = new Set([
  '',
  'library',
  'bitnami',
  'bitnamilegacy',
  'cimg',
  'circleci',
  'gitlab',
  'google',
  'amazon',
]);

/** `redis` and `somebody/redis`. */
function isOtherOwner(before: string, after: string): boolean {
  const cut = (name: string) => ({
    owner: name.slice(0, Math.max(0, name.lastIndexOf('/'))),
    base: name.slice(name.lastIndexOf('/') + 1),
  });
  const [old, now] = [cut(before), cut(after)];
  return old.base === now.base && old.owner !== now.owner && !usualOwners.has(now.owner);
}

function reference({ name, version, integrity }: Dependency): string {
  return `${name}${version === null ? '' : `:${version}`}${integrity[0] === undefined ? '' : `@${integrity[0]}`}`;
}

/** Where a CI file takes its jobs from. `gone` are the includes that the same change takes out. */
export function includeSignals(change: DependencyChange, gone: readonly Dependency[]): Finding[] {
  const { before, after, path: file } = change;
  if (after?.ecosystem !== 'gitlab_ci') return [];
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
  const lostPin = before !== null && commit.test(before.version ?? '');
  if (before !== null && !lostPin) return [];
  const twin = before === null ? gone.find((other) => isTwin(other.name, after.name)) : undefined;
  const isFloating =
    version === '' || /^(?:~latest|latest|main|master|HEAD|develop)$/i.test(version) || /^\d+$/.test(version);
  const place = `${after.name}${version === '' ? '' : ` at ${version}`}`;
  const statement = lostPin
    ? `The include of ${after.name} was pinned to a commit and is not any more.`
    : twin !== undefined
      ? `Jobs are taken from ${place}, which can move, instead of from ${twin.name}.`
      : `Jobs are taken from ${place}, which can move.`;
  const severity = lostPin || twin !== undefined ? 'high' : isFloating ? 'medium' : 'low';
  return [
    finding(
      'include_unpinned',
      at,
      before?.version ?? twin?.name ?? null,
      after.version ?? after.name,
      statement,
      severity,
    ),
  ];
}

/** Projects of the same name under two owners. */
function isTwin(gone: string, now: string): boolean {
  const last = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  return gone !== now && last(gone) === last(now);
}

/** A job that asks for an identity of its own. */
export function identitySignals(change: SettingChange): Finding[] {
  const { path: file, kind, key, before, after } = change;
  if (kind !== 'ci_job' || !key.includes('.id_tokens.') || after === null) return [];
  const job = key.slice(0, key.indexOf('.id_tokens.'));
  return [
    finding(
      'build_hook_changed',
      { file, key },
      before,
      after,
      `${job} asks for an identity token: ${after}`,
      'medium',
    ),
  ];
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
  if (/(?:^|\.)(?:automerge|platformAutomerge|ignoreTests)$/.test(key)) {
    const statement = `${key} is switched on: updates are merged without a person${key.endsWith('ignoreTests') ? ' and without tests' : ''}.`;
    return after === 'true' && before !== 'true' ? [finding('review_weakened', at, before, after, statement)] : [];
  }
  if (key.startsWith('approvals of ') && before !== null && Number(after ?? 1) < Number(before)) {
    const statement = `${key.slice('approvals of '.length)} needs ${after ?? 'one'} instead of ${before} approvals.`;
    return [finding('review_weakened', at, before, after, statement)];
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
  if (before.source.url === url) return [];
  const old = repositoryOf(before.source.url);
  const now = repositoryOf(url);
  // The same repository over another protocol.
  if (old !== null && now !== null && old.host === now.host && old.owner === now.owner && old.name === now.name)
    return [];
  const sameOwner = old !== null && now !== null && old.host === now.host && old.owner === now.owner;
  return [
    finding(
      'submodule_changed',
      at,
      before.source.url,
      url,
      `${after.name} came from ${before.source.url} and now comes from ${url}.`,
      sameOwner ? 'medium' : 'high',
    ),
  ];
}
