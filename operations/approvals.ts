import { z } from 'zod';
import { InvalidInputError } from './errors';
import { canonicalJson, sha256 } from './investigation/canonical-json';

/** Only `pending` changes; each of the others is final. Nothing but `approved` is a yes. */
export const approvalStatuses = ['pending', 'approved', 'denied', 'timed_out', 'cancelled'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

/** Characters of an action's arguments as canonical JSON: as much as a person can be asked to read in a thread. */
const mostArguments = 20_000;
const deepestArguments = 12;

/** What is to be done, as data: the digest binds name, target and arguments, so none of them can change afterwards. */
export const actionSchema = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/, 'is no name of an action, such as iam_deactivate_access_key')
    .describe('What is done, e.g. iam_deactivate_access_key'),
  target: z
    .string()
    .min(1)
    .max(500)
    .refine((text) => text.trim() !== '', 'is blank')
    .describe('To whom or what it is done, up to 500 characters'),
  arguments: z.record(z.unknown()).default({}).describe('Everything else that decides what happens, as JSON'),
});
export type ApprovableAction = z.output<typeof actionSchema>;

/**
 * SHA-256 in hex over name, target and arguments as canonical JSON (RFC 8785): the same for the same action, whatever
 * the order of its keys, and another one for any other. Throws InvalidInputError for arguments too long or too deep to
 * be shown to a person.
 */
export function actionDigest({ name, target, arguments: given }: ApprovableAction): string {
  if (depthOf(given) > deepestArguments) {
    throw new InvalidInputError('arguments', `are nested more than ${deepestArguments} levels deep`);
  }
  if (canonicalJson(given).length > mostArguments) {
    throw new InvalidInputError(
      'arguments',
      `are longer than ${mostArguments} characters as JSON; nobody would read them`,
    );
  }
  return sha256(canonicalJson({ name, target, arguments: given }));
}

/** Levels of nesting, counted no further than one past what is allowed. */
function depthOf(value: unknown, depth = 1): number {
  if (typeof value !== 'object' || value === null || depth > deepestArguments) return depth;
  return Math.max(depth, ...Object.values(value).map((item) => depthOf(item, depth + 1)));
}

/** One person's decision, as Slack signed it. */
export const decisionSchema = z.object({
  id: z.string().describe("Slack's id of the person"),
  name: z.string().describe('Name in Slack at that time; to read, not to decide by'),
  email: z.string().optional(),
  decision: z.enum(['approved', 'denied']),
  at: z.string().describe('ISO 8601'),
  reason: z.string().optional(),
});
export type Decision = z.output<typeof decisionSchema>;

export const requesterSchema = z.object({
  principal: z.string().nullable().describe('Whom the bridge authenticated; null when its one token says nobody'),
  slack_user_id: z
    .string()
    .nullable()
    .describe('The Slack account of the requester, by the mapping set up or as stated'),
  stated: z
    .string()
    .nullable()
    .describe('Who asked, as the caller states it: unchecked; it can exclude a person from deciding and nothing else'),
});
export type Requester = z.output<typeof requesterSchema>;

/** An approval as operations return it. Times are ISO 8601 in UTC. */
export const approvalSchema = z.object({
  approval_id: z.string(),
  status: z.enum(approvalStatuses).describe('pending is not an approval; only approved is a yes'),
  approved: z.boolean().describe('True for the status approved and for no other'),
  action: actionSchema.extend({ title: z.string().describe('One line, as the caller put it') }),
  action_digest: z
    .string()
    .describe('SHA-256 over name, target and arguments as canonical JSON; the approval is for this and nothing else'),
  justification: z.string().nullable(),
  case_id: z.string().nullable(),
  requested_by: requesterSchema,
  min_approvals: z.number().int().describe('So many different people have to approve; one denial ends it'),
  decided_by: z.array(decisionSchema).describe('In the order in which they decided'),
  cancel_reason: z.string().nullable(),
  channel: z.string().nullable().describe('Id of the channel of the message; null while it is not posted'),
  ts: z.string().nullable(),
  permalink: z.string().nullable(),
  created_at: z.string(),
  expires_at: z.string().describe('Unanswered by then it is timed_out, which is a no'),
  settled_at: z.string().nullable(),
  use_before: z.string().nullable().describe('An approved action has to begin by then; null unless approved'),
  used_at: z.string().nullable().describe('When the approval was used up; it serves once'),
  data: z
    .object({ approved: z.boolean(), chatInput: z.string().optional() })
    .describe("The answer where n8n's own nodes have it; chatInput is the reason of a denial"),
});
export type ApprovalRecord = z.output<typeof approvalSchema>;

export interface ApprovalRequest {
  action: ApprovableAction & { title: string };
  justification: string | null;
  /** The requester as the caller states it: a Slack user id, handle or e-mail address. */
  requested_by: string | null;
  case_id: string | null;
  /** Slack channel id or name; null for the one set up. */
  channel: string | null;
  /** Narrows the approvers set up to these Slack user and user group ids; null leaves all of them. */
  approvers: string[] | null;
  /** Raises the number set up; null leaves it. */
  min_approvals: number | null;
  expires_in_seconds: number;
  /** The same key and action give the same approval; the same key with another action is refused. */
  idempotency_key: string | null;
  /** Where the outcome is announced once, when its origin is set up for it. */
  resume_url: string | null;
}

/**
 * What the bridge's approvals offer to operations. There is deliberately nothing here that records a decision: decisions
 * come from Slack, signed, and from nowhere else. Every method is durable before it resolves, and throws OperationError only.
 */
export interface ApprovalsPort {
  /** Asks people in Slack. Resolves once the request is stored and its message is posted, or on its way. */
  request(request: ApprovalRequest): Promise<{ record: ApprovalRecord; created: boolean }>;
  get(approvalId: string): Promise<ApprovalRecord | undefined>;
  /** The record once it is settled, or as it is after `waitMs`. Undefined for an unknown id. */
  wait(approvalId: string, waitMs: number): Promise<ApprovalRecord | undefined>;
  /** Settles a pending approval of this caller as cancelled; a settled one stays as it is and is returned. */
  cancel(approvalId: string, reason: string): Promise<ApprovalRecord>;
  /** This caller's pending approvals, oldest first, and how many more there are. */
  pending(limit: number): Promise<{ records: ApprovalRecord[]; more: number }>;
  /**
   * Uses an approval up for exactly this action, in one transaction: it has to be approved, in time, for the same digest,
   * and not used. The same `usedBy` may ask again and gets the same answer, so that a crash between this and the action
   * loses nothing. Throws ConflictError that says which of these does not hold.
   */
  consume(use: { approvalId: string; action: ApprovableAction; usedBy: string }): Promise<ApprovalRecord>;
}
