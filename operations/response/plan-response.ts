import { z } from 'zod';
import type { CaseRecord } from '../cases';
import { ConflictError } from '../errors';
import { caseIdInput, caseNamed, casesOf } from '../investigation/case-summary';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { cleanText } from '../text';
import { actionOn } from './actions/registry';
import { outcomeOf, readAgain } from './carry-out';
import { isFor } from './containment-state';
import { requireOpen } from './guards';
import { digestOf } from './plan';
import { approvalRequestOf, approvalRequestSchema, responseOutput, toOutput } from './response-output';
import { type PlannedStep, type ResponseRecord, responseActionNames, responseSystems } from './response-port';
import { planned } from './steps/registry';
import { responsesOf, systemsOf } from './systems';

export const planResponse = defineOperation({
  name: 'plan_response',
  toolset: 'response',
  resource: 'Response',
  title: 'Plan',
  action: 'Plan a response',
  description:
    'Plans how to contain somebody in a case and changes nothing: reads the target, lists the exact calls with the state before, refuses protected principals, the bridge’s own identity and whatever the queries of the case did not return, and stores the plan with its digest. A plan holds for an hour; asked again, the same plan comes back, and once it was carried out and still holds, that response. isolate_user works on aws_iam (deny-all policy, older sessions revoked, access keys deactivated), gitlab (blocked, tokens revoked) and okta (suspended, sessions ended); revoke_access_key and quarantine_role on aws_iam. Give the returned approval_request to request_analyst_approval, then the approval to execute_automated_response.',
  effect: 'write',
  idempotent: true,
  services: ['gitlab', 'okta'],
  permissions: ['iam:GetUser', 'iam:GetRole', 'iam:ListAccessKeys', 'iam:GetUserPolicy', 'iam:GetRolePolicy', 'api'],
  runs: 'bridge',
  input: z.object({
    case_id: caseIdInput,
    action: z.enum(responseActionNames).describe('What is to be done'),
    system: z.enum(responseSystems).default('aws_iam').describe('Where. Default: aws_iam'),
    target: z
      .string()
      .min(1)
      .max(500)
      .describe(
        'Name or ARN of the user or role, id of the access key (AKIA...), GitLab user name, or Okta login; as observed in the case',
      ),
    reason: z.string().max(2000).optional().describe('Why, for the record'),
  }),
  output: responseOutput.extend({
    approval_request: approvalRequestSchema,
    enabled: z.boolean().describe('Whether this bridge may carry responses out; a plan is made either way'),
  }),
  example: {
    case_id: '$open_case_id',
    action: 'isolate_user',
    target: 'tomas.becker',
    reason: 'Simulated: contain the account',
  },
  varies: [
    'response_id',
    'created_at',
    'digest',
    'steps.*.what',
    'approval_request.arguments.steps',
    'approval_request.idempotency_key',
  ],
  echoOnError: ['case_id', 'action', 'target'],
  async run(ports, given) {
    const responses = responsesOf(ports);
    const record = await caseNamed(casesOf(ports), given.case_id);
    const stored = (await standing(ports, record, given)) ?? (await planOf(ports, record, given));
    return { ...toOutput(stored), approval_request: approvalRequestOf(stored), enabled: responses.settings.enabled };
  },
});

type Wanted = Pick<ResponseRecord, 'action' | 'system' | 'target'> & { reason?: string };

/**
 * The newest response of the same kind that was begun and still holds: asking again for what is done plans nothing. One that
 * the target does not show any more (somebody undid it) does not hold.
 */
async function standing(ports: Ports, record: CaseRecord, wanted: Wanted): Promise<ResponseRecord | undefined> {
  const responses = responsesOf(ports);
  const begun = (await responses.ofCase(record.id)).filter(
    (response) =>
      !['planned', 'rolling_back', 'rolled_back', 'rollback_failed'].includes(response.status) &&
      isFor(response, wanted.action, wanted.system, wanted.target),
  );
  const last = begun.at(-1);
  if (last === undefined || last.status === 'executing') return last;
  const results = await readAgain({ ports, cases: casesOf(ports), responses, systems: systemsOf(ports) }, last);
  return outcomeOf(results) === 'failed' ? undefined : last;
}

