import type { SimulatedPerson } from '../simulated-people';

/** One change to one file; gets the content before (undefined: no such file) and gives the content after. */
export interface Edit {
  path: string;
  apply(before: string | undefined): string | undefined;
}

export interface CommitPlan {
  message: string;
  edits: Edit[];
  /** Who wrote it, when it is not the author of the merge request. */
  by?: SimulatedPerson;
}

/** What a merge request is about, before anything happened to it. */
export interface ChangePlan {
  title: string;
  description: string;
  branch: string;
  labels: string[];
  commits: CommitPlan[];
  /** Git modes before and after of files that do not have those of a plain file. */
  modes?: Readonly<Record<string, readonly [string, string]>>;
}

export interface Group {
  id: number;
  path: string;
  name: string;
  description: string;
  parentId: number | null;
  /** Anybody may see it; the token's user is no member. */
  open?: boolean;
}

export type Tree = ReadonlyMap<string, string>;

export interface Commit {
  sha: string;
  parents: string[];
  message: string;
  author: SimulatedPerson;
  committer: SimulatedPerson;
  at: Date;
  tree: Tree;
}

export interface Project {
  id: number;
  /** Full path with namespace. */
  path: string;
  name: string;
  description: string;
  group: Group;
  createdAt: Date;
  archived: boolean;
  /** Hidden from the token's user: answers 404 like a project that is not there. */
  hidden: boolean;
  /** Anybody may see it; the token's user is no member. */
  open?: boolean;
  /** Whose pipelines it has, by the last part of that project's path; its own unless given. */
  pipelinesLike?: string;
  approvalsRequired: number;
  /** Squash commits on merge. */
  squash: boolean;
  /** Jobs run on instance runners, whose logs carry a timestamp on every line. */
  instanceRunners: boolean;
  maintainers: SimulatedPerson[];
  commits: Map<string, Commit>;
  /** Tip of the default branch. */
  tip: Commit;
  /** Every push to the default branch, GitLab's own merges included, oldest first. */
  branchPushes: BranchPush[];
  mergeRequests: MergeRequest[];
  pipelines: Pipeline[];
}

export interface BranchPush {
  id: number;
  at: Date;
  by: SimulatedPerson;
  from: Commit;
  to: Commit;
  /** Commits that came with it. */
  count: number;
  /** Which planted story this is; merges and routine ones have none. */
  story?: string;
}

export type JobStatus = 'created' | 'running' | 'success' | 'failed' | 'skipped' | 'canceled' | 'manual';
export type PipelineStatus = 'created' | 'running' | 'success' | 'failed' | 'skipped' | 'canceled';

export interface Job {
  id: number;
  name: string;
  stage: string;
  kind: 'build' | 'bridge';
  pipeline: Pipeline;
  status: JobStatus;
  /** What the script does; decides its log. */
  script: string;
  /** How it went wrong; decides the failing part of its log. */
  flavour?: string;
  failureReason?: string;
  allowFailure: boolean;
  /** Superseded by a later attempt. */
  retried: boolean;
  user: SimulatedPerson;
  createdAt: Date;
  startedAt?: Date;
  finishedAt?: Date;
  erasedAt?: Date;
  /** Debug tracing was on: the log needs more than the token's role. */
  debugTrace?: boolean;
  /** Trigger jobs only. */
  downstream?: Pipeline;
}

export type PipelineSource =
  | 'push'
  | 'merge_request_event'
  | 'schedule'
  | 'web'
  | 'api'
  | 'pipeline'
  | 'parent_pipeline'
  | 'trigger'
  | 'duo_workflow';

export interface Pipeline {
  id: number;
  iid: number;
  project: Project;
  ref: string;
  sha: string;
  beforeSha: string;
  source: PipelineSource;
  user: SimulatedPerson;
  createdAt: Date;
  startedAt?: Date;
  finishedAt?: Date;
  updatedAt: Date;
  status: PipelineStatus;
  /** All attempts of all jobs and bridges, in order of creation. */
  jobs: Job[];
  mergeRequest?: MergeRequest;
  triggeredBy?: Job;
  /** Which planted story this is, when it belongs to no merge request. */
  story?: string;
  /** Why GitLab could not read the CI file; there are no jobs then. */
  yamlErrors?: string;
}

export interface Push {
  at: Date;
  commits: CommitPlan[];
  pipeline?: Pipeline;
}

export interface Note {
  id: number;
  author: SimulatedPerson;
  body: string;
  system: boolean;
  createdAt: Date;
}

export interface Approval {
  by: SimulatedPerson;
  at: Date;
}

export interface MergeRequest {
  id: number;
  iid: number;
  project: Project;
  /** Which planted story this is, for tests and demos; routine ones have none. */
  story?: string;
  /** A fork's id when the branch lives there. */
  sourceProjectId: number;
  change: ChangePlan;
  author: SimulatedPerson;
  assignees: SimulatedPerson[];
  reviewers: SimulatedPerson[];
  draft: boolean;
  state: 'opened' | 'closed' | 'merged';
  createdAt: Date;
  updatedAt: Date;
  pushes: Push[];
  approvals: Approval[];
  approvalsRequired: number;
  /** The author lowered the rule in this merge request. */
  rulesOverwritten: boolean;
  firstContribution: boolean;
  autoMerge: boolean;
  /** Its diff is still being computed: no refs, no counts. */
  preparing: boolean;
  /** Merged because its commits reached the branch by another way: no merger, no merge commit. */
  indirect: boolean;
  mergedAt?: Date;
  mergedBy?: SimulatedPerson;
  closedAt?: Date;
  closedBy?: SimulatedPerson;
  baseSha: string;
  headSha: string;
  mergeCommitSha?: string;
  squashCommitSha?: string;
  /** Commits of the branch, oldest first. */
  commits: Commit[];
  /** Pipeline of the default branch after the merge. */
  postMerge?: Pipeline;
  notes: Note[];
}

export interface World {
  now: Date;
  groups: Group[];
  projects: Project[];
  /** Former path -> project id. */
  moved: Map<string, number>;
  tokenUser: SimulatedPerson;
}
