import type { IExecuteFunctions } from 'n8n-workflow';
import { type ApprovableAction, actionDigest, actionSchema } from '../../operations/approvals';
import { InvalidInputError } from '../../operations/errors';
import { canonicalJson } from '../../operations/investigation/canonical-json';
import { parseApprovers } from '../../operations/slack/approver-check';
import { caseIdSchema, channelSchema } from '../../operations/slack/channels';
import { cleanLine, cleanText } from '../../operations/text';
import { readRequest } from './request-object';
import { reviewedTool } from './reviewed-tool';

/** What the node asks, read from its parameters and checked. */
export interface Question {
  action: ApprovableAction & { title: string };
  digest: string;
  justification: string | null;
  answerWith: 'buttons' | 'link';
  /** Ids of Slack users and user groups. */
  approvers: string[];
  askReason: boolean;
  minApprovals: number;
  /** Slack user id of the person for whom it is asked. */
  requester: string | null;
  caseId: string | null;
  /** A whole request of the bridge, which no other approval than the bridge's own serves. */
  forBridge: boolean;
  /** The same key asks once on the bridge; null asks each time. */
  idempotencyKey: string | null;
  channel: string | null;
  expiresInSeconds: number;
}

const longestMinutes = 7 * 24 * 60;

/**
 * The question of an execution: one, however many items came in. Throws InvalidInputError for a parameter that cannot be
 * used, and when the items ask for different things: one yes must not cover what nobody has read.
 */
export function readQuestion(context: IExecuteFunctions, items: number): Question {
  const question = questionOf(context, 0);
  for (let index = 1; index < items; index += 1) {
    const other = questionOf(context, index);
    if (canonicalJson(other) !== canonicalJson(question)) {
      throw new InvalidInputError(
        'Action',
        `items 0 and ${index} ask for different things, and one decision cannot cover both. Put Loop Over Items in front of this node, so that each is asked for on its own`,
      );
    }
  }
  return question;
}

function questionOf(context: IExecuteFunctions, index: number): Question {
  const parameter = (name: string): unknown => context.getNodeParameter(name, index, null);
  const options = { ...asObject(parameter('approvalOptions')), ...asObject(parameter('options')) };
  const text = (value: unknown): string =>
    typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  // What n8n writes by default in front of a tool's arguments cannot show them; the card does.
  const message = cleanText(text(parameter('message')).replace(/\s*Input:\s*\[object Object\]\s*$/, ''), 3000);
  const own = {
    name: text(parameter('actionName')),
    target: text(parameter('target')),
    arguments: parameter('actionArguments'),
    title: cleanLine(message.split('\n')[0] ?? '', 300),
  };
  const request = readRequest(parameter('approvalRequest'), own);
  const action = actionOf(context, request ?? own);
  const requester = text(options.requestedBy);
  if (requester !== '' && !/^[UW][A-Z0-9]{2,20}$/.test(requester)) {
    throw new InvalidInputError('Requested By', 'is no ID of a Slack user (U..., W...)');
  }
  return {
    action,
    digest: actionDigest(action),
    justification: (request === undefined ? message.split('\n').slice(1).join('\n').trim() : message) || null,
    answerWith: parameter('answerWith') === 'link' ? 'link' : 'buttons',
    approvers: parseApprovers(text(parameter('approvers')), 'Approvers'),
    askReason: options.askReason !== false,
    minApprovals: wholeNumber(options.minApprovals, 1, 10, 'Minimum Approvals'),
    requester: requester === '' ? null : requester,
    caseId: checked(caseIdSchema, request?.caseId ?? text(options.caseId), 'Case ID'),
    forBridge: request !== undefined,
    idempotencyKey: request?.idempotencyKey ?? null,
    channel: checked(channelSchema, text(options.channel), 'Channel'),
    expiresInSeconds: secondsOf(options.expiresAfterMinutes),
  };
}

function actionOf(
  context: IExecuteFunctions,
  given: { name: string; target: string; arguments: unknown; title: string },
): Question['action'] {
  const tool = given.name === '' ? reviewedTool(context) : undefined;
  const own = asArguments(given.arguments);
  const result = actionSchema.safeParse({
    name: tool?.name ?? given.name,
    target: given.target === '' && tool !== undefined ? 'what the arguments say' : given.target,
    arguments: tool === undefined ? own : { ...own, ...tool.arguments },
  });
  if (!result.success) {
    const issue = result.error.issues[0];
    const label = { name: 'Action Name', target: 'Target', arguments: 'Arguments' }[String(issue?.path[0])] ?? 'Action';
    const empty = (label === 'Action Name' && given.name === '') || (label === 'Target' && given.target === '');
    throw new InvalidInputError(
      label,
      empty ? 'is empty; say what is to be approved' : (issue?.message ?? 'not valid'),
    );
  }
  return { ...result.data, title: given.title };
}

function asArguments(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined || value === '') return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(String(value));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new InvalidInputError('Arguments', 'has to be a JSON object, such as {"reason": "leaked"}');
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function checked(
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: string } | { success: false; error: { issues: { message: string }[] } };
  },
  value: string,
  field: string,
): string | null {
  if (value === '') return null;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidInputError(field, result.error.issues[0]?.message ?? 'not valid');
}

function wholeNumber(value: unknown, min: number, max: number, field: string): number {
  if (value === null || value === undefined || value === '') return min;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new InvalidInputError(field, `has to be a whole number from ${min} to ${max}`);
}

function secondsOf(value: unknown): number {
  const minutes = value === null || value === undefined || value === '' ? 60 : Number(value);
  if (!Number.isFinite(minutes) || minutes <= 0 || minutes > longestMinutes) {
    throw new InvalidInputError('Expires After Minutes', `has to be more than 0 and at most ${longestMinutes}`);
  }
  return Math.max(1, Math.round(minutes * 60));
}
