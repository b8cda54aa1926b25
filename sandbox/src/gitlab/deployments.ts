import type { Job, MergeRequest, Project } from './world';

export interface Deployment {
  id: number;
  iid: number;
  job: Job;
  environment: { id: number; name: string };
  status: 'created' | 'running' | 'success' | 'failed' | 'canceled' | 'skipped' | 'blocked';
}

/** Which jobs deploy, and where to; by the name of the job. */
const ENVIRONMENTS: readonly [job: string, environment: string][] = [
  ['terraform apply', 'production'],
  ['deploy production', 'production'],
  ['update schedule', 'production'],
  ['upload rules', 'production'],
  ['rollout', 'staging'],
  ['deploy staging', 'staging'],
  ['register', 'registry'],
];

const STATES: Record<Job['status'], Deployment['status']> = {
  created: 'created',
  running: 'running',
  success: 'success',
  failed: 'failed',
  skipped: 'skipped',
  canceled: 'canceled',
  manual: 'blocked',
};

/** Deployments of a project, oldest first: one for each job that deploys. */
export function deploymentsOf(project: Project): Deployment[] {
  const jobs = project.pipelines
    .flatMap((pipeline) => pipeline.jobs)
    .filter((job) => job.kind === 'build' && job.pipeline.ref === 'main' && environmentOf(job) !== undefined)
    .sort((a, b) => a.id - b.id);
  return jobs.map((job, index) => ({
    id: job.id - 300_000,
    iid: index + 1,
    job,
    environment: {
      id: project.id * 10 + ENVIRONMENTS.findIndex(([name]) => name === job.name),
      name: environmentOf(job) ?? '',
    },
    status: STATES[job.status],
  }));
}

/** When something last happened to it. */
export function updatedAt(deployment: Deployment): Date {
  const { job } = deployment;
  return job.finishedAt ?? job.startedAt ?? job.createdAt;
}

/** The merge requests that went out with it: those merged as the commit it deployed. */
export function mergeRequestsOf(deployment: Deployment): MergeRequest[] {
  const { pipeline } = deployment.job;
  return pipeline.project.mergeRequests.filter((mr) => mr.postMerge?.sha === pipeline.sha);
}

function environmentOf(job: Job): string | undefined {
  return ENVIRONMENTS.find(([name]) => name === job.name)?.[1];
}
