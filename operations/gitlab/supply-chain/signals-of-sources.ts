import type { DependencyChange, FileChange } from './compare-files';
import type { Dependency } from './dependency';
import { type Finding, finding } from './finding';
import { hostOf, isPublicRegistry } from './hosts';
import { nameInTarball } from './tarball-address';

/** Images and includes have signals of their own. */
const isPackage = ({ ecosystem }: Dependency): boolean =>
  ecosystem !== 'docker' && ecosystem !== 'gitlab_ci' && ecosystem !== 'git_submodule';

/** Algorithms of a checksum, strongest last. */
const strength = ['md5', 'sha1', 'sha224', 'sha256', 'h1', 'sha384', 'sha512'];

/** What a checksum was made by; empty when it does not say. Yarn writes the generation of its cache in front: `10c0/...`. */
function algorithmOf(hash: string): string {
  return (
    /^([a-z0-9]{2,10})[-:]/i.exec(hash)?.[1]?.toLowerCase() ?? /^([a-z0-9]{1,6}\/)[0-9a-f]{64}/.exec(hash)?.[1] ?? ''
  );
}

/** The strongest known algorithm; undefined when none is known. */
function strengthOf(integrity: readonly string[]): number | undefined {
  let best = -1;
  for (const hash of integrity) best = Math.max(best, strength.indexOf(algorithmOf(hash)));
  return best === -1 ? undefined : best;
}

/** Whether two lists of checksums cannot be of the same content: an algorithm that both have gives different values. */
function contradicts(before: readonly string[], after: readonly string[]): boolean {
  if (before.length === 0 || after.length === 0) return false;
  const old = new Set(before);
  if (after.some((hash) => old.has(hash))) return false;
  const algorithms = new Set(before.map(algorithmOf));
  return after.some((hash) => algorithms.has(algorithmOf(hash)));
}

/** What happened to the checksum of one package whose version stayed; undefined when it is as good as it was. */
export function integrityLoss(before: Dependency, after: Dependency): 'changed' | 'removed' | 'weakened' | undefined {
  if (before.version !== after.version || after.version === null) return undefined;
  if (contradicts(before.integrity, after.integrity)) return 'changed';
  if (before.integrity.length > 0 && after.integrity.length === 0) return 'removed';
  const old = strengthOf(before.integrity);
  const now = strengthOf(after.integrity);
  return old !== undefined && now !== undefined && now < old ? 'weakened' : undefined;
}

/** What the source and the checksum of one changed package tell. */
export function sourceSignals(change: DependencyChange): Finding[] {
  const { before, after } = change;
  if (after === null || !isPackage(after)) return [];
  return [...integritySignals(change, after), ...placeSignals(change, before, after)];
}

function integritySignals({ path: file, before }: DependencyChange, after: Dependency): Finding[] {
  const loss = before === null ? undefined : integrityLoss(before, after);
  if (before === null || loss === undefined) return [];
  const at = { file, key: after.key, name: after.name };
  const version = `${after.name} ${after.version}`;
  const statements = {
    changed: `${version} has another checksum than before, at the same version.`,
    removed: `${version} had a checksum and has none now.`,
    weakened: `${version} is guarded by a weaker checksum than before.`,
  };
  const texts = [before, after].map(({ integrity }) => integrity.slice(0, 20).join(' ') || null);
  return [finding(`integrity_${loss}`, at, texts[0] ?? null, texts[1] ?? null, statements[loss])];
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
    if (isUnencrypted(url)) {
      findings.push(finding('plain_http_source', at, old, url, `${after.name} is fetched without encryption.`));
    }
  }
  findings.push(...directSignals(at, before, after), ...(role === 'manifest' ? aliasSignals(at, before, after) : []));
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
        isPublicRegistry(url) ? 'low' : 'high',
      ),
    );
  }
  return findings;
}

export function isUnencrypted(url: string): boolean {
  return /^(?:git\+)?http:/i.test(url.trim()) || /^git:/i.test(url.trim());
}

