/**
 * Registries serve tarballs as `<name>/-/<name>-<version>.tgz`, GitLab's and some others with the scope in front of the file too, and
 * GitHub's as `download/<name>/<version>/<hash>`. Anything else is an address that somebody chose.
 */
export function isTarballOfRegistry(url: string): boolean {
  return nameInTarball(url) !== null || nameInDownload(url) !== null;
}

/** The package that a registry's tarball address is for; null when the address has another form. */
export function nameInTarball(url: string): string | null {
  const path = pathOf(url);
  const mark = path?.lastIndexOf('/-/') ?? -1;
  if (path === undefined || mark === -1) return null;
  const file = path.slice(mark + 3);
  if (!/^(?:(?:@|%40)[^/]+(?:\/|%2f))?[^/]+\.tgz$/i.test(file)) return null;
  const parts = path.slice(0, mark).split('/');
  const last = parts.at(-1) ?? '';
  const before = parts.at(-2) ?? '';
  const name = /^(?:@|%40)[^/%]*$/i.test(before) ? `${before}/${last}` : last;
  return name === '' ? null : decoded(name);
}

/** `https://npm.pkg.github.com/download/@owner/name/1.0.0/0123abcd`. */
function nameInDownload(url: string): string | null {
  return (
    /^https:\/\/npm\.pkg\.github\.com\/download\/(@[^/]{1,214}\/[^/]{1,214})\/[^/]{1,200}\/[0-9a-f]{40,128}$/i.exec(
      url,
    )?.[1] ?? null
  );
}

/** Longer addresses are no registry's. */
const longest = 4_000;

/** Path of an address on the web, without the first slash; undefined for anything else. */
function pathOf(url: string): string | undefined {
  if (url.length > longest) return undefined;
  return /^https?:\/\/[^/?#]+(\/[^?#]*)/i.exec(url)?.[1];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
