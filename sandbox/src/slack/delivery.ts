import { createHmac, randomUUID } from 'node:crypto';
import { isObject } from './block-limits';
import type { SocketHub } from './socket-mode';
import type { Json } from './state';

/** What goes wrong on the way, on purpose. */
export const DELIVERY_FAULTS = [
  'duplicate',
  'bad_signature',
  'no_signature',
  'stale',
  'future',
  'altered',
  'wrong_content_type',
] as const;
export type DeliveryFault = (typeof DELIVERY_FAULTS)[number];

export interface InteractivitySettings {
  /** Where interactions are sent; empty when the app has none. */
  requestUrl: string;
  /** True: over the sockets the app has open, and never to `requestUrl`. One app has one of the two. */
  socketMode: boolean;
  /** How long the app has to acknowledge, in milliseconds; Slack gives 3,000. */
  ackMs: number;
}

/** One attempt to hand an interaction to the app. */
export interface DeliveryRecord {
  number: number;
  type: string;
  via: 'http' | 'socket' | 'none';
  /** HTTP status; null over a socket and when there was no answer. */
  status: number | null;
  /** Milliseconds until it was acknowledged, refused or given up. */
  ms: number;
  acknowledged: boolean;
  /** What the app answered, where it answered JSON. */
  answer?: Json;
  problem?: string;
  /** As it was sent, so that it can be sent again. */
  request?: { url: string; headers: Record<string, string>; body: string };
}

const MAX_RECORDS = 500;
const STALE_SECONDS = 600;

/** Hands interactions to the app: signed over HTTP, or in envelopes over one of its sockets. */
export class Delivery {
  readonly settings: InteractivitySettings = { requestUrl: '', socketMode: true, ackMs: 3000 };
  readonly records: DeliveryRecord[] = [];
  private count = 0;

  constructor(
    private readonly signingSecret: string,
    private readonly hub: SocketHub,
    private readonly realNow: () => number,
  ) {}

  reset(): void {
    this.records.length = 0;
    this.count = 0;
  }

  /** Resolves to every attempt made: two for a duplicate, else one. Never rejects. */
  async send(payload: Json, fault?: DeliveryFault): Promise<DeliveryRecord[]> {
    if (this.settings.socketMode) {
      // The same envelope twice is one interaction delivered twice.
      const envelope = randomUUID();
      const times = fault === 'duplicate' ? 2 : 1;
      return Promise.all(Array.from({ length: times }, () => this.overSocket(payload, envelope)));
    }
    const { requestUrl } = this.settings;
    if (requestUrl === '')
      return [
        this.keep(payload, { via: 'none', status: null, ms: 0, acknowledged: false, problem: 'no request URL is set' }),
      ];
    const request = this.signed(payload, requestUrl, fault);
    const times = fault === 'duplicate' ? 2 : 1;
    return Promise.all(Array.from({ length: times }, () => this.overHttp(payload, request)));
  }

  /** Sends what was sent before, byte for byte. Undefined when there is no such delivery over HTTP. */
  async replay(number: number): Promise<DeliveryRecord | undefined> {
    const record = this.records.find((entry) => entry.number === number);
    return record?.request && this.overHttp({ type: record.type }, record.request);
  }

  private signed(payload: Json, url: string, fault?: DeliveryFault): NonNullable<DeliveryRecord['request']> {
    const shift = fault === 'stale' ? -STALE_SECONDS : fault === 'future' ? STALE_SECONDS : 0;
    const timestamp = String(Math.floor(this.realNow() / 1000) + shift);
    const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const secret = fault === 'bad_signature' ? `${this.signingSecret}-another` : this.signingSecret;
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    return {
      url,
      headers: {
        'content-type': fault === 'wrong_content_type' ? 'text/plain' : 'application/x-www-form-urlencoded',
        'user-agent': 'Slackbot 1.0 (simulated)',
        'x-slack-request-timestamp': timestamp,
        ...(fault === 'no_signature' ? {} : { 'x-slack-signature': signature }),
      },
      body: fault === 'altered' ? body.replace('block_actions', 'block_actionz').replace('U0SIM', 'U0SIX') : body,
    };
  }

  private async overHttp(payload: Json, request: NonNullable<DeliveryRecord['request']>): Promise<DeliveryRecord> {
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    try {
      const response = await fetch(request.url, {
        method: 'POST',
        headers: request.headers,
        body: request.body,
        redirect: 'manual',
        signal: AbortSignal.timeout(this.settings.ackMs),
      });
      const text = (await response.text()).slice(0, 300_000);
      return this.keep(payload, {
        via: 'http',
        status: response.status,
        ms: elapsed(),
        acknowledged: response.ok,
        ...answerOf(text),
        ...(response.ok ? {} : { problem: `the app answered ${response.status}` }),
        request,
      });
    } catch (error) {
      const late = (error as Error).name === 'TimeoutError';
      const problem = late
        ? `no answer within ${this.settings.ackMs / 1000} s`
        : `no connection to the request URL (${(error as Error & { cause?: Error }).cause?.message ?? (error as Error).message})`;
      return this.keep(payload, { via: 'http', status: null, ms: elapsed(), acknowledged: false, problem, request });
    }
  }

  private async overSocket(payload: Json, envelope: string): Promise<DeliveryRecord> {
    const started = performance.now();
    const outcome = await this.hub.send(payload, envelope, this.settings.ackMs);
    return this.keep(payload, {
      via: outcome.sent ? 'socket' : 'none',
      status: null,
      ms: Math.round(performance.now() - started),
      acknowledged: outcome.acknowledged,
      ...(outcome.payload && Object.keys(outcome.payload).length > 0 ? { answer: outcome.payload } : {}),
      ...(outcome.problem === undefined ? {} : { problem: outcome.problem }),
    });
  }

  private keep(payload: Json, outcome: Omit<DeliveryRecord, 'number' | 'type'>): DeliveryRecord {
    this.count += 1;
    const record: DeliveryRecord = { number: this.count, type: String(payload.type), ...outcome };
    this.records.push(record);
    if (this.records.length > MAX_RECORDS) this.records.shift();
    return record;
  }
}

function answerOf(text: string): { answer?: Json } {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { answer: value } : {};
  } catch {
    return {};
  }
}
