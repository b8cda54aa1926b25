import { z } from 'zod';
import type { GitLab } from './client';
import type { SearchedProject } from './searched-projects';
import { isWithin, type TimeWindow } from './time-window';
import { readWire, wireField } from './wire-types';

const { id, text, instant, whole, user, optional } = wireField;

/** Pushes of one project that are looked through, those to other branches included. */
const maxPushes = 3_000;
const dayMs = 86_400_000;
/** GitLab writes down the last activity of a project at most once an hour. */
const activityLagMs = 2 * 3_600_000;

const wirePushEvent = z.object({
  id,
  created_at: instant,
  author: user,
  author_username: text,
  push_data: optional(
    z.object({
      action: text,
      ref_type: text,
      ref: text,
      ref_count: whole,
      commit_count: whole,
      commit_from: text,
      commit_to: text,
      commit_title: text,
    }),
  ),
});

/** One push to the default branch, by GitLab's own record: who was signed in, and when, are no texts of a commit. */
export interface BranchPush {
  id: number;
  at: string;
  by: string | null;
  /** Null where the push made the branch. */
  from: string | null;
  to: string;
  branch: string;
  commits: number | null;
  title: string | null;
}

export interface BranchPushes {
  pushes: BranchPush[];
  /** Pushes to many branches at once, of which GitLab keeps only the number. */
  untold: number;
  complete: boolean;
}

/**
 * Pushes to a project's default branch in the window, from the project's activity. Dates of commits are written by whoever
 * commits, so a list of commits by date could be slipped past; these times are GitLab's. Asked by day, with a day to spare for the
 * server's time zone, and filtered here. A project without activity since the window began is not asked.
 */
export async function readBranchPushes(
  gitlab: GitLab,
  project: SearchedProject,
  window: TimeWindow,
): Promise<BranchPushes> {
  const branch = project.defaultBranch;
  const last = project.lastActivityAt === null ? Number.POSITIVE_INFINITY : Date.parse(project.lastActivityAt);
  if (branch === null || last < window.from - activityLagMs) return { pushes: [], untold: 0, complete: true };
  const params = {
    action: 'pushed',
    after: dayOf(window.from - 2 * dayMs),
    before: dayOf(window.to + 2 * dayMs),
    sort: 'desc',
  };
  const listed = await gitlab.list(
    `${project.path}/events`,
    params,
    `the pushes of ${project.what}`,
    maxPushes,
    (value) => readWire(wirePushEvent, value, 'an event of the list'),
  );
  const pushes: BranchPush[] = [];
  let untold = 0;
  for (const { id: eventId, created_at: at, author, author_username: name, push_data: data } of listed.items) {
    if (at === null || data === null || !isWithin(window, at)) continue;
    if (data.ref === null && (data.ref_count ?? 0) > 0 && data.ref_type !== 'tag') untold += 1;
    const isToBranch = data.ref_type === 'branch' && data.ref === branch && data.action !== 'removed';
    if (!isToBranch || data.commit_to === null) continue;
    const by = name ?? author?.username ?? null;
    const { commit_from: from, commit_to: to, commit_count: commits, commit_title: title } = data;
    pushes.push({ id: eventId, at, by, from, to, branch, commits, title });
  }
  return { pushes, untold, complete: listed.complete };
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
