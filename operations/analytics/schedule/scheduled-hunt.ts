import { z } from 'zod';
import type { CasesPort } from '../../cases';
import { OperationError, QueryFailedError } from '../../errors';
import { severitySchema } from '../../investigation/alert';
import { openFromAlert } from '../../investigation/open-case';
import { executeSqlQuery } from '../../panther/execute-sql-query';
import type { Ports } from '../../ports';
import { cleanLine } from '../../text';
import { type Hunt, huntSql } from '../hunts/hunt';
import { alertOf, joinRows, rowText, type SeenFinding } from './hunt-findings';
import type { HuntRun, HuntState } from './hunt-schedule-port';
import { type HuntTurn, nextTurn, type ScheduleTiming } from './hunt-window';

export const turnStatuses = [
  'completed',
  'cut',
  'held_back',
  'failed',
  'still_running',
  'no_table',
  'not_run',
] as const;

const windowSchema = z.object({ from: z.string(), to: z.string() });

export const turnSchema = z.object({
  hunt: z.string(),
  title: z.string(),
  status: z
    .enum(turnStatuses)
    .describe(
      'completed: read to its end, and the watermark moved. cut: the data lake gave only a part of the rows. held_back: more new findings than may be opened at once; the next run opens the others. still_running: the query took longer than it may. no_table: the tenant has no such log. not_run: no time was left, or the clock stands before the watermark. All but completed keep the watermark',
    ),
  window: windowSchema.nullable(),
  query_id: z.string().nullable(),
  rows: z.number().int().nullable().describe('Null where the query gave no answer'),
  new_findings: z.number().int(),
  known_findings: z.number().int().describe('Seen before, which have their case'),
  held_back: z.number().int(),
  failures: z.number().int().describe('Runs in a row in which this hunt did not get to its end'),
  gap: windowSchema.nullable().describe('Time that nobody will look at any more; null where the windows join'),
  problem: z.string().nullable(),
});
export type ScheduledTurn = z.infer<typeof turnSchema>;

export const openedSchema = z.object({
  case_id: z.string(),
  created: z.boolean().describe('False where a run that broke off had opened it already'),
  hunt: z.string(),
  title: z.string(),
  severity: severitySchema,
  actor: z.string(),
  first_at: z.string(),
  last_at: z.string(),
  previous_case_id: z.string().nullable().describe('The last case of the same hunt and actor'),
  alert: z.record(z.unknown()).describe('For investigate_alert'),
});
export type OpenedFinding = z.infer<typeof openedSchema>;

/** What one hunt may use in one run. */
export interface TurnLimits extends ScheduleTiming {
  waitSeconds: number;
  maxNewCases: number;
}

interface TurnResult {
  turn: ScheduledTurn;
  opened: OpenedFinding[];
}

/** How far back the cases of a finding's actor are looked for. */
const rememberedMs = 30 * 24 * 3_600_000;
const maxRows = 10_000;

/**
 * Runs one hunt over the window that is due, opens a case for each new finding, and moves the hunt's watermark when
 * everything was read and opened. What fails is the result of this hunt and of no other; throws only when the store fails
 * or the caller has gone.
 */
export async function runTurn(
  ports: Ports & { cases: CasesPort },
  run: HuntRun,
  hunt: Hunt,
  parameters: Readonly<Record<string, number>>,
  limits: TurnLimits,
): Promise<TurnResult> {
  const state = run.states.get(hunt.name);
  const turn = nextTurn(state?.watermark, new Date(run.started_at), limits);
  if (turn === undefined)
    return { turn: idle(hunt, state, `The clock stands before the watermark ${state?.watermark}.`), opened: [] };
  const sql = huntSql(hunt, turn.window, parameters);
  const wait = { max_rows: maxRows, wait_seconds: limits.waitSeconds };
  const asked = { sql, database: 'panther_logs', label: hunt.name, reuse: true, ...wait };
  let answer: Awaited<ReturnType<typeof executeSqlQuery.run>>;
  try {
    answer = await executeSqlQuery.run(ports, asked);
  } catch (error) {
    if (!(error instanceof OperationError) || ports.signal.aborted) throw error;
    const problem = cleanLine(`${error.code}: ${error.message}`, 1000);
    if (isAbsent(hunt, state, error)) {
      const turn = { ...shapeOf(hunt, undefined), status: 'no_table' as const, failures: 0, problem };
      return { turn, opened: [] };
    }
    return { turn: await unfinished(run, hunt, turn, { status: 'failed', problem }), opened: [] };
  }
  if (answer.status === 'running') {
    const problem = `The query ${answer.query_id} takes longer than ${limits.waitSeconds} s.`;
    const query_id = answer.query_id;
    return { turn: await unfinished(run, hunt, turn, { status: 'still_running', problem, query_id }), opened: [] };
  }
  const since = new Date(Date.parse(turn.window.from) - rememberedMs).toISOString();
  const seen = joinRows(hunt, answer.rows, turn.window, await run.findings(hunt.name, since));
  const fresh = seen.filter(({ finding }) => finding.case_id === null);
  const opened: OpenedFinding[] = [];
  for (const entry of fresh.slice(0, limits.maxNewCases))
    opened.push(await openFinding(ports, run, hunt, entry, answer.query_id));
  for (const entry of seen) if (entry.finding.case_id !== null) await tellCase(ports, run, entry, answer.query_id);
  const heldBack = fresh.length - opened.length;
  const facts = {
    query_id: answer.query_id,
    rows: answer.row_count,
    new_findings: opened.length,
    known_findings: seen.length - fresh.length,
    held_back: heldBack,
  };
  if (!answer.complete) {
    const { returned_rows, row_count, cut_by } = answer;
    const total = row_count !== null && row_count > returned_rows ? ` of ${row_count}` : '';
    const problem = `Only the first ${returned_rows}${total} rows could be read (${cut_by}).`;
    return { turn: await unfinished(run, hunt, turn, { status: 'cut', problem, ...facts }), opened };
  }
  if (heldBack > 0) {
    const problem = `${fresh.length} new findings, of which ${limits.maxNewCases} may be opened in one run. Is a threshold of this hunt too low?`;
    return { turn: await unfinished(run, hunt, turn, { status: 'held_back', problem, ...facts }), opened };
  }
  await run.keepState({
    ...gapsOf(state, turn),
    hunt: hunt.name,
    watermark: turn.watermark,
    last_success_at: run.started_at,
    failures: 0,
    last_problem: null,
  });
  return { turn: { ...shapeOf(hunt, turn), ...facts, status: 'completed', failures: 0, problem: null }, opened };
}

