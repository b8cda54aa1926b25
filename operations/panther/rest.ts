import type { z } from 'zod';
import {
  BadResponseError,
  ConflictError,
  InvalidInputError,
  MissingPermissionError,
  NotFoundOrNoAccessError,
  type OperationError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '../errors';
import type { HttpRequest, HttpResponse, Ports } from '../ports';
import type { Deadline } from '../retry';
import { callService, parseJson } from '../service-call';
import { cleanLine } from '../text';

/** A list is sent as a repeated key. What is undefined or an empty text is left out. */
export type RestQuery = Record<string, string | number | boolean | readonly string[] | undefined>;

export interface RestCall<T> {
  method: HttpRequest['method'];
  /** Below the API's base, with encoded segments: `/alerts/abc`. */
  path: string;
  query?: RestQuery;
  body?: unknown;
  /** What the body of the answer must look like; `undefined` for calls that answer 204 or whose body is not read. */
  answer: z.ZodType<T, z.ZodTypeDef, unknown> | undefined;
  /** Reads, and writes that leave the same state when made twice. */
  safeToRepeat: boolean;
  /** Panther's permission name, and what the call was for, e.g. `to read an alert`; both go into a refusal's text. */
  permission: string;
  what: string;
  /** What is missing after a 404, e.g. `alert 0123`. */
  object: string;
  deadline: Deadline;
}

const maxAnswerBytes = 64 * 1024 * 1024;

/**
 * One REST call of Panther. Resolves to the checked body; to undefined when no body was asked for or came (204).
 * Throws OperationError only: bodies are read whichever of Panther's two error shapes they have (`{"message"}`,
 * `{"error"}`), and pages of a load balancer are told from answers of the API.
 */
export async function sendRest<T>(ports: Ports, base: string, call: RestCall<T>): Promise<T | undefined> {
  const response = await callService(ports, {
    service: 'panther',
    method: call.method,
    url: `${base}${call.path}${queryText(call.query)}`,
    headers: {
      accept: 'application/json',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: call.body === undefined ? undefined : JSON.stringify(call.body),
    safeToRepeat: call.safeToRepeat,
    deadline: call.deadline,
    maxBytes: maxAnswerBytes,
  });
  if (response.status < 200 || response.status > 299) throw restError(response, call);
  if (call.answer === undefined || response.status === 204) return undefined;
  const body = call.answer.safeParse(parseJson('panther', response));
  if (body.success) return body.data;
  const issue = body.error.issues[0];
  throw new BadResponseError(
    'Panther',
    `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'not as documented'}`,
  );
}

function queryText(query: RestQuery = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'object') for (const item of value) params.append(name, item);
    else if (value !== undefined && value !== '') params.append(name, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

type Asked = Pick<RestCall<unknown>, 'permission' | 'what' | 'object'>;

/** An answer other than 2xx as a typed error. */
export function restError(response: HttpResponse, { permission, what, object }: Asked): OperationError {
  const { status } = response;
  const { text, isJson } = problemOf(response.body);
  const said = text === '' ? '' : ` ("${text}")`;
  if (status === 401) return unauthenticated();
  if (status === 403) return new MissingPermissionError('Panther', permission, what);
  if (status === 404 && isJson) return new NotFoundOrNoAccessError('Panther', object);
  if (status === 404) {
    return new NotFoundOrNoAccessError(
      'Panther',
      'REST API at the address given',
      'Use the API URL that Panther shows under Settings > API Tokens.',
    );
  }
  if (status === 409)
    return new ConflictError(`Panther refused ${what}: it conflicts with what is there${said}.`, { status });
  if (status === 400 || status === 422) {
    return new InvalidInputError('input', `Panther did not accept it${said || ', and does not say why'}`, { status });
  }
  if (status === 429) return new RateLimitedError('Panther', 60);
  if (status >= 500) return new UnavailableError('Panther', `it answered ${status}${said}`, { status });
  return new BadResponseError('Panther', `status ${status}${said} for ${object}`, { status });
}

/** The one text for a token that Panther does not take, whichever API said so. */
export function unauthenticated(): UnauthenticatedError {
  return new UnauthenticatedError(
    'Panther',
    'Check the API token (Settings > API Tokens): whether it is complete, expired, or bound to other networks. A new token takes up to a minute to work.',
  );
}

function problemOf(body: string): { text: string; isJson: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { text: cleanLine(body.slice(0, 4000).replace(/<[^>]*>/g, ' '), 200), isJson: false };
  }
  const { message, error } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const text = typeof message === 'string' ? message : typeof error === 'string' ? error : '';
  return { text: cleanLine(text, 200), isJson: true };
}
