import { accountName } from '../../operations/account';
import { BodyReader, type KeptBody } from '../../operations/body-reader';
import type { CasesPort } from '../../operations/cases';
import { CancelledError } from '../../operations/errors';
import { pantherEndpoints } from '../../operations/panther/base-url';
import {
  ConnectionError,
  type HttpRequest,
  type HttpResponse,
  type Log,
  type Ports,
  type QueryMemory,
  type Service,
} from '../../operations/ports';
import { isUploadAddress } from '../../operations/slack/upload-address';

export interface TestConnection {
  baseUrl: string;
  token: string;
  defaults?: Record<string, string>;
}

export interface TestPortsOptions {
  connections: Partial<Record<Service, TestConnection>>;
  cases?: CasesPort;
  /** Nothing is remembered from call to call unless given. */
  queries?: QueryMemory;
  signal?: AbortSignal;
  /** The wall clock unless given. */
  now?: () => Date;
  /** 0.5 unless given, so that runs do not differ. */
  random?: () => number;
  /** How much faster than real time this host lives: waits, time-outs and the clock alike. 1 unless given. */
  speed?: number;
  /**
   * The clock goes on by the waits that were asked for and by nothing else, and a request has its whole time: what is limited in time does
   * not depend on how busy the machine is. Waits are still `speed` times as fast. The default wherever a `speed` is given; false where the time
   * that work takes is what is tested.
   */
  clockOfWaits?: boolean;
}

export interface ProgressReport {
  message: string;
  done: number;
  total?: number;
}

export interface TestPorts extends Ports {
  /** Every request that was sent, in order. Without credentials. */
  requests: HttpRequest[];
  reports: ProgressReport[];
  /** Every wait that was asked for, in milliseconds. */
  waits: number[];
  logged: { level: keyof Log; message: string; fields?: Record<string, unknown> }[];
}

/**
 * A host for operations in tests: real HTTP over Node's fetch, real waits, the real clock (or all of it faster). As the hosts do, it attaches
 * a service's credential, refuses any other origin than the credential's, and follows no redirect.
 */
export function createTestPorts(options: TestPortsOptions): TestPorts {
  const signal = options.signal ?? new AbortController().signal;
  const speed = options.speed ?? 1;
  const clockOfWaits = options.clockOfWaits ?? options.speed !== undefined;
  const startedAt = Date.now();
  let waited = 0;
  const requests: HttpRequest[] = [];
  const reports: ProgressReport[] = [];
  const waits: number[] = [];
  const logged: TestPorts['logged'] = [];
  const log =
    (level: keyof Log) =>
    (message: string, fields?: Record<string, unknown>): void => {
      logged.push({ level, message, fields });
    };
  const connectionTo = (service: Service): TestConnection => {
    const connection = options.connections[service];
    if (connection === undefined) throw new Error(`the test gave no connection for ${service}`);
    return connection;
  };
  return {
    requests,
    reports,
    waits,
    logged,
    signal,
    cases: options.cases,
    queries: options.queries,
    log: { debug: log('debug'), info: log('info'), warn: log('warn') },
    now: options.now ?? (() => new Date(startedAt + (clockOfWaits ? waited : (Date.now() - startedAt) * speed))),
    random: options.random ?? (() => 0.5),
    progress: (message, done, total) => {
      reports.push({ message, done, total });
    },
    connection: async (service) => {
      const { baseUrl, defaults, token } = connectionTo(service);
      const address = baseUrl.replace(/\/+$/, '');
      return { baseUrl: address, defaults: defaults ?? {}, account: accountName(address, token) };
    },
    sleep: async (ms, until = signal) => {
      waits.push(ms);
      await sleep(ms / speed, until);
      waited += ms;
    },
    http: async (request) => {
      requests.push(request);
      // Near a deadline only moments are left, which the clock of waits does not take away while a busy machine answers.
      const timeoutMs = clockOfWaits ? Math.max(request.timeoutMs, 5_000) : request.timeoutMs / speed;
      return send({ ...request, timeoutMs }, connectionTo(request.service));
    },
  };
}

/**
 * The same host, but for requests that are taken and never answered: on the clock of waits they use up the time they have.
 * The next check of the clock then sees what it would see after a real silence of that length.
 */
export function withoutAnswerTo(isHeld: (request: HttpRequest) => boolean, ports: TestPorts): TestPorts {
  const http: Ports['http'] = async (request) => {
    if (!isHeld(request)) return ports.http(request);
    ports.requests.push(request);
    await ports.sleep(request.timeoutMs, request.signal);
    throw new ConnectionError('timeout', 'no answer in time');
  };
  return { ...ports, http };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new CancelledError('The wait'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

async function send(request: HttpRequest, connection: TestConnection): Promise<HttpResponse> {
  const origin =
    request.service === 'panther' ? pantherEndpoints(connection.baseUrl).origin : originOf(connection.baseUrl);
  if (request.upload && !isUploadAddress(connection.baseUrl, request.url))
    throw new Error(`no upload to ${request.url}`);
  if (!request.upload && originOf(request.url) !== origin)
    throw new Error(`the credential for ${origin} does not go to ${request.url}`);
  const timeout = AbortSignal.timeout(Math.max(1, Math.ceil(request.timeoutMs)));
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { ...request.headers, ...(request.upload ? {} : credential(request.service, connection.token)) },
      body: request.body,
      redirect: 'manual',
      signal: request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers.entries()),
      ...(await readBody(response, request)),
    };
  } catch (error) {
    if (timeout.aborted) throw new ConnectionError('timeout', 'no answer in time');
    const code = causeCode(error);
    const refused = code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
    throw new ConnectionError(refused ? 'refused' : 'lost', code ?? String(error));
  }
}

function credential(service: Service, token: string): Record<string, string> {
  if (service === 'panther') return { 'x-api-key': token };
  if (service === 'gitlab') return { 'private-token': token };
  return { authorization: `Bearer ${token}` };
}

async function readBody(
  response: Response,
  { maxBytes = Number.MAX_SAFE_INTEGER, keep = 'start' }: HttpRequest,
): Promise<KeptBody> {
  const reader = new BodyReader(maxBytes, keep);
  for await (const chunk of response.body ?? []) if (!reader.add(chunk)) break;
  return reader.finish();
}

function originOf(address: string): string {
  return new URL(address).origin;
}

function causeCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
