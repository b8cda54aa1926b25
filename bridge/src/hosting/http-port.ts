import type { Readable } from 'node:stream';
import type { AxiosInstance, AxiosResponse } from 'axios';
import { BodyReader } from '../../../operations/body-reader';
import { CancelledError, OperationError } from '../../../operations/errors';
import { ConnectionError, type HttpRequest, type HttpResponse } from '../../../operations/ports';
import { serviceName } from '../../../operations/service-call';
import { isUploadAddress } from '../../../operations/slack/upload-address';
import { type BridgeConfig, requireService, type ServiceConfig } from '../config';
import { type Agents, guardedAgents } from './guarded-agents';
import { PrivateAddressError, refusePrivateLiteral } from './guarded-lookup';
import { PieceCollector } from './young-garbage';

/** Read when the request names no limit: enough for any answer that an operation can use. */
const defaultMaxBytes = 16 * 1024 * 1024;

/** Errors of a connection that was never made: the request certainly did not reach the service. */
const refusedCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'EPROTO',
]);

/** Sends requests to the configured services over kept connections. One for the whole process. */
export class HttpPort {
  private readonly agents: Agents;
  private readonly userAgent: string;
  private client: Promise<AxiosInstance> | undefined;

  constructor(
    private readonly config: BridgeConfig,
    userAgent: string,
  ) {
    // Idle connections end after 15 s, before the usual load balancers end them: a mutation sent on a connection that
    // the other side has just closed is lost, and may not be repeated.
    this.agents = guardedAgents(config.allowPrivateNetwork, {
      keepAlive: true,
      maxSockets: 32,
      maxFreeSockets: 8,
      timeout: 15_000,
    });
    this.userAgent = userAgent;
  }

  /** See Ports.http. Throws ConnectionError, CancelledError, and OperationError for what may not be sent at all. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const service = requireService(this.config, request.service, serviceName(request.service));
    const url = checkAddress(service, request);
    if (!this.config.allowPrivateNetwork) refusePrivateLiteral(url.hostname);

    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), request.timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, timer.signal]) : timer.signal;
    try {
      const response = await this.once(url, request, service, signal);
      // A refused credential was not acted upon: with a rotated one, even a change may be sent again.
      if (response.status === 401 && !request.upload && (await service.renew?.()) && !signal.aborted)
        return await this.once(url, request, service, signal);
      return response;
    } catch (error) {
      throw toConnectionError(request, error, timer.signal.aborted);
    } finally {
      clearTimeout(timeout);
    }
  }

  private async once(
    url: URL,
    request: HttpRequest,
    service: ServiceConfig,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    this.client ??= this.open();
    const response = await (await this.client).request<Readable>({
      url: url.href,
      method: request.method,
      headers: {
        ...withoutCredentials(request.headers),
        ...(request.upload ? {} : { [service.credential.header]: service.credential.value }),
      },
      data: request.body,
      signal,
    });
    return readResponse(response, request, signal);
  }

  /** Loaded with the first request: a client that only wants to know the tools does not wait for it. */
  private async open(): Promise<AxiosInstance> {
    const { default: axios } = await import('axios');
    return axios.create({
      ...this.agents,
      headers: { common: { 'user-agent': this.userAgent, accept: 'application/json' } },
      maxRedirects: 0,
      maxBodyLength: Number.POSITIVE_INFINITY,
      proxy: false,
      responseType: 'stream',
      timeout: 0,
      transformRequest: [(body: unknown) => body],
      validateStatus: () => true,
    });
  }

  close(): void {
    this.agents.httpAgent.destroy();
    this.agents.httpsAgent.destroy();
  }
}

/** The credential goes to the address stored beside it and nowhere else: same origin, at or under the same path. */
function checkAddress(service: ServiceConfig, request: HttpRequest): URL {
  if (request.upload && request.service === 'slack' && isUploadAddress(service.baseUrl, request.url))
    return new URL(request.url);
  const base = new URL(service.baseUrl);
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  const basePath = base.pathname.replace(/\/+$/, '');
  const inside =
    url !== undefined &&
    url.origin === base.origin &&
    url.username === '' &&
    url.password === '' &&
    (url.pathname === basePath || url.pathname.startsWith(`${basePath}/`)) &&
    !/%2f\.{1,2}(%2f|\/|$)|\/\.{1,2}(%2f|$)/i.test(url.pathname);
  if (url !== undefined && inside && !request.upload) return url;
  const name = serviceName(request.service);
  throw new OperationError(
    'invalid_input',
    `url: the address is not under ${service.baseUrl}, and ${name}'s credential goes nowhere else`,
    { field: 'url', service: name },
  );
}

const credentialHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'private-token',
  'job-token',
  'x-api-key',
  'cookie',
  'host',
]);

/** Credentials are this module's matter alone, whatever an operation puts into its headers. */
function withoutCredentials(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !credentialHeaders.has(name.toLowerCase())));
}

async function readResponse(
  response: AxiosResponse<Readable>,
  { maxBytes = defaultMaxBytes, keep = 'start' }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { data: stream } = response;
  const reader = new BodyReader(maxBytes, keep);
  // Of the end alone nothing else is kept, however long the body.
  const pieces = keep === 'end' ? new PieceCollector() : undefined;
  const stop = () => stream.destroy(new Error('aborted'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (!reader.add(chunk)) break;
      pieces?.add(chunk);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return { status: response.status, headers: flatHeaders(response.headers), ...reader.finish() };
}

function flatHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return flat;
}

function toConnectionError(request: HttpRequest, error: unknown, timedOut: boolean): Error {
  if (request.signal?.aborted) return new CancelledError(`The call to ${serviceName(request.service)}`);
  const { host } = new URL(request.url);
  if (timedOut) return new ConnectionError('timeout', `${host} did not answer within ${request.timeoutMs} ms`);
  for (let cause = error; cause !== undefined && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    if (cause instanceof PrivateAddressError) return cause;
    const { errors } = cause as { errors?: unknown };
    const refused = [cause, ...(Array.isArray(errors) ? errors : [])]
      .map(refusedCode)
      .find((code) => code !== undefined);
    if (refused !== undefined) return new ConnectionError('refused', `${host}: ${refused}`);
  }
  const code = (error as { code?: unknown }).code;
  return new ConnectionError('lost', `${host}: ${typeof code === 'string' ? code : 'the connection broke'}`);
}

/** The code when the error arose before the request was sent. A read may time out too: then nobody knows. */
function refusedCode(error: unknown): string | undefined {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  const beforeSending = syscall === undefined || syscall === 'connect' || syscall === 'getaddrinfo';
  return beforeSending && typeof code === 'string' && refusedCodes.has(code) ? code : undefined;
}
