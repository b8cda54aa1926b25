import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { BodyReader, type KeptBody } from '../operations/body-reader';
import { CancelledError, OperationError } from '../operations/errors';
import { ConnectionError, type HttpRequest, type HttpResponse } from '../operations/ports';
import { isUploadAddress } from '../operations/slack/upload-address';
import { connectionFailure } from './connection-failure';
import { isUnder } from './credential-address';
import { type CallContext, connectionOf, credentialTypes, scopeOf, type Target } from './credentials';

export type TargetRequest = Omit<HttpRequest, 'service'>;

/**
 * One request through n8n's own helper, so that the credential, proxies and the policy on addresses stay n8n's. Any
 * status is an answer; redirects are not followed; the body stays text. Refuses an address that is not under the
 * credential's. Throws ConnectionError when no answer came, CancelledError when its own
 * signal ended it.
 */
export async function sendRequest(context: CallContext, target: Target, request: TargetRequest): Promise<HttpResponse> {
  const baseUrl = scopeOf(target, (await connectionOf(context, target)).baseUrl);
  const uploads = request.upload === true;
  if (uploads ? !(target === 'slack' && isUploadAddress(baseUrl, request.url)) : !isUnder(baseUrl, request.url)) {
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
    // `text` keeps n8n's HTTP client from parsing; JSON is parsed where its schema is known. For the end of a long
    // body it is handed over piece by piece instead, so that it is never in memory whole.
    encoding: request.keep === 'end' ? 'stream' : 'text',
    json: false,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    disableFollowRedirect: true,
    timeout: Math.max(1, Math.ceil(request.timeoutMs)),
    ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
  };
  const until = Date.now() + request.timeoutMs;
  try {
    const answer = uploads
      ? await plainRequest(context, options)
      : await context.helpers.httpRequestWithAuthentication.call(
          endedBy(context, request.signal),
          credentialTypes[target],
          options,
        );
    return await toResponse(answer, request, until);
  } catch (error) {
    if (request.signal?.aborted) throw new CancelledError('The execution');
    if (error instanceof ConnectionError) throw error;
    const failure = connectionFailure(error);
    if (failure !== undefined) throw failure;
    throw new OperationError(
      'unavailable',
      `n8n could not send a request to ${hostOf(request.url)}: ${messageOf(error)}`,
      { host: hostOf(request.url) },
    );
  }
}

/** Without a credential: for an address that is the permission itself. */
async function plainRequest({ helpers }: CallContext, options: IHttpRequestOptions): Promise<unknown> {
  if (helpers.httpRequest === undefined) throw new Error('requests without a credential cannot be made here');
  return helpers.httpRequest(options);
}

/**
 * The context as n8n's helper is to see it: the helper ends a request with the execution's stop signal, whatever the
 * options say, and so would cut off the clean-up after a stop.
 */
function endedBy(context: CallContext, signal: AbortSignal | undefined): IExecuteFunctions {
  return Object.create(context, { getExecutionCancelSignal: { value: () => signal } }) as IExecuteFunctions;
}

async function toResponse(answer: unknown, request: TargetRequest, until: number): Promise<HttpResponse> {
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
  const kept = isPieces(body) ? await readPieces(body, request, until) : capText(textOf(body), request.maxBytes);
  return { status: statusCode, headers: lower, ...kept };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  return body === undefined || body === null ? '' : JSON.stringify(body);
}

interface Pieces extends AsyncIterable<Uint8Array> {
  destroy?(error?: Error): void;
}

function isPieces(body: unknown): body is Pieces {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** n8n's time-out ends with the headers, and its signal may too: both are looked at with every piece. */
async function readPieces(pieces: Pieces, request: TargetRequest, until: number): Promise<KeptBody> {
  const reader = new BodyReader(request.maxBytes ?? Number.MAX_SAFE_INTEGER, request.keep ?? 'start');
  const stop = () => pieces.destroy?.(new Error('aborted'));
  request.signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of pieces) {
      if (!reader.add(piece)) break;
      if (Date.now() > until) throw new ConnectionError('timeout', 'the body did not end in time');
    }
  } finally {
    request.signal?.removeEventListener('abort', stop);
    stop();
  }
  return reader.finish();
}

/** n8n's helper has no limit of its own, so the limit is applied to what it read. */
function capText(text: string, maxBytes: number | undefined): KeptBody {
  if (maxBytes === undefined || text.length * 3 <= maxBytes) return { body: text };
  const reader = new BodyReader(maxBytes, 'start');
  reader.add(new TextEncoder().encode(text));
  return reader.finish();
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
