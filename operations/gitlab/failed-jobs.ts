import { OperationError } from '../errors';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { type FailedJob, shapeFailedJob } from './pipeline-shape';
import { readWire, type WireBridge, wireBridge, wireJob } from './wire-types';

/** A pipeline with more failed jobs than this has its first ones listed. */
export const maxFailedJobs = 50;

export interface FailedJobs {
  /** Those that failed the pipeline first, then those that were allowed to fail, then retried attempts; oldest first in each. */
  jobs: FailedJob[];
  /** Failed attempts that were run again. */
  retried: number;
  complete: boolean;
}

/**
 * The failed jobs of one pipeline, with failed trigger jobs, which GitLab lists apart. Retried attempts carry no mark
 * in the list, so they are what a second list with them has more: counted, and given with `includeRetried`.
 */
export async function readFailedJobs(
  gitlab: GitLab,
  projectPath: string,
  pipelineId: number,
  includeRetried = false,
): Promise<FailedJobs> {
  const path = `${projectPath}/pipelines/${pipelineId}`;
  const what = `the jobs of pipeline ${pipelineId}`;
  const read = (value: unknown) => readWire(wireJob, value, 'a job of the list');
  const scope = { scope: ['failed'] };
  const limit = maxFailedJobs * 2;
  const current = await gitlab.list(`${path}/jobs`, scope, what, limit, read);
  const withRetried = await gitlab.list(`${path}/jobs`, { ...scope, include_retried: true }, what, limit, read);
  const bridges = await readBridges(gitlab, projectPath, pipelineId, ['failed']);

  const ids = new Set(current.items.map((job) => job.id));
  const failed = [...current.items, ...bridges.items]
    .filter((job) => job.status === 'failed')
    .map((job) => shapeFailedJob(job))
    .sort((a, b) => Number(a.allow_failure) - Number(b.allow_failure) || a.id - b.id);
  const retried = withRetried.items
    .filter((job) => job.status === 'failed' && !ids.has(job.id))
    .map((job) => shapeFailedJob(job, true))
    .sort((a, b) => a.id - b.id);
  const jobs = includeRetried ? [...failed, ...retried] : failed;
  return {
    jobs: jobs.slice(0, maxFailedJobs),
    retried: retried.length,
    complete: current.complete && withRetried.complete && bridges.complete && jobs.length <= maxFailedJobs,
  };
}

/** The trigger jobs of a pipeline. Those that cannot be listed leave the answer incomplete rather than failing it. */
export async function readBridges(
  gitlab: GitLab,
  projectPath: string,
  pipelineId: number,
  scope?: string[],
): Promise<{ items: WireBridge[]; complete: boolean }> {
  const listed = await attempt(() =>
    gitlab.list(
      `${projectPath}/pipelines/${pipelineId}/bridges`,
      { scope },
      `the trigger jobs of pipeline ${pipelineId}`,
      maxFailedJobs,
      (value) => readWire(wireBridge, value, 'a trigger job of the list'),
    ),
  );
  return listed instanceof OperationError ? { items: [], complete: false } : listed;
}
