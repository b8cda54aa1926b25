import { createHash } from 'node:crypto';
import type { SimulatedPerson } from '../simulated-people';
import type { Commit, CommitPlan, Project, Tree } from './world';

/** Makes a commit whose id depends on everything in it, as Git's does, and adds it to the project. */
export function addCommit(project: Pick<Project, 'path' | 'commits'>, fields: Omit<Commit, 'sha'>): Commit {
  const sha = createHash('sha1')
    .update(
      JSON.stringify([
        project.path,
        fields.parents,
        fields.message,
        fields.author.username,
        fields.at,
        [...fields.tree],
      ]),
    )
    .digest('hex');
  const commit = { sha, ...fields };
  project.commits.set(sha, commit);
  return commit;
}

/** The files after a commit's edits. */
export function applyEdits(tree: Tree, plans: readonly CommitPlan[]): Tree {
  const next = new Map(tree);
  for (const plan of plans) {
    for (const edit of plan.edits) {
      const after = edit.apply(next.get(edit.path));
      if (after === undefined) next.delete(edit.path);
      else next.set(edit.path, after);
    }
  }
  return next;
}

/** Adds the commits of one push on top of `parent`, spaced out so that the last one is a moment before the push. */
export function addPush(
  project: Project,
  parent: Commit,
  plans: readonly CommitPlan[],
  author: SimulatedPerson,
  pushedAt: Date,
): Commit[] {
  const commits: Commit[] = [];
  let tip = parent;
  plans.forEach((plan, index) => {
    const by = plan.by ?? author;
    tip = addCommit(project, {
      parents: [tip.sha],
      message: plan.message,
      author: by,
      committer: by,
      at: new Date(pushedAt.getTime() - (plans.length - index) * 40_000),
      tree: applyEdits(tip.tree, [plan]),
    });
    commits.push(tip);
  });
  return commits;
}

/** Finds a commit by full id, by an unambiguous start of it, by branch, or by a merge request's own ref. */
export function resolveRef(project: Project, ref: string): Commit | undefined {
  if (ref === 'main' || ref === 'HEAD' || ref === 'refs/heads/main') return project.tip;
  const head = /^refs\/merge-requests\/(\d+)\/head$/.exec(ref)?.[1];
  if (head) return headOf(project, (mr) => mr.iid === Number(head));
  if (/^[0-9a-f]{7,40}$/.test(ref)) {
    const exact = project.commits.get(ref);
    if (exact) return exact;
    const starts = [...project.commits.keys()].filter((sha) => sha.startsWith(ref));
    return starts.length === 1 ? project.commits.get(starts[0] ?? '') : undefined;
  }
  // Branches of merged requests are deleted on merge; those of forks are not in this repository.
  return headOf(
    project,
    (mr) => mr.change.branch === ref && mr.state === 'opened' && mr.sourceProjectId === project.id,
  );
}

function headOf(project: Project, match: (mr: Project['mergeRequests'][number]) => boolean): Commit | undefined {
  const mr = project.mergeRequests.find(match);
  return mr && project.commits.get(mr.headSha);
}

/** Paths that differ between two trees, in order. */
export function changedPaths(before: Tree, after: Tree): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}