/** A log that the tenant never had is nothing to report; one that was there before, or CloudTrail, is a failure. */
function isAbsent(hunt: Hunt, state: HuntState | undefined, error: OperationError): boolean {
  const missing = error instanceof QueryFailedError && error.kind === 'missing_table';
  return missing && hunt.log !== undefined && state === undefined;
}

/** A hunt for which no time is left in this run. */
export function idle(hunt: Hunt, state: HuntState | undefined, problem: string): ScheduledTurn {
  return { ...shapeOf(hunt, undefined), status: 'not_run', failures: state?.failures ?? 0, problem };
}

/** The finding is stored before its case is opened: a run that breaks off between the two opens the same case next time. */
async function openFinding(
  ports: Ports & { cases: CasesPort },
  run: HuntRun,
  hunt: Hunt,
  entry: SeenFinding,
  queryId: string,
): Promise<OpenedFinding> {
  await run.keepFinding(entry.finding);
  const alert = alertOf(hunt, entry, queryId);
  const { case_id, created } = await openFromAlert(ports, alert, {});
  await ports.cases.change(
    case_id,
    {},
    { type: 'hunt_finding', summary: cleanLine(`Found by the hunt ${hunt.name}, query ${queryId}`, 500) },
  );
  await run.keepFinding({ ...entry.finding, case_id });
  const { actor, first_at, last_at } = entry.finding;
  return {
    case_id,
    created,
    hunt: hunt.name,
    title: String(alert.title),
    severity: hunt.severity,
    actor,
    first_at,
    last_at,
    previous_case_id: entry.previous?.case_id ?? null,
    alert,
  };
}

/** A finding that goes on is told to its case; seen again as it was, through the overlap of two windows, it is not. */
async function tellCase(
  ports: Ports & { cases: CasesPort },
  run: HuntRun,
  { finding, rows, hasGrown }: SeenFinding,
  queryId: string,
): Promise<void> {
  if (!hasGrown || finding.case_id === null) return;
  const said = rows.slice(0, 3).map(rowText).join('; ');
  await ports.cases.change(
    finding.case_id,
    {},
    {
      type: 'hunt_finding_goes_on',
      summary: cleanLine(
        `The hunt ${finding.hunt} sees more until ${finding.last_at}, query ${queryId}: ${said}`,
        1000,
      ),
    },
  );
  await run.keepFinding(finding);
}

/** Keeps the watermark, counts the failure, and tells a gap once. */
async function unfinished(
  run: HuntRun,
  hunt: Hunt,
  turn: HuntTurn,
  what: Partial<ScheduledTurn> & Pick<ScheduledTurn, 'status' | 'problem'>,
): Promise<ScheduledTurn> {
  const state = run.states.get(hunt.name);
  const failures = (state?.failures ?? 0) + 1;
  await run.keepState({
    ...gapsOf(state, turn),
    hunt: hunt.name,
    // What lies before the longest window is given up and said to be; the rest is looked at next time.
    watermark: turn.gap?.to ?? state?.watermark ?? turn.window.from,
    last_success_at: state?.last_success_at ?? null,
    failures,
    last_problem: what.problem,
  });
  return { ...shapeOf(hunt, turn), ...what, failures };
}

function gapsOf(state: HuntState | undefined, { gap }: HuntTurn): Pick<HuntState, 'gap_from' | 'gap_to'> {
  if (gap === null) return { gap_from: state?.gap_from ?? null, gap_to: state?.gap_to ?? null };
  return { gap_from: gap.from, gap_to: gap.to };
}

function shapeOf(hunt: Hunt, turn: HuntTurn | undefined): Omit<ScheduledTurn, 'status' | 'failures' | 'problem'> {
  return {
    hunt: hunt.name,
    title: hunt.title,
    window: turn?.window ?? null,
    query_id: null,
    rows: null,
    new_findings: 0,
    known_findings: 0,
    held_back: 0,
    gap: turn?.gap ?? null,
  };
}
