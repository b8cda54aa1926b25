import { simulateHistory } from '../../../sandbox/src/gitlab/history';
import type { Job, MergeRequest, Pipeline } from '../../../sandbox/src/gitlab/world';
import { baseTime, seed } from './stand-in';

/** What really happened in the simulated month: answers are compared with it. */
export const world = simulateHistory(seed, baseTime);

/** The merge request planted under that name. */
export function story(name: string): MergeRequest {
  const found = world.projects.flatMap((project) => project.mergeRequests).find((mr) => mr.story === name);
  if (found === undefined) throw new Error(`no story ${name}`);
  return found;
}

export function refTo(mr: MergeRequest): { project: string; iid: number } {
  return { project: mr.project.path, iid: mr.iid };
}

export const pipelines: Pipeline[] = world.projects
  .filter(({ hidden }) => !hidden)
  .flatMap((project) => project.pipelines);
export const jobs: Job[] = pipelines.flatMap((pipeline) => pipeline.jobs);

/** The job planted with that way of going wrong. */
export function jobWith(flavour: string): Job {
  const found = jobs.find((job) => job.flavour === flavour && job.status === 'failed');
  if (found === undefined) throw new Error(`no job ${flavour}`);
  return found;
}
