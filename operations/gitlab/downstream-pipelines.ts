import { z } from 'zod';
import { OperationError } from '../errors';
import { cleanLine } from '../text';
import { parseWebAddress, projectPath } from './address';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { readBridges, readFailedJobs } from './failed-jobs';
import { lineOrNull, webUrl } from './merge-request-shape';
import { type FailedJob, failedJobSchema } from './pipeline-shape';
import type { WireBridge, WirePipeline } from './wire-types';

export const downstreamSchema = z.object({
  trigger_job: z.string().describe('Name of the job that starts it'),
  trigger_job_status: z.string(),
  pipeline_id: z.number().int().nullable(),
  project: z.string().nullable().describe('Path with namespace, or numeric id'),
  kind: z.enum(['child', 'multi_project']).nullable(),
  status: z.string().nullable(),
  web_url: z.string().nullable(),
  depth: z.number().int().describe('1: started by the pipeline itself, 2: by one that it started'),
  access: z
    .enum(['read', 'no_access', 'hidden', 'not_triggered', 'not_triggered_or_hidden', 'seen_before'])
    .describe(
      'no_access: it ran, and the token may not look into it; hidden: the trigger job succeeded and GitLab names no pipeline, so it is where the token may not see; not_triggered: the trigger job has not run; not_triggered_or_hidden: it failed, and GitLab does not tell which; seen_before: it is further up already',
    ),
  failed_jobs: z.array(failedJobSchema),
});
export type Downstream = z.infer<typeof downstreamSchema>;

const maxDepth = 2;
const maxDownstream = 20;

export interface FoundDownstream {
  downstream: Downstream[];
  complete: boolean;
}

/**
 * What a pipeline started, and what that started in turn, two levels deep, in its own project and in others; with the failed
 * jobs of those that failed. Each pipeline is looked into once, whatever the trigger jobs say.
 */
export async function readDownstream(
  gitlab: GitLab,
  root: { projectPath: string; pipeline: WirePipeline },
  options: { includeRetried: boolean },
): Promise<FoundDownstream> {
  const found: Downstream[] = [];
  const seen = new Set([root.pipeline.id]);
  let complete = true;
  let level: { path: string; id: number; projectId: number | null }[] = [
    { path: root.projectPath, id: root.pipeline.id, projectId: root.pipeline.project_id },
  ];
  for (let depth = 1; depth <= maxDepth && level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const parent of level) {
      const bridges = await readBridges(gitlab, parent.path, parent.id);
      complete &&= bridges.complete;
      for (const bridge of bridges.items) {
        if (found.length >= maxDownstream) return { downstream: found, complete: false };
        const { downstream_pipeline: pipeline } = bridge;
        const base = shapeBridge(gitlab, bridge, parent.projectId, depth);
        if (pipeline === null || seen.has(pipeline.id)) {
          found.push({
            ...base,
            access: pipeline === null ? whyNull(bridge.status) : 'seen_before',
            failed_jobs: [],
          });
          continue;
        }
        seen.add(pipeline.id);
        const path = projectPath(String(pipeline.project_id ?? base.project ?? ''));
        const jobs = await lookInto(gitlab, path, pipeline, options.includeRetried);
        complete &&= jobs.complete;
        found.push({ ...base, access: jobs.access, failed_jobs: jobs.jobs });
        if (jobs.access === 'read') next.push({ path, id: pipeline.id, projectId: pipeline.project_id });
      }
    }
    level = next;
  }
  return { downstream: found, complete };
}

/** GitLab gives null both for what was not started and for what may not be seen; the state of the trigger job tells most of it. */
function whyNull(status: string | null): Downstream['access'] {
  if (status === 'success') return 'hidden';
  return status === 'failed' || status === null ? 'not_triggered_or_hidden' : 'not_triggered';
}

/** A refusal is a fact about that pipeline; anything else leaves the answer incomplete. */
async function lookInto(
  gitlab: GitLab,
  path: string,
  pipeline: WirePipeline,
  includeRetried: boolean,
): Promise<{ access: 'read' | 'no_access'; jobs: FailedJob[]; complete: boolean }> {
  const read = await attempt(async () => {
    // Asked also of one that did not fail: whether it may be read decides whether what it started can be followed.
    if (pipeline.status === 'failed') return readFailedJobs(gitlab, path, pipeline.id, includeRetried);
    await gitlab.get(`${path}/pipelines/${pipeline.id}`, {}, `pipeline ${pipeline.id}`);
    return { jobs: [], retried: 0, complete: true };
  });
  if (!(read instanceof OperationError)) return { access: 'read', jobs: read.jobs, complete: read.complete };
  const isRefusal = read.code === 'missing_permission' || read.code === 'not_found_or_no_access';
  return { access: 'no_access', jobs: [], complete: isRefusal };
}

function shapeBridge(
  gitlab: GitLab,
  bridge: WireBridge,
  parentProject: number | null,
  depth: number,
): Omit<Downstream, 'access' | 'failed_jobs'> {
  const { downstream_pipeline: pipeline } = bridge;
  const project = pipeline && projectOf(gitlab, pipeline);
  const isChild = pipeline?.source === 'parent_pipeline' || (pipeline?.project_id ?? -1) === parentProject;
  return {
    trigger_job: cleanLine(bridge.name ?? '', 255),
    trigger_job_status: cleanLine(bridge.status ?? 'unknown', 40),
    pipeline_id: pipeline?.id ?? null,
    project,
    kind: pipeline === null ? null : isChild ? 'child' : 'multi_project',
    status: lineOrNull(pipeline?.status ?? null, 40),
    web_url: webUrl(pipeline?.web_url ?? null),
    depth,
  };
}

/** The path from the pipeline's address, when that is on this instance; else the id. */
function projectOf(gitlab: GitLab, pipeline: WirePipeline): string | null {
  try {
    return parseWebAddress(gitlab.connection.baseUrl, pipeline.web_url ?? '', 'pipeline').project;
  } catch {
    return pipeline.project_id === null ? null : String(pipeline.project_id);
  }
}