interface Place {
  file: string;
  key: string;
  name: string;
}

/** A repository, an address or a file where a registry is usual. What came from a registry before is the worse case. */
function directSignals(at: Place, before: Dependency | null, after: Dependency): Finding[] {
  const { type, url } = after.source;
  const old = before?.source.url ?? null;
  if (type !== 'git' && type !== 'http' && type !== 'file') return [];
  if (before !== null && before.source.type === type && old === url) return [];
  // A folder of the project itself is reviewed with it, and a lockfile repeats what the manifest says.
  const isOwnFolder = type === 'file' && !/^(?:\/|~|file:\/\/)|\.tgz$/.test(url ?? '');
  if (isOwnFolder) return [];
  const what = { git: 'a repository', http: 'an address', file: 'a file' }[type];
  const wasRegistry = before !== null && before.source.type === 'registry';
  const isBareAddress = /^[a-z+]+:\/\/(?:[^@/]*@)?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\])(?:[:/]|$)/i.test(
    url ?? '',
  );
  return [
    finding(
      'direct_source',
      at,
      old ?? before?.version ?? null,
      url,
      `${after.name} comes from ${what} ${wasRegistry ? 'and came from a registry before' : 'instead of a registry'}: ${url ?? ''}`,
      (wasRegistry && type !== 'file') || isBareAddress ? 'high' : 'medium',
    ),
  ];
}

/** `"chalk": "npm:other@1"`: the name that the code asks for installs another package. */
function aliasSignals(at: Place, before: Dependency | null, after: Dependency): Finding[] {
  if (after.ecosystem !== 'npm') return [];
  const asked = /^(?:[a-z]+Dependencies|dependencies|catalogs?(?:\.[^[]+)?)\["(.+)"\]$/.exec(after.key)?.[1];
  if (asked === undefined || asked === after.name || asked.includes('node_modules/') || before?.name === after.name)
    return [];
  const replaces = before !== null && before.name === asked;
  return [
    finding(
      'override_added',
      at,
      before?.name ?? null,
      after.name,
      `${asked} ${replaces ? 'now installs' : 'is new and installs'} the package ${after.name}.`,
      replaces ? 'high' : 'medium',
    ),
  ];
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
    if (host === null || usual.has(host) || isPublicRegistry(after.source.url)) return [];
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

/** A version further above the last than this is not how packages count: it is how one wins over a private one. */
const farAbove = 10;

/**
 * Packages that came from a registry of one's own and now come from a public one, while others of the same file stay: that is how a
 * name that was taken in public gets in. When everything moves, the registry was given up.
 */
export function confusionSignals(change: FileChange, staying: readonly Dependency[]): Finding[] {
  const hosts = new Set<string>();
  for (const { source } of staying) {
    const host = source.type === 'registry' ? hostOf(source.url) : null;
    if (host !== null) hosts.add(host);
  }
  return change.dependencies.flatMap(({ before, after, path: file, role }) => {
    if (role !== 'lockfile' || before === null || after === null || !isPackage(after)) return [];
    if (before.source.type !== 'registry' || after.source.type !== 'registry') return [];
    const oldHost = hostOf(before.source.url);
    if (oldHost === null || isPublicRegistry(before.source.url) || !isPublicRegistry(after.source.url)) return [];
    const jumps = majorOf(after.version) - majorOf(before.version) > farAbove;
    if (!hosts.has(oldHost) && !jumps) return [];
    const why = jumps ? `in a version far above ${before.version}` : `while others stay with ${oldHost}`;
    return [
      finding(
        'registry_changed',
        { file, key: after.key, name: after.name },
        before.source.url,
        after.source.url,
        `${after.name} came from ${oldHost} and now comes from ${hostOf(after.source.url)}, ${why}: its name may belong to somebody else there.`,
      ),
    ];
  });
}

function majorOf(version: string | null): number {
  const major = Number(/^v?(\d{1,9})/.exec(version ?? '')?.[1] ?? Number.NaN);
  return Number.isNaN(major) ? 0 : major;
}
