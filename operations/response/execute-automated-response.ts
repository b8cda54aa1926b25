import { z } from 'zod';
import type { CasesPort } from '../cases';
import { ConflictError, NotFoundOrNoAccessError, OperationError } from '../errors';
import { caseNamed, casesOf } from '../investigation/case-summary';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { cleanLine } from '../text';
import { carryOut, outcomeOf, type Work } from './carry-out';
import { requireOpen } from './guards';
import { approvers, requireSwitchedOn, useApproval } from './may-change';
import { approvableOf } from './plan';
import { requireUnchanged } from './plan-response';
import { approvalInput, responseIdInput, responseOutput, toOutput } from './response-output';
import type { ResponseRecord } from './response-port';
import { responsesOf, systemsOf } from './systems';

export const executeAutomatedResponse = defineOperation({
  name: 'execute_automated_response',
  toolset: 'response',
  resource: 'Response',
  title: 'Execute',
  action: 'Execute an approved response',
  description:
    'Carries out a planned response: checks that responses are switched on, that the target is still as planned, and that people approved exactly these steps; then makes each change once, with the state before stored, and reads again: verified, unverified or failed. A dry run by default: it checks and changes nothing. The approval serves once. Called again after a crash it goes on where it stopped.',
  effect: 'destructive',
  idempotent: true,
  services: ['gitlab', 'okta'],
  permissions: ['iam:PutUserPolicy', 'iam:PutRolePolicy', 'iam:UpdateAccessKey', 'api'],
  runs: 'bridge',
  input: z.object({
    response_id: responseIdInput,
    approval_id: approvalInput,
    dry_run: z
      .boolean()
      .default(true)
      .describe('Whether to only check. Default: true, so nothing changes unless false is given'),
  }),
  output: responseOutput.extend({ dry_run: z.boolean(), statement: z.string() }),
  example: { response_id: '$response_id' },
  varies: [
    'response_id',
    'created_at',
    'digest',
    'steps.*.what',
    'statement',
    'approval_id',
    'executed_at',
    'settled_at',
    'steps.*.before',
    'steps.*.after',
  ],
  echoOnError: ['response_id', 'approval_id'],
  async run(ports, { response_id, approval_id, dry_run }) {
    const response = await responseNamed(ports, response_id);
    const output = (record: ResponseRecord, statement: string) => ({ ...toOutput(record), dry_run, statement });
    if (!['planned', 'executing'].includes(response.status)) {
      return output(
        response,
        `${response.id} was carried out already: it is ${response.status}. Nothing was changed now.`,
      );
    }
    if (dry_run) {
      if (response.status === 'planned') await requireUnchanged(ports, response);
      return output(
        response,
        `Dry run: the target is as planned, and ${response.steps.length} steps would be carried out. Nothing was changed.`,
      );
    }
    try {
      return await execute(ports, response, approval_id, output);
    } catch (error) {
      await noteStopped(casesOf(ports), response, error);
      throw error;
    }
  },
});

async function execute<T>(
  ports: Ports,
  response: ResponseRecord,
  approvalId: string | undefined,
  output: (record: ResponseRecord, statement: string) => T,
): Promise<T> {
  const responses = responsesOf(ports);
  if (response.status === 'planned') await requireUnchanged(ports, response);
  await requireSwitchedOn(responses);
  const cases = casesOf(ports);
  requireOpen(await caseNamed(cases, response.case_id));
  const approval = await useApproval(ports, approvalId, approvableOf(response), response.id);
  const now = ports.now();
  const begun = await responses.begin(response.id, {
    from: ['planned', 'executing'],
    to: 'executing',
    change: { approval_id: approval.approval_id, executed_at: response.executed_at ?? now.toISOString() },
    now,
    counted: response.status === 'planned',
  });
  if (response.status === 'planned') {
    await cases.change(
      response.case_id,
      { status: 'responding' },
      {
        type: 'response_executed',
        summary: `${response.id} begun: ${response.target_label}, approved by ${approvers(approval)} (${approval.approval_id})`,
      },
    );
  }
  const work: Work = { ports, cases, responses, systems: systemsOf(ports) };
  const done = await carryOut(work, begun);
  const status = outcomeOf(done.results);
  const settled = await responses.change(done.id, { status, settled_at: ports.now().toISOString() });
  const statement = `${settled.id} is ${status}: ${countsOf(settled)} for ${settled.target_label}.`;
  await cases.change(response.case_id, {}, { type: `response_${status}`, summary: statement });
  return output(settled, statement);
}

/** Reasons to stop that people have to know of; a call that is not complete is its caller's own affair. */
const worthANote: readonly string[] = ['conflict', 'rate_limited', 'missing_permission'];

/** The case says that an approved response was not carried out, or not to its end, and then waits for a person. */
async function noteStopped(cases: CasesPort, response: ResponseRecord, error: unknown): Promise<void> {
  if (!(error instanceof OperationError) || !worthANote.includes(error.code)) return;
  const { status } = await caseNamed(cases, response.case_id);
  const change = status === 'responding' || status === 'awaiting_approval' ? { status: 'needs_review' as const } : {};
  await cases.change(response.case_id, change, {
    type: 'response_stopped',
    summary: cleanLine(`${response.id} was stopped (${error.code}): ${error.message}`, 1000),
  });
}

/** The stored response, or NotFoundOrNoAccessError. */
export async function responseNamed(ports: Ports, id: string): Promise<ResponseRecord> {
  const response = await responsesOf(ports).get(id);
  if (response === undefined)
    throw new NotFoundOrNoAccessError('The case store', `response ${id}`, 'Make one with plan_response.');
  return response;
}

/** Throws ConflictError for a response that is not in one of these statuses. */
export function requireStatus(
  response: ResponseRecord,
  statuses: readonly ResponseRecord['status'][],
  what: string,
): void {
  if (statuses.includes(response.status)) return;
  throw new ConflictError(`${response.id} is ${response.status}; ${what}.`, {
    response_id: response.id,
    status: response.status,
  });
}

/** `3 verified, 1 unchanged`. */
export function countsOf({ results }: ResponseRecord): string {
  const counts = new Map<string, number>();
  for (const { state } of results) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state.replace('_', ' ')}`).join(', ') || 'nothing done';
}
