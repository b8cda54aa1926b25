import { ApiError } from './answers';
import { mergeRequestFull, pipelineBasic } from './ci-entities';
import { diffTrees, type FileDiff } from './diff';
import {
  approvalStateEntity,
  approvalsEntity,
  commitEntity,
  iso,
  type Json,
  mergeRequestBasic,
  noteEntity,
  treeOf,
  userEntity,
} from './entities';
import { filterMergeRequests } from './merge-request-filters';
import { ok, type RequestContext, type Route } from './request-context';
import type { MergeRequest, Project } from './world';

const SIMPLE = ['id', 'iid', 'project_id', 'title', 'description', 'state', 'created_at', 'updated_at', 'web_url'];

function list(context: RequestContext, projects: readonly Project[], instanceWide = false) {
  const found = filterMergeRequests(
    projects.flatMap((project) => project.mergeRequests),
    context.query,
    { tokenUser: context.world.tokenUser, instanceWide, olderServer: context.olderServer },
  );
  const answer = context.page(found);
  const simple = context.query.text('view') === 'simple';
  const entities = answer.body.map((mr) => {
    const entity = mergeRequestBasic(mr, context.base);
    return simple ? Object.fromEntries(SIMPLE.map((key) => [key, entity[key]])) : entity;
  });
  return { ...answer, body: entities };
}

export function diffEntity(file: FileDiff, context: Pick<RequestContext, 'query' | 'settings'>): Json {
  const header = `--- ${file.newFile ? '/dev/null' : `a/${file.oldPath}`}\n+++ ${file.deletedFile ? '/dev/null' : `b/${file.newPath}`}\n`;
  const unidiff = context.query.boolean('unidiff') === true && file.diff !== '';
  return {
    old_path: file.oldPath,
    new_path: file.newPath,
    a_mode: file.newFile ? '0' : file.oldMode,
    b_mode: file.deletedFile ? '0' : file.newMode,
    new_file: file.newFile,
    renamed_file: file.renamedFile,
    deleted_file: file.deletedFile,
    generated_file: file.newPath.endsWith('package-lock.json'),
    ...(context.settings.diffFlags ? { collapsed: file.collapsed, too_large: file.tooLarge } : {}),
    diff: unidiff ? header + file.diff : file.diff,
  };
}

/** GitLab keeps the diffs of so many files of a merge request and drops the others. */
const MAX_FILES = 1000;
const diffsOf = new WeakMap<MergeRequest, FileDiff[]>();

function diffs(mr: MergeRequest): FileDiff[] {
  if (mr.preparing) return [];
  const known =
    diffsOf.get(mr) ?? diffTrees(treeOf(mr, mr.baseSha), treeOf(mr, mr.headSha), mr.change.modes).slice(0, MAX_FILES);
  diffsOf.set(mr, known);
  return known;
}

function stateEvents(mr: MergeRequest, context: RequestContext): Json[] {
  const at = mr.mergedAt ?? mr.closedAt;
  const by = mr.mergedBy ?? mr.closedBy ?? (mr.indirect ? mr.postMerge?.user : undefined);
  if (!at || !by) return [];
  return [
    {
      id: 80_000 + mr.id,
      user: userEntity(by, context.base),
      created_at: iso(at),
      resource_type: 'MergeRequest',
      resource_id: mr.id,
      source_commit: mr.indirect ? (mr.postMerge?.sha ?? null) : null,
      source_merge_request: null,
      state: mr.state,
    },
  ];
}

const NO_RULES = { 402: '402 Payment Required', 403: '403 Forbidden', 404: '404 Not Found' };

/** Everything below `…/merge_requests`. */
export const MERGE_REQUEST_ROUTES: Route[] = [
  {
    path: 'merge_requests',
    answer: (c) =>
      list(
        c,
        c.world.projects.filter((project) => !project.hidden),
        true,
      ),
  },
  {
    path: 'groups/:id/merge_requests',
    answer: (c) => {
      const withArchived = c.query.boolean('non_archived') === false;
      return list(
        c,
        c.projectsOf(c.group()).filter((project) => withArchived || !project.archived),
      );
    },
  },
  { path: 'projects/:id/merge_requests', answer: (c) => list(c, [c.project()]) },
  { path: 'projects/:id/merge_requests/:iid', answer: (c) => ok(mergeRequestFull(c.mergeRequest(), c.base)) },
  {
    path: 'projects/:id/merge_requests/:iid/diffs',
    answer: (c) => {
      const answer = c.page(diffs(c.mergeRequest()));
      return { ...answer, body: answer.body.map((file) => diffEntity(file, c)) };
    },
  },
  {
    path: 'projects/:id/merge_requests/:iid/changes',
    answer: (c) => {
      const mr = c.mergeRequest();
      const files = diffs(mr);
      const overflow = files.some((file) => file.tooLarge);
      return ok({ ...mergeRequestFull(mr, c.base), changes: files.map((file) => diffEntity(file, c)), overflow });
    },
  },
  {
    path: 'projects/:id/merge_requests/:iid/commits',
    answer: (c) => {
      const answer = c.page(c.mergeRequest().commits.toReversed());
      return { ...answer, body: answer.body.map((commit) => commitEntity(commit, c.project(), c.base)) };
    },
  },
  {
    path: 'projects/:id/merge_requests/:iid/pipelines',
    answer: (c) => {
      const pipelines = c.mergeRequest().pushes.flatMap((push) => push.pipeline ?? []);
      const answer = c.page(pipelines.toReversed());
      return { ...answer, body: answer.body.map((pipeline) => pipelineBasic(pipeline, c.base)) };
    },
  },
  { path: 'projects/:id/merge_requests/:iid/approvals', answer: (c) => ok(approvalsEntity(c.mergeRequest(), c.base)) },
  {
    path: 'projects/:id/merge_requests/:iid/approval_state',
    answer: (c) => {
      const mr = c.mergeRequest();
      // The older server stands for a Free one too: no approval rules there.
      const rules = c.olderServer ? '403' : c.settings.approvalRules;
      if (rules === 'full') return ok(approvalStateEntity(mr, c.base));
      if (rules === 'empty') return ok({ approval_rules_overwritten: false, rules: [] });
      throw new ApiError(Number(rules), { message: NO_RULES[rules] });
    },
  },
  {
    path: 'projects/:id/merge_requests/:iid/notes',
    answer: (c) => {
      const mr = c.mergeRequest();
      const notes = c.query.oneOf('sort', ['asc', 'desc']) === 'asc' ? mr.notes : mr.notes.toReversed();
      const answer = c.page(notes);
      return { ...answer, body: answer.body.map((note) => noteEntity(note, mr, c.base)) };
    },
  },
  {
    path: 'projects/:id/merge_requests/:iid/resource_state_events',
    answer: (c) => c.page(stateEvents(c.mergeRequest(), c)),
  },
];
