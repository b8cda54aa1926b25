import { z } from 'zod';
import { cleanLine, cleanText } from '../text';
import { approvableOf } from './plan';
import { type ResponseRecord, responseActionNames, responseStatuses, responseSystems } from './response-port';

export const responseIdInput = z
  .string()
  .regex(/^RSP-[0-9A-Z]{4,40}$/, 'is no id of a response (RSP-...)')
  .describe('Id of the response, from plan_response');

export const approvalInput = z
  .string()
  .min(1)
  .max(64)
  .optional()
  .describe('Id of the approval of exactly this, from request_analyst_approval; needed unless dry_run');

const jsonText = z.string().nullable().describe('The state as the service gave it, JSON, at most 2000 characters');

export const responseOutput = z.object({
  response_id: z.string(),
  case_id: z.string(),
  action: z.enum(responseActionNames),
  system: z.enum(responseSystems),
  target: z.string().describe('As the service knows it'),
  status: z
    .enum(responseStatuses)
    .describe(
      'verified: done, and a second read shows it; unverified: sent, not readable; failed: a second read shows that something is not done',
    ),
  digest: z.string().describe('SHA-256 over action, target and steps: what an approval is bound to'),
  steps: z.array(
    z.object({
      id: z.string(),
      what: z.string(),
      call: z.string(),
      reversible: z.boolean(),
      state: z.enum(['planned', 'pending', 'unchanged', 'verified', 'unverified', 'failed', 'rolled_back']),
      before: jsonText,
      after: jsonText,
      problem: z.string().nullable(),
    }),
  ),
  warnings: z.array(z.string()),
  reason: z.string().nullable(),
  approval_id: z.string().nullable(),
  rollback_approval_id: z.string().nullable(),
  created_at: z.string(),
  executed_at: z.string().nullable(),
  settled_at: z.string().nullable(),
});
export type ResponseOutput = z.infer<typeof responseOutput>;

export const approvalRequestSchema = z
  .object({
    action: z.string(),
    target: z.string(),
    title: z.string(),
    arguments: z.record(z.unknown()),
    case_id: z.string(),
    idempotency_key: z.string().optional().describe('So that one plan is asked about once'),
  })
  .describe('Input for request_analyst_approval, as it is');

export function toOutput(record: ResponseRecord): ResponseOutput {
  return {
    response_id: record.id,
    case_id: record.case_id,
    action: record.action,
    system: record.system,
    target: cleanLine(record.target_label, 500),
    status: record.status,
    digest: record.digest,
    steps: record.steps.map(({ id, what, call, reversible }) => {
      const result = record.results.find(({ step_id }) => step_id === id);
      return {
        id,
        what: cleanLine(what, 500),
        call,
        reversible,
        state: result?.state ?? 'planned',
        before: result === undefined ? null : jsonTextOf(result.before),
        after: result === undefined ? null : jsonTextOf(result.after),
        problem: result?.problem ?? null,
      };
    }),
    warnings: record.warnings.map((warning) => cleanLine(warning, 500)),
    reason: record.reason,
    approval_id: record.approval_id,
    rollback_approval_id: record.rollback_approval_id,
    created_at: record.created_at,
    executed_at: record.executed_at,
    settled_at: record.settled_at,
  };
}

function jsonTextOf(value: unknown): string | null {
  return value === null ? null : cleanText(typeof value === 'string' ? value : JSON.stringify(value), 2000);
}

const titles = {
  isolate_user: 'Isolate',
  revoke_access_key: 'Deactivate the access key',
  quarantine_role: 'Quarantine',
} as const;

/** What request_analyst_approval is to be given for this plan. */
export function approvalRequestOf(record: ResponseRecord): z.infer<typeof approvalRequestSchema> {
  const { name, target, arguments: given } = approvableOf(record);
  return {
    action: name,
    target,
    title: cleanLine(`${titles[record.action]} ${record.target_label}`, 200),
    arguments: given,
    case_id: record.case_id,
    idempotency_key: `response:${record.id}`,
  };
}
