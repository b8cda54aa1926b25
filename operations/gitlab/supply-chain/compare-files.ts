import type { Dependency, FileContent, Setting } from './dependency';

/** How one dependency differs between two versions of a file. `before` is null when it was added, `after` when removed. */
export interface DependencyChange {
  path: string;
  role: FileContent['role'];
  name: string;
  before: Dependency | null;
  after: Dependency | null;
}

export interface SettingChange {
  path: string;
  kind: Setting['kind'];
  key: string;
  before: string | null;
  after: string | null;
}

export interface FileChange {
  path: string;
  dependencies: DependencyChange[];
  settings: SettingChange[];
  /** There was no such file before. */
  isNew: boolean;
  /** Of the version after the change, and where the one before could not be read, of that too. */
  problems: string[];
}

/** In front of a problem of the version before. */
export const beforeTheChange = 'before the change: ';

/**
 * What changed between two versions of one file. A missing version counts as an empty file. Dependencies are matched by
 * their place in the file first, so that two versions of one package in a lockfile are not mistaken for each other;
 * what is left is matched by name, which finds packages that moved.
 */
export function compareFiles(before: FileContent | undefined, after: FileContent | undefined): FileChange {
  const either = after ?? before;
  const path = either?.path ?? '';
  const role = either?.role ?? 'configuration';
  return {
    path,
    dependencies: compareDependencies(before?.dependencies ?? [], after?.dependencies ?? []).map(([old, now]) => ({
      path,
      role,
      name: (now ?? old)?.name ?? '',
      before: old,
      after: now,
    })),
    settings: compareSettings(path, before?.settings ?? [], after?.settings ?? []),
    isNew: before === undefined,
    problems: [
      ...(after?.problems ?? []),
      ...(before?.problems ?? []).map((problem) => `${beforeTheChange}${problem}`),
    ],
  };
}

/** By key, and by number among those of the same key: a file may say one thing twice. */
function numbered<T>(entries: readonly T[], keyOf: (entry: T) => string): Map<string, T> {
  const counts = new Map<string, number>();
  const places = new Map<string, T>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    places.set(`${count} ${key}`, entry);
  }
  return places;
}

type Pair = [Dependency | null, Dependency | null];

function compareDependencies(before: readonly Dependency[], after: readonly Dependency[]): Pair[] {
  const pairs: Pair[] = [];
  const olds = numbered(before, ({ key }) => key);
  const added: Dependency[] = [];
  for (const [place, now] of numbered(after, ({ key }) => key)) {
    const old = olds.get(place);
    if (old === undefined) {
      added.push(now);
      continue;
    }
    olds.delete(place);
    if (!isSame(old, now)) pairs.push([old, now]);
  }
  const removed = new Moved(olds.values());
  for (const now of added) {
    const old = removed.take(now);
    if (old === undefined) pairs.push([null, now]);
    else if (!isSame(old, now)) pairs.push([old, now]);
  }
  for (const old of removed.left()) pairs.push([old, null]);
  return pairs;
}

/** Entries that are gone from their place, by what they are of: first those of the same version, then any. */
class Moved {
  private readonly byName = new Map<string, Set<Dependency>>();
  private readonly byVersion = new Map<string, Dependency[]>();

  constructor(entries: Iterable<Dependency>) {
    for (const entry of entries) {
      const all = this.byName.get(identity(entry)) ?? new Set();
      this.byName.set(identity(entry), all.add(entry));
      const id = `${identity(entry)} ${entry.version}`;
      const same = this.byVersion.get(id);
      if (same === undefined) this.byVersion.set(id, [entry]);
      else same.push(entry);
    }
  }

  take(now: Dependency): Dependency | undefined {
    const all = this.byName.get(identity(now));
    if (all === undefined) return undefined;
    const same = this.byVersion.get(`${identity(now)} ${now.version}`);
    let found: Dependency | undefined;
    while (found === undefined && same !== undefined && same.length > 0) {
      const candidate = same.pop();
      if (candidate !== undefined && all.has(candidate)) found = candidate;
    }
    // Two versions of one package may lie side by side: a new one takes the place of an old one only where one is gone.
    found ??= all.values().next().value;
    if (found !== undefined) all.delete(found);
    return found;
  }

  *left(): Iterable<Dependency> {
    for (const all of this.byName.values()) yield* all;
  }
}

/**
 * go.sum has two lines for a version, of which one is about its go.mod. Images and repositories are matched by the last part of
 * their names: that one now comes from another owner or host is what matters about it.
 */
function identity({ ecosystem, name, key }: Dependency): string {
  if (ecosystem === 'docker' || ecosystem === 'git_submodule') return `${ecosystem} ${lastPart(name)}`;
  return `${ecosystem} ${name} ${key.endsWith('/go.mod') ? 'mod' : ''}`;
}

/** Names are as long as somebody made them; what counts is at their end. */
function lastPart(name: string): string {
  const parts = name
    .slice(-300)
    .split('/')
    .filter((part) => part !== '');
  return (parts.at(-1) ?? '').replace(/\.git$/, '');
}

function isSame(a: Dependency, b: Dependency): boolean {
  return (
    a.version === b.version &&
    a.source.type === b.source.type &&
    a.source.url === b.source.url &&
    a.hasInstallScript === b.hasInstallScript &&
    a.integrity.length === b.integrity.length &&
    a.integrity.every((hash, index) => hash === b.integrity[index]) &&
    a.name === b.name
  );
}

function compareSettings(path: string, before: readonly Setting[], after: readonly Setting[]): SettingChange[] {
  const id = ({ kind, key }: Setting) => `${kind} ${key}`;
  const olds = numbered(before, id);
  const changes: SettingChange[] = [];
  for (const [place, now] of numbered(after, id)) {
    const old = olds.get(place);
    olds.delete(place);
    if (old?.value !== now.value) {
      changes.push({ path, kind: now.kind, key: now.key, before: old?.value ?? null, after: now.value });
    }
  }
  for (const old of olds.values()) changes.push({ path, kind: old.kind, key: old.key, before: old.value, after: null });
  return changes;
}
