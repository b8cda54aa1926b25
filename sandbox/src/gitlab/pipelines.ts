import { SeededRandom } from '../seeded-random';
import type { SimulatedPerson } from '../simulated-people';
import { type JobShape, SHAPES } from './pipeline-shapes';
import type { Job, MergeRequest, Pipeline, PipelineSource, PipelineStatus, Project } from './world';

/** One job of a pipeline that does not simply pass. Applies to child pipelines too, by the job's name. */
export interface Mishap {
  job: string;
  /** What its log shows. */
  flavour: string;
  /** GitLab's failure_reason; script_failure unless given. */
  reason?: string;
  /** Fails once and passes in the automatic retry. */
  transient?: true;
  /** Somebody retries it by hand then, and it passes. */
  retriedAt?: Date;
  /** Passes, with this log. */
  passes?: true;
  debugTrace?: true;
  erased?: true;
}

export interface PipelineRequest {
  project: Project;
  /** Key of SHAPES. */
  shape: string;
  ref: string;
  source: PipelineSource;
  user: SimulatedPerson;
  at: Date;
  now: Date;
  seed: number;
  mishaps?: Mishap[];
  mergeRequest?: MergeRequest;
  triggeredBy?: Job;
  /** Finds a project by its full path, for triggers that cross projects. */
  lookup(path: string): Project;
}

const SECOND = 1000;

/**
 * Runs a pipeline on paper: every job with its attempts, times and outcome, stage after stage, child pipelines
 * included, and cuts it off at `now` so that what is not over yet is still running. Ids and shas come later.
 */
export function runPipeline(request: PipelineRequest): Pipeline {
  const { project, at, now } = request;
  const shape = SHAPES[request.shape];
  if (!shape) throw new Error(`There is no pipeline shape ${request.shape}`);
  const random = new SeededRandom(`${request.seed} ${project.path} ${request.shape} ${at.toISOString()}`);
  const pipeline: Pipeline = {
    id: 0,
    iid: 0,
    project,
    ref: request.ref,
    sha: '',
    beforeSha: '0'.repeat(40),
    source: request.source,
    user: request.user,
    createdAt: at,
    updatedAt: at,
    status: 'created',
    jobs: [],
    mergeRequest: request.mergeRequest,
    triggeredBy: request.triggeredBy,
  };
  let clock = at.getTime() + random.int(3, 9) * SECOND;
  let blocked = false;
  for (const stage of shape.stages) {
    let stageEnd = clock;
    let stageFailed = false;
    for (const jobShape of shape.jobs.filter((entry) => entry.stage === stage)) {
      const outcome: Outcome = jobShape.trigger
        ? runBridge(request, pipeline, jobShape, clock, blocked)
        : runJob(request, pipeline, jobShape, clock, blocked, random);
      stageEnd = Math.max(stageEnd, outcome.end);
      stageFailed ||= outcome.failed;
    }
    blocked ||= stageFailed;
    clock = stageEnd + SECOND;
  }
  settle(pipeline, now);
  return pipeline;
}

function newJob(pipeline: Pipeline, shape: JobShape, createdAt: number): Job {
  const job: Job = {
    id: 0,
    name: shape.name,
    stage: shape.stage,
    kind: shape.trigger ? 'bridge' : 'build',
    pipeline,
    status: 'created',
    script: shape.script,
    allowFailure: shape.allowFailure ?? shape.manual ?? false,
    retried: false,
    user: pipeline.user,
    createdAt: new Date(createdAt),
  };
  pipeline.jobs.push(job);
  return job;
}

interface Outcome {
  /** When the stage may go on, in milliseconds. */
  end: number;
  failed: boolean;
}

function runJob(
  request: PipelineRequest,
  pipeline: Pipeline,
  shape: JobShape,
  clock: number,
  blocked: boolean,
  random: SeededRandom,
): Outcome {
  const job = newJob(pipeline, shape, request.at.getTime());
  if (blocked || shape.manual) {
    job.status = blocked ? 'skipped' : 'manual';
    return { end: clock, failed: false };
  }
  const mishap = request.mishaps?.find((entry) => entry.job === shape.name);
  const run = (target: Job, from: number): number => {
    target.startedAt = new Date(from + random.int(1, 8) * SECOND + random.int(0, 999));
    target.finishedAt = new Date(
      target.startedAt.getTime() + random.int(shape.seconds[0], shape.seconds[1]) * SECOND + random.int(0, 999),
    );
    return target.finishedAt.getTime();
  };
  let end = run(job, clock);
  job.status = 'success';
  if (!mishap) return { end, failed: false };
  job.flavour = mishap.flavour;
  job.debugTrace = mishap.debugTrace;
  if (mishap.erased) job.erasedAt = new Date(end + 3600 * SECOND);
  if (mishap.passes) return { end, failed: false };
  job.status = 'failed';
  job.failureReason = mishap.reason ?? 'script_failure';
  if (!mishap.transient && !mishap.retriedAt) return { end, failed: !job.allowFailure };
  const again = mishap.retriedAt?.getTime() ?? end + 2 * SECOND;
  if (again > request.now.getTime()) return { end, failed: !job.allowFailure };
  job.retried = true;
  const retry = newJob(pipeline, shape, again);
  end = run(retry, again);
  retry.status = 'success';
  return { end, failed: false };
}

