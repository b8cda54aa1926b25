import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { CancelledError, OperationError } from '../operations/errors';
import type { HttpRequest, HttpResponse } from '../operations/ports';
import { connectionFailure } from './connection-failure';
import { type CallContext, connectionOf, credentialTypes, isUnder, scopeOf, type Target } from './credentials';

export type TargetRequest = Omit<HttpRequest, 'service'>;

/**
 * One request through n8n's own helper, so that the credential, proxies and the policy on addresses stay n8n's. Any
 * status is an answer; redirects are not followed; the body stays text. Refuses an address that is not under the
 * credential's. Throws ConnectionError when no answer came, CancelledError when its own
 * signal ended it.
 */
export async function sendRequest(
  context: CallContext,
  target: Target,
  request: TargetRequest,
): Promise<HttpResponse> {
  const baseUrl = scopeOf(target, (await connectionOf(context, target)).baseUrl);
  if (!isUnder(baseUrl, request.url)) {
    throw new OperationError(
      'bad_response',
      `A request to ${hostOf(request.url)} was refused: the credential belongs to ${hostOf(baseUrl)} and goes nowhere else.`,
      { host: hostOf(request.url) },
    );
  }
  const options: IHttpRequestOptions = {
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
    // `text` keeps n8n's HTTP client from parsing; JSON is parsed where its schema is known.
    encoding: 'text',
    json: false,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    disableFollowRedirect: true,
    timeout: Math.max(1, Math.ceil(request.timeoutMs)),
    ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
  };
  let answer: unknown;
  try {
    answer = await context.helpers.httpRequestWithAuthentication.call(
      endedBy(context, request.signal),
      credentialTypes[target],
      options,
    );
  } catch (error) {
    if (request.signal?.aborted) throw new CancelledError('The execution');
    const failure = connectionFailure(error);
    if (failure !== undefined) throw failure;
    throw new OperationError(
      'unavailable',
      `n8n could not send a request to ${hostOf(request.url)}: ${messageOf(error)}`,
      { host: hostOf(request.url) },
    );
  }
  return toResponse(answer, request.maxBytes);
}

/**
 * The context as n8n's helper is to see it: the helper ends a request with the execution's stop signal, whatever the
 * options say, and so would cut off the clean-up after a stop.
 */
function endedBy(context: CallContext, signal: AbortSignal | undefined): IExecuteFunctions {
  return Object.create(context, { getExecutionCancelSignal: { value: () => signal } }) as IExecuteFunctions;
}

function toResponse(answer: unknown, maxBytes: number | undefined): HttpResponse {
  const { statusCode, headers, body } = answer as {
    statusCode: number;
    headers?: Record<string, unknown>;
    body: unknown;
  };
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined && value !== null)
      lower[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  const text = typeof body === 'string' ? body : body === undefined || body === null ? '' : JSON.stringify(body);
  return { status: statusCode, headers: lower, ...capBytes(text, maxBytes) };
}

/** n8n's helper has no limit of its own, so the limit is applied to what it read. */
function capBytes(text: string, maxBytes: number | undefined): { body: string; truncated?: boolean } {
  if (maxBytes === undefined || text.length * 3 <= maxBytes) return { body: text };
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return { body: text };
  // `stream` holds back a character that the cut went through.
  return { body: new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true }), truncated: true };
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return 'an address that is none';
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'no reason was given';
}
