import { z } from 'zod';
import { BadResponseError } from '../errors';

/**
 * What we read of GitLab's answers. Only ids are required; any other field that is missing, null or of another type
 * reads as null, because fields come and go between versions and editions, and one of them must not lose the rest.
 */
class Lenient<T> extends z.ZodType<T, z.ZodTypeDef, unknown> {
  constructor(private readonly read: (value: unknown) => T) {
    super({});
  }

  // One step where zod's own parts would take four: a page of a list has thousands of such fields.
  override _parse({ data }: z.ParseInput): z.ParseReturnType<T> {
    return { status: 'valid', value: this.read(data) };
  }
}

const text = new Lenient((value) => (typeof value === 'string' ? value : null));
const number = new Lenient((value) => (typeof value === 'number' && !Number.isNaN(value) ? value : null));
/** GitLab documents null booleans as false. */
const flag = new Lenient((value) => (typeof value === 'boolean' ? value : null));
/** An instant as ISO 8601 in UTC with milliseconds, whatever offset it came with; null when it is none. */
const instant = new Lenient((value) => {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
});
const id = z.number().int().positive();
const whole = new Lenient((value) => (typeof value === 'number' && Number.isSafeInteger(value) ? value : null));

/** Entries that cannot be read are left out. */
function list<T extends z.ZodTypeAny>(item: T) {
  return new Lenient((value) => {
    const kept: NonNullable<z.output<T>>[] = [];
    for (const entry of Array.isArray(value) ? value : []) {
      const read = item.safeParse(entry);
      if (read.success && read.data !== null && read.data !== undefined) kept.push(read.data);
    }
    return kept;
  });
}

function optional<T extends z.ZodTypeAny>(schema: T) {
  return new Lenient((value): z.output<T> | null => {
    if (value === null || value === undefined) return null;
    const read = schema.safeParse(value);
    return read.success ? (read.data as z.output<T>) : null;
  });
}

const user = optional(z.object({ id, username: z.string(), name: text }));
export type WireUser = z.output<typeof user>;

const pipelineFields = {
  id,
  project_id: whole,
  sha: text,
  ref: text,
  status: text,
  source: text,
  web_url: text,
  created_at: instant,
  updated_at: instant,
  started_at: instant,
  finished_at: instant,
  duration: number,
  yaml_errors: text,
  user,
};
export const wirePipeline = z.object(pipelineFields);
export type WirePipeline = z.output<typeof wirePipeline>;

export const wireMergeRequest = z.object({
  id,
  iid: id,
  project_id: whole,
  title: text,
  description: text,
  state: text,
  draft: flag,
  work_in_progress: flag,
  author: user,
  merge_user: user,
  merged_by: user,
  closed_by: user,
  assignees: list(z.object({ id, username: z.string() })),
  reviewers: list(z.object({ id, username: z.string() })),
  created_at: instant,
  updated_at: instant,
  merged_at: instant,
  closed_at: instant,
  prepared_at: instant,
  source_branch: text,
  target_branch: text,
  source_project_id: whole,
  target_project_id: whole,
  sha: text,
  merge_commit_sha: text,
  squash_commit_sha: text,
  squash: flag,
  labels: list(z.string()),
  web_url: text,
  references: optional(z.object({ full: text })),
  detailed_merge_status: text,
  has_conflicts: flag,
  changes_count: text,
  first_contribution: flag,
  merge_when_pipeline_succeeds: flag,
  imported: flag,
  diff_refs: optional(z.object({ base_sha: text, head_sha: text, start_sha: text })),
  head_pipeline: optional(wirePipeline),
});
export type WireMergeRequest = z.output<typeof wireMergeRequest>;

export const wireCommit = z.object({
  id: z.string(),
  title: text,
  author_name: text,
  author_email: text,
  authored_date: instant,
  committer_name: text,
  committer_email: text,
  committed_date: instant,
});
export type WireCommit = z.output<typeof wireCommit>;

export const wireDiff = z.object({
  old_path: text,
  new_path: text,
  a_mode: text,
  b_mode: text,
  diff: text,
  new_file: flag,
  renamed_file: flag,
  deleted_file: flag,
  generated_file: flag,
  collapsed: flag,
  too_large: flag,
});
export type WireDiff = z.output<typeof wireDiff>;

const approver = z.object({ user, approved_at: instant });
export const wireApprovals = z.object({
  approvals_required: whole,
  approvals_left: whole,
  approved: flag,
  approved_by: z.array(approver),
});
export type WireApprovals = z.output<typeof wireApprovals>;

export const wireApprovalState = z.object({
  approval_rules_overwritten: flag,
  rules: list(
    z.object({
      name: text,
      rule_type: text,
      approvals_required: whole,
      source_rule: optional(z.object({ approvals_required: whole })),
      approved: flag,
      approved_by: list(z.object({ id, username: z.string() })),
    }),
  ),
});

export const wireProject = z.object({
  id,
  path_with_namespace: text,
  archived: flag,
  default_branch: text,
  last_activity_at: instant,
});
export type WireProject = z.output<typeof wireProject>;

export const wireJob = z.object({
  id,
  name: text,
  stage: text,
  status: text,
  failure_reason: text,
  allow_failure: flag,
  ref: text,
  tag: flag,
  web_url: text,
  created_at: instant,
  started_at: instant,
  finished_at: instant,
  erased_at: instant,
  duration: number,
  queued_duration: number,
  user,
  commit: optional(wireCommit),
  pipeline: optional(wirePipeline),
  runner: optional(z.object({ id, description: text, runner_type: text, is_shared: flag })),
  artifacts: list(z.object({ file_type: text, size: number })),
});
export type WireJob = z.output<typeof wireJob>;

export const wireBridge = wireJob.extend({ downstream_pipeline: optional(wirePipeline) });
export type WireBridge = z.output<typeof wireBridge>;

/** Reads one object; BadResponseError that names the first field when a required one is not there. */
export function readWire<T extends z.ZodTypeAny>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data as z.output<T>;
  const issue = result.error.issues[0];
  throw new BadResponseError('GitLab', `${what} came without a usable ${issue?.path.join('.') || 'object'}`);
}

export function readArray(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new BadResponseError('GitLab', `something other than a list for ${what}`);
}

/** The parts that schemas of other answers are made of. */
export const wireField = { text, number, flag, instant, id, whole, list, optional, user };
