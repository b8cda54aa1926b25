import { cleanLine, cleanText } from '../text';
import { canonicalJson } from './canonical-json';
import {
  type CallGroup,
  type CloudEvent,
  callGroup,
  cloudEvent,
  isObject,
  type JsonObject,
  textOf,
} from './cloud-event';
import type { CoverageItem } from './evidence';
import type { Plan } from './plan';
import { type SignIn, signInOf } from './sign-in';

/** What the queries returned, in the words of the rules, and how much of it there is. */
export interface Observations {
  /** Each call once, in order of time. */
  events: CloudEvent[];
  reads: CallGroup[];
  baseline: CallGroup[];
  ipHistory: CallGroup[];
  /** Rows of results whose label begins with `identity`: sign-in logs of identity providers. */
  signIns: SignIn[];
  signInHistory: SignIn[];
  coverage: CoverageItem[];
}

const siem = 'panther:aws_cloudtrail';
const identity = 'panther:identity';
const maxRows = 20_000;
/** Labels of results from identity providers' logs; with `_history` they are of the weeks before. */
const identityLabel = /^identity(?:_|$)/;
const identityHistory = /_history$/;
/** Labels whose rows are counted groups; every other label holds single calls. */
const groupLabels = ['actor_reads', 'actor_baseline', 'ip_history'];

interface Result {
  label: string;
  queryId: string | null;
  ranAt: string | null;
  rows: unknown[] | null;
  complete: boolean;
  problem: string | null;
}

/**
 * Reads results and error items of execute_sql_query, whatever their order. A result that is no result, rows that
 * cannot be read, and a query of the plan that is missing all become coverage: nothing here throws.
 */
export function observe(plan: Plan, queryResults: readonly unknown[]): Observations {
  const results = queryResults.map((item) => readResult(item, plan));
  const events = new Map<string, CloudEvent>();
  const groups = new Map<string, Map<string, CallGroup>>();
  const signIns = new Map<string, SignIn>();
  const coverage: CoverageItem[] = [];
  const planned = plan.queries.map((query) => query.label);
  const extra = [...new Set(results.map((result) => result.label))].filter((label) => !planned.includes(label)).sort();
  for (const label of [...planned, ...extra]) {
    const mine = results
      .filter((result) => result.label === label)
      .sort((a, b) => compare(canonicalJson(a), canonicalJson(b)));
    const query = plan.queries.find((candidate) => candidate.label === label);
    const read = readRows(label, mine, query?.max_rows);
    coverage.push(read.coverage);
    groups.set(label, new Map(read.groups.map((group) => [canonicalJson(group.row), group])));
    for (const event of read.signIns) signIns.set(canonicalJson(event.row), event);
    for (const event of read.events) if (!events.has(event.id)) events.set(event.id, event);
  }
  // Questions to sign-in logs are beside the plan: without one of its own nobody looked at the cloud.
  if (!plan.queries.some(({ label }) => !identityLabel.test(label))) {
    coverage.push({
      label: 'plan',
      source: siem,
      status: 'not_run',
      query_id: null,
      rows: null,
      problem: 'The alert names no user, role, key, address or account, so there was nothing to ask the data lake.',
    });
  }
  if (plan.too_many.length > 0) {
    coverage.push(notAsked('entities_too_many', siem, 'Too many for one query; nobody looked at', plan.too_many));
  }
  const sortedGroups = (label: string) =>
    [...(groups.get(label) ?? new Map<string, CallGroup>()).entries()]
      .sort(([a], [b]) => compare(a, b))
      .map(([, group]) => group);
  return {
    events: [...events.values()].sort((a, b) => compare(a.at, b.at) || compare(a.id, b.id)),
    reads: sortedGroups('actor_reads'),
    baseline: sortedGroups('actor_baseline'),
    ipHistory: sortedGroups('ip_history'),
    signIns: inOrder(signIns, (label) => !identityHistory.test(label)),
    signInHistory: inOrder(signIns, (label) => identityHistory.test(label)),
    coverage,
  };
}

function inOrder(found: ReadonlyMap<string, SignIn>, isOf: (label: string) => boolean): SignIn[] {
  return [...found]
    .filter(([, event]) => isOf(event.label))
    .sort(([a, one], [b, other]) => compare(one.at, other.at) || compare(a, b))
    .map(([, event]) => event);
}

