/** Registries that everybody uses; a package that comes from one of them has come to where it belongs. */
const publicHosts = new Set([
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'pypi.org',
  'pypi.python.org',
  'files.pythonhosted.org',
  'rubygems.org',
  'index.rubygems.org',
  'index.crates.io',
  'static.crates.io',
  'proxy.golang.org',
  'repo.maven.apache.org',
  'repo1.maven.org',
  'maven.google.com',
  'dl.google.com',
  'repo.spring.io',
  'plugins.gradle.org',
  'services.gradle.org',
  'downloads.gradle.org',
  'repo.packagist.org',
  'packagist.org',
  'api.nuget.org',
]);
/** One repository on a forge that is a registry, too. */
const publicAddresses = /^(?:registry\+)?https:\/\/github\.com\/rust-lang\/crates\.io-index\/?$/;

export function isPublicRegistry(url: string | null): boolean {
  const host = hostOf(url);
  return (host !== null && publicHosts.has(host)) || (url !== null && publicAddresses.test(url));
}

/** Host of an address, in lower case; null for what is no address. Reads it as clients do, who take `\` for `/`. */
export function hostOf(url: string | null): string | null {
  if (url === null) return null;
  const plain = url
    .trim()
    .slice(0, 4_000)
    .replace(/\\/g, '/')
    .replace(/^(?:git|hg|svn|registry|sparse)\+/, '');
  const scp = /^[\w.-]{1,100}@([\w.-]{1,253}):/.exec(plain);
  if (scp?.[1] !== undefined) return scp[1].toLowerCase();
  const authority = /^[a-z][a-z0-9+.-]{0,30}:\/\/([^/?#]*)/i.exec(plain)?.[1];
  if (authority === undefined) return null;
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  return host === '' ? null : host.toLowerCase();
}

/**
 * A repository by host and path, however it is fetched (`https`, `ssh`, `git@host:path`, with or without `.git`); null for what
 * is no address of one.
 */
export function repositoryOf(url: string | null): { host: string; owner: string; name: string } | null {
  const host = hostOf(url);
  if (url === null || host === null) return null;
  const plain = url
    .trim()
    .slice(0, 4_000)
    .replace(/\\/g, '/')
    .replace(/^git\+/, '')
    .replace(/[?#].*$/s, '');
  const scp = /^[\w.-]{1,100}@[\w.-]{1,253}:(?!\/\/)(.*)$/s.exec(plain)?.[1];
  const path = scp ?? /^[a-z][a-z0-9+.-]{0,30}:\/\/[^/]*\/(.*)$/is.exec(plain)?.[1] ?? '';
  const parts = path
    .toLowerCase()
    .split('/')
    .filter((part) => part !== '');
  const name = (parts.pop() ?? '').replace(/\.git$/, '');
  return { host, owner: parts.join('/'), name };
}

/** Whether a host is one of those named, or below one: `simulated-corp.example` covers `npm.simulated-corp.example`. */
export function isTrusted(host: string | null, trusted: readonly string[]): boolean {
  if (host === null) return false;
  return trusted.some((entry) => {
    const name = entry
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, '')
      .replace(/:\d+$/, '');
    return name !== '' && (host === name || host.endsWith(`.${name}`));
  });
}
