import type { GitLab } from './client';
import { mapConcurrently } from './concurrency';
import type { Sides } from './file-diff';
import { readRepositoryFile } from './repository-file';
import { linesAdded } from './supply-chain/added-lines';
import type { ChangedFile } from './supply-chain/assess-change';
import type { TouchedFile } from './supply-chain/changed-paths';
import { isUnreadable } from './supply-chain/file-readers';

/** Largest file that is read whole. */
const maxBytes = 8 * 1024 * 1024;
/** Files of one change that are read for what they say about dependencies, and for what is hidden in them. */
const mostWatched = 200;
const mostOthers = 20;
/** Files of one change under way at a time, each on both sides. */
const filesAtATime = 2;

export interface ReadFiles {
  files: ChangedFile[];
  /** Files without a rule of their own whose diff was withheld and that could not be searched for what hides in text. */
  unsearched: string[];
  /** Watched files that were left out because there were too many. */
  leftOut: number;
}

/**
 * The touched files as they are compared: watched ones whole, at both commits, because a diff of a lockfile does not tell which package
 * a line belongs to; of the others the added lines, and where GitLab withheld them, the whole files too.
 */
export async function readTouchedFiles(
  gitlab: GitLab,
  touched: readonly TouchedFile[],
  sides: Sides,
): Promise<ReadFiles> {
  const watched = touched.filter(({ isWatched }) => isWatched);
  const withheld = touched.filter(
    ({ isWatched, added, submodule }) => !isWatched && added === null && submodule === null,
  );
  const wanted = new Set([...watched.slice(0, mostWatched), ...withheld.slice(0, mostOthers)]);
  const files = await mapConcurrently(touched, (file) => readOne(gitlab, file, sides, wanted.has(file)), filesAtATime);
  return {
    files: files.map(({ file }) => file),
    unsearched: files.flatMap(({ file, isSearched }) => (isSearched ? [] : [file.path])),
    leftOut: Math.max(0, watched.length - mostWatched),
  };
}

async function readOne(
  gitlab: GitLab,
  touched: TouchedFile,
  sides: Sides,
  isWanted: boolean,
): Promise<{ file: ChangedFile; isSearched: boolean }> {
  const { path, isWatched, added } = touched;
  const nothing: ChangedFile = { path, before: undefined, after: undefined, added: added ?? [] };
  // Its own program alone reads it: that it changed is all there is to say.
  if (isUnreadable(path)) return { file: nothing, isSearched: true };
  if (!isWanted) {
    const isSearched = isWatched || added !== null || touched.submodule !== null;
    const left: ChangedFile = {
      ...nothing,
      before: null,
      after: null,
      reason: `more than ${mostWatched} such files changed`,
    };
    return { file: isWatched ? left : nothing, isSearched };
  }
  const [before, after] = await Promise.all([
    readSide(gitlab, sides.baseProjects, touched.before, sides.baseSha),
    readSide(gitlab, sides.headProjects, touched.after, sides.headSha),
  ]);
  const reason = before.reason ?? after.reason;
  const isComplete = before.text !== null && after.text !== null;
  const file: ChangedFile = {
    path,
    before: isWatched ? before.text : undefined,
    after: isWatched ? after.text : undefined,
    added: added ?? (isComplete ? linesAdded(before.text ?? '', after.text ?? '') : []),
    ...(reason === undefined ? {} : { reason }),
  };
  return { file, isSearched: isWatched || added !== null || isComplete };
}

interface Side {
  /** Undefined: there is no such file; null: there is, and it could not be read. */
  text: string | null | undefined;
  reason?: string;
}

async function readSide(
  gitlab: GitLab,
  projects: Sides['baseProjects'],
  path: string | undefined,
  sha: string,
): Promise<Side> {
  if (path === undefined) return { text: undefined };
  const read = await readRepositoryFile(gitlab, projects, path, sha, maxBytes);
  switch (read.state) {
    case 'text':
    case 'binary':
      return { text: read.text };
    case 'too_large':
      return { text: null, reason: `it is larger than ${maxBytes / 1024 / 1024} MiB` };
    default:
      return { text: null, reason: read.problem };
  }
}
