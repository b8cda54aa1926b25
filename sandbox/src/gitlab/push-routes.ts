import { ApiError, notFound } from './answers';
import { diffTrees } from './diff';
import { commitEntity, iso, type Json, userEntity } from './entities';
import { diffEntity } from './merge-request-routes';
import { resolveRef } from './repository';
import { ok, type RequestContext, type Route } from './request-context';
import type { Commit, Project } from './world';

interface PushEvent {
  id: number;
  at: Date;
  entity: Json;
}

/** Pushes to branches of merge requests and to the default branch, newest first, as the activity of a project shows them. */
function pushEvents(project: Project, base: string): PushEvent[] {
  const event = (id: number, at: Date, by: Parameters<typeof userEntity>[0], data: Json): PushEvent => ({
    id,
    at,
    entity: {
      id,
      project_id: project.id,
      action_name: data.action === 'created' ? 'pushed new' : 'pushed to',
      target_id: null,
      target_iid: null,
      target_type: null,
      target_title: null,
      author_id: userEntity(by, base).id,
      author_username: by.username,
      author: userEntity(by, base),
      created_at: iso(at),
      push_data: { ref_type: 'branch', ref_count: null, ...data },
    },
  });
  const toMain = project.branchPushes.map((push) =>
    event(push.id, push.at, push.by, {
      commit_count: push.count,
      action: 'pushed',
      commit_from: push.from.sha,
      commit_to: push.to.sha,
      ref: 'main',
      commit_title: push.to.message.split('\n')[0]?.slice(0, 70),
    }),
  );
  const toBranches = project.mergeRequests
    .filter((mr) => mr.sourceProjectId === project.id)
    .map((mr) =>
      event(700_000 + mr.id, mr.createdAt, mr.author, {
        commit_count: mr.commits.length,
        action: 'created',
        commit_from: null,
        commit_to: mr.headSha,
        ref: mr.change.branch,
        commit_title: mr.commits.at(-1)?.message.slice(0, 70),
      }),
    );
  return [...toMain, ...toBranches].sort((a, b) => b.at.getTime() - a.at.getTime() || b.id - a.id);
}

/** GitLab takes days here and leaves out the named ones. */
function day(c: RequestContext, name: string): string | undefined {
  return c.query.date(name)?.toISOString().slice(0, 10);
}

function events(c: RequestContext) {
  const action = c.query.text('action');
  const [after, before] = [day(c, 'after'), day(c, 'before')];
  const found = pushEvents(c.project(), c.base).filter(({ at }) => {
    const on = at.toISOString().slice(0, 10);
    return (
      (action ?? 'pushed') === 'pushed' && (after === undefined || on > after) && (before === undefined || on < before)
    );
  });
  const answer = c.page(found);
  return { ...answer, body: answer.body.map(({ entity }) => entity) };
}

function compare(c: RequestContext) {
  const project = c.project();
  const of = (name: 'from' | 'to'): Commit => {
    const ref = c.query.text(name);
    if (ref === undefined) throw new ApiError(400, { error: `${name} is missing` });
    const found = resolveRef(project, ref);
    if (!found) throw notFound('Ref');
    return found;
  };
  const [from, to] = [of('from'), of('to')];
  const known = new Set(lineage(project, from).map(({ sha }) => sha));
  const commits = lineage(project, to).filter(({ sha }) => !known.has(sha));
  return ok({
    commit: commits.length === 0 ? null : commitEntity(to, project, c.base),
    commits: commits.map((commit) => commitEntity(commit, project, c.base)).reverse(),
    diffs: diffTrees(from.tree, to.tree).map((file) => diffEntity(file, c)),
    compare_timeout: false,
    compare_same_ref: from === to,
    web_url: `${c.base}/${project.path}/-/compare/${from.sha}...${to.sha}`,
  });
}

/** A commit and everything below it, newest first. */
function lineage(project: Project, tip: Commit): Commit[] {
  const seen = new Map<string, Commit>();
  const left = [tip];
  for (let commit = left.pop(); commit !== undefined; commit = left.pop()) {
    if (seen.has(commit.sha)) continue;
    seen.set(commit.sha, commit);
    for (const sha of commit.parents) {
      const parent = project.commits.get(sha);
      if (parent) left.push(parent);
    }
  }
  return [...seen.values()].sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Who pushed what, and what that changed. */
export const PUSH_ROUTES: Route[] = [
  { path: 'projects/:id/events', answer: events },
  { path: 'projects/:id/repository/compare', answer: compare },
];
