import type { DependencyChange, SettingChange } from './compare-files';
import type { Dependency } from './dependency';
import { type Finding, finding } from './finding';
import { nameInTarball } from './read-npm';

/** Images and includes have signals of their own. */
const isPackage = ({ ecosystem }: Dependency): boolean =>
  ecosystem !== 'docker' && ecosystem !== 'gitlab_ci' && ecosystem !== 'git_submodule';

/** Registries that everybody uses; a package that comes from one of them has come to where it belongs. */
const publicHosts = new Set([
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'pypi.org',
  'files.pythonhosted.org',
  'rubygems.org',
  'index.rubygems.org',
  'github.com/rust-lang/crates.io-index',
  'index.crates.io',
  'proxy.golang.org',
  'repo.maven.apache.org',
  'repo1.maven.org',
  'plugins.gradle.org',
  'services.gradle.org',
  'repo.packagist.org',
  'api.nuget.org',
]);

/** Host of an address, with the path for a repository on a forge; null for what is no address. */
export function hostOf(url: string | null): string | null {
  if (url === null) return null;
  const plain = url.replace(/^(?:git|hg|svn|registry|sparse)\+/, '');
  const scp = /^(?:[\w.-]+@)([\w.-]+):/.exec(plain);
  if (scp?.[1] !== undefined) return scp[1].toLowerCase();
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^/?#:]+)/i.exec(plain);
  return match?.[1]?.toLowerCase() ?? null;
}

/** Algorithms of a checksum, strongest last. */
const strength = ['md5', 'sha1', 'sha224', 'sha256', 'h1', 'sha384', 'sha512'];
function strengthOf(integrity: readonly string[]): number {
  return Math.max(
    -1,
    ...integrity.map((hash) => strength.indexOf(/^([a-z0-9]+)[-:]/i.exec(hash)?.[1]?.toLowerCase() ?? '')),
  );
}

/** Whether two lists of checksums cannot be of the same content: an algorithm that both have gives different values. */
function contradicts(before: readonly string[], after: readonly string[]): boolean {
  if (before.length === 0 || after.length === 0) return false;
  if (before.some((hash) => after.includes(hash))) return false;
  const algorithm = (hash: string) => /^([a-z0-9]+)[-:]/i.exec(hash)?.[1]?.toLowerCase() ?? '';
  const algorithms = new Set(before.map(algorithm));
  return after.some((hash) => algorithms.has(algorithm(hash)));
}

/** What the source and the checksum of one changed package tell. */
export function sourceSignals(change: DependencyChange): Finding[] {
  const { before, after } = change;
  if (after === null || !isPackage(after)) return [];
  return [...integritySignals(change, after), ...placeSignals(change, before, after)];
}

function integritySignals({ path: file, before }: DependencyChange, after: Dependency): Finding[] {
  if (before === null || before.version !== after.version || after.version === null) return [];
  const at = { file, key: after.key, name: after.name };
  const old = before.integrity.join(' ') || null;
  const now = after.integrity.join(' ') || null;
  const version = `${after.name} ${after.version}`;
  if (contradicts(before.integrity, after.integrity)) {
    return [
      finding('integrity_changed', at, old, now, `${version} has another checksum than before, at the same version.`),
    ];
  }
  if (before.integrity.length > 0 && after.integrity.length === 0) {
    return [finding('integrity_removed', at, old, now, `${version} had a checksum and has none now.`)];
  }
  const weaker = strengthOf(after.integrity) < strengthOf(before.integrity) && after.integrity.length > 0;
  return weaker
    ? [finding('integrity_weakened', at, old, now, `${version} is guarded by a weaker checksum than before.`)]
    : [];
}

