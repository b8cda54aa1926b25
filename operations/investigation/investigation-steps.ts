import type { z } from 'zod';
import type { CaseRecord } from '../cases';
import { CancelledError, DeadlineError, type ErrorShape, OperationError, toErrorShape } from '../errors';
import { listMergeRequests } from '../gitlab/list-merge-requests';
import { listPipelineFailures } from '../gitlab/list-pipeline-failures';
import { runOperation } from '../operation';
import { executeSqlQuery } from '../panther/execute-sql-query';
import { getQueryResults } from '../panther/get-query-results';
import type { Ports } from '../ports';
import { Deadline } from '../retry';
import { escalateToSocTeam } from '../slack/escalate-to-soc-team';
import type { PlannedQuery } from './evidence';
import type { Plan } from './plan';

/** Where GitLab is asked; both absent means the connection's defaults. */
export interface GitLabScope {
  group: string | null;
  project: string | null;
}

export interface FailedStep {
  error: ErrorShape;
  label?: string;
}

/**
 * The result, or the failure as data: a step that fails is something that was not seen, and no reason to lose the case.
 * Being cancelled is no failure of the service, so it is thrown on and the step is done again later. So is whatever is
 * no OperationError: that is a fault of the host (its database, say), and storing it as a result would hide it.
 */
export async function orFailure<T>(ports: Ports, step: () => Promise<T>): Promise<T | { error: ErrorShape }> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof CancelledError || ports.signal.aborted || !(error instanceof OperationError)) throw error;
    return { error: toErrorShape(error) };
  }
}

/** Time for one query of the plan, and for one wait within it: each wait is a call of its own, which can be taken up again. */
const querySeconds = 300;
const waitSeconds = 45;

/**
 * One query of the plan; an error carries the label, so that coverage can name it. A query that takes longer than one wait is
 * asked for by its id until its time is over; it is then given as it is, running, which counts as not seen.
 */
export async function runPlannedQuery(ports: Ports, query: PlannedQuery): Promise<unknown> {
  const { label, sql, database, max_rows } = query;
  const deadline = new Deadline(ports, querySeconds * 1000);
  const result = await orFailure(ports, async () => {
    let answer = await unlessLate(() =>
      runOperation(executeSqlQuery, ports, { sql, database, max_rows, label, wait_seconds: waitSeconds }),
    );
    while (answer.status === 'running') {
      const pause = (answer.poll_after_seconds ?? 1) * 1000;
      const wait_seconds = Math.min(waitSeconds, Math.floor((deadline.leftMs - pause) / 1000));
      if (wait_seconds < 1 || !(await deadline.wait(pause))) break;
      const { query_id } = answer;
      answer = await unlessLate(() =>
        runOperation(getQueryResults, ports, { query_id, max_rows, label, wait_seconds }),
      );
    }
    return { label, ...answer };
  });
  return 'error' in result ? { ...result, label } : result;
}

type Answer = Pick<z.output<typeof executeSqlQuery.output>, 'status' | 'query_id' | 'poll_after_seconds'>;

/** A wait that ended without an answer from Panther, on a query whose id is known, is one that may be gone on with. */
async function unlessLate(wait: () => Promise<Answer>): Promise<Answer> {
  try {
    return await wait();
  } catch (error) {
    const id = error instanceof DeadlineError ? error.details.query_id : undefined;
    if (typeof id !== 'string') throw error;
    return { status: 'running', query_id: id, poll_after_seconds: null };
  }
}

/** Merge requests and failed pipelines of the plan's window; undefined where no GitLab is connected to this host. */
export async function readGitLab(
  ports: Ports,
  plan: Plan,
  scope: GitLabScope,
): Promise<{ merge_requests?: unknown; pipeline_failures?: unknown }> {
  try {
    await ports.connection('gitlab');
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof OperationError)) throw error;
    return {};
  }
  const where = { from: plan.from, to: plan.to, group: scope.group ?? undefined, project: scope.project ?? undefined };
  const [merge_requests, pipeline_failures] = await Promise.all([
    orFailure(ports, () => runOperation(listMergeRequests, ports, { ...where, time_field: 'merged', limit: 100 })),
    orFailure(ports, () => runOperation(listPipelineFailures, ports, { ...where, limit: 20 })),
  ]);
  return { merge_requests, pipeline_failures };
}

const outcomeWords = {
  true_positive: 'True positive',
  benign_positive: 'Benign',
  false_positive: 'False positive',
  needs_review: 'Needs review',
} as const;

/** Tells the SOC team; the effect ledger sees to it that it happens once. Undefined when it worked, else why it did not. */
export async function escalate(ports: Ports, record: CaseRecord): Promise<ErrorShape | undefined> {
  const { alert, findings, evidence, severity, outcome, reason } = record;
  const told = evidence.filter((item) => item.family === 'hostile').slice(0, 10);
  const notSeen = (findings?.verdict.not_seen ?? []).slice(0, 5);
  const result = await orFailure(ports, () =>
    runOperation(escalateToSocTeam, ports, {
      title: `${outcomeWords[outcome ?? 'needs_review']}: ${record.title}`.slice(0, 300),
      summary: (reason ?? 'The case could not be decided.').slice(0, 10_000),
      urgency: urgencies[severity],
      findings: [
        ...told.map((item) => `[${item.id}] ${item.statement}`.slice(0, 1000)),
        ...notSeen.map((item) => `Not seen: ${item}`.slice(0, 1000)),
      ],
      next_steps: (findings?.next_actions ?? []).slice(0, 20),
      case_id: record.id,
      links: alert.link === null || alert.link.length > 500 ? [] : [alert.link],
    }),
  );
  return 'error' in result ? result.error : undefined;
}

const urgencies = { LOW: 'low', MEDIUM: 'medium', HIGH: 'high', CRITICAL: 'critical' } as const;
