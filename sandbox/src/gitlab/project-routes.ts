import { ACCESS_LEVELS, requireEdition, requireRole } from './access';
import { ApiError, notFound, page } from './answers';
import { pipelineBasic } from './ci-entities';
import { lineStats } from './diff';
import { commitEntity, mergeRequestBasic, projectEntity } from './entities';
import { commitWithFile } from './fork-repository';
import { resolveRef } from './repository';
import { ok, type RequestContext, type Route } from './request-context';
import { vulnerabilitiesOf } from './vulnerabilities';
import type { Commit, Project } from './world';

function commitOf(c: RequestContext): Commit {
  const commit = resolveRef(c.project(), c.param(1));
  if (!commit) throw notFound('Commit');
  return commit;
}

function latestPipeline(project: Project, sha: string) {
  return project.pipelines.filter((pipeline) => pipeline.sha === sha && pipeline.source !== 'parent_pipeline').at(-1);
}

/** The instance, single projects, and the repository. */
export const PROJECT_ROUTES: Route[] = [
  {
    path: 'version',
    answer: (c) =>
      ok(
        c.olderServer
          ? { version: '16.11.10-ee', revision: 'simulated' }
          : { version: '19.4.1-ee', revision: 'simulated' },
      ),
  },
  {
    path: 'projects/:id',
    answer: (c) => {
      const project = projectEntity(c.project(), c.base);
      const level = ACCESS_LEVELS[c.settings.tokenRole];
      // An administrator is seldom a member.
      const access = c.settings.tokenRole === 'admin' ? null : { access_level: level, notification_level: 3 };
      return ok({ ...project, permissions: { project_access: null, group_access: access } });
    },
  },
  {
    path: 'projects/:id/vulnerabilities',
    answer: (c) => {
      const project = c.project();
      requireRole(c, 'developer');
      requireEdition(c, 'ultimate', 403);
      return page(vulnerabilitiesOf(project, c.world.now, c.base), c.query, c.url);
    },
  },
  {
    path: 'metadata',
    answer: (c) =>
      ok({ version: c.olderServer ? '16.11.10' : '19.4.1-ee', revision: 'simulated', enterprise: !c.olderServer }),
  },
  {
    path: 'projects/:id/repository/commits/:sha',
    answer: (c) => {
      const project = c.project();
      const commit = commitOf(c);
      const parent = project.commits.get(commit.parents[0] ?? '');
      const stats = lineStats(parent?.tree ?? new Map(), commit.tree);
      const pipeline = latestPipeline(project, commit.sha);
      return ok({
        ...commitEntity(commit, project, c.base),
        stats: { ...stats, total: stats.additions + stats.deletions },
        status: pipeline?.status ?? null,
        project_id: project.id,
        last_pipeline: pipeline ? pipelineBasic(pipeline, c.base) : null,
      });
    },
  },
  {
    path: 'projects/:id/repository/commits/:sha/merge_requests',
    answer: (c) => {
      const { sha } = commitOf(c);
      const found = c
        .project()
        .mergeRequests.filter((mr) =>
          [mr.mergeCommitSha, mr.squashCommitSha, ...mr.commits.map((entry) => entry.sha)].includes(sha),
        );
      const answer = page(found, c.query, c.url);
      return { ...answer, body: answer.body.map((mr) => mergeRequestBasic(mr, c.base)) };
    },
  },
  {
    path: 'projects/:id/repository/files/:path/raw',
    answer: (c) => {
      const commit = commitWithFile(c, c.query.text('ref') ?? 'HEAD');
      const content = commit.tree.get(c.param(1));
      if (content === undefined || content.startsWith('Subproject commit '))
        throw new ApiError(404, { message: '404 File Not Found' });
      return {
        status: 200,
        headers: {
          'content-type': 'text/plain; charset=utf-8',
          'x-gitlab-file-path': encodeURIComponent(c.param(1)),
          'x-gitlab-size': String(Buffer.byteLength(content)),
          'x-gitlab-commit-id': commit.sha,
          'x-gitlab-ref': encodeURIComponent(c.query.text('ref') ?? 'HEAD'),
        },
        body: content,
      };
    },
  },
];
