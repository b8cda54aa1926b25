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
  /** Of the version after the change, and where the one before could not be read, of that too. */
  problems: string[];
}

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
    problems: [
      ...(after?.problems ?? []),
      ...(before?.problems ?? []).map((problem) => `before the change: ${problem}`),
    ],
  };
}

type Pair = [Dependency | null, Dependency | null];

function compareDependencies(before: readonly Dependency[], after: readonly Dependency[]): Pair[] {
  const pairs: Pair[] = [];
  const olds = new Map(before.map((entry) => [entry.key, entry]));
  const added: Dependency[] = [];
  for (const now of after) {
    const old = olds.get(now.key);
    if (old === undefined) {
      added.push(now);
      continue;
    }
    olds.delete(now.key);
    if (!isSame(old, now)) pairs.push([old, now]);
  }
  const removed = new Map<string, Dependency[]>();
  for (const old of olds.values()) removed.set(identity(old), [...(removed.get(identity(old)) ?? []), old]);
  for (const now of added) {
    const candidates = removed.get(identity(now)) ?? [];
    const same = candidates.findIndex(({ version }) => version === now.version);
    const [old] = candidates.splice(same === -1 ? 0 : same, 1);
    if (old === undefined) pairs.push([null, now]);
    else if (!isSame(old, now)) pairs.push([old, now]);
  }
  for (const candidates of removed.values()) for (const old of candidates) pairs.push([old, null]);
  return pairs;
}

/** go.sum has two lines for a version, of which one is about its go.mod. */
function identity({ ecosystem, name, key }: Dependency): string {
  return `${ecosystem} ${name} ${key.endsWith('/go.mod') ? 'mod' : ''}`;
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
  const olds = new Map(before.map((setting) => [id(setting), setting]));
  const changes: SettingChange[] = [];
  for (const now of after) {
    const old = olds.get(id(now));
    olds.delete(id(now));
    if (old?.value !== now.value) {
      changes.push({ path, kind: now.kind, key: now.key, before: old?.value ?? null, after: now.value });
    }
  }
  for (const old of olds.values()) changes.push({ path, kind: old.kind, key: old.key, before: old.value, after: null });
  return changes;
}
