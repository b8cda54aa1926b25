import type { Ecosystem } from './dependency';

/** Ecosystems whose names and versions a package URL can carry, with the type they have there. */
const types: Partial<Record<Ecosystem, string>> = {
  npm: 'npm',
  pypi: 'pypi',
  golang: 'golang',
  cargo: 'cargo',
  gem: 'gem',
  maven: 'maven',
  composer: 'composer',
  nuget: 'nuget',
  docker: 'docker',
};

/**
 * `pkg:npm/%40scope/name@1.0.0`, by the package URL specification; null for what has none (includes, submodules) and for names that
 * cannot be written as one. Versions are given only where they are exact.
 */
export function packageUrl(ecosystem: Ecosystem, name: string, version: string | null): string | null {
  const type = types[ecosystem];
  if (type === undefined || name === '') return null;
  const parts = ecosystem === 'maven' ? name.split(':') : name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return null;
  const isExact = version !== null && /^v?\d[\w.+-]*$/.test(version);
  try {
    const path = parts.map((part) => encodeURIComponent(part)).join('/');
    return `pkg:${type}/${path}${isExact || (ecosystem === 'docker' && version !== null) ? `@${encodeURIComponent(version)}` : ''}`;
  } catch {
    // Half a character cannot be encoded.
    return null;
  }
}
