import type { ServiceResponse } from '../service';
import { requireRole } from './access';
import { ApiError, badRequest, page } from './answers';
import { bridgeEntity, jobEntity, pipelineBasic, pipelineFull } from './ci-entities';
import { streamTrace } from './long-trace';
import { ok, type RequestContext, type Route } from './request-context';
import { traceOf } from './traces';
import type { Pipeline } from './world';

const STATUSES = [
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
  'running',
  'success',
  'failed',
  'canceling',
  'canceled',
  'skipped',
  'manual',
  'scheduled',
] as const;

function pipelines(c: RequestContext): ServiceResponse {
  const { query } = c;
  const status = query.oneOf('status', STATUSES);
  const scope = query.oneOf('scope', ['running', 'pending', 'finished', 'branches', 'tags']);
  const [source, ref, sha, username] = ['source', 'ref', 'sha', 'username'].map((name) => query.text(name));
  const [updatedAfter, updatedBefore] = [query.date('updated_after'), query.date('updated_before')];
  // Not declared on older servers, and so ignored there.
  const [createdAfter, createdBefore] = c.olderServer
    ? []
    : [query.date('created_after'), query.date('created_before')];
  const over = (pipeline: Pipeline) => ['success', 'failed', 'canceled', 'skipped'].includes(pipeline.status);
  const found = c.project().pipelines.filter(
    (pipeline) =>
      // Child pipelines only show when they are asked for by their source.
      (source === undefined ? pipeline.source !== 'parent_pipeline' : pipeline.source === source) &&
      (status === undefined || pipeline.status === status) &&
      (ref === undefined || pipeline.ref === ref) &&
      (sha === undefined || pipeline.sha === sha) &&
      (username === undefined || pipeline.user.username === username) &&
      (scope !== 'running' || pipeline.status === 'running') &&
      (scope !== 'pending' || pipeline.status === 'created') &&
      (scope !== 'finished' || over(pipeline)) &&
      (scope !== 'branches' || pipeline.ref === 'main') &&
      scope !== 'tags' &&
      (!updatedAfter || pipeline.updatedAt >= updatedAfter) &&
      (!updatedBefore || pipeline.updatedAt <= updatedBefore) &&
      (!createdAfter || pipeline.createdAt >= createdAfter) &&
      (!createdBefore || pipeline.createdAt <= createdBefore),
  );
  const order = query.oneOf('order_by', ['id', 'status', 'ref', 'updated_at', 'user_id']) ?? 'id';
  const direction = query.oneOf('sort', ['asc', 'desc']) === 'asc' ? 1 : -1;
  const key = (pipeline: Pipeline): number | string => {
    if (order === 'status') return pipeline.status;
    if (order === 'ref') return pipeline.ref;
    if (order === 'updated_at') return pipeline.updatedAt.getTime();
    return order === 'user_id' ? pipeline.user.number : pipeline.id;
  };
  found.sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return (left < right ? -1 : left > right ? 1 : a.id - b.id) * direction;
  });
  const answer = page(found, query, c.url);
  return { ...answer, body: answer.body.map((pipeline) => pipelineBasic(pipeline, c.base)) };
}

function jobs(c: RequestContext, kind: 'build' | 'bridge'): ServiceResponse {
  const scope = c.query.list('scope');
  const wrong = scope.find((entry) => !(STATUSES as readonly string[]).includes(entry));
  if (wrong !== undefined) throw badRequest('scope does not have a valid value');
  const withRetried = c.query.boolean('include_retried') ?? false;
  const found = c
    .pipeline()
    .jobs.filter(
      (job) => job.kind === kind && (scope.length === 0 || scope.includes(job.status)) && (withRetried || !job.retried),
    )
    .sort((a, b) => b.id - a.id);
  const answer = page(found, c.query, c.url, false);
  return {
    ...answer,
    body: answer.body.map((job) => (kind === 'build' ? jobEntity(job, c.base) : bridgeEntity(job, c.base))),
  };
}

function trace(c: RequestContext): ServiceResponse {
  const job = c.job();
  // With debug tracing the log may hold every variable, so it needs the Developer role.
  if (job.debugTrace) requireRole(c, 'developer');
  const headers = { 'content-type': 'text/plain', 'content-disposition': `infile; filename="${job.id}.log"` };
  const { longTraceBytes, traceDelayMs, traceOffsets } = c.settings;
  const text = traceOf(job);
  if (text !== '' && (longTraceBytes > 0 || traceDelayMs > 0))
    return { status: 200, headers, body: streamTrace(text, longTraceBytes, traceDelayMs) };
  let body = Buffer.from(text, 'utf8');
  if (traceOffsets) {
    const offset = Math.max(0, c.query.integer('byte_offset') ?? 0);
    const limit = c.query.integer('byte_limit');
    body = body.subarray(offset, limit === undefined ? undefined : offset + Math.max(0, limit));
  }
  return {
    status: 200,
    headers: { ...headers, 'content-length': String(body.length) },
    body: c.request.method === 'HEAD' ? undefined : body,
  };
}

/** Pipelines, jobs, trigger jobs and logs. */
export const CI_ROUTES: Route[] = [
  { path: 'projects/:id/pipelines', answer: pipelines },
  {
    path: 'projects/:id/pipelines/latest',
    answer: (c) => {
      const ref = c.query.text('ref') ?? 'main';
      const latest = c
        .project()
        .pipelines.filter((pipeline) => pipeline.ref === ref && pipeline.source !== 'parent_pipeline')
        .at(-1);
      if (!latest) throw new ApiError(403, { message: '403 Forbidden' });
      return ok(pipelineFull(latest, c.base));
    },
  },
  { path: 'projects/:id/pipelines/:id', answer: (c) => ok(pipelineFull(c.pipeline(), c.base)) },
  { path: 'projects/:id/pipelines/:id/jobs', answer: (c) => jobs(c, 'build') },
  { path: 'projects/:id/pipelines/:id/bridges', answer: (c) => jobs(c, 'bridge') },
  { path: 'projects/:id/jobs/:id', answer: (c) => ok(jobEntity(c.job(), c.base)) },
  { path: 'projects/:id/jobs/:id/trace', answer: trace },
];
