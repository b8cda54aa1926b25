import type { SimulatedPerson } from '../simulated-people';
import { changedPaths } from './repository';
import type { Commit, Group, MergeRequest, Note, Project, Tree } from './world';

/** Turns the simulated world into GitLab's JSON. `base` is the origin that `web_url` fields point at. */
export type Json = Record<string, unknown>;

export const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null;

export function userEntity(person: SimulatedPerson, base: string): Json {
  return {
    id: 200 + person.number,
    username: person.username,
    public_email: '',
    name: person.name,
    state: person.deactivated ? 'blocked' : 'active',
    locked: false,
    avatar_url: null,
    web_url: `${base}/${person.username}`,
  };
}

const maybeUser = (person: SimulatedPerson | undefined, base: string) => (person ? userEntity(person, base) : null);

export function groupEntity(group: Group, base: string): Json {
  const last = group.path.split('/').pop();
  return {
    id: group.id,
    web_url: `${base}/groups/${group.path}`,
    name: group.name,
    path: last,
    description: group.description,
    visibility: 'private',
    full_name: group.path.split('/').join(' / '),
    full_path: group.path,
    parent_id: group.parentId,
    organization_id: 1,
    avatar_url: null,
    archived: false,
  };
}

export function projectEntity(project: Project, base: string): Json {
  const lastChange = new Date(
    Math.max(
      project.createdAt.getTime(),
      ...project.mergeRequests.map((mr) => mr.updatedAt.getTime()),
      ...project.branchPushes.map(({ at }) => at.getTime()),
    ),
  );
  const group = project.group;
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${group.path.split('/').join(' / ')} / ${project.name}`,
    path: project.path.split('/').pop(),
    path_with_namespace: project.path,
    created_at: iso(project.createdAt),
    default_branch: 'main',
    topics: ['simulated'],
    ssh_url_to_repo: `git@gitlab.simulated-corp.example:${project.path}.git`,
    http_url_to_repo: `${base}/${project.path}.git`,
    web_url: `${base}/${project.path}`,
    readme_url: `${base}/${project.path}/-/blob/main/README.md`,
    star_count: 0,
    forks_count: 0,
    last_activity_at: iso(lastChange),
    visibility: 'private',
    namespace: {
      id: group.id,
      name: group.name,
      path: group.path.split('/').pop(),
      kind: 'group',
      full_path: group.path,
      parent_id: group.parentId,
      web_url: `${base}/groups/${group.path}`,
    },
    archived: project.archived,
    empty_repo: false,
    merge_method: 'merge',
    squash_option: project.squash ? 'default_on' : 'default_off',
    only_allow_merge_if_pipeline_succeeds: false,
    approvals_before_merge: project.approvalsRequired,
    permissions: { project_access: null, group_access: { access_level: 20, notification_level: 3 } },
  };
}

/** The merge request as lists give it: no counts, no refs, no pipeline. */
export function mergeRequestBasic(mr: MergeRequest, base: string): Json {
  const { project } = mr;
  const reference = `!${mr.iid}`;
  return {
    id: mr.id,
    iid: mr.iid,
    project_id: project.id,
    title: mr.change.title,
    description: mr.change.description,
    state: mr.state,
    imported: false,
    imported_from: 'none',
    created_at: iso(mr.createdAt),
    updated_at: iso(mr.updatedAt),
    merged_by: maybeUser(mr.mergedBy, base),
    merge_user: maybeUser(mr.mergedBy, base),
    merged_at: iso(mr.mergedAt),
    merge_after: null,
    closed_by: maybeUser(mr.closedBy, base),
    closed_at: iso(mr.closedAt),
    target_branch: 'main',
    source_branch: mr.change.branch,
    user_notes_count: mr.notes.filter((note) => !note.system).length,
    upvotes: 0,
    downvotes: 0,
    author: userEntity(mr.author, base),
    assignees: mr.assignees.map((person) => userEntity(person, base)),
    assignee: maybeUser(mr.assignees[0], base),
    reviewers: mr.reviewers.map((person) => userEntity(person, base)),
    source_project_id: mr.sourceProjectId,
    target_project_id: project.id,
    labels: mr.change.labels,
    draft: mr.draft,
    work_in_progress: mr.draft,
    milestone: null,
    merge_when_pipeline_succeeds: mr.state === 'opened' && mr.autoMerge,
    merge_status: mr.preparing ? 'preparing' : 'can_be_merged',
    detailed_merge_status: mergeStatus(mr),
    sha: mr.headSha,
    merge_commit_sha: mr.mergeCommitSha ?? null,
    squash_commit_sha: mr.squashCommitSha ?? null,
    discussion_locked: null,
    should_remove_source_branch: mr.state === 'merged' ? true : null,
    force_remove_source_branch: true,
    prepared_at: mr.preparing ? null : iso(new Date(mr.createdAt.getTime() + 6_000)),
    reference,
    references: { short: reference, relative: reference, full: `${project.path}${reference}` },
    web_url: `${base}/${project.path}/-/merge_requests/${mr.iid}`,
    time_stats: { time_estimate: 0, total_time_spent: 0, human_time_estimate: null, human_total_time_spent: null },
    squash: mr.squashCommitSha !== undefined,
    squash_on_merge: mr.squashCommitSha !== undefined,
    task_completion_status: { count: 0, completed_count: 0 },
    has_conflicts: false,
    blocking_discussions_resolved: true,
    approvals_before_merge: null,
  };
}

function mergeStatus(mr: MergeRequest): string {
  if (mr.state !== 'opened') return 'not_open';
  if (mr.preparing) return 'preparing';
  if (mr.draft) return 'draft_status';
  const pipeline = mr.pushes.at(-1)?.pipeline;
  if (pipeline?.status === 'running' || pipeline?.status === 'created') return 'ci_still_running';
  return mr.approvals.length < mr.approvalsRequired ? 'not_approved' : 'mergeable';
}

export function noteEntity(note: Note, mr: MergeRequest, base: string): Json {
  return {
    id: note.id,
    type: null,
    body: note.body,
    author: userEntity(note.author, base),
    created_at: iso(note.createdAt),
    updated_at: iso(note.createdAt),
    system: note.system,
    noteable_id: mr.id,
    noteable_type: 'MergeRequest',
    noteable_iid: mr.iid,
    project_id: mr.project.id,
    resolvable: false,
    confidential: false,
    internal: false,
    imported: false,
    imported_from: 'none',
  };
}

export function commitEntity(commit: Commit, project: Project, base: string): Json {
  return {
    id: commit.sha,
    short_id: commit.sha.slice(0, 8),
    created_at: iso(commit.at),
    parent_ids: commit.parents,
    title: commit.message.split('\n')[0],
    message: commit.message,
    author_name: commit.author.name,
    author_email: commit.author.email,
    authored_date: iso(commit.at),
    committer_name: commit.committer.name,
    committer_email: commit.committer.email,
    committed_date: iso(commit.at),
    trailers: {},
    extended_trailers: {},
    web_url: `${base}/${project.path}/-/commit/${commit.sha}`,
  };
}

/** How many files a merge request changes; GitLab gives it as a string, and none while it is preparing. */
export function changesCount(mr: MergeRequest): string | null {
  if (mr.preparing) return null;
  const count = changedPaths(treeOf(mr, mr.baseSha), treeOf(mr, mr.headSha)).length;
  return count > 1000 ? '1000+' : String(count);
}

export function treeOf(mr: MergeRequest, sha: string): Tree {
  return mr.project.commits.get(sha)?.tree ?? new Map();
}

export function approvalsEntity(mr: MergeRequest, base: string): Json {
  const left = Math.max(0, mr.approvalsRequired - mr.approvals.length);
  return {
    id: mr.id,
    iid: mr.iid,
    project_id: mr.project.id,
    title: mr.change.title,
    description: mr.change.description,
    state: mr.state,
    created_at: iso(mr.createdAt),
    updated_at: iso(mr.updatedAt),
    merge_status: mr.preparing ? 'preparing' : 'can_be_merged',
    approved: left === 0,
    approvals_required: mr.approvalsRequired,
    approvals_left: left,
    require_password_to_approve: false,
    approved_by: mr.approvals.map((approval) => ({
      user: userEntity(approval.by, base),
      approved_at: iso(approval.at),
    })),
    suggested_approvers: [],
    approvers: [],
    approver_groups: [],
    user_has_approved: false,
    user_can_approve: false,
    has_approval_rules: true,
    merge_request_approvers_available: true,
    multiple_approval_rules_available: true,
    invalid_approvers_rules: [],
  };
}

export function approvalStateEntity(mr: MergeRequest, base: string): Json {
  const users = mr.project.maintainers.map((person) => userEntity(person, base));
  return {
    approval_rules_overwritten: mr.rulesOverwritten,
    rules: [
      {
        id: 3_000 + mr.id,
        name: 'Maintainers',
        rule_type: 'regular',
        report_type: null,
        eligible_approvers: users,
        approvals_required: mr.approvalsRequired,
        users,
        groups: [],
        contains_hidden_groups: false,
        section: null,
        source_rule: { approvals_required: mr.project.approvalsRequired },
        overridden: mr.rulesOverwritten,
        code_owner: false,
        approved_by: mr.approvals.map((approval) => userEntity(approval.by, base)),
        approved: mr.approvals.length >= mr.approvalsRequired,
      },
    ],
  };
}
