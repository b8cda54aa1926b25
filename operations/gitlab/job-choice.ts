import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { cleanLine } from '../text';
import { parseAnyAddress, projectPath } from './address';
import type { GitLab } from './client';
import { readFailedJobs } from './failed-jobs';
import { chooseProject } from './scope';
import { readWire, wireField, wireMergeRequest } from './wire-types';

export const chosenFromSchema = z
  .object({
    pipeline_id: z.number().int(),
    failed_jobs: z
      .array(z.object({ id: z.number().int(), name: z.string(), allow_failure: z.boolean() }))
      .describe('All failed jobs of that pipeline, those that failed it first; the first was reviewed'),
    complete: z.boolean(),
  })
  .nullable()
  .describe('When url was that of a pipeline or a merge request: where the job was taken from');

export interface ChosenJob {
  project: string;
  jobId: number;
  chosenFrom: z.infer<typeof chosenFromSchema>;
}

/**
 * The job that is meant: by its own address, by ids, or by the address of a pipeline or of a merge request, whose head pipeline
 * it is then; of those the first job that failed the pipeline. Throws InvalidInputError that names the field.
 */
export async function chooseJob(
  gitlab: GitLab,
  given: { url?: string; project?: string; job_id?: number },
): Promise<ChosenJob> {
  const url = given.url?.trim() ?? '';
  if (url === '') {
    if (given.job_id === undefined) throw new InvalidInputError('job_id', 'is needed with project; or give url');
    return { project: chooseProject(gitlab.connection, given.project), jobId: given.job_id, chosenFrom: null };
  }
  const { kind, project, id } = parseAnyAddress(gitlab.connection.baseUrl, url);
  if (kind === 'job') {
    if (given.job_id !== undefined && given.job_id !== id) {
      throw new InvalidInputError('job_id', `is ${given.job_id}, but url is of job ${id}; give one of them`);
    }
    return { project, jobId: id, chosenFrom: null };
  }
  if (given.job_id !== undefined) {
    throw new InvalidInputError(
      'job_id',
      `does not go with the address of a ${kind.replace('_', ' ')}; give one of them`,
    );
  }
  const pipeline = kind === 'pipeline' ? { project, id } : await headPipelineOf(gitlab, project, id);
  const failed = await readFailedJobs(gitlab, projectPath(pipeline.project), pipeline.id);
  const jobs = failed.jobs.filter((job) => !job.trigger_job);
  const [first] = jobs;
  const started = failed.jobs
    .filter((job) => !job.allow_failure)
    .flatMap(({ downstream_pipeline_id: child }) => child ?? []);
  // A job that was allowed to fail explains nothing when the pipeline failed through what it started.
  if (first === undefined || (first.allow_failure && started.length > 0)) {
    throw new InvalidInputError(
      'url',
      `pipeline ${pipeline.id} has no failed job with a log${started.length > 0 ? `; it failed through what it started: pipeline ${started.join(', ')}` : '; give the address of a job'}`,
    );
  }
  return {
    project: pipeline.project,
    jobId: first.id,
    chosenFrom: {
      pipeline_id: pipeline.id,
      failed_jobs: jobs.map(({ id: jobId, name, allow_failure }) => ({ id: jobId, name, allow_failure })),
      complete: failed.complete,
    },
  };
}

const wireHead = wireMergeRequest.extend({
  head_pipeline: wireField.optional(z.object({ id: wireField.id, project_id: wireField.whole })),
});

async function headPipelineOf(gitlab: GitLab, project: string, iid: number): Promise<{ project: string; id: number }> {
  const what = `merge request !${iid} of ${cleanLine(project, 300)}`;
  const value = await gitlab.get(`${projectPath(project)}/merge_requests/${iid}`, {}, what);
  const head = readWire(wireHead, value, what).head_pipeline;
  if (head === null) throw new InvalidInputError('url', `${what} has no pipeline; give the address of a job`);
  // A merge request of a fork has its pipelines there.
  return { project: head.project_id === null ? project : String(head.project_id), id: head.id };
}
