import type { GitLab, Params } from './client';
import { isBehind, type ListPosition } from './list-position';
import { isWithin, NewestFirst, type TimeWindow, toIso } from './time-window';
import { readWire, type WirePipeline, wirePipeline } from './wire-types';

/** Bounds what one project costs when the server ignores the window: 1,000 pipelines. */
const maxPages = 10;

export interface FailedPipelines {
  items: WirePipeline[];
  complete: boolean;
}

/**
 * Failed pipelines of one project that were updated, or created, in the window and behind `after`, newest first, at most
 * `limit`. GitLab leaves child pipelines out of the list unless they are asked for by source, so there are two lists.
 */
export async function readFailedPipelines(
  gitlab: GitLab,
  project: { path: string; what: string },
  window: TimeWindow,
  limit: number,
  field: TimeField,
  after?: Pick<ListPosition, 'time' | 'id'>,
): Promise<FailedPipelines> {
  const byId = new Map<number, WirePipeline>();
  let complete = true;
  for (const source of [undefined, 'parent_pipeline']) {
    const list = await readList(gitlab, project, window, limit, field, after, source);
    for (const pipeline of list.items) byId.set(pipeline.id, pipeline);
    complete &&= list.complete;
  }
  const sorted = [...byId.values()].sort(newestFirst(field));
  return { items: sorted.slice(0, limit), complete: complete && sorted.length <= limit };
}

export type TimeField = 'updated' | 'created';

export function timeOf(pipeline: WirePipeline, field: TimeField): string | null {
  return field === 'created' ? pipeline.created_at : pipeline.updated_at;
}

export function newestFirst(field: TimeField): (a: WirePipeline, b: WirePipeline) => number {
  const time = (pipeline: WirePipeline) => Date.parse(timeOf(pipeline, field) ?? '');
  return (a, b) => time(b) - time(a) || b.id - a.id;
}

async function readList(
  gitlab: GitLab,
  project: { path: string; what: string },
  window: TimeWindow,
  limit: number,
  field: TimeField,
  after: Pick<ListPosition, 'time' | 'id'> | undefined,
  source: string | undefined,
): Promise<FailedPipelines> {
  // GitLab keeps microseconds and shows milliseconds, so the end is asked for one millisecond late and cut here.
  const end = Math.min(window.to, after?.time ?? Number.POSITIVE_INFINITY);
  const [from, to] = [toIso(window.from), toIso(end + 1)];
  // GitLab has no order by creation, but ids follow it. Older servers ignore the window by creation; what was created
  // in it was updated after its start, which they do know, and the order ends the reading.
  const params: Params = {
    status: 'failed',
    source,
    sort: 'desc',
    ...(field === 'created'
      ? { created_after: from, created_before: to, updated_after: from, order_by: 'id' }
      : { updated_after: from, updated_before: to, order_by: 'updated_at' }),
  };
  const items: WirePipeline[] = [];
  const order = new NewestFirst();
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await gitlab.page(
      `${project.path}/pipelines`,
      params,
      `the pipelines of ${project.what}`,
      (value) => readWire(wirePipeline, value, 'a pipeline of the list'),
      cursor,
    );
    for (const pipeline of page.items) {
      const at = timeOf(pipeline, field);
      order.see(at);
      if (pipeline.status !== 'failed' || !isWithin(window, at)) continue;
      if (after === undefined || isBehind(after, Date.parse(at ?? ''), pipeline.id)) items.push(pipeline);
    }
    if (page.next === undefined || order.isPast(window)) return { items, complete: true };
    const enough = order.inOrder && items.length > limit;
    if (enough || pages >= maxPages || seen.has(page.next)) return { items, complete: false };
    seen.add(page.next);
    cursor = page.next;
  }
}

/**
 * The pipeline that started a child pipeline. GitLab does not say it on the child, so the trigger jobs of the
 * pipelines of the same commit are searched; undefined when none of the first few has it.
 */
export async function findParentPipeline(
  gitlab: GitLab,
  projectPath: string,
  child: WirePipeline,
  readBridgesOf: (pipelineId: number) => Promise<{ items: { downstream_pipeline: { id: number } | null }[] }>,
): Promise<number | undefined> {
  if (child.source !== 'parent_pipeline' || child.sha === null) return undefined;
  const page = await gitlab.page(
    `${projectPath}/pipelines`,
    { sha: child.sha, per_page: 20 },
    `the pipelines of commit ${child.sha}`,
    (value) => readWire(wirePipeline, value, 'a pipeline of the list'),
  );
  for (const candidate of page.items.filter(({ id, sha }) => id < child.id && sha === child.sha).slice(0, 5)) {
    const { items: bridges } = await readBridgesOf(candidate.id);
    if (bridges.some(({ downstream_pipeline: downstream }) => downstream?.id === child.id)) return candidate.id;
  }
  return undefined;
}
