import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { CancelledError, OperationError } from '../operations/errors';
import type { HttpRequest, HttpResponse } from '../operations/ports';
import { connectionFailure } from './connection-failure';
import { connectionOf, credentialTypes, isUnder, type Target } from './credentials';

export type TargetRequest = Omit<HttpRequest, 'service'>;

/**
 * One request through n8n's own helper, so that the credential, proxies and the policy on addresses stay n8n's. Any
 * status is an answer; redirects are not followed; the body stays text. Refuses an address that is not under the
 * credential's. Throws ConnectionError when no answer came, CancelledError when the execution was stopped.
 */
export async function sendRequest(
  context: IExecuteFunctions,
  target: Target,
  request: TargetRequest,
): Promise<HttpResponse> {
  const { baseUrl } = await connectionOf(context, target);
  if (!isUnder(baseUrl, request.url)) {
    throw new OperationError(
      'bad_response',
      `A request to ${hostOf(request.url)} was refused: the credential belongs to ${hostOf(baseUrl)} and goes nowhere else.`,
      { host: hostOf(request.url) },
    );
  }
  const stop = context.getExecutionCancelSignal();
  // Operations start nothing after a stop but their own clean-up, which the stop must not cut off.
  const cleaningUp = stop?.aborted === true;
  const signal = cleaningUp ? undefined : stop;
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
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
  let answer: unknown;
  try {
    answer = await context.helpers.httpRequestWithAuthentication.call(
      cleaningUp ? withoutStop(context) : context,
      credentialTypes[target],
      options,
    );
  } catch (error) {
    if (signal?.aborted) throw new CancelledError('The execution');
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

/** n8n's helper takes the stop signal from the context it is called on, whatever the options say. */
function withoutStop(context: IExecuteFunctions): IExecuteFunctions {
  return Object.create(context, { getExecutionCancelSignal: { value: () => undefined } }) as IExecuteFunctions;
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
