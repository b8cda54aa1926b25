import { OperationError } from '../errors';
import { projectPath } from './address';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { mapConcurrently } from './concurrency';
import { readBridges, readFailedJobs } from './failed-jobs';
import type { MergeRequestRef } from './merge-request-details';
import type { FailedJob } from './pipeline-shape';
import { readWire, type WireMergeRequest, type WirePipeline, wirePipeline } from './wire-types';

export const pipelineRoles = ['head', 'merge_result', 'earlier', 'post_merge', 'downstream'] as const;
export type PipelineRole = (typeof pipelineRoles)[number];

export interface FoundPipeline {
  role: PipelineRole;
  /** API path of the project it runs in: a fork's for merge requests of forks, another one's for triggered pipelines. */
  projectPath: string;
  wire: WirePipeline;
  /** For a downstream pipeline: the one that started it. */
  startedBy: number | null;
  failedJobs: FailedJob[];
}

export interface FoundPipelines {
  pipelines: FoundPipeline[];
  notes: string[];
}

const maxMergeRequestPipelines = 30;
/** Pipelines looked into: their jobs and what they started. The others are listed only. */
const maxExpanded = 8;
const maxDownstream = 10;
const maxDepth = 2;

/**
 * Pipelines of a merge request by role: the head's, those of the merge result, earlier ones, those of the commit that
 * the merge made, and what they started in turn, two levels deep. What may not be read is said in `notes`.
 */
export async function readMergeRequestPipelines(
  gitlab: GitLab,
  ref: MergeRequestRef,
  wire: WireMergeRequest,
): Promise<FoundPipelines> {
  const home = projectPath(ref.project);
  const notes: string[] = [];
  const listed = await attempt(() =>
    gitlab.list(`${ref.path}/pipelines`, {}, `the pipelines of ${ref.what}`, maxMergeRequestPipelines, readPipeline),
  );
  const own = listed instanceof OperationError ? [] : listed.items;
  if (listed instanceof OperationError) notes.push(`Pipelines: ${listed.message}`);
  else if (!listed.complete)
    notes.push(`Only the newest ${maxMergeRequestPipelines} pipelines of the merge request were read.`);
  const head = wire.head_pipeline;
  if (head !== null && !own.some(({ id }) => id === head.id)) own.unshift(head);

  const found = new Map<number, FoundPipeline>();
  const add = (pipeline: WirePipeline, role: PipelineRole, startedBy: number | null = null) => {
    if (found.has(pipeline.id)) return;
    const path = pipeline.project_id === null ? home : projectPath(String(pipeline.project_id));
    found.set(pipeline.id, { role, projectPath: path, wire: pipeline, startedBy, failedJobs: [] });
  };
  for (const pipeline of own) add(pipeline, roleOf(pipeline, head));
  for (const pipeline of await readPostMerge(gitlab, home, wire, notes)) add(pipeline, 'post_merge');

  const first = inOrderOfInterest([...found.values()]).slice(0, maxExpanded);
  await expandDownstream(gitlab, first, add, found, notes);
  const expanded = inOrderOfInterest([...found.values()]).slice(0, maxExpanded + maxDownstream);
  await mapConcurrently(expanded, (pipeline) => readInto(gitlab, pipeline, notes));
  return { pipelines: inOrderOfInterest([...found.values()]), notes };
}

function readPipeline(value: unknown): WirePipeline {
  return readWire(wirePipeline, value, 'a pipeline of the list');
}

function roleOf(pipeline: WirePipeline, head: WirePipeline | null): PipelineRole {
  if (head !== null && pipeline.id === head.id) return 'head';
  return /^refs\/merge-requests\/\d+\/merge$/.test(pipeline.ref ?? '') ? 'merge_result' : 'earlier';
}

/** Head, after the merge and downstream first; within each the newest first. */
function inOrderOfInterest(pipelines: FoundPipeline[]): FoundPipeline[] {
  const rank: PipelineRole[] = ['head', 'post_merge', 'downstream', 'merge_result', 'earlier'];
  return pipelines.sort((a, b) => rank.indexOf(a.role) - rank.indexOf(b.role) || b.wire.id - a.wire.id);
}

/** Pipelines of the commit on the target branch: a merge commit, a squashed one, or the head itself (fast-forward). */
async function readPostMerge(
  gitlab: GitLab,
  home: string,
  wire: WireMergeRequest,
  notes: string[],
): Promise<WirePipeline[]> {
  const sha = wire.merge_commit_sha ?? wire.squash_commit_sha ?? wire.sha;
  if (wire.state !== 'merged' || sha === null) return [];
  const page = await attempt(() =>
    gitlab.page(`${home}/pipelines`, { sha, per_page: 20 }, `the pipelines of commit ${sha}`, readPipeline),
  );
  if (page instanceof OperationError) {
    notes.push(`Pipelines after the merge: ${page.message}`);
    return [];
  }
  return page.items.filter((pipeline) => pipeline.sha === sha && pipeline.source !== 'merge_request_event');
}

async function expandDownstream(
  gitlab: GitLab,
  roots: FoundPipeline[],
  add: (pipeline: WirePipeline, role: PipelineRole, startedBy: number | null) => void,
  found: ReadonlyMap<number, FoundPipeline>,
  notes: string[],
): Promise<void> {
  let level = roots;
  let downstream = 0;
  for (let depth = 1; depth <= maxDepth && level.length > 0; depth += 1) {
    const bridges = await mapConcurrently(level, async (parent) => ({
      parent,
      bridges: await readBridges(gitlab, parent.projectPath, parent.wire.id),
    }));
    const next: FoundPipeline[] = [];
    for (const { parent, bridges: started } of bridges) {
      if (!started.complete) notes.push(`What pipeline ${parent.wire.id} started could not be read in full.`);
      for (const { downstream_pipeline: pipeline } of started.items) {
        if (pipeline === null || found.has(pipeline.id)) continue;
        if (downstream >= maxDownstream) {
          notes.push(`More than ${maxDownstream} downstream pipelines; the others were not read.`);
          return;
        }
        downstream += 1;
        const inProject = pipeline.project_id ?? parent.wire.project_id;
        add({ ...pipeline, project_id: inProject }, 'downstream', parent.wire.id);
        const added = found.get(pipeline.id);
        if (added !== undefined) next.push(added);
      }
    }
    level = next;
  }
}

/** Fills in what the list leaves out (who, when it ended) and the failed jobs. */
async function readInto(gitlab: GitLab, pipeline: FoundPipeline, notes: string[]): Promise<void> {
  const { id } = pipeline.wire;
  const read = await attempt(async () => {
    const value = await gitlab.get(`${pipeline.projectPath}/pipelines/${id}`, {}, `pipeline ${id}`);
    pipeline.wire = { ...readWire(wirePipeline, value, `pipeline ${id}`), source: pipeline.wire.source };
    if (pipeline.wire.status !== 'failed') return;
    const failed = await readFailedJobs(gitlab, pipeline.projectPath, id);
    pipeline.failedJobs = failed.jobs;
    if (!failed.complete) notes.push(`Pipeline ${id} has more failed jobs than are listed.`);
  });
  if (read instanceof OperationError) notes.push(`Pipeline ${id}: ${read.message}`);
}
