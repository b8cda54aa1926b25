import {
  BadResponseError,
  InvalidInputError,
  MissingPermissionError,
  NotFoundOrNoAccessError,
  type OperationError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '../errors';
import type { HttpResponse } from '../ports';
import { cleanLine } from '../text';

const service = 'GitLab';

/** GitLab refused the parameters (400, 422). Has its own class because one of them has a documented fall-back. */
export class RefusedParametersError extends InvalidInputError {
  constructor(what: string, message: string) {
    super('request', `GitLab refused the parameters for ${what}${message && `: ${message}`}`, { status: 400 });
  }
}

/** A list goes no further by pages (405; 50,000 records unless the administrator set another number). */
export class OffsetCeilingError extends BadResponseError {
  constructor(what: string, message: string) {
    super(
      'GitLab',
      `it gives no more of ${what} page by page${message && `: ${message}`}; ask for a shorter window, or for less`,
      { status: 405 },
    );
  }
}

export interface Asked {
  /** For messages: `merge request !5 of group/project`. */
  what: string;
  /** The id in the address is a path, which proxies that decode `%2F` turn into 404. */
  byPath: boolean;
}

/** An answer other than 2xx as a typed error, with the status among its details: 402, 403 and 404 mean different things to some callers. */
export function gitLabError(response: HttpResponse, asked: Asked): OperationError {
  const error = errorOf(response, asked);
  error.details.status = response.status;
  return error;
}

function errorOf(response: HttpResponse, asked: Asked): OperationError {
  const { status } = response;
  const { message, scope } = readProblem(response.body);
  const said = message === '' ? '' : ` ("${message}")`;
  if (status === 401) {
    return new UnauthenticatedError(service, `It may be expired, revoked or for another instance${said}.`);
  }
  if (status === 402)
    return new MissingPermissionError(service, 'a licence for this feature (Premium or Ultimate)', asked.what);
  // Servers before 429 came into use; there is no code to tell it by.
  if (status === 403 && /^User API Key Rate limit exceeded\b/i.test(message)) return new RateLimitedError(service, 60);
  if (status === 403) {
    const permission = scope === '' ? `a role that allows it${said}` : `the scope ${scope}`;
    return new MissingPermissionError(service, permission, asked.what);
  }
  if (status === 404 || status === 410) {
    const hint = asked.byPath
      ? 'If it exists and is visible, a proxy in front of GitLab may decode %2F in addresses; the numeric id works there.'
      : '';
    return new NotFoundOrNoAccessError(service, asked.what, hint);
  }
  if (status === 400 || status === 422) return new RefusedParametersError(asked.what, message);
  if (status === 405) return new OffsetCeilingError(asked.what, message);
  if (status === 429) return new RateLimitedError(service, 60);
  if (status >= 500) return new UnavailableError(service, `it answered ${status}${said} to ${asked.what}`, { status });
  return new BadResponseError(service, `status ${status}${said} for ${asked.what}`, { status });
}

/**
 * The text of an error body, whichever of GitLab's forms it has: `message` (string, object of lists, nested),
 * `error_description`, `error`, plain text, HTML. `scope` is set for `insufficient_scope`.
 */
export function readProblem(body: string): { message: string; scope: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { message: cleanLine(body.slice(0, 4000).replace(/<[^>]*>/g, ' '), 200), scope: '' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { message: '', scope: '' };
  const { message, error, error_description: description, scope } = value as Record<string, unknown>;
  const scopeText = error === 'insufficient_scope' && typeof scope === 'string' ? cleanLine(scope, 100) : '';
  const text = flatten(message) || flatten(description) || flatten(error);
  return { message: cleanLine(text, 200), scope: scopeText };
}

function flatten(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > 3) return '';
  if (Array.isArray(value))
    return value
      .slice(0, 5)
      .map((item) => flatten(item, depth + 1))
      .filter(Boolean)
      .join(', ');
  return Object.entries(value)
    .slice(0, 5)
    .map(([key, item]) => `${key} ${flatten(item, depth + 1)}`.trim())
    .join('; ');
}
