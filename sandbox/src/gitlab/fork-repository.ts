import { ApiError } from './answers';
import { resolveRef } from './repository';
import type { RequestContext } from './request-context';
import type { Commit, MergeRequest } from './world';

/** The project that every fork in the simulated history is. */
export const FORK_ID = 9101;

/**
 * The commit that a file is asked of. The fork holds the commits of its own branches; whether the target project has
 * them too depends on the server.
 */
export function commitWithFile(c: RequestContext, ref: string): Commit {
  const found = c.param(0) === String(FORK_ID) ? inFork(c, ref) : inTarget(c, ref);
  if (!found) throw new ApiError(404, { message: '404 Commit Not Found' });
  return found;
}

function inFork(c: RequestContext, ref: string): Commit | undefined {
  return forked(c)
    .flatMap((mr) => mr.commits)
    .find((commit) => commit.sha === ref);
}

function inTarget(c: RequestContext, ref: string): Commit | undefined {
  const found = resolveRef(c.project(), ref);
  const isOfFork = forked(c).some((mr) => mr.commits.some((commit) => commit === found));
  return isOfFork && !c.settings.forkHeadsInTarget ? undefined : found;
}

function forked(c: RequestContext): MergeRequest[] {
  return c.world.projects.flatMap((project) => project.mergeRequests).filter((mr) => mr.sourceProjectId === FORK_ID);
}
