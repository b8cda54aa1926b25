import type { SimulatedPerson } from '../simulated-people';
import { badRequest } from './answers';
import type { ParsedQuery } from './query';
import type { MergeRequest } from './world';

const ORDERS = [
  'created_at',
  'updated_at',
  'merged_at',
  'title',
  'priority',
  'label_priority',
  'milestone_due',
  'popularity',
] as const;

export interface FilterContext {
  tokenUser: SimulatedPerson;
  /** Instance-wide list: without `scope` it gives only what the token's own user created. */
  instanceWide: boolean;
  /** Before 17.2 there was no order by merge time, and before 19 no filter on it. */
  olderServer: boolean;
}

/** Filters and sorts as `GET …/merge_requests` does. */
export function filterMergeRequests(
  all: readonly MergeRequest[],
  query: ParsedQuery,
  context: FilterContext,
): MergeRequest[] {
  for (const kind of ['author', 'assignee', 'merge_user', 'reviewer'])
    query.exclusive(`${kind}_id`, `${kind}_username`);
  query.exclusive('wip', 'draft');
  const state = query.oneOf('state', ['opened', 'closed', 'locked', 'merged', 'all']) ?? 'all';
  const scope = query
    .oneOf('scope', ['created_by_me', 'created-by-me', 'assigned_to_me', 'assigned-to-me', 'all', 'reviews_for_me'])
    ?.replaceAll('-', '_');
  const mine = scope ?? (context.instanceWide ? 'created_by_me' : 'all');
  const window = (name: 'created' | 'updated' | 'merged'): [Date | undefined, Date | undefined] => [
    query.date(`${name}_after`),
    query.date(`${name}_before`),
  ];
  const [created, updated] = [window('created'), window('updated')];
  const merged: [Date | undefined, Date | undefined] = context.olderServer ? [undefined, undefined] : window('merged');
  const iids = query.list('iids').map((entry) => {
    if (!/^\d+$/.test(entry)) throw badRequest('iids is invalid');
    return Number(entry);
  });
  const labels = query.list('labels');
  const search = query.text('search')?.toLowerCase();
  const fields = (query.text('in') ?? 'title,description').split(',');
  const draft = query.boolean('draft') ?? query.boolean('wip');
  const person = (name: string): ((people: readonly (SimulatedPerson | undefined)[]) => boolean) => {
    const id = query.integer(`${name}_id`);
    const username = query.text(`${name}_username`)?.toLowerCase();
    return (people) =>
      (id === undefined || people.some((entry) => entry && entry.number + 200 === id)) &&
      (username === undefined || people.some((entry) => entry?.username.toLowerCase() === username));
  };
  const [author, assignee, reviewer, merger] = ['author', 'assignee', 'reviewer', 'merge_user'].map(person);
  const [source, target] = [query.text('source_branch'), query.text('target_branch')];

  const found = all.filter(
    (mr) =>
      (state === 'all' || mr.state === state) &&
      (mine === 'all' ||
        (mine === 'created_by_me' && mr.author === context.tokenUser) ||
        (mine === 'assigned_to_me' && mr.assignees.includes(context.tokenUser)) ||
        (mine === 'reviews_for_me' && mr.reviewers.includes(context.tokenUser))) &&
      inside(mr.createdAt, created) &&
      inside(mr.updatedAt, updated) &&
      inside(mr.mergedAt, merged) &&
      (iids.length === 0 || iids.includes(mr.iid)) &&
      hasLabels(mr, labels) &&
      (search === undefined ||
        (fields.includes('title') && mr.change.title.toLowerCase().includes(search)) ||
        (fields.includes('description') && mr.change.description.toLowerCase().includes(search))) &&
      (draft === undefined || mr.draft === draft) &&
      author?.([mr.author]) &&
      assignee?.(mr.assignees) &&
      reviewer?.(mr.reviewers) &&
      merger?.([mr.mergedBy]) &&
      (source === undefined || mr.change.branch === source) &&
      (target === undefined || target === 'main'),
  );
  return sort(found, query, context);
}

function inside(at: Date | undefined, [after, before]: [Date | undefined, Date | undefined]): boolean {
  if (!after && !before) return true;
  return at !== undefined && (!after || at >= after) && (!before || at <= before);
}

function hasLabels(mr: MergeRequest, wanted: string[]): boolean {
  if (wanted.length === 1 && wanted[0]?.toLowerCase() === 'none') return mr.change.labels.length === 0;
  if (wanted.length === 1 && wanted[0]?.toLowerCase() === 'any') return mr.change.labels.length > 0;
  return wanted.every((label) => mr.change.labels.includes(label));
}

function sort(found: MergeRequest[], query: ParsedQuery, context: FilterContext): MergeRequest[] {
  const orders = context.olderServer ? ORDERS.filter((order) => order !== 'merged_at') : ORDERS;
  const order = query.oneOf('order_by', orders) ?? 'created_at';
  const direction = query.oneOf('sort', ['asc', 'desc']) === 'asc' ? 1 : -1;
  const key = (mr: MergeRequest): number | string => {
    if (order === 'title') return mr.change.title;
    if (order === 'updated_at') return mr.updatedAt.getTime();
    if (order === 'merged_at') return mr.mergedAt?.getTime() ?? 0;
    return mr.createdAt.getTime();
  };
  return found.sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    const byKey = left < right ? -1 : left > right ? 1 : a.id - b.id;
    return byKey * direction;
  });
}
