import { z } from 'zod';
import { OperationError } from '../errors';
import { urlSegment } from '../url-segment';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { mapConcurrently } from './concurrency';
import { type BranchPush, readBranchPushes } from './push-events';
import type { SearchedProject } from './searched-projects';
import type { TimeWindow } from './time-window';
import { readWire, type WireMergeRequest, wireCommit, wireDiff, wireField, wireMergeRequest } from './wire-types';

/** Commits of one push that are looked up, to name the merge requests that they are also in. */
const maxLookedUp = 5;

export interface DirectPush {
  project: SearchedProject;
  push: BranchPush;
  /** False where GitLab could not be asked for a merge request that accounts for it. */
  isProven: boolean;
}

export interface FoundPushes {
  pushes: DirectPush[];
  problems: { project: string; code: string; message: string }[];
  notes: string[];
}

/**
 * Pushes to default branches that no merge request accounts for. GitLab's own merges are pushes too: their last commit is the
 * merge, squash or head commit of a merge request that was merged into that branch. `merged` are those known already; for
 * the others GitLab is asked. A project that cannot be read is a problem, and never one without pushes.
 */
export async function findDirectPushes(
  gitlab: GitLab,
  searched: readonly SearchedProject[],
  window: TimeWindow,
  merged: readonly WireMergeRequest[],
): Promise<FoundPushes> {
  const found: FoundPushes = { pushes: [], problems: [], notes: [] };
  const known = new Set(merged.filter(({ state }) => state === 'merged').flatMap(commitsOf));
  const problem = (project: SearchedProject, error: OperationError) =>
    found.problems.push({ project: project.name, code: error.code, message: error.message });
  let done = 0;
  await mapConcurrently(searched, async (project) => {
    const read = await attempt(() => readBranchPushes(gitlab, project, window));
    done += 1;
    gitlab.ports.progress('Looked for direct pushes', done, searched.length);
    if (read instanceof OperationError) return problem(project, read);
    if (read.untold > 0) {
      found.notes.push(
        `${project.name}: ${read.untold} pushes to many branches at once; GitLab does not tell which branches, so the default one may be among them.`,
      );
    }
    if (!read.complete)
      found.notes.push(`${project.name}: more pushes than one call looks through; give a shorter window.`);
    for (const push of read.pushes) {
      if (known.has(keyOf(project.id, push.branch, push.to))) continue;
      const accounted = await attempt(() => isMerge(gitlab, project, push));
      if (accounted instanceof OperationError) problem(project, accounted);
      if (accounted !== true) found.pushes.push({ project, push, isProven: accounted === false });
    }
    return undefined;
  });
  return found;
}

function keyOf(project: number | null, branch: string | null, sha: string): string {
  return `${project} ${sha} ${branch}`;
}

function commitsOf(wire: WireMergeRequest): string[] {
  const shas = [wire.merge_commit_sha, wire.squash_commit_sha, wire.sha];
  return shas.flatMap((sha) =>
    sha === null ? [] : [keyOf(wire.target_project_id ?? wire.project_id, wire.target_branch, sha)],
  );
}

async function isMerge(gitlab: GitLab, project: SearchedProject, push: BranchPush): Promise<boolean> {
  const holding = await readMergeRequestsOf(gitlab, project, push.to);
  const wanted = keyOf(project.id, push.branch, push.to);
  return holding.some((wire) => wire.state === 'merged' && commitsOf(wire).includes(wanted));
}

/** The merge requests that hold a commit. Throws what the client throws. */
export async function readMergeRequestsOf(
  gitlab: GitLab,
  project: SearchedProject,
  sha: string,
): Promise<WireMergeRequest[]> {
  const { items } = await gitlab.page(
    `${project.path}/repository/commits/${urlSegment(sha)}/merge_requests`,
    {},
    `the merge requests of commit ${sha.slice(0, 12)} of ${project.name}`,
    (value) => readWire(wireMergeRequest, value, 'a merge request of the list'),
  );
  return items;
}

const { list, flag } = wireField;
const wireComparison = z.object({
  commits: list(wireCommit.extend({ parent_ids: list(z.string()) })),
  diffs: z.array(wireDiff),
  compare_timeout: flag,
});
export type WireComparison = z.output<typeof wireComparison>;

/** What a push changed on the branch: the two trees, whatever commits lie between. */
export async function readComparison(
  gitlab: GitLab,
  { project, push }: DirectPush,
  from: string,
): Promise<WireComparison> {
  const what = `what push ${push.to.slice(0, 12)} changed in ${project.name}`;
  const params = { from, to: push.to, straight: true };
  return readWire(wireComparison, await gitlab.get(`${project.path}/repository/compare`, params, what), what);
}

/** Numbers of merge requests that some of the push's commits are in, e.g. where somebody merged a branch by hand; null when not known. */
export async function readRelated(
  gitlab: GitLab,
  { project }: DirectPush,
  commits: WireComparison['commits'],
): Promise<number[] | null> {
  const chosen = commits.filter(({ parent_ids }) => parent_ids.length < 2).slice(-maxLookedUp);
  const read = await attempt(() => mapConcurrently(chosen, ({ id }) => readMergeRequestsOf(gitlab, project, id)));
  return read instanceof OperationError ? null : [...new Set(read.flat().map(({ iid }) => iid))];
}
