import { z } from 'zod';
import { cleanLine, cleanText } from '../text';
import type { Assessment } from './supply-chain/assess-change';
import { techniqueNames } from './supply-chain/attack-techniques';
import { beforeTheChange, type DependencyChange } from './supply-chain/compare-files';
import { ecosystems } from './supply-chain/dependency';
import { type Finding, severities, signalIds, signalKinds } from './supply-chain/finding';
import { packageUrl } from './supply-chain/package-url';
import { levels } from './supply-chain/score';

const longestEvidence = 500;

export const findingSchema = z.object({
  signal: z.enum(signalIds as [string, ...string[]]),
  title: z.string(),
  severity: z.enum(severities),
  file: z.string().nullable().describe('null for what is about the change as a whole'),
  key: z.string().describe('Where in the file, or which fact of the merge request'),
  name: z.string().nullable().describe('The package, image or include; null where there is none'),
  before: z.string().nullable().describe('As it was, at most 500 characters'),
  after: z.string().nullable().describe('As it is now, at most 500 characters'),
  statement: z.string().describe('What was seen, in one sentence'),
  techniques: z.array(z.string()).describe('MITRE ATT&CK'),
  advice: z.string(),
});

export const dependencyChangeSchema = z.object({
  change: z.enum(['added', 'removed', 'updated']),
  ecosystem: z.enum(ecosystems),
  name: z.string(),
  from_version: z.string().nullable(),
  to_version: z.string().nullable(),
  direct: z.boolean().nullable().describe('Asked for by the project itself; null where the file does not tell'),
  file: z.string(),
  package_url: z.string().nullable().describe('With the version where it is exact; null for what has none'),
});
type ShapedChange = z.infer<typeof dependencyChangeSchema>;

export const ecosystemCountSchema = z.object({
  ecosystem: z.enum(ecosystems),
  added: z.number().int(),
  removed: z.number().int(),
  updated: z.number().int(),
});

export function shapeFinding(found: Finding): z.infer<typeof findingSchema> {
  const { title, techniques, advice } = signalKinds[found.signal];
  return {
    signal: found.signal,
    title,
    severity: found.severity,
    file: found.file === null ? null : cleanLine(found.file, 1000),
    key: cleanLine(found.key, 300),
    name: found.name === null ? null : cleanLine(found.name, 300),
    before: evidence(found.before),
    after: evidence(found.after),
    statement: cleanLine(found.statement, 800),
    techniques: [...techniques],
    advice,
  };
}

function evidence(text: string | null): string | null {
  // Only what is shown is cleaned, with room for what cleaning takes out.
  return text === null ? null : cleanText(text.slice(0, longestEvidence * 8), longestEvidence);
}

/** Worst first. */
export function byWeight(a: Finding, b: Finding): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity);
}

/** Every package once: a manifest and its lockfile tell of the same, and the lockfile knows the versions. */
export function dependencyChanges({ changes }: Assessment): ShapedChange[] {
  const byPackage = new Map<string, DependencyChange>();
  for (const { dependencies, problems } of changes) {
    // What stands in no version that could be read is not gone for that, nor new.
    const isBefore = (problem: string) => problem.startsWith(beforeTheChange);
    const unknown = new Set([
      ...(problems.some((problem) => !isBefore(problem)) ? ['removed'] : []),
      ...(problems.some(isBefore) ? ['added'] : []),
    ]);
    for (const entry of dependencies) {
      const kind = kindOf(entry);
      if (kind === undefined || unknown.has(kind)) continue;
      const { ecosystem, name } = (entry.after ?? entry.before) as NonNullable<typeof entry.after>;
      const id = `${kind} ${ecosystem} ${name}`;
      const known = byPackage.get(id);
      if (known === undefined || (known.role !== 'lockfile' && entry.role === 'lockfile')) byPackage.set(id, entry);
    }
  }
  return [...byPackage.values()].map(shapeChange).sort(byInterest);
}

