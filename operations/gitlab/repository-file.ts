import { OperationError } from '../errors';
import { urlSegment } from '../url-segment';
import { projectPath } from './address';
import { attempt } from './approvals';
import type { GitLab } from './client';

/** Largest file that is read whole unless more is asked for, in bytes. */
export const maxFileBytes = 2 * 1024 * 1024;

export type RepositoryFile =
  | { state: 'text'; text: string }
  /** `text` is what its bytes read as. */
  | { state: 'binary'; text: string }
  | { state: 'too_large' }
  /** `problem` is a sentence. */
  | { state: 'unreadable'; problem: string };

/**
 * A whole file at a commit, for everything that a diff may leave out. `projects` are tried in order: the head of a fork's
 * branch is usually to be had from the target project, else from the fork. Throws only what ends the whole operation.
 */
export async function readRepositoryFile(
  gitlab: GitLab,
  projects: readonly (string | number)[],
  path: string,
  sha: string,
  maxBytes = maxFileBytes,
): Promise<RepositoryFile> {
  if (!canBeAddressed(path)) return { state: 'unreadable', problem: 'its path cannot be written into an address' };
  let problem = 'no project is known for it';
  for (const project of projects) {
    const address = `${projectPath(String(project))}/repository/files/${urlSegment(path)}/raw`;
    const read = await attempt(() =>
      gitlab.start(address, { ref: sha }, `file ${path} at ${sha.slice(0, 12)}`, maxBytes),
    );
    if (!(read instanceof OperationError)) {
      if (read.truncated) return { state: 'too_large' };
      return isBinary(read.body) ? { state: 'binary', text: read.body } : { state: 'text', text: read.body };
    }
    problem = read.message;
    if (read.code !== 'not_found_or_no_access') break;
  }
  return { state: 'unreadable', problem };
}

/** Dots alone would be resolved away and lead to another part of the API; half a character cannot be encoded. */
function canBeAddressed(path: string): boolean {
  return !/^\.{0,2}$/.test(path) && !/\p{Surrogate}/u.test(path);
}

/** As Git decides it: by a null character. Bytes that are no text have become replacement characters on the way. */
function isBinary(text: string): boolean {
  return text.includes('\0') || text.includes('\ufffd');
}
