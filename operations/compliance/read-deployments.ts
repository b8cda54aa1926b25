import { OperationError } from '../errors';
import { attempt } from '../gitlab/approvals';
import { readMergeRequestsOf } from '../gitlab/direct-pushes';
import { wireDeployment } from '../gitlab/list-deployments';
import { userName } from '../gitlab/merge-request-shape';
import { isWithin, toIso } from '../gitlab/time-window';
import { readWire } from '../gitlab/wire-types';
import type { PopulationRow } from './csv-table';
import { type ChangeScope, type Found, inOrder, ofProjects } from './read-changes';

/** Every deployment that was last updated in the period, with the merged merge requests that hold its commit. */
export async function readDeployments({ gitlab, projects, window, most }: ChangeScope): Promise<Found> {
  const found = await ofProjects(projects, async (project) => {
    const listed = await gitlab.list(
      `${project.path}/deployments`,
      {
        updated_after: toIso(window.from),
        updated_before: toIso(window.to + 1),
        // GitLab refuses the window under any other order.
        order_by: 'updated_at',
        sort: 'desc',
      },
      `the deployments of ${project.what}`,
      most,
      (value) => readWire(wireDeployment, value, 'a deployment of the list'),
    );
    const problems = listed.complete ? [] : [`more than ${most} deployments.`];
    const rows: PopulationRow[] = [];
    for (const wire of listed.items) {
      if (!isWithin(window, wire.updated_at)) continue;
      const { sha } = wire;
      const holding = sha === null ? null : await attempt(() => readMergeRequestsOf(gitlab, project, sha));
      if (holding instanceof OperationError) problems.push(holding.message);
      const known = holding !== null && !(holding instanceof OperationError);
      if (holding === null) problems.push(`GitLab does not tell the commit of deployment ${wire.id}.`);
      const merged = (known ? holding : []).filter(
        (one) => one.state === 'merged' && (one.target_project_id ?? one.project_id) === project.id,
      );
      rows.push({
        project: project.name,
        deployment_id: String(wire.id),
        environment: wire.environment?.name ?? '',
        status: wire.status ?? '',
        user: userName(wire.user) ?? '',
        created_at: wire.created_at ?? '',
        updated_at: wire.updated_at ?? '',
        ref: wire.ref ?? '',
        commit: sha ?? '',
        looked_up: known ? 'yes' : 'no',
        merge_requests: merged.map(({ iid }) => `!${iid}`).join('; '),
        first_merged_at: merged.flatMap(({ merged_at: at }) => (at === null ? [] : [at])).sort()[0] ?? '',
      });
    }
    return { rows, problems };
  });
  return { ...found, rows: inOrder(found.rows, 'updated_at', 'project', 'deployment_id') };
}
