import { z } from 'zod';
import { InvalidInputError, OperationError } from '../errors';
import type { Collected } from '../paging';
import { cleanLine, cleanText } from '../text';
import { parseWebAddress, projectPath } from './address';
import { type Approvals, attempt, readApprovals } from './approvals';
import type { GitLab } from './client';
import { type MergeRequestHistory, readHistory } from './merge-request-history';
import { lineOrNull, mergeRequestSchema, shapeMergeRequest, userName } from './merge-request-shape';
import { chooseProject } from './scope';
import {
  readWire,
  type WireCommit,
  type WireDiff,
  type WireMergeRequest,
  wireCommit,
  wireDiff,
  wireMergeRequest,
} from './wire-types';

export const mergeRequestInput = {
  project: z
    .string()
    .max(1000)
    .optional()
    .describe(
      'Project of the merge request: path with namespace or numeric id. Default: the one set on the connection. Not needed with `url`',
    ),
  iid: z.number().int().min(1).optional().describe('Number within the project, as in !12. Not needed with `url`'),
  url: z
    .string()
    .max(2000)
    .optional()
    .describe(
      'Browser address of the merge request, instead of project and iid; must be on the GitLab of this connection',
    ),
};

export interface MergeRequestRef {
  project: string;
  iid: number;
  /** API path. */
  path: string;
  /** For messages. */
  what: string;
}

/** Which merge request is meant. Throws InvalidInputError. */
export function chooseMergeRequest(
  gitlab: GitLab,
  input: { project?: string; iid?: number; url?: string },
): MergeRequestRef {
  const url = input.url?.trim() ?? '';
  if (url !== '') {
    const { project, id } = parseWebAddress(gitlab.connection.baseUrl, url, 'merge_request');
    if (input.iid !== undefined && input.iid !== id)
      throw new InvalidInputError('iid', `is ${input.iid}, but url is of !${id}; give one of them`);
    return refTo(project, id);
  }
  if (input.iid === undefined) throw new InvalidInputError('iid', 'is needed with project; or give url');
  return refTo(chooseProject(gitlab.connection, input.project), input.iid);
}

function refTo(project: string, iid: number): MergeRequestRef {
  return {
    project,
    iid,
    path: `${projectPath(project)}/merge_requests/${iid}`,
    what: `merge request !${iid} of ${project}`,
  };
}

export const mergeRequestDetailSchema = mergeRequestSchema.omit({ description_excerpt: true }).extend({
  description: z.string().describe('At most 4000 characters'),
  closed_at: z.string().nullable(),
  assignees: z.array(z.string()),
  detailed_merge_status: z
    .string()
    .nullable()
    .describe("GitLab's reason why it can or cannot be merged; grows with versions"),
  has_conflicts: z.boolean().nullable(),
  changes_count: z
    .string()
    .nullable()
    .describe('Number of changed files as GitLab gives it: text, e.g. "1000+"; null while it is prepared'),
  base_sha: z.string().nullable().describe('Commit the changes are compared with; null while they are prepared'),
  start_sha: z.string().nullable().describe('Head of the target branch when the diff was made'),
  prepared_at: z.string().nullable().describe('When GitLab had the changes ready; null until then'),
  squash_commit_sha: z.string().nullable(),
  first_contribution: z.boolean().nullable().describe("The author's first in this project"),
  source_project_id: z.number().int().nullable(),
  target_project_id: z.number().int().nullable(),
});
export type MergeRequestDetail = z.infer<typeof mergeRequestDetailSchema>;

export function shapeMergeRequestDetail(baseUrl: string, wire: WireMergeRequest): MergeRequestDetail {
  const { description_excerpt: _, ...common } = shapeMergeRequest(baseUrl, wire);
  return {
    ...common,
    description: cleanText(wire.description ?? '', 4000),
    closed_at: wire.closed_at,
    assignees: wire.assignees.slice(0, 50).flatMap((user) => userName(user) ?? []),
    detailed_merge_status: lineOrNull(wire.detailed_merge_status, 60),
    has_conflicts: wire.has_conflicts,
    changes_count: lineOrNull(wire.changes_count, 20),
    base_sha: lineOrNull(wire.diff_refs?.base_sha ?? null),
    start_sha: lineOrNull(wire.diff_refs?.start_sha ?? null),
    prepared_at: wire.prepared_at,
    squash_commit_sha: lineOrNull(wire.squash_commit_sha),
    first_contribution: wire.first_contribution,
    source_project_id: wire.source_project_id,
    target_project_id: wire.target_project_id,
  };
}

export const commitSchema = z.object({
  sha: z.string(),
  title: z.string(),
  author_name: z.string().nullable().describe('As written in the commit; nobody checked it'),
  author_email: z.string().nullable(),
  committer_name: z.string().nullable(),
  committer_email: z.string().nullable(),
  committed_at: z.string().nullable().describe('Set by the committer'),
});

export function shapeCommit(wire: WireCommit): z.infer<typeof commitSchema> {
  return {
    sha: cleanLine(wire.id, 64),
    title: cleanLine(wire.title ?? '', 300),
    author_name: lineOrNull(wire.author_name),
    author_email: lineOrNull(wire.author_email),
    committer_name: lineOrNull(wire.committer_name),
    committer_email: lineOrNull(wire.committer_email),
    committed_at: wire.committed_date,
  };
}

export interface MergeRequestFacts {
  wire: WireMergeRequest;
  approvals: Approvals;
  commits: Collected<WireCommit>;
  diffs: Collected<WireDiff>;
  history: MergeRequestHistory;
  /** What could not be read, in sentences. */
  notes: string[];
}

export interface FactLimits {
  commits: number;
  files: number;
  /** Read the signatures of the commits though the project does not require any. */
  signatures?: boolean;
}

/** Everything about one merge request but its pipelines. Only the merge request itself has to be readable. */
export async function readMergeRequestFacts(
  gitlab: GitLab,
  ref: MergeRequestRef,
  limits: FactLimits,
): Promise<MergeRequestFacts> {
  const wire = readWire(wireMergeRequest, await gitlab.get(ref.path, {}, ref.what), ref.what);
  const [approvals, commits, diffs] = await Promise.all([
    readApprovals(gitlab, ref.path, ref.what),
    attempt(() =>
      gitlab.list(`${ref.path}/commits`, {}, `the commits of ${ref.what}`, limits.commits, (value) =>
        readWire(wireCommit, value, 'a commit of the list'),
      ),
    ),
    attempt(() =>
      gitlab.list(`${ref.path}/diffs`, {}, `the changed files of ${ref.what}`, limits.files, (value) =>
        readWire(wireDiff, value, 'a changed file of the list'),
      ),
    ),
  ]);
  const notes: string[] = [];
  if (approvals.problem !== null) notes.push(`Approvals: ${approvals.problem}`);
  if (wire.diff_refs === null)
    notes.push('GitLab is still preparing its changes; commits, files and counts may be missing.');
  const orNone = <T>(list: Collected<T> | OperationError, label: string): Collected<T> => {
    if (!(list instanceof OperationError)) return list;
    notes.push(`${label}: ${list.message}`);
    return { items: [], complete: false, next: null };
  };
  const listed = orNone(commits, 'Commits');
  const known = { wire, approvals, commits: listed.items };
  const history = await readHistory(gitlab, ref, known, limits.signatures ?? false);
  return { wire, approvals, commits: listed, diffs: orNone(diffs, 'Changed files'), history, notes };
}
