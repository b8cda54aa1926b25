import { ApiError } from './answers';
import { changesCount, iso, type Json } from './entities';
import { ok, type Route } from './request-context';
import type { MergeRequest } from './world';

/** One snapshot for each push, oldest first, as GitLab keeps them. */
function versions(mr: MergeRequest): Json[] {
  if (mr.preparing) return [];
  let pushed = 0;
  return mr.pushes.map((push, index) => {
    pushed += push.commits.length;
    return {
      id: 30_000 + mr.id * 10 + index,
      head_commit_sha: mr.commits[pushed - 1]?.sha ?? mr.headSha,
      base_commit_sha: mr.baseSha,
      start_commit_sha: mr.baseSha,
      created_at: iso(push.at),
      merge_request_id: mr.id,
      state: 'collected',
      real_size: changesCount(mr),
      patch_id_sha: null,
    };
  });
}

/** What happened to a merge request: the snapshots of its pushes. */
export const MERGE_REQUEST_HISTORY_ROUTES: Route[] = [
  {
    path: 'projects/:id/merge_requests/:iid/versions',
    answer: (c) => c.page(versions(c.mergeRequest()).toReversed()),
  },
  {
    path: 'projects/:id/merge_requests/:iid/versions/:version',
    answer: (c) => {
      const found = versions(c.mergeRequest()).find(({ id }) => String(id) === c.param(2));
      if (!found) throw new ApiError(404, { message: '404 Not found' });
      return ok(found);
    },
  },
];
