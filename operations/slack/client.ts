import { z } from 'zod';
import { portsThatFinishRequests } from '../clean-up-ports';
import { BadResponseError, UnavailableError } from '../errors';
import type { HttpResponse, Ports } from '../ports';
import { askedDelayMs, type Deadline } from '../retry';
import { callService, parseJson } from '../service-call';
import { type SlackSubject, slackError } from './slack-error';

const defaultBaseUrl = 'https://slack.com/api';
/** Slack names no wait in some of its limits; its per-channel limit is about a message a second. */
const waitWithoutHeaderSeconds = 30;

const envelope = z.object({ ok: z.boolean(), error: z.unknown(), needed: z.unknown() }).passthrough();

type Schema<T> = z.ZodType<T, z.ZodTypeDef, unknown>;

/** Slack's Web API for the length of one operation. */
export class SlackClient {
  private constructor(
    readonly ports: Ports,
    private readonly baseUrl: string,
    readonly defaults: Readonly<Record<string, string>>,
    readonly deadline: Deadline,
  ) {}

  static async connect(ports: Ports, deadline: Deadline): Promise<SlackClient> {
    const connection = await ports.connection('slack');
    const baseUrl = connection.baseUrl.trim().replace(/\/+$/, '') || defaultBaseUrl;
    return new SlackClient(ports, baseUrl, connection.defaults, deadline);
  }

  /** A reading method, as GET with query parameters: several of them take no JSON. May be repeated. */
  async read<T>(
    method: string,
    parameters: Record<string, string | number | boolean | undefined>,
    answer: Schema<T>,
    subject: SlackSubject,
  ): Promise<T> {
    const query = Object.entries(parameters)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`)
      .join('&');
    const response = await callService(this.ports, {
      service: 'slack',
      method: 'GET',
      url: `${this.baseUrl}/${method}${query === '' ? '' : `?${query}`}`,
      safeToRepeat: true,
      deadline: this.deadline,
    });
    return this.unwrap(response, answer, subject);
  }

  /** A writing method, as JSON. Sent once; only 429 and a refused connection, after which nothing happened, repeat it. */
  async write<T>(method: string, body: object, answer: Schema<T>, subject: SlackSubject): Promise<T> {
    const response = await callService(portsThatFinishRequests(this.ports), {
      service: 'slack',
      method: 'POST',
      url: `${this.baseUrl}/${method}`,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      safeToRepeat: false,
      deadline: this.deadline,
    });
    return this.unwrap(response, answer, subject);
  }

  private unwrap<T>(response: HttpResponse, answer: Schema<T>, subject: SlackSubject): T {
    const { status } = response;
    if (status >= 500) throw new UnavailableError('Slack', `it answered ${status}`, { status });
    const body = envelope.safeParse(parseJson('slack', response));
    if (!body.success) throw new BadResponseError('Slack', `status ${status} without the field ok`, { status });
    if (!body.data.ok) {
      const asked = askedDelayMs(response.headers, this.ports.now());
      throw slackError(body.data, subject, asked === undefined ? waitWithoutHeaderSeconds : Math.ceil(asked / 1000));
    }
    const result = answer.safeParse(body.data);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw new BadResponseError('Slack', `${issue?.path.join('.') || 'the answer'}: ${issue?.message ?? 'not valid'}`);
  }
}
