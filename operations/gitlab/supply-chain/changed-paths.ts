import type { WireDiff } from '../wire-types';
import { isUnreadable, readerFor } from './file-readers';
import { type AddedLine, addedLines } from './signals-of-text';

/** One file that a change touches, and what its diff tells. */
export interface TouchedFile {
  path: string;
  /** Path before; undefined where there was no such file. */
  before: string | undefined;
  /** Path after; undefined where there is none any more. */
  after: string | undefined;
  /** It says something about dependencies or about what is built and run. */
  isWatched: boolean;
  /** Added lines; null when GitLab gave no text, which never means that there are none. */
  added: AddedLine[] | null;
  /** Commits of a submodule, where it is one. */
  submodule: { before: string | null; after: string | null } | null;
}

/**
 * The files of a change. A watched file that is renamed to something that nobody watches counts as removed, and what it
 * was renamed to as new.
 */
export function touchedFiles(diffs: readonly WireDiff[]): TouchedFile[] {
  return diffs.flatMap((wire) => {
    const now = wire.new_path ?? wire.old_path ?? '';
    const old = wire.old_path ?? now;
    const isSubmodule = wire.a_mode === '160000' || wire.b_mode === '160000';
    const file: TouchedFile = {
      path: wire.deleted_file ? old : now,
      before: wire.new_file ? undefined : old,
      after: wire.deleted_file ? undefined : now,
      isWatched: isWatched(wire.deleted_file ? old : now) && !isSubmodule,
      added: linesOf(wire),
      submodule: isSubmodule ? { before: commitIn(wire.diff, '-'), after: commitIn(wire.diff, '+') } : null,
    };
    if (old === now || wire.new_file || wire.deleted_file || isWatched(now) === isWatched(old)) return [file];
    const removed: TouchedFile = { ...file, path: old, after: undefined, isWatched: isWatched(old), added: [] };
    return [removed, { ...file, before: undefined }];
  });
}

function isWatched(path: string): boolean {
  return readerFor(path) !== undefined || isUnreadable(path);
}

/** Nothing is known of a text that GitLab withheld: collapsed, too large, or, by older servers, empty without a reason. */
function linesOf(wire: WireDiff): AddedLine[] | null {
  const text = wire.diff ?? '';
  if (wire.too_large || wire.collapsed) return null;
  if (text.trim() !== '') return /^Binary files .{1,4200} differ\s*$/.test(text) ? [] : addedLines(text);
  const tellsReasons = wire.too_large !== null && wire.collapsed !== null;
  const hasNoText =
    wire.deleted_file || wire.renamed_file || wire.new_file || (wire.a_mode !== wire.b_mode && wire.a_mode !== null);
  return wire.deleted_file || (tellsReasons && hasNoText) ? [] : null;
}

function commitIn(diff: string | null, sign: '+' | '-'): string | null {
  const line = (diff ?? '').split('\n').find((entry) => entry.startsWith(`${sign}Subproject commit `));
  return /^.Subproject commit ([0-9a-f]{7,64})/.exec(line ?? '')?.[1] ?? null;
}
