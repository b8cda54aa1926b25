import { ClientError, GraphQLClient } from 'graphql-request';
import type { z } from 'zod';
import {
  BadResponseError,
  InvalidInputError,
  MissingPermissionError,
  NotFoundOrNoAccessError,
  OperationError,
  RateLimitedError,
  UnavailableError,
} from '../errors';
import type { HttpResponse, Ports } from '../ports';
import type { Deadline } from '../retry';
import { callService, parseJson } from '../service-call';
import { cleanLine } from '../text';
import { unauthenticated } from './rest';

export interface GraphqlCall<T> {
  /** One named operation. */
  document: string;
  variables: Record<string, unknown>;
  /** What the answer's `data` must look like. */
  answer: z.ZodType<T, z.ZodTypeDef, unknown>;
  /** A mutation is sent once; only a refused connection or 429 may repeat it. */
  mutation: boolean;
  /** Panther's permission name, and what the call was for, e.g. `to run a query`; both go into a refusal's text. */
  permission: string;
  what: string;
  deadline: Deadline;
}

/** An entry of `errors`, cleaned. */
export interface GraphqlProblem {
  message: string;
  /** `extensions.code`; null where Panther gives none. */
  code: string | null;
}

export interface GraphqlAnswer<T> {
  data: T;
  /** What could not be resolved; `data` is then partial. Empty almost always. */
  problems: GraphqlProblem[];
}

/** Large enough for a page of 999 CloudTrail rows. */
const maxAnswerBytes = 64 * 1024 * 1024;

/**
 * Sends one GraphQL operation. Errors in the body are read whatever the HTTP status, and `data` that
 * still fits its schema is kept beside them. Throws OperationError only.
 */
export async function sendGraphql<T>(ports: Ports, endpoint: string, call: GraphqlCall<T>): Promise<GraphqlAnswer<T>> {
  const exchange = new Exchange(ports, call);
  const client = new GraphQLClient(endpoint, {
    fetch: exchange.fetch,
    errorPolicy: 'all',
    jsonSerializer: { stringify: JSON.stringify, parse: () => exchange.body },
  });
  let body: { data?: unknown; errors?: unknown; status: number };
  try {
    body = await client.rawRequest(call.document, call.variables);
  } catch (error) {
    if (error instanceof OperationError) throw error;
    // graphql-request throws for every status that is not 2xx, with the parsed body on `response`.
    if (!(error instanceof ClientError)) throw new BadResponseError('Panther', 'it is not a GraphQL result');
    body = error.response;
  }
  const problems = readProblems(body.errors);
  const data = call.answer.safeParse(body.data);
  if (data.success) return { data: data.data, problems };
  if (problems[0] !== undefined) throw problemError(problems[0], call, body.status);
  if (body.status >= 400) throw new UnavailableError('Panther', `it answered ${body.status}`, { status: body.status });
  const issue = data.error.issues[0];
  throw new BadResponseError('Panther', `${issue?.path.join('.') || 'data'}: ${issue?.message ?? 'not as documented'}`);
}

/**
 * A `fetch` over the http port, as graphql-request wants one. What is no GraphQL body ends here, as a typed error:
 * wrong token, refused permission, a load balancer's page. The body has been parsed then, so the `Response` is empty and
 * graphql-request gets it from its serializer: pages of rows are large, and each further copy costs time.
 */
class Exchange<T> {
  body: { data?: unknown; errors?: unknown } = {};

  constructor(
    private readonly ports: Ports,
    private readonly call: GraphqlCall<T>,
  ) {}

  readonly fetch: typeof fetch = async (input, init) => {
    const { call } = this;
    const response = await callService(this.ports, {
      service: 'panther',
      method: 'POST',
      url: String(input),
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: String(init?.body ?? ''),
      safeToRepeat: !call.mutation,
      deadline: call.deadline,
      maxBytes: maxAnswerBytes,
    });
    refuseByStatus(response, call);
    this.body = graphqlBody(response);
    return new Response('', { status: response.status, headers: { 'content-type': 'application/json' } });
  };
}

function refuseByStatus<T>(response: HttpResponse, call: GraphqlCall<T>): void {
  if (response.status === 401) throw unauthenticated();
  if (response.status === 403) throw new MissingPermissionError('Panther', call.permission, call.what);
}

function graphqlBody(response: HttpResponse): { data?: unknown; errors?: unknown } {
  const { status } = response;
  let body: unknown;
  try {
    body = parseJson('panther', response);
  } catch (error) {
    if (status === 404) throw wrongAddress();
    if (status >= 500) {
      throw new UnavailableError('Panther', `it answered ${status} with a page that is not from its API`, { status });
    }
    throw error;
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body) && ('data' in body || 'errors' in body)) {
    if (status < 200 || status > 599) throw new BadResponseError('Panther', `status ${status}`, { status });
    return body;
  }
  if (status === 404) throw wrongAddress();
  const said = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  const text = typeof said === 'string' ? ` ("${cleanLine(said, 200)}")` : '';
  if (status >= 500) throw new UnavailableError('Panther', `it answered ${status}${text}`, { status });
  throw new BadResponseError('Panther', `status ${status} without a GraphQL result${text}`, { status });
}

function wrongAddress(): NotFoundOrNoAccessError {
  return new NotFoundOrNoAccessError(
    'Panther',
    'GraphQL API at the address given',
    'Use the API URL that Panther shows under Settings > API Tokens.',
  );
}

function readProblems(errors: unknown): GraphqlProblem[] {
  if (!Array.isArray(errors)) return errors ? [{ message: 'an error without a text', code: null }] : [];
  return errors.slice(0, 20).map((entry: { message?: unknown; extensions?: { code?: unknown } } | null) => ({
    message: typeof entry?.message === 'string' ? cleanLine(entry.message, 500) : 'an error without a text',
    code: typeof entry?.extensions?.code === 'string' ? cleanLine(entry.extensions.code, 60) : null,
  }));
}

/** By Apollo's codes, which Panther's own client relies on. Without a code only the HTTP status decides. */
export function problemError(
  problem: GraphqlProblem,
  call: Pick<GraphqlCall<unknown>, 'permission' | 'what'>,
  status: number,
): OperationError {
  const { code, message } = problem;
  switch (code) {
    case 'UNAUTHENTICATED':
      return unauthenticated();
    case 'FORBIDDEN':
      return new MissingPermissionError('Panther', call.permission, call.what);
    case 'NOT_FOUND':
      return new NotFoundOrNoAccessError('Panther', `record for this call (${call.what})`, `It said "${message}".`);
    case 'BAD_USER_INPUT':
      return new InvalidInputError('input', `Panther did not accept it: "${message}"`, { graphql_code: code });
    case 'TOO_MANY_REQUESTS':
    case 'RATE_LIMITED':
      return new RateLimitedError('Panther', 60);
    case 'INTERNAL_SERVER_ERROR':
      return new UnavailableError('Panther', `it reported "${message}"`, { graphql_code: code });
    case 'GRAPHQL_VALIDATION_FAILED':
      return new BadResponseError('Panther', `its API does not know a part of this call ("${message}")`, {
        graphql_code: code,
      });
    default:
      return status >= 500
        ? new UnavailableError('Panther', `it reported "${message}"`, { graphql_code: code, status })
        : new BadResponseError('Panther', `it reported "${message}"`, { graphql_code: code, status });
  }
}