function placeSignals({ path: file, role }: DependencyChange, before: Dependency | null, after: Dependency): Finding[] {
  const at = { file, key: after.key, name: after.name };
  const findings: Finding[] = [];
  const url = after.source.url;
  const old = before?.source.url ?? null;
  if (url !== null && url !== old) {
    const named = after.ecosystem === 'npm' ? nameInTarball(url) : null;
    if (named !== null && named !== after.name) {
      findings.push(
        finding('resolved_name_mismatch', at, old, url, `${after.name} is fetched from the address of ${named}.`),
      );
    }
    if (/^http:/i.test(url) || /^git:/i.test(url)) {
      findings.push(finding('plain_http_source', at, old, url, `${after.name} is fetched without encryption.`));
    }
  }
  const wasSame = before !== null && before.source.type === after.source.type && old === url;
  if (!wasSame && (after.source.type === 'git' || after.source.type === 'http' || after.source.type === 'file')) {
    // A folder of the project itself is reviewed with it, and a lockfile repeats what the manifest says.
    const isOwnFolder = after.source.type === 'file' && !/^(?:\/|~|file:\/\/|.*\.tgz$)/.test(url ?? '');
    if (!isOwnFolder) {
      const what = { git: 'a repository', http: 'an address', file: 'a file' }[after.source.type];
      findings.push(
        finding('direct_source', at, old, url, `${after.name} comes from ${what} instead of a registry: ${url ?? ''}`),
      );
    }
  }
  const host = hostOf(url);
  const oldHost = hostOf(old);
  const isRegistry = after.source.type === 'registry' && before?.source.type === 'registry';
  if (isRegistry && role === 'lockfile' && host !== null && oldHost !== null && host !== oldHost) {
    findings.push(
      finding(
        'registry_changed',
        at,
        old,
        url,
        `${after.name} came from ${oldHost} and now comes from ${host}.`,
        publicHosts.has(host) ? 'low' : 'high',
      ),
    );
  }
  return findings;
}

/**
 * New packages that come from a host that the rest of the file does not use. `usual` are the hosts of the registries
 * in the version before the change.
 */
export function foreignHostSignals(changes: readonly DependencyChange[], usual: ReadonlySet<string>): Finding[] {
  if (usual.size === 0) return [];
  return changes.flatMap((change) => {
    const { before, after, path: file } = change;
    if (before !== null || after === null || !isPackage(after) || after.source.type !== 'registry') return [];
    const host = hostOf(after.source.url);
    if (host === null || usual.has(host) || publicHosts.has(host)) return [];
    return [
      finding(
        'registry_changed',
        { file, key: after.key, name: after.name },
        [...usual].sort().join(', '),
        after.source.url,
        `${after.name} is new and comes from ${host}, which nothing else in the file does.`,
      ),
    ];
  });
}

/** Registries set by configuration, and what stands in for a dependency. */
export function settingSourceSignals(change: SettingChange): Finding[] {
  const { path: file, kind, key, before, after } = change;
  const at = { file, key };
  if (kind === 'registry' && after !== null) {
    const host = hostOf(after) ?? after;
    const findings = [
      finding(
        'registry_changed',
        at,
        before,
        after,
        before === null ? `A registry was added: ${after}` : `The registry ${before} was replaced by ${after}`,
        publicHosts.has(host) ? 'low' : 'high',
      ),
    ];
    if (/^http:/i.test(after))
      findings.push(
        finding('plain_http_source', at, before, after, `The registry ${after} is asked without encryption.`),
      );
    return findings;
  }
  if (kind === 'override' && after !== null) {
    return [finding('override_added', at, before, after, `${key} now stands for ${after}.`)];
  }
  if (kind === 'distribution' && after !== null) {
    const host = hostOf(after);
    const same = before !== null && host === hostOf(before);
    if (same || (before === null && host !== null && publicHosts.has(host))) return [];
    return [
      finding(
        'registry_changed',
        at,
        before,
        after,
        `${key} downloads from ${host ?? after}${before === null ? '' : `, before from ${hostOf(before) ?? before}`}.`,
      ),
    ];
  }
  if (kind === 'verification' && before !== null && /Sum$|verify-metadata/.test(key)) {
    return [
      finding(
        'verification_weakened',
        at,
        before,
        after,
        after === null ? `${key} was removed.` : `${key} was replaced.`,
      ),
    ];
  }
  return [];
}