function runBridge(
  request: PipelineRequest,
  pipeline: Pipeline,
  shape: JobShape,
  clock: number,
  blocked: boolean,
): Outcome {
  const bridge = newJob(pipeline, shape, request.at.getTime());
  if (!shape.trigger || blocked) {
    bridge.status = 'skipped';
    return { end: clock, failed: false };
  }
  if (clock > request.now.getTime()) return { end: clock, failed: false };
  const project = shape.trigger.project ? request.lookup(shape.trigger.project) : request.project;
  const child = runPipeline({
    ...request,
    project,
    shape: shape.trigger.shape,
    ref: shape.trigger.project ? 'main' : request.ref,
    source: shape.trigger.project ? 'pipeline' : 'parent_pipeline',
    at: new Date(clock + SECOND),
    mergeRequest: shape.trigger.project ? undefined : request.mergeRequest,
    triggeredBy: bridge,
  });
  bridge.downstream = child;
  bridge.startedAt = new Date(clock + SECOND);
  if (!shape.trigger.waits) {
    bridge.status = 'success';
    bridge.finishedAt = new Date(clock + 2 * SECOND);
    return { end: clock + 2 * SECOND, failed: false };
  }
  bridge.finishedAt = child.finishedAt ?? new Date(request.now.getTime() + SECOND);
  bridge.status = child.status === 'success' ? 'success' : 'failed';
  return { end: bridge.finishedAt.getTime(), failed: bridge.status === 'failed' };
}

/** Takes back what would happen after `now`, then derives status and times of the pipeline from its jobs. */
function settle(pipeline: Pipeline, now: Date): void {
  for (const job of pipeline.jobs) {
    if (job.startedAt && job.startedAt > now) {
      Object.assign(job, { status: 'created', startedAt: undefined, finishedAt: undefined, failureReason: undefined });
    } else if (job.finishedAt && job.finishedAt > now) {
      Object.assign(job, { status: 'running', finishedAt: undefined, failureReason: undefined });
    } else if (job.startedAt === undefined && job.status === 'skipped' && !settledBefore(pipeline, now))
      job.status = 'created';
  }
  const latest = pipeline.jobs.filter((job) => !job.retried);
  pipeline.status = statusOf(latest.filter((job) => job.status !== 'manual'));
  const starts = pipeline.jobs.flatMap((job) => job.startedAt ?? []).map(Number);
  const ends = pipeline.jobs.flatMap((job) => job.finishedAt ?? []).map(Number);
  if (starts.length > 0) pipeline.startedAt = new Date(Math.min(...starts));
  const over = pipeline.status !== 'running' && pipeline.status !== 'created';
  if (over && ends.length > 0) pipeline.finishedAt = new Date(Math.max(...ends));
  pipeline.updatedAt = new Date(Math.max(pipeline.createdAt.getTime(), ...starts, ...ends));
}

/** Whether the failure that skips later stages had already happened. */
function settledBefore(pipeline: Pipeline, now: Date): boolean {
  return pipeline.jobs.some(
    (job) => job.status === 'failed' && !job.allowFailure && job.finishedAt && job.finishedAt <= now,
  );
}

function statusOf(jobs: Job[]): PipelineStatus {
  const any = (status: Job['status']) => jobs.some((job) => job.status === status);
  if (jobs.some((job) => job.status === 'failed' && !job.allowFailure) && !any('running')) return 'failed';
  if (any('running')) return 'running';
  if (any('created')) return jobs.every((job) => job.status === 'created') ? 'created' : 'running';
  if (jobs.length > 0 && jobs.every((job) => job.status === 'skipped')) return 'skipped';
  return 'success';
}

/** Seconds in which at least one job ran, as GitLab counts a pipeline's duration. */
export function busySeconds(pipeline: Pipeline): number {
  const spans = pipeline.jobs
    .flatMap((job) =>
      job.startedAt && job.finishedAt ? [[job.startedAt.getTime(), job.finishedAt.getTime()] as const] : [],
    )
    .sort((a, b) => a[0] - b[0]);
  let total = 0;
  let until = 0;
  for (const [from, to] of spans) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.round(total / SECOND);
}
