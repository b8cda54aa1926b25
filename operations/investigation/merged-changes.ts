import { cleanLine, cleanText } from '../text';
import { isObject, textOf, utcTime } from './cloud-event';
import type { CoverageItem } from './evidence';
import { compare, errorText } from './observations';

/** A merge request that was merged: who wrote it, who merged it, when. Titles and texts are no evidence. */
export interface ChangeRecord {
  project: string;
  iid: string;
  author: string;
  mergedBy: string;
  mergedAt: string;
  fromFork: boolean;
  row: unknown;
}

/** Reads an answer of list_merge_requests, an error item, or nothing. Never throws. */
export function readChanges(answer: unknown): { changes: ChangeRecord[]; coverage: CoverageItem } {
  const read = readList(answer, 'merge_requests', 'gitlab_merge_requests');
  const changes: ChangeRecord[] = [];
  for (const row of read.rows) {
    if (!isObject(row)) continue;
    const mergedAt = utcTime(row.merged_at);
    const author = textOf(row.author);
    const mergedBy = textOf(row.merged_by);
    if (mergedAt === '' || author === null || mergedBy === null || textOf(row.state) !== 'merged') continue;
    changes.push({
      project: cleanLine(textOf(row.project) ?? '', 200),
      iid: cleanLine(textOf(row.iid) ?? '', 20),
      author: cleanLine(author, 200),
      mergedBy: cleanLine(mergedBy, 200),
      mergedAt,
      fromFork: row.from_fork === true,
      row,
    });
  }
  changes.sort((a, b) => compare(a.mergedAt, b.mergedAt) || compare(`${a.project}!${a.iid}`, `${b.project}!${b.iid}`));
  return { changes, coverage: read.coverage };
}

/** A failed pipeline: people read about it in the report; it weighs nothing by itself. */
export interface PipelineRecord {
  project: string;
  id: string;
  at: string;
  user: string | null;
}

export function readPipelines(answer: unknown): { pipelines: PipelineRecord[]; coverage: CoverageItem } {
  const read = readList(answer, 'pipelines', 'gitlab_pipelines');
  const pipelines = read.rows.filter(isObject).map((row) => ({
    project: cleanLine(textOf(row.project) ?? '', 200),
    id: cleanLine(textOf(row.id) ?? '', 20),
    at: utcTime(row.finished_at ?? row.updated_at ?? row.created_at),
    user: textOf(row.user) === null ? null : cleanLine(textOf(row.user) ?? '', 200),
  }));
  pipelines.sort((a, b) => compare(a.at, b.at) || compare(`${a.project} ${a.id}`, `${b.project} ${b.id}`));
  return { pipelines: pipelines.slice(0, 100), coverage: read.coverage };
}

function readList(answer: unknown, key: string, label: string): { rows: unknown[]; coverage: CoverageItem } {
  const item = (status: CoverageItem['status'], rows: number | null, problem: string | null): CoverageItem => ({
    label,
    source: 'gitlab',
    status,
    query_id: null,
    rows,
    problem: problem === null ? null : cleanText(problem, 1000),
  });
  if (answer === undefined || answer === null) {
    return {
      rows: [],
      coverage: item('not_run', null, 'GitLab was not asked, so changes that would explain this were not seen.'),
    };
  }
  const body = isObject(answer) && isObject(answer.json) && !(key in answer) ? answer.json : answer;
  if (!isObject(body)) return { rows: [], coverage: item('failed', null, 'The answer is no object.') };
  if (body.error !== undefined && body.error !== null)
    return { rows: [], coverage: item('failed', null, errorText(body.error)) };
  const rows = body[key];
  if (!Array.isArray(rows)) return { rows: [], coverage: item('failed', null, `The answer has no list ${key}.`) };
  return body.complete === true
    ? { rows, coverage: item('complete', rows.length, null) }
    : { rows, coverage: item('truncated', rows.length, `Only ${rows.length} were returned; there may be more.`) };
}