function notAsked(label: string, source: string, why: string, entities: readonly string[]): CoverageItem {
  const problem = cleanText(`${why}: ${entities.join(', ')}.`, 1000);
  return { label, source, status: 'not_run', query_id: null, rows: null, problem };
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readResult(item: unknown, plan: Plan): Result {
  const body = isObject(item) && isObject(item.json) && !('label' in item) ? item.json : item;
  if (!isObject(body)) {
    return {
      label: 'unlabelled',
      queryId: null,
      ranAt: null,
      rows: null,
      complete: false,
      problem: 'A result that is no object.',
    };
  }
  // n8n puts what identifies a failed item beside the error, or inside it on its error output.
  const inside = isObject(body.error) && isObject(body.error.input) ? body.error.input : {};
  const sql = textOf(body.sql ?? inside.sql);
  const label =
    textOf(body.label ?? inside.label) ??
    plan.queries.find((query) => sql !== null && query.sql === sql)?.label ??
    'unlabelled';
  const queryId = textOf(body.query_id) ?? (isObject(body.error) ? textOf(detail(body.error, 'query_id')) : null);
  const ranAt = textOf(body.started_at);
  const base = {
    label: cleanLine(label, 64),
    queryId: queryId === null ? null : cleanLine(queryId, 128),
    ranAt: ranAt === null ? null : cleanLine(ranAt, 40),
  };
  if (body.error !== undefined && body.error !== null) {
    return { ...base, rows: null, complete: false, problem: errorText(body.error) };
  }
  if (textOf(body.status) === 'running') {
    const problem = 'The query was still running when the time for it was over, so nothing of it was seen.';
    return { ...base, rows: null, complete: false, problem };
  }
  if (!Array.isArray(body.rows)) {
    return { ...base, rows: null, complete: false, problem: 'The answer has no list of rows.' };
  }
  return { ...base, rows: body.rows as unknown[], complete: body.complete === true, problem: null };
}

function detail(error: JsonObject, name: string): unknown {
  return isObject(error.details) ? error.details[name] : undefined;
}

/** An error item of our nodes, or n8n's own form (a text, or an object with a message). */
export function errorText(error: unknown): string {
  if (!isObject(error)) return cleanLine(textOf(error) ?? 'It failed without saying why.', 400);
  const code = textOf(error.code);
  const message = textOf(error.message) ?? 'It failed without saying why.';
  return cleanLine(code === null ? message : `${code}: ${message}`, 400);
}

function readRows(
  label: string,
  results: readonly Result[],
  limit: number | undefined,
): { events: CloudEvent[]; groups: CallGroup[]; signIns: SignIn[]; coverage: CoverageItem } {
  const answered = results.filter((result) => result.rows !== null);
  const first = answered[0] ?? results[0];
  const item = (status: CoverageItem['status'], rows: number | null, problem: string | null) => ({
    label,
    source: identityLabel.test(label) ? identity : siem,
    status,
    query_id: first?.queryId ?? null,
    ...(first?.ranAt ? { ran_at: first.ranAt } : {}),
    rows,
    problem,
  });
  if (first === undefined) {
    return {
      events: [],
      groups: [],
      signIns: [],
      coverage: item('not_run', null, 'The query was not run, so nothing of it was seen.'),
    };
  }
  if (answered.length === 0) {
    return {
      events: [],
      groups: [],
      signIns: [],
      coverage: item('failed', null, first.problem ?? 'The query failed.'),
    };
  }
  const events: CloudEvent[] = [];
  const groups: CallGroup[] = [];
  const signIns: SignIn[] = [];
  let unreadable = 0;
  let total = 0;
  for (const result of answered) {
    for (const row of (result.rows ?? []).slice(0, maxRows - total)) {
      if (identityLabel.test(label)) {
        // Logs of identity providers hold much that no rule looks at; only what is no record at all is unreadable.
        const event = signInOf(row, label, result.queryId);
        if (event !== undefined) signIns.push(event);
        else if (!isObject(row) || Object.keys(row).length === 0) unreadable += 1;
      } else if (groupLabels.includes(label)) {
        const group = callGroup(row, label, result.queryId);
        if (group === undefined) unreadable += 1;
        else groups.push(group);
      } else {
        const event = cloudEvent(row, label, result.queryId);
        if (event === undefined || event.at === '') unreadable += 1;
        if (event !== undefined) events.push(event);
      }
    }
    total += result.rows?.length ?? 0;
  }
  if (unreadable > 0) {
    const problem = `${unreadable} of ${total} rows are no ${identityLabel.test(label) ? '' : 'CloudTrail '}records that can be read.`;
    return { events, groups, signIns, coverage: item(unreadable === total ? 'failed' : 'truncated', total, problem) };
  }
  const cut = !answered.some((result) => result.complete) || total > maxRows || (limit !== undefined && total >= limit);
  const problem = cut ? `Only ${total} rows were returned; there may be more, and they were not seen.` : null;
  return { events, groups, signIns, coverage: item(cut ? 'truncated' : 'complete', total, problem) };
}
