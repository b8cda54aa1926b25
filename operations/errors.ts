/**
 * Typed errors: one class for each kind that a caller can act on. `code` is what programs branch on; `message` says
 * what happened, to what, and what to do next. Messages are written by us: text from a service is quoted, cleaned and capped.
 */
export const errorCodes = [
  'invalid_input',
  'unauthenticated',
  'missing_permission',
  'not_found_or_no_access',
  'rate_limited',
  'query_failed',
  'timeout',
  'conflict',
  'unavailable',
  'bad_response',
  'cancelled',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** The shape that travels: an n8n error item, an MCP error result and a log line carry the same fields. */
export interface ErrorShape {
  code: ErrorCode;
  message: string;
  /** Facts to act on, e.g. `{field}`, `{permission}`, `{retry_after_seconds}`, `{query_id}`. */
  details: Record<string, string | number | boolean | null>;
}

export class OperationError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorShape['details'] = {},
  ) {
    super(message);
    this.name = new.target.name;
  }

  toShape(): ErrorShape {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** A value the caller gave cannot be used. `field` is a dotted path, e.g. `indicators.0.value`. */
export class InvalidInputError extends OperationError {
  constructor(
    readonly field: string,
    problem: string,
    details: ErrorShape['details'] = {},
  ) {
    super('invalid_input', `${field}: ${problem}`, { field, ...details });
  }
}

/** The credential is missing, wrong or expired (HTTP 401, Slack `invalid_auth`). */
export class UnauthenticatedError extends OperationError {
  constructor(service: string, next: string) {
    super('unauthenticated', `${service} did not accept the credential. ${next}`, { service });
  }
}

/** The credential is good but may not do this; the permission or scope is named when the service tells it. */
export class MissingPermissionError extends OperationError {
  constructor(service: string, permission: string, what: string) {
    super(
      'missing_permission',
      `${service} refused ${what}: the credential lacks ${permission}. Grant it, or use a credential that has it.`,
      {
        service,
        permission,
      },
    );
  }
}

/** Services answer 404 for what does not exist and for what may not be seen; we cannot tell which, and say so. */
export class NotFoundOrNoAccessError extends OperationError {
  constructor(service: string, what: string, hint = '') {
    super(
      'not_found_or_no_access',
      `${service} has no ${what}, or the credential may not see it.${hint && ` ${hint}`}`,
      {
        service,
        what,
      },
    );
  }
}

export class RateLimitedError extends OperationError {
  constructor(
    service: string,
    readonly retryAfterSeconds: number,
  ) {
    super('rate_limited', `${service} limits requests; try again in ${retryAfterSeconds} s.`, {
      service,
      retry_after_seconds: retryAfterSeconds,
    });
  }
}

export const queryFailures = [
  'missing_table',
  'bad_identifier',
  'bad_value',
  'syntax',
  'too_large',
  'timed_out',
  'cancelled',
  'other',
] as const;
export type QueryFailure = (typeof queryFailures)[number];

/** The data lake refused or failed a query; `kind` classifies Panther's text. */
export class QueryFailedError extends OperationError {
  constructor(
    readonly kind: QueryFailure,
    message: string,
    queryId: string | null,
    text: string,
  ) {
    super('query_failed', message, { kind, query_id: queryId, text });
  }
}

/** The total deadline passed. `details` say how to resume, e.g. `{query_id}`. */
export class DeadlineError extends OperationError {
  constructor(what: string, seconds: number, next: string, details: ErrorShape['details'] = {}) {
    super('timeout', `${what} did not finish within ${seconds} s. ${next}`, details);
  }
}

/** The state changed under the caller: a version clash, a closed case, an effect owned by somebody else. */
export class ConflictError extends OperationError {
  constructor(message: string, details: ErrorShape['details'] = {}) {
    super('conflict', message, details);
  }
}

/** The service cannot be reached or is failing (connection refused or reset, HTTP 5xx). */
export class UnavailableError extends OperationError {
  constructor(service: string, problem: string, details: ErrorShape['details'] = {}) {
    super(
      'unavailable',
      `${service} is not available: ${problem}. Try again later; if it stays so, check its address and status.`,
      {
        service,
        ...details,
      },
    );
  }
}

/** The service answered with something that is not its documented format (HTML from a load balancer, cut JSON). */
export class BadResponseError extends OperationError {
  constructor(service: string, problem: string, details: ErrorShape['details'] = {}) {
    super('bad_response', `${service} gave an answer that cannot be used: ${problem}.`, { service, ...details });
  }
}

export class CancelledError extends OperationError {
  constructor(what: string) {
    super('cancelled', `${what} was cancelled by the caller.`);
  }
}

/** Any thrown value in the travelling shape; what is not ours becomes `unavailable` without its internals. */
export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof OperationError) return error.toShape();
  return {
    code: 'unavailable',
    message: 'The operation stopped on an unexpected condition. The log of the host has the details.',
    details: {},
  };
}