async function planOf(ports: Ports, record: CaseRecord, wanted: Wanted): Promise<ResponseRecord> {
  requireOpen(record);
  return (await samePlan(ports, record, wanted)) ?? newPlan(ports, record, wanted);
}

/** A plan that nobody carried out yet, made within the hour, that would come out the same: asking twice plans once. */
async function samePlan(ports: Ports, record: CaseRecord, wanted: Wanted): Promise<ResponseRecord | undefined> {
  const since = new Date(ports.now().getTime() - 3_600_000).toISOString();
  const target = wanted.target.trim();
  const plans = (await responsesOf(ports).ofCase(record.id)).filter(
    (plan) =>
      plan.status === 'planned' &&
      plan.created_at >= since &&
      plan.action === wanted.action &&
      plan.system === wanted.system &&
      plan.target === target,
  );
  const last = plans.at(-1);
  if (last === undefined) return undefined;
  return (await digestNow(ports, record, last)) === last.digest ? last : undefined;
}

async function newPlan(ports: Ports, record: CaseRecord, wanted: Wanted): Promise<ResponseRecord> {
  const now = ports.now();
  const draft = await draftOf(ports, record, wanted, toTheSecond(now));
  const { action, system, reason } = wanted;
  const stored = await responsesOf(ports).store({
    case_id: record.id,
    action,
    system,
    target: wanted.target.trim(),
    target_label: draft.label,
    digest: digestOf({ action, system, case_id: record.id, target_label: draft.label, steps: draft.steps }),
    status: 'planned',
    steps: draft.steps,
    warnings: draft.warnings,
    results: [],
    reason: reason === undefined ? null : cleanText(reason, 2000),
    approval_id: null,
    rollback_approval_id: null,
    created_at: now.toISOString(),
    executed_at: null,
    settled_at: null,
  });
  await casesOf(ports).change(
    record.id,
    {},
    {
      type: 'response_planned',
      summary: `${stored.id}: ${action} of ${stored.target_label} in ${stored.steps.length} steps, digest ${stored.digest}`,
    },
  );
  return stored;
}

/** The steps as they would be now. Throws what the guards and the services throw. */
async function draftOf(
  ports: Ports,
  record: CaseRecord,
  { action, system, target }: Wanted,
  at: string,
): Promise<{ label: string; steps: PlannedStep[]; warnings: string[] }> {
  const { settings } = responsesOf(ports);
  const draft = await actionOn(action, system).draft({ record, target, settings, systems: systemsOf(ports), at });
  return { label: draft.label, steps: planned(draft.steps), warnings: draft.warnings };
}

/** The digest of the plan as it would come out now, with the moment of the plan. */
async function digestNow(ports: Ports, record: CaseRecord, response: ResponseRecord): Promise<string> {
  const { action, system, target, created_at, reason } = response;
  const wanted = { action, system, target, ...(reason === null ? {} : { reason }) };
  const draft = await draftOf(ports, record, wanted, toTheSecond(new Date(created_at)));
  return digestOf({ ...response, target_label: draft.label, steps: draft.steps });
}

/**
 * Plans again from what is there now, with the moment of the plan. Throws ConflictError when anything that decides what happens
 * is different: the approval was for what people saw. What the response itself has done already does not count.
 */
export async function requireUnchanged(ports: Ports, response: ResponseRecord): Promise<void> {
  const record = await caseNamed(casesOf(ports), response.case_id);
  requireOpen(record);
  const digest = await digestNow(ports, record, response);
  if (digest === response.digest) return;
  throw new ConflictError(
    `The target of ${response.id} is not as it was when the plan was made (another account, name, access key or token). Plan it again, and have the new plan approved.`,
    { response_id: response.id, planned_digest: response.digest, digest_now: digest },
  );
}

function toTheSecond(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
