import type { DependencyChange } from './compare-files';
import type { Ecosystem } from './dependency';
import { type Finding, finding } from './finding';
import { popularPackages } from './popular-packages';

/** Names shorter than this are one slip away from too many others. */
const shortest = 5;

/**
 * New packages whose name is one slip away from a well-known package, or from one that the project uses already. A name
 * that is well known itself, or used already, is not asked about.
 */
export function nameSignals(
  changes: readonly DependencyChange[],
  used: readonly { ecosystem: Ecosystem; name: string }[],
): Finding[] {
  const own = new Set(used.map(({ ecosystem, name }) => `${ecosystem} ${name}`));
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { before, after, path: file } of changes) {
    if (before !== null || after === null) continue;
    const { ecosystem, name } = after;
    const id = `${ecosystem} ${name}`;
    const popular = popularPackages(ecosystem);
    if (own.has(id) || popular.includes(name) || seen.has(id)) continue;
    seen.add(id);
    const usedNames = used.filter((other) => other.ecosystem === ecosystem).map((other) => other.name);
    const target = imitated(name, popular) ?? imitated(name, usedNames);
    if (target === undefined) continue;
    findings.push(
      finding(
        'typosquat',
        { file, key: after.key, name },
        target.name,
        name,
        `${name} is ${target.how} ${target.name}.`,
      ),
    );
  }
  return findings;
}

/** The name that `name` could be taken for, and how; undefined when there is none. */
export function imitated(name: string, names: readonly string[]): { name: string; how: string } | undefined {
  const own = split(name);
  for (const candidate of names) {
    if (candidate === name) return undefined;
    const other = split(candidate);
    // Whoever owns a scope owns every name in it; a scope that imitates another is a name like any other.
    if (own.scope !== other.scope) {
      const scopeNear =
        own.base === other.base && own.scope !== '' && other.scope !== '' && isOneSlip(own.scope, other.scope);
      if (scopeNear) return { name: candidate, how: 'in a scope one slip away from that of' };
      continue;
    }
    if (own.scope !== '') continue;
    const how = slip(own.base, other.base);
    if (how !== undefined) return { name: candidate, how };
  }
  return undefined;
}

function split(name: string): { scope: string; base: string } {
  const slash = name.lastIndexOf('/');
  return slash === -1 ? { scope: '', base: name } : { scope: name.slice(0, slash), base: name.slice(slash + 1) };
}

function slip(name: string, target: string): string | undefined {
  if (target.length < shortest || name.length < shortest - 1) return undefined;
  if (isOneSlip(name, target)) return 'one letter away from';
  const words = (text: string) => text.split(/[-_.]/).filter((word) => word !== '');
  const own = words(name);
  const other = words(target);
  if (own.join('') === other.join('') && name !== target) return 'written like';
  if (own.length > 1 && own.length === other.length && [...own].sort().join() === [...other].sort().join())
    return 'a rearrangement of';
  // `python-requests`, `lodash-js`: a well-known name with a word that says nothing.
  const fillers = new Set([
    'js',
    'py',
    'python',
    'node',
    'lib',
    'cli',
    'dev',
    'official',
    'latest',
    'new',
    'npm',
    'pypi',
  ]);
  const added = own.filter((word) => !other.includes(word));
  if (own.length === other.length + 1 && added.length === 1 && fillers.has(added[0] ?? ''))
    return 'only a filler word away from';
  return undefined;
}

/** One letter more, less or other, or two neighbours swapped; letters that look alike count as one slip together. */
function isOneSlip(a: string, b: string): boolean {
  if (a === b) return false;
  if (Math.abs(a.length - b.length) > 1) return plain(a) === plain(b);
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const restA = a.slice(start, a.length - end);
  const restB = b.slice(start, b.length - end);
  if (restA.length <= 1 && restB.length <= 1) return !isPlural(restA, restB, end) && !/^\d?$/.test(restA + restB);
  const isSwap = restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
  return isSwap || plain(a) === plain(b);
}

/** `color` and `colors` are two packages of their own right; so are `sha1` and `sha2`. */
function isPlural(a: string, b: string, sameAtEnd: number): boolean {
  return sameAtEnd === 0 && a + b === 's';
}

function plain(text: string): string {
  return text.replace(/rn/g, 'm').replace(/[1l]/g, 'i').replace(/0/g, 'o').replace(/vv/g, 'w');
}
