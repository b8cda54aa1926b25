import { compareFiles, type FileChange } from './compare-files';
import type { Dependency, Ecosystem, FileContent } from './dependency';
import { isUnreadable, readerFor, readFile } from './file-readers';
import { type Finding, finding } from './finding';
import { type Score, scoreOf } from './score';
import { executionSignals, installScriptSignals } from './signals-of-code';
import { nameSignals } from './signals-of-names';
import { type ChangeFacts, peopleSignals, type WorkingHours } from './signals-of-people';
import {
  imageSignals,
  includeSignals,
  pipelineSettingSignals,
  reviewSignals,
  submoduleSignals,
} from './signals-of-pipelines';
import { foreignHostSignals, hostOf, settingSourceSignals, sourceSignals } from './signals-of-sources';
import { type AddedLine, textSignals } from './signals-of-text';
import { lockfileSignals, versionSignals } from './signals-of-versions';

/** One file of a change. Undefined text: the file is not there in that version. Null: it is, and could not be read. */
export interface ChangedFile {
  path: string;
  before: string | null | undefined;
  after: string | null | undefined;
  /** Added lines with their numbers; empty when the diff was not available. */
  added: readonly AddedLine[];
}

export interface Assessment extends Score {
  findings: Finding[];
  /** Packages, images and includes that changed, in the order of the files. */
  changes: FileChange[];
  /** Files that say something about dependencies and could not be read, whole or in part, with the reason. */
  unread: { path: string; reason: string }[];
}

/** Findings of one signal in one file that are listed; the rest is counted in the last of them. */
const mostOfOne = 25;

/**
 * Everything that can be said about a change without asking the network: findings with their evidence, and one score. Never throws
 * over what files hold.
 */
export function assessChange(files: readonly ChangedFile[], facts: ChangeFacts, hours: WorkingHours): Assessment {
  const changes: FileChange[] = [];
  const findings: Finding[] = [];
  const unread: Assessment['unread'] = [];
  const used: { ecosystem: Ecosystem; name: string }[] = [];
  for (const file of files) {
    findings.push(...textSignals(file.path, file.added));
    if (isUnreadable(file.path)) {
      findings.push(
        finding(
          'not_readable',
          { file: file.path, key: file.path },
          null,
          null,
          `${file.path} changed, and only its own program can read it.`,
        ),
      );
      unread.push({ path: file.path, reason: 'its format is read by its own program only' });
      continue;
    }
    if (readerFor(file.path) === undefined) continue;
    if (file.after === null || file.before === null) {
      unread.push({
        path: file.path,
        reason: `the version ${file.after === null ? 'after' : 'before'} the change is not available`,
      });
      findings.push(
        finding(
          'not_readable',
          { file: file.path, key: file.path },
          null,
          null,
          `${file.path} changed and could not be read.`,
        ),
      );
      continue;
    }
    const before = file.before === undefined ? undefined : readFile(file.path, file.before);
    const after = file.after === undefined ? undefined : readFile(file.path, file.after);
    const change = compareFiles(before, after);
    changes.push(change);
    used.push(...(before?.dependencies ?? []));
    for (const problem of change.problems.slice(0, 5)) unread.push({ path: file.path, reason: problem });
    findings.push(...signalsOf(change, before));
  }
  findings.push(...lockfileSignals(changes));
  findings.push(
    ...nameSignals(
      changes.flatMap(({ dependencies }) => dependencies),
      used,
    ),
  );
  findings.push(...peopleSignals(facts, hours));
  return { findings: limited(findings), changes, unread, ...scoreOf(findings, facts.isBot) };
}

function signalsOf(change: FileChange, before: FileContent | undefined): Finding[] {
  const usual = new Set((before?.dependencies ?? []).flatMap(registryHost));
  return [
    ...change.dependencies.flatMap((entry) => [
      ...sourceSignals(entry),
      ...versionSignals(entry),
      ...installScriptSignals(entry),
      ...imageSignals(entry),
      ...includeSignals(entry),
      ...submoduleSignals(entry),
    ]),
    ...foreignHostSignals(change.dependencies, usual),
    ...change.settings.flatMap((entry) => [
      ...settingSourceSignals(entry),
      ...executionSignals(entry),
      ...pipelineSettingSignals(entry),
      ...reviewSignals(entry),
    ]),
  ];
}

function registryHost({ source }: Dependency): string[] {
  const host = source.type === 'registry' ? hostOf(source.url) : null;
  return host === null ? [] : [host];
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
