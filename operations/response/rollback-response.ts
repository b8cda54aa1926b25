import { z } from 'zod';
import { casesOf } from '../investigation/case-summary';
import { defineOperation } from '../operation';
import { takeBack, type Work } from './carry-out';
import { countsOf, requireStatus, responseNamed } from './execute-automated-response';
import { approvers, requireSwitchedOn, useApproval } from './may-change';
import { rollbackOf } from './plan';
import { approvalInput, approvalRequestSchema, responseIdInput, responseOutput, toOutput } from './response-output';
import type { ResponseRecord } from './response-port';
import { kindOf } from './steps/registry';
import { responsesOf, systemsOf } from './systems';

export const rollbackResponse = defineOperation({
  name: 'rollback_response',
  toolset: 'response',
  resource: 'Response',
  title: 'Roll Back',
  action: 'Roll a response back',
  description:
    'Brings back the state from before a response, step by step in reverse, and reads again. Leaves alone what was so before, what nothing can bring back (revoked tokens, ended sessions), and what somebody else changed since. Opening a door again needs an approval of its own: a dry run, the default, gives the approval_request for request_analyst_approval.',
  effect: 'destructive',
  idempotent: true,
  services: ['gitlab', 'okta'],
  permissions: ['iam:DeleteUserPolicy', 'iam:DeleteRolePolicy', 'iam:UpdateAccessKey', 'api'],
  runs: 'bridge',
  input: z.object({
    response_id: responseIdInput,
    approval_id: approvalInput,
    dry_run: z
      .boolean()
      .default(true)
      .describe('Whether to only say what would happen. Default: true, so nothing changes unless false is given'),
  }),
  output: responseOutput.extend({
    dry_run: z.boolean(),
    statement: z.string(),
    approval_request: approvalRequestSchema,
  }),
  example: { response_id: '$executed_response_id' },
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
    'approval_request.title',
    'approval_request.arguments.steps',
    'approval_request.arguments.response_id',
  ],
  echoOnError: ['response_id', 'approval_id'],
  async run(ports, { response_id, approval_id, dry_run }) {
    const responses = responsesOf(ports);
    const cases = casesOf(ports);
    const response = await responseNamed(ports, response_id);
    const request = rollbackOf(response);
    const output = (record: ResponseRecord, statement: string) => ({
      ...toOutput(record),
      dry_run,
      statement,
      approval_request: {
        action: request.name,
        target: request.target,
        title: `Roll back ${record.id}: ${record.target_label}`.slice(0, 200),
        arguments: request.arguments,
        case_id: record.case_id,
      },
    });
    if (response.status === 'rolled_back') return output(response, `${response.id} was rolled back already.`);
    requireStatus(
      response,
      ['verified', 'unverified', 'failed', 'rolling_back', 'rollback_failed'],
      'only one that was carried out can be rolled back',
    );
    if (dry_run)
      return output(
        response,
        `Dry run: ${response.steps.length} steps would be taken back where they can be. Nothing was changed.`,
      );
    await requireSwitchedOn(responses);
    const approval = await useApproval(ports, approval_id, request, `rollback ${response.id}`);
    const begun = await responses.begin(response.id, {
      from: ['verified', 'unverified', 'failed', 'rolling_back', 'rollback_failed'],
      to: 'rolling_back',
      change: { rollback_approval_id: approval.approval_id },
      now: ports.now(),
      counted: false,
    });
    const work: Work = { ports, cases, responses, systems: systemsOf(ports) };
    const done = await takeBack(work, begun);
    const complete = done.results.every(
      ({ step_id, state }) => state === 'rolled_back' || state === 'unchanged' || !isReversible(done, step_id),
    );
    const settled = await responses.change(done.id, {
      status: complete ? 'rolled_back' : 'rollback_failed',
      settled_at: ports.now().toISOString(),
    });
    const statement = `${settled.id} is ${settled.status.replace('_', ' ')}: ${countsOf(settled)} for ${settled.target_label}, approved by ${approvers(approval)}.`;
    await cases.change(response.case_id, {}, { type: `response_${settled.status}`, summary: statement });
    return output(settled, statement);
  },
});

function isReversible({ steps }: ResponseRecord, stepId: string): boolean {
  const step = steps.find(({ id }) => id === stepId);
  return step !== undefined && kindOf(step).revert !== undefined;
}
