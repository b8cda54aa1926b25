import { type Dependency, dependency, sourceOf } from './dependency';

/** Names compare without case, and with `-`, `_` and `.` alike (PEP 503). */
export function pythonName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** A longer one is none. */
const longest = 20_000;
const archives = /\.(?:whl|zip|tar\.(?:gz|bz2|xz)|tgz)$/i;

/**
 * A PEP 508 requirement, an address with the name behind `#egg=`, or the path of a folder or file; undefined for anything else.
 * The key has the marker too: a file may ask for several versions, each for its own Python. `at` stands in front of it.
 */
export function fromRequirement(
  text: string,
  at: string,
  isDevelopment: boolean | null = null,
): Dependency | undefined {
  if (text.length > longest) return undefined;
  const plain = text.trim();
  const isPlace = isAddressOrPath(plain);
  // In an address a semicolon is a sign like any other, unless it stands alone.
  const cut = isPlace ? plain.indexOf(' ;') : plain.indexOf(';');
  const wanted = (cut === -1 ? plain : plain.slice(0, cut)).trim();
  const marker =
    cut === -1
      ? ''
      : plain
          .slice(cut)
          .replace(/^[\s;]+/, '')
          .replace(/\s+/g, ' ');
  const found = isPlace ? fromPlace(wanted) : fromName(wanted);
  if (found === undefined) return undefined;
  return dependency({
    ecosystem: 'pypi',
    ...found,
    isDirect: true,
    isDevelopment,
    key: [at, found.name, marker === '' ? '' : `; ${marker}`].filter((part) => part !== '').join(' '),
  });
}

function isAddressOrPath(text: string): boolean {
  const [first = ''] = text.split(/[\s;@[(<>=!~]/);
  return sourceOf(text).type !== 'unknown' || first.startsWith('.') || first.includes('/') || archives.test(first);
}

type Found = Pick<Dependency, 'name' | 'version' | 'source'>;

function fromName(text: string): Found | undefined {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\]\s*)?(.*)$/s.exec(text);
  if (match?.[1] === undefined) return undefined;
  const rest = (match[2] ?? '').trim();
  const name = pythonName(match[1]);
  if (rest === '') return { name, version: null, source: { type: 'registry', url: null } };
  if (rest.startsWith('@')) return { name, version: null, source: sourceOf(rest.slice(1).trim().split(/\s/)[0] ?? '') };
  if (!/^[(<>=!~]/.test(rest)) return undefined;
  const version = rest.startsWith('(') && rest.endsWith(')') ? rest.slice(1, -1).trim() : rest;
  return { name, version, source: { type: 'registry', url: null } };
}

function fromPlace(text: string): Found | undefined {
  const source = sourceOf(text);
  const fragment = text.includes('#') ? text.slice(text.indexOf('#') + 1) : '';
  const egg = fragment.split('&').find((part) => part.startsWith('egg='));
  const path = text.split(/[?#]/)[0] ?? '';
  // `@v1.0` behind a repository is what of it is taken.
  const last =
    (
      path
        .split('/')
        .filter((part) => part !== '')
        .at(-1) ?? ''
    ).split('@')[0] ?? '';
  const named =
    egg === undefined ? last.replace(/\.git$/, '').replace(archives, '') : egg.slice(4).replace(/\[.*$/s, '');
  // `.`, the project itself, is nothing that it depends on.
  if (named === '' || /^\.+$/.test(named)) return undefined;
  return {
    name: pythonName(named),
    version: null,
    source: source.type === 'unknown' ? { type: 'file', url: text } : source,
  };
}

/** The project itself, which is no dependency of its own. */
export function isOwnProject(text: string): boolean {
  return /^\.{1,2}\/?(?:\[[^\]]*\])?$/.test(text.trim());
}
