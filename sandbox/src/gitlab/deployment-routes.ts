import { requireRole } from './access';
import { badRequest, notFound, page } from './answers';
import { jobEntity } from './ci-entities';
import { type Deployment, deploymentsOf, mergeRequestsOf, updatedAt } from './deployments';
import { iso, type Json, mergeRequestBasic, userEntity } from './entities';
import type { RequestContext, Route } from './request-context';

const STATUSES = ['created', 'running', 'success', 'failed', 'canceled', 'skipped', 'blocked'] as const;

function entity(deployment: Deployment, base: string): Json {
  const { job, environment } = deployment;
  return {
    id: deployment.id,
    iid: deployment.iid,
    ref: job.pipeline.ref,
    sha: job.pipeline.sha,
    status: deployment.status,
    created_at: iso(job.createdAt),
    updated_at: iso(updatedAt(deployment)),
    user: userEntity(job.user, base),
    environment: { id: environment.id, name: environment.name, external_url: null, tier: environment.name },
    deployable: jobEntity(job, base),
  };
}

function list(c: RequestContext) {
  const { query } = c;
  const deployments = deploymentsOf(c.project());
  requireRole(c, 'reporter');
  const [after, before] = [query.date('updated_after'), query.date('updated_before')];
  const order = query.oneOf('order_by', ['id', 'iid', 'created_at', 'updated_at', 'finished_at', 'ref']) ?? 'id';
  if ((after || before) && order !== 'updated_at')
    throw badRequest('`updated_at` filter and `updated_at` sorting must be paired');
  const status = query.oneOf('status', STATUSES);
  const environment = query.text('environment');
  const found = deployments.filter(
    (deployment) =>
      (status === undefined || deployment.status === status) &&
      (environment === undefined || deployment.environment.name === environment) &&
      (!after || updatedAt(deployment) >= after) &&
      (!before || updatedAt(deployment) <= before),
  );
  const key = (deployment: Deployment) =>
    order === 'updated_at'
      ? updatedAt(deployment).getTime()
      : order === 'created_at'
        ? deployment.job.createdAt.getTime()
        : deployment.id;
  const direction = query.oneOf('sort', ['asc', 'desc']) === 'desc' ? -1 : 1;
  found.sort((a, b) => (key(a) - key(b) || a.id - b.id) * direction);
  const answer = page(found, query, c.url);
  return { ...answer, body: answer.body.map((deployment) => entity(deployment, c.base)) };
}

/** Deployments, oldest first unless asked otherwise. */
export const DEPLOYMENT_ROUTES: Route[] = [
  { path: 'projects/:id/deployments', answer: list },
  {
    path: 'projects/:id/deployments/:id/merge_requests',
    answer: (c) => {
      const found = deploymentsOf(c.project()).find(({ id }) => String(id) === c.param(1));
      if (!found) throw notFound('Deployment');
      const answer = page(mergeRequestsOf(found), c.query, c.url);
      return { ...answer, body: answer.body.map((mr) => mergeRequestBasic(mr, c.base)) };
    },
  },
];