/** Undefined where only a checksum or a source changed, which findings tell of. */
function kindOf({ before, after }: DependencyChange): ShapedChange['change'] | undefined {
  if (before === null) return 'added';
  if (after === null) return 'removed';
  return before.version !== after.version || before.name !== after.name ? 'updated' : undefined;
}

function shapeChange(entry: DependencyChange): ShapedChange {
  const { before, after } = entry;
  const known = (after ?? before) as NonNullable<typeof after>;
  const version = known.version;
  return {
    change: kindOf(entry) ?? 'updated',
    ecosystem: known.ecosystem,
    name: cleanLine(known.name, 300),
    from_version: before?.version == null ? null : cleanLine(before.version, 200),
    to_version: after?.version == null ? null : cleanLine(after.version, 200),
    direct: known.isDirect,
    file: cleanLine(entry.path, 1000),
    package_url: cleanUrl(packageUrl(known.ecosystem, known.name, version)),
  };
}

function cleanUrl(url: string | null): string | null {
  return url === null ? null : cleanLine(url, 600);
}

const interest = { added: 0, updated: 1, removed: 2 };
function byInterest(a: ShapedChange, b: ShapedChange): number {
  return Number(b.direct === true) - Number(a.direct === true) || interest[a.change] - interest[b.change];
}

export function countByEcosystem(changes: readonly ShapedChange[]): z.infer<typeof ecosystemCountSchema>[] {
  return ecosystems.flatMap((ecosystem) => {
    const own = changes.filter((entry) => entry.ecosystem === ecosystem);
    const count = (kind: ShapedChange['change']) => own.filter(({ change }) => change === kind).length;
    return own.length === 0
      ? []
      : [{ ecosystem, added: count('added'), removed: count('removed'), updated: count('updated') }];
  });
}

export const recommendationSchema = z.object({
  advice: z.string(),
  severity: z.enum(severities).describe('Of the worst finding that it follows from'),
  signals: z.array(z.string()),
  changes: z
    .array(z.string())
    .describe('Merge requests (group/project!1) and commits (group/project@sha) it is about, worst first'),
});

interface Assessed {
  /** How it is named in recommendations. */
  id: string;
  score: number;
  findings: readonly Finding[];
}

/** What to do, each once, for the worst findings first. Findings of no weight ask for nothing. */
export function recommend(assessed: readonly Assessed[], most = 20): z.infer<typeof recommendationSchema>[] {
  const byAdvice = new Map<string, z.infer<typeof recommendationSchema>>();
  for (const { id, findings } of [...assessed].sort((a, b) => b.score - a.score)) {
    for (const { signal, severity } of findings) {
      if (severity === 'info') continue;
      const { advice } = signalKinds[signal];
      const known = byAdvice.get(advice) ?? { advice, severity, signals: [], changes: [] };
      if (severities.indexOf(severity) > severities.indexOf(known.severity)) known.severity = severity;
      if (!known.signals.includes(signal)) known.signals.push(signal);
      if (!known.changes.includes(id) && known.changes.length < 10) known.changes.push(id);
      byAdvice.set(advice, known);
    }
  }
  return [...byAdvice.values()]
    .sort(
      (a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || b.changes.length - a.changes.length,
    )
    .slice(0, most);
}

export const techniqueSchema = z.object({
  id: z.string(),
  name: z.string(),
  findings: z.number().int(),
});

/** ATT&CK techniques that findings of some weight point to, the most frequent first. */
export function techniquesOf(assessed: readonly Assessed[]): z.infer<typeof techniqueSchema>[] {
  const counts = new Map<string, number>();
  for (const { signal, severity } of assessed.flatMap(({ findings }) => findings)) {
    if (severity === 'info') continue;
    for (const id of signalKinds[signal].techniques) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts]
    .map(([id, findings]) => ({ id, name: techniqueNames[id] ?? id, findings }))
    .sort((a, b) => b.findings - a.findings || (a.id < b.id ? -1 : 1));
}

export const levelSchema = z.enum(levels);

export function isAtLeast(level: Assessment['level'], minimum: Assessment['level']): boolean {
  return levels.indexOf(level) >= levels.indexOf(minimum);
}
