import type { DependencyChange } from './compare-files';
import type { Ecosystem } from './dependency';
import { type Finding, finding } from './finding';
import { type Imitated, NameIndex } from './name-index';
import { popularPackages } from './popular-packages';

const popular = new Map<Ecosystem, NameIndex>();

function popularIndex(ecosystem: Ecosystem): NameIndex {
  let index = popular.get(ecosystem);
  if (index === undefined) {
    index = new NameIndex(ecosystem, popularPackages(ecosystem));
    popular.set(ecosystem, index);
  }
  return index;
}

/**
 * New packages whose name is one slip away from a well-known one. What a project asks for itself is compared with the names
 * that it uses already as well; what comes along is not, because families of packages resemble each other.
 */
export function nameSignals(
  changes: readonly DependencyChange[],
  used: readonly { ecosystem: Ecosystem; name: string }[],
): Finding[] {
  const byEcosystem = new Map<Ecosystem, Set<string>>();
  for (const { ecosystem, name } of used) {
    const names = byEcosystem.get(ecosystem) ?? new Set<string>();
    byEcosystem.set(ecosystem, names.add(name));
  }
  const own = new Map<Ecosystem, NameIndex>();
  const ownIndex = (ecosystem: Ecosystem): NameIndex => {
    const index = own.get(ecosystem) ?? new NameIndex(ecosystem, byEcosystem.get(ecosystem) ?? []);
    own.set(ecosystem, index);
    return index;
  };
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { before, after, path: file, role } of changes) {
    if (after === null || before?.name === after.name) continue;
    const { ecosystem, name } = after;
    if (ecosystem === 'gitlab_ci' || ecosystem === 'git_submodule') continue;
    if (byEcosystem.get(ecosystem)?.has(name) || seen.has(`${ecosystem} ${name}`)) continue;
    const known = popularIndex(ecosystem);
    if (known.has(name)) continue;
    const target: Imitated | undefined =
      known.imitatedBy(name) ?? (role === 'manifest' ? ownIndex(ecosystem).imitatedBy(name) : undefined);
    if (target === undefined) continue;
    seen.add(`${ecosystem} ${name}`);
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
