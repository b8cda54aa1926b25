import coerce from 'semver/functions/coerce.js';
import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';
import type { DependencyChange, FileChange } from './compare-files';
import type { Dependency } from './dependency';
import { type Finding, finding } from './finding';
import { integrityLoss } from './signals-of-sources';

/** A jump of more major versions than this is not how projects count. */
const ordinaryJump = 10;
/** Fewer new packages than this come with any ordinary direct dependency. */
const many = 40;

/** What the version of one changed package tells. */
export function versionSignals(change: DependencyChange): Finding[] {
  const { before, after, path: file, role } = change;
  if (after === null || ['docker', 'gitlab_ci', 'git_submodule'].includes(after.ecosystem)) return [];
  const at = { file, key: after.key, name: after.name };
  if (before === null) {
    const isNew = after.isDirect === true && role === 'manifest';
    const findings = isNew ? [finding('new_dependency', at, null, after.version, `${after.name} is new.`)] : [];
    if (isNew && isOpen(after))
      findings.push(finding('unpinned', at, null, after.version, `Any version of ${after.name} may be installed.`));
    return findings;
  }
  if (before.version === after.version) return [];
  const findings: Finding[] = [];
  if (!isOpen(before) && isOpen(after) && role === 'manifest') {
    findings.push(
      finding('unpinned', at, before.version, after.version, `Any version of ${after.name} may be installed now.`),
    );
  }
  // A repository or an address has no version: digits in it are none.
  const areVersions = before.source.type === 'registry' && after.source.type === 'registry';
  const order = areVersions ? compareVersions(before.version, after.version) : undefined;
  if (order === undefined) return findings;
  if (order.direction > 0) {
    findings.push(
      finding(
        'downgrade',
        at,
        before.version,
        after.version,
        `${after.name} goes back from ${before.version} to ${after.version}.`,
      ),
    );
  } else if (order.majors > ordinaryJump) {
    findings.push(
      finding(
        'version_anomaly',
        at,
        before.version,
        after.version,
        `${after.name} jumps from ${before.version} to ${after.version}.`,
      ),
    );
  } else if (role === 'lockfile' && order.becomesPrerelease) {
    const statement = `${after.name} ${after.version} is no release; ${before.version} was one.`;
    findings.push(finding('version_anomaly', at, before.version, after.version, statement));
  }
  return findings;
}

/** Anything goes: no range at all, `*`, `latest`, or only a lower bound. */
function isOpen({ version, source, ecosystem }: Dependency): boolean {
  if (source.type !== 'registry' || ecosystem === 'maven' || ecosystem === 'golang') return false;
  return version === null ? ecosystem === 'npm' : /^(?:\*|x|latest|next|>=?\s*[\d.]+|)$/i.test(version.trim());
}

/** Which of two versions or ranges is later, by the lowest version each names; undefined when they cannot be compared. */
export function compareVersions(
  before: string | null,
  after: string | null,
): { direction: number; majors: number; becomesPrerelease: boolean } | undefined {
  const old = versionIn(before);
  const now = versionIn(after);
  if (old === undefined || now === undefined) return undefined;
  return {
    direction: compare(old, now),
    majors: now.major - old.major,
    becomesPrerelease: old.prerelease.length === 0 && now.prerelease.length > 0,
  };
}

function versionIn(text: string | null) {
  if (text === null || text.length > 256 || /[|]/.test(text)) return undefined;
  const plain = text.trim().replace(/^[\^~=><v\s]+/, '');
  return parse(plain) ?? coerce(plain) ?? undefined;
}

const lockOf: readonly { lock: RegExp; manifests: RegExp }[] = [
  {
    lock: /(?:package-lock|npm-shrinkwrap)\.json$|yarn\.lock$|pnpm-lock\.yaml$/,
    manifests: /package\.json$|pnpm-workspace\.yaml$/,
  },
  { lock: /(?:poetry|uv|pdm)\.lock$/, manifests: /pyproject\.toml$/ },
  { lock: /Pipfile\.lock$/, manifests: /Pipfile$/ },
  { lock: /Cargo\.lock$/, manifests: /Cargo\.toml$/ },
  { lock: /Gemfile\.lock$/, manifests: /Gemfile$|\.gemspec$/ },
  { lock: /composer\.lock$/, manifests: /composer\.json$/ },
  { lock: /packages\.lock\.json$/, manifests: /proj$|Directory\.Packages\.props$/ },
  { lock: /go\.(?:work\.)?sum$/, manifests: /go\.(?:mod|work)$/ },
];
/** go.sum holds checksums of what might be needed, and grows by itself. */
const growsByItself = /go\.(?:work\.)?sum$/;

/**
 * A lockfile with entries changed although nothing that is asked for did. Updates within the range do that every day, and
 * then versions go up; an entry whose source, checksum or install script changed, or that is new, while every version
 * stayed, was put in by hand.
 */
export function lockfileSignals(changes: readonly FileChange[]): Finding[] {
  const findings: Finding[] = [];
  for (const change of changes) {
    const kind = lockOf.find(({ lock }) => lock.test(change.path));
    if (kind === undefined) continue;
    const fresh = change.dependencies.filter(({ before, after }) => before === null && after !== null);
    if (fresh.length >= many) {
      findings.push(
        finding(
          'many_new_dependencies',
          { file: change.path, key: 'new packages' },
          null,
          String(fresh.length),
          `${fresh.length} packages are new.`,
        ),
      );
    }
    const folder = change.path.slice(0, change.path.lastIndexOf('/') + 1);
    const manifestChanged = changes.some(
      ({ path }) =>
        kind.manifests.test(path) &&
        (path.startsWith(folder) || folder.startsWith(path.slice(0, path.lastIndexOf('/') + 1))),
    );
    if (manifestChanged) continue;
    // A file that was made now, or whose versions moved, was written by the package manager.
    const isWritten =
      change.isNew ||
      change.dependencies.some(
        ({ before, after }) => before !== null && after !== null && before.version !== after.version,
      );
    if (isWritten) continue;
    const suspicious = change.dependencies.filter(({ before, after }) =>
      before === null ? !growsByItself.test(change.path) : after !== null && isPutInByHand(before, after),
    );
    for (const { before, after } of suspicious.slice(0, 20)) {
      if (after === null) continue;
      findings.push(
        finding(
          'lock_without_manifest',
          { file: change.path, key: after.key, name: after.name },
          describe(before),
          describe(after),
          `${after.name} ${before === null ? 'was put into' : 'was changed in'} the lockfile, and neither the manifest nor any version changed.`,
        ),
      );
    }
  }
  return findings;
}

/** What no package manager does to an entry whose version stays. More checksums, and another registry for all, are its work. */
function isPutInByHand(before: Dependency, after: Dependency): boolean {
  const movesOut = before.source.type === 'registry' && ['git', 'http', 'file'].includes(after.source.type);
  const newScript = after.hasInstallScript === true && before.hasInstallScript === false;
  return integrityLoss(before, after) !== undefined || movesOut || newScript;
}

function describe(entry: Dependency | null): string | null {
  return entry === null ? null : [entry.version, entry.source.url, entry.integrity[0]].filter(Boolean).join(' ');
}
