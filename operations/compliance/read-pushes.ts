import { OperationError } from '../errors';
import { attempt } from '../gitlab/approvals';
import { readMergeRequestsOf } from '../gitlab/direct-pushes';
import { readBranchPushes } from '../gitlab/push-events';
import type { PopulationRow } from './csv-table';
import { type ChangeScope, type Found, inOrder, ofProjects } from './read-changes';

/**
 * Every push to the default branch of a project, by GitLab's own record, with the merged merge requests that account for it:
 * GitLab's merges are pushes of the merge, squash or head commit.
 */
export async function readPushes({ gitlab, projects, window, most }: ChangeScope): Promise<Found> {
  const found = await ofProjects(projects, async (project) => {
    const read = await readBranchPushes(gitlab, project, window);
    const problems: string[] = [];
    if (!read.complete) problems.push('more pushes than are looked through.');
    if (read.untold > 0)
      problems.push(`${read.untold} pushes to many branches at once, of which GitLab does not tell the branches.`);
    const rows: PopulationRow[] = [];
    for (const push of read.pushes) {
      const holding = await attempt(() => readMergeRequestsOf(gitlab, project, push.to));
      if (holding instanceof OperationError) problems.push(holding.message);
      const accounts = (holding instanceof OperationError ? [] : holding).filter(
        (wire) =>
          wire.state === 'merged' &&
          wire.target_branch === push.branch &&
          (wire.target_project_id ?? wire.project_id) === project.id &&
          [wire.merge_commit_sha, wire.squash_commit_sha, wire.sha].includes(push.to),
      );
      rows.push({
        project: project.name,
        branch: push.branch,
        time: push.at,
        user: push.by ?? '',
        from: push.from ?? '',
        to: push.to,
        commits: push.commits === null ? '' : String(push.commits),
        title: push.title ?? '',
        looked_up: holding instanceof OperationError ? 'no' : 'yes',
        merge_requests: accounts.map(({ iid }) => `!${iid}`).join('; '),
        push_id: String(push.id),
      });
    }
    return { rows, problems };
  });
  const rows = inOrder(found.rows, 'time', 'project', 'push_id');
  if (rows.length <= most) return { ...found, rows };
  return {
    ...found,
    rows: rows.slice(0, most),
    problems: [...found.problems, `cut after ${most} of ${rows.length} pushes.`],
  };
}
