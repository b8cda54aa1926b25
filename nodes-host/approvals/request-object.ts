import { InvalidInputError } from '../../operations/errors';
import { approvalRequestSchema } from '../../operations/response/response-output';

const schema = approvalRequestSchema.strict();

/** An action as the node's fields name it. */
interface Named {
  name: string;
  target: string;
  arguments: unknown;
  title: string;
}

/**
 * A whole request, as plan_response gives it; undefined where the field is empty. Throws InvalidInputError for anything else,
 * and when the action is named in the fields as well: nobody could tell which of the two is approved.
 */
export function readRequest(
  value: unknown,
  own: Named,
): (Named & { caseId: string; idempotencyKey: string | null }) | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const field = 'Approval Request';
  const result = schema.safeParse(typeof value === 'string' ? asJson(value) : value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new InvalidInputError(
      field,
      `is not what Plan Response gives as approval_request (${issue?.path.join('.') || 'the whole'}: ${issue?.message})`,
    );
  }
  const hasArguments = own.arguments !== null && !['', '{}'].includes(textOf(own.arguments));
  if (own.name !== '' || own.target !== '' || hasArguments) {
    throw new InvalidInputError(field, 'says what is approved, so Action Name, Target and Arguments have to be empty');
  }
  const { action, target, arguments: given, title, case_id, idempotency_key } = result.data;
  return { name: action, target, arguments: given, title, caseId: case_id, idempotencyKey: idempotency_key ?? null };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : JSON.stringify(value ?? {});
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
