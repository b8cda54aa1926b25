import { OperationError } from '../errors';
import { attempt } from './approvals';
import type { GitLab } from './client';
import { findDirectPushes } from './direct-pushes';
import { isBehind, type ListPosition } from './list-position';
import type { Filters } from './merge-request-filters';
import { readMergeRequestWindow, timeOf } from './merge-request-window';
import type { Scope } from './scope';
import { projectsOf } from './searched-projects';
import type { Candidate } from './supply-chain-entry';
import type { TimeWindow } from './time-window';
import type { WireMergeRequest } from './wire-types';

type Place = Pick<ListPosition, 'time' | 'id'>;

/** A change and its place in the order of all of them: newest first, those of one moment by falling id. */
export interface Placed extends Place {
  candidate: Candidate;
}

export interface Candidates {
  items: Placed[];
  /** Nothing else is in the window behind the place it was to go on from. */
  isAll: boolean;
  /** Where the list goes on behind these; null when it is all, and when the server does not list by that time. */
  goOn: Place | null;
  projects: number;
  problems: { project: string; code: string; message: string }[];
  notes: string[];
}

export interface Wanted {
  scope: Exclude<Scope, { kind: 'instance' }>;
  filters: Filters;
  window: TimeWindow;
  after: Place | undefined;
  /** Most merge requests. */
  most: number;
  withPushes: boolean;
}

/** Merge requests and direct pushes of a window in one order, so that one place says where to go on for both. */
export async function readCandidates(gitlab: GitLab, wanted: Wanted): Promise<Candidates> {
  const { scope, filters, window, after, most } = wanted;
  const found = await readMergeRequestWindow(gitlab, {
    scope,
    filters,
    window,
    after,
    enough: most,
    includeArchived: false,
  });
  const requests = found.items.slice(0, most).map((wire) => placed(wire, filters));
  const last = requests.at(-1);
  const isCut = requests.length < found.items.length;
  const isAll = found.complete && !isCut;
  // The page ends here: what lies behind it waits for the next one.
  const end: Place | null =
    isCut && last !== undefined
      ? { time: last.time, id: last.id }
      : found.readDownTo === null
        ? null
        : { time: found.readDownTo, id: Number.MAX_SAFE_INTEGER };
  const pushes = wanted.withPushes ? await readPushes(gitlab, wanted, end, found.items) : noPushes;
  return {
    items: [...requests, ...pushes.items].sort((a, b) => b.time - a.time || b.id - a.id),
    isAll,
    goOn: isAll ? null : end,
    projects: pushes.projects,
    problems: pushes.problems,
    notes: [
      ...pushes.notes,
      ...(!isAll && end === null
        ? ['This server does not list by that time, and there is more than one call reads: give a shorter window.']
        : []),
    ],
  };
}

const noPushes: Pick<Candidates, 'items' | 'projects' | 'problems' | 'notes'> = {
  items: [],
  projects: 0,
  problems: [],
  notes: [],
};

async function readPushes(
  gitlab: GitLab,
  { scope, window, after }: Wanted,
  end: Place | null,
  merged: readonly WireMergeRequest[],
): Promise<typeof noPushes> {
  const read = await attempt(() => projectsOf(gitlab, scope));
  if (read instanceof OperationError) {
    const problem = { project: scope.id, code: read.code, message: read.message };
    return { ...noPushes, problems: [problem], notes: ['Direct pushes were not looked for.'] };
  }
  const { projects, complete } = read;
  const part: TimeWindow = {
    from: Math.max(window.from, end?.time ?? window.from),
    to: Math.min(window.to, after?.time ?? window.to),
  };
  const { pushes, problems, notes } = await findDirectPushes(gitlab, projects, part, merged);
  const items = pushes
    .map(
      (found): Placed => ({
        time: Date.parse(found.push.at),
        id: found.push.id,
        candidate: { kind: 'direct_push', found },
      }),
    )
    .filter(({ time, id }) => after === undefined || isBehind(after, time, id))
    .filter(({ time, id }) => end === null || !isBehind(end, time, id));
  return {
    items,
    projects: projects.length,
    problems,
    notes: complete
      ? notes
      : [...notes, `Direct pushes were looked for in the first ${projects.length} projects of the group only.`],
  };
}

function placed(wire: WireMergeRequest, { time_field }: Filters): Placed {
  const time = Date.parse(timeOf(wire, time_field) ?? '');
  return { time, id: wire.id, candidate: { kind: 'merge_request', wire } };
}
