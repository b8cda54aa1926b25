import { z } from 'zod';
import { overriding, portsThatFinishRequests } from '../clean-up-ports';
import { BadResponseError, RateLimitedError, UnavailableError } from '../errors';
import type { HttpResponse, Ports } from '../ports';
import { askedDelayMs, type Deadline } from '../retry';
import { callService, parseJson, type ServiceCall } from '../service-call';
import { urlSegment } from '../url-segment';
import type { SlackMethod } from './methods';
import { meterKey, ratePauses } from './rate-pauses';
import { type SlackSubject, slackError } from './slack-error';

const defaultBaseUrl = 'https://slack.com/api';
/** Slack names no wait in some of its limits; its per-channel limit is about a message a second. */
const waitWithoutHeaderSeconds = 30;

const envelope = z.object({ ok: z.boolean(), error: z.unknown(), needed: z.unknown() }).passthrough();

type Schema<T> = z.ZodType<T, z.ZodTypeDef, unknown>;

export type Parameters = Record<string, string | number | boolean | undefined>;

function encodeParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${urlSegment(key)}=${urlSegment(String(value))}`)
    .join('&');
}

/** How a writing method is sent. */
export interface WriteOptions {
  /** Doing it twice is the same as doing it once, as with chat.update: it may be sent again when the answer is lost. */
  repeatable?: boolean;
  /** The method takes no JSON. */
  form?: boolean;
  /** Slack's codes that are an answer and no failure; the answer's schema then has to take `ok: false` too. */
  expected?: readonly string[];
}

/** Slack's Web API for the length of one operation. */
export class SlackClient {
  private constructor(
    readonly ports: Ports,
    readonly baseUrl: string,
    readonly defaults: Readonly<Record<string, string>>,
    readonly deadline: Deadline,
    private readonly account: string | undefined,
  ) {}

  static async connect(ports: Ports, deadline: Deadline): Promise<SlackClient> {
    const { baseUrl, defaults, account } = await ports.connection('slack');
    return new SlackClient(ports, baseUrl.trim().replace(/\/+$/, '') || defaultBaseUrl, defaults, deadline, account);
  }

  /** A reading method, as GET with query parameters: several of them take no JSON. May be repeated. */
  read<T>(method: SlackMethod, parameters: Parameters, answer: Schema<T>, subject: SlackSubject): Promise<T> {
    const query = encodeParameters(parameters);
    const url = `${this.baseUrl}/${method}${query === '' ? '' : `?${query}`}`;
    return this.send(method, parameters.channel, { method: 'GET', url, safeToRepeat: true }, answer, subject, []);
  }

  /**
   * A writing method. Unless it is `repeatable` it is sent once: only 429 and a refused connection, after which nothing
   * happened, repeat it.
   */
  write<T>(
    method: SlackMethod,
    body: object,
    answer: Schema<T>,
    subject: SlackSubject,
    { repeatable = false, form = false, expected = [] }: WriteOptions = {},
  ): Promise<T> {
    const call = {
      method: 'POST' as const,
      url: `${this.baseUrl}/${method}`,
      headers: {
        'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8',
      },
      body: form ? encodeParameters(body as Parameters) : JSON.stringify(body),
      safeToRepeat: repeatable,
    };
    return this.send(method, (body as { channel?: unknown }).channel, call, answer, subject, expected);
  }

  /** Waits out what Slack asked for this method, or for posts this channel; other channels and methods go on. */
  private async send<T>(
    method: SlackMethod,
    channel: unknown,
    call: Pick<ServiceCall, 'method' | 'url' | 'headers' | 'body' | 'safeToRepeat'>,
    answer: Schema<T>,
    subject: SlackSubject,
    expected: readonly string[],
  ): Promise<T> {
    const { ports, deadline } = this;
    const key = meterKey(this.account, method, channel);
    if (!(await ratePauses.pass(key, () => ports.now(), deadline))) {
      throw new RateLimitedError('Slack', Math.ceil(ratePauses.left(key, ports.now()) / 1000));
    }
    const watching = overriding(ports, { http: ratePauses.watching(key, ports) });
    const sending = call.method === 'GET' ? watching : portsThatFinishRequests(watching);
    const response = await callService(sending, { service: 'slack', deadline, ...call });
    try {
      return this.unwrap(response, answer, subject, expected);
    } catch (error) {
      // A limit can also come as a refusal with HTTP 200.
      if (error instanceof RateLimitedError) ratePauses.pause(key, ports.now(), error.retryAfterSeconds * 1000);
      throw error;
    }
  }

  private unwrap<T>(response: HttpResponse, answer: Schema<T>, subject: SlackSubject, expected: readonly string[]): T {
    const { status } = response;
    if (status >= 500) throw new UnavailableError('Slack', `it answered ${status}`, { status });
    const body = envelope.safeParse(parseJson('slack', response));
    if (!body.success) throw new BadResponseError('Slack', `status ${status} without the field ok`, { status });
    if (!body.data.ok && !expected.includes(String(body.data.error))) {
      const asked = askedDelayMs(response.headers, this.ports.now());
      throw slackError(body.data, subject, asked === undefined ? waitWithoutHeaderSeconds : Math.ceil(asked / 1000));
    }
    const result = answer.safeParse(body.data);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw new BadResponseError('Slack', `${issue?.path.join('.') || 'the answer'}: ${issue?.message ?? 'not valid'}`);
  }
}
