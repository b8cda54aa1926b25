import { compareFiles, type FileChange } from './compare-files';
import { type Dependency, type FileContent, isNotUnderstood } from './dependency';
import { isUnreadable, readerFor, readFile } from './file-readers';
import { type Finding, finding, severities } from './finding';
import { hostOf } from './hosts';
import { type Score, scoreOf } from './score';
import { executionSignals, installScriptSignals, startedFileSignals } from './signals-of-code';
import { guardSignals } from './signals-of-guards';
import { nameSignals } from './signals-of-names';
import { type ChangeFacts, peopleSignals, type WorkingHours } from './signals-of-people';
import { identitySignals, imageSignals, includeSignals, reviewSignals, submoduleSignals } from './signals-of-pipelines';
import { settingSourceSignals } from './signals-of-settings';
import { confusionSignals, foreignHostSignals, sourceSignals } from './signals-of-sources';
import { type AddedLine, textSignals } from './signals-of-text';
import { lockfileSignals, versionSignals } from './signals-of-versions';
import { lowerTrusted } from './trusted-hosts';

/** One file of a change. Undefined text: the file is not there in that version. Null: it is, and could not be read. */
export interface ChangedFile {
  path: string;
  before: string | null | undefined;
  after: string | null | undefined;
  /** Added lines with their numbers; empty when the diff was not available. */
  added: readonly AddedLine[];
  /** Why a text is null. */
  reason?: string;
}

export interface Unread {
  path: string;
  reason: string;
  /** Nothing of the file is known, or some entries of it. */
  extent: 'whole' | 'part';
}

export interface Assessment extends Score {
  findings: Finding[];
  /** Packages, images and includes that changed, in the order of the files. */
  changes: FileChange[];
  /** Files that say something about dependencies and could not be read, whole or in part, with the reason. */
  unread: Unread[];
}

/** Findings of one signal in one file that are listed; the rest is counted in the last of them. */
const mostOfOne = 25;
const mostProblems = 5;

/**
 * Everything that can be said about a change without asking the network: findings with their evidence, and one score. Never throws
 * over what files hold. `trustedHosts` are one's own registries and forges: what comes from there weighs less, and what has
 * another checksum than before weighs as much as ever.
 */
export function assessChange(
  files: readonly ChangedFile[],
  facts: ChangeFacts,
  hours: WorkingHours,
  trustedHosts: readonly string[] = [],
): Assessment {
  const changes: FileChange[] = [];
  const groups: Finding[][] = [];
  const unread: Unread[] = [];
  const used: Dependency[][] = [];
  for (const file of files) {
    groups.push(textSignals(file.path, file.added));
    const problem = unreadable(file);
    if (problem !== undefined) {
      unread.push({ path: file.path, reason: problem, extent: 'whole' });
      groups.push([notReadable(file.path, problem)]);
      continue;
    }
    if (readerFor(file.path) === undefined) continue;
    const before = file.before == null ? undefined : readFile(file.path, file.before);
    const after = file.after == null ? undefined : readFile(file.path, file.after);
    // An empty file is understood: it says that nothing is there.
    if (after !== undefined && isNotUnderstood(after) && file.after?.trim() !== '') {
      if (file.before === file.after) continue;
      // Compared with it, everything would seem to have been removed.
      for (const reason of after.problems.slice(0, mostProblems))
        unread.push({ path: file.path, reason, extent: 'whole' });
      groups.push([notReadable(file.path, after.problems[0] ?? 'unexpected content')]);
      continue;
    }
    const change = compareFiles(before, after);
    changes.push(change);
    if (before !== undefined) used.push(before.dependencies);
    for (const reason of change.problems.slice(0, mostProblems))
      unread.push({ path: file.path, reason, extent: 'part' });
    groups.push(signalsOf(change, before, after));
  }
  const texts = new Map(files.map(({ path, added }) => [path, added.map(({ text }) => text).join('\n')]));
  groups.push(
    guardSignals(changes),
    startedFileSignals(
      changes.flatMap(({ settings }) => settings),
      texts,
    ),
    lockfileSignals(changes),
    nameSignals(
      changes.flatMap(({ dependencies }) => dependencies),
      used.flat(),
    ),
    peopleSignals(facts, hours),
  );
  const findings = lowerTrusted(withoutRepeats(groups.flat()), trustedHosts);
  return { findings: limited(findings), changes, unread, ...scoreOf(findings, facts.isBot) };
}

function notReadable(path: string, problem: string): Finding {
  const statement = `${path} changed and could not be read: ${problem}.`;
  return finding('not_readable', { file: path, key: path }, null, null, statement);
}

/** Why a file that holds dependencies cannot be read; undefined for one that can, and for one that holds none. */
function unreadable({ path, before, after, reason }: ChangedFile): string | undefined {
  if (isUnreadable(path)) return 'its format is read by its own program only';
  if (readerFor(path) === undefined || (after !== null && before !== null)) return undefined;
  return reason ?? `the version ${after === null ? 'after' : 'before'} the change is not available`;
}

function signalsOf(change: FileChange, before: FileContent | undefined, after: FileContent | undefined): Finding[] {
  const usual = new Set((before?.dependencies ?? []).flatMap(registryHost));
  const gone = change.dependencies.flatMap((entry) =>
    entry.after === null && entry.before?.ecosystem === 'gitlab_ci' ? [entry.before] : [],
  );
  return [
    ...change.dependencies.flatMap((entry) => [
      ...sourceSignals(entry),
      ...versionSignals(entry),
      ...installScriptSignals(entry),
      ...imageSignals(entry),
      ...includeSignals(entry, gone),
      ...submoduleSignals(entry),
    ]),
    ...foreignHostSignals(change.dependencies, usual),
    ...confusionSignals(change, after?.dependencies ?? []),
    ...change.settings.flatMap((entry) => [
      ...settingSourceSignals(entry, change.settings),
      ...executionSignals(entry),
      ...identitySignals(entry),
      ...reviewSignals(entry),
    ]),
  ];
}

function registryHost({ source }: Dependency): string[] {
  const host = source.type === 'registry' ? hostOf(source.url) : null;
  return host === null ? [] : [host];
}

/** Two ways to the same finding are one finding, at its worst. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const kept = new Map<string, Finding>();
  for (const entry of findings) {
    const id = JSON.stringify([entry.signal, entry.file, entry.key, entry.name, entry.after]);
    const known = kept.get(id);
    if (known === undefined || severities.indexOf(entry.severity) > severities.indexOf(known.severity))
      kept.set(id, entry);
  }
  return [...kept.values()];
}

/** A lockfile moved to another registry has one finding a package: the first ones are shown, and how many there are. */
function limited(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>();
  const id = ({ signal, file }: Finding) => `${signal} ${file ?? ''}`;
  for (const entry of findings) counts.set(id(entry), (counts.get(id(entry)) ?? 0) + 1);
  const shown = new Map<string, number>();
  return findings.flatMap((entry) => {
    const place = (shown.get(id(entry)) ?? 0) + 1;
    shown.set(id(entry), place);
    const total = counts.get(id(entry)) ?? 0;
    if (place > mostOfOne) return [];
    if (place < mostOfOne || total === mostOfOne) return [entry];
    return [{ ...entry, statement: `${entry.statement} And ${total - mostOfOne} more like this in the same file.` }];
  });
}
