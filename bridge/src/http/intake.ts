import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CaseStatus } from '../../../operations/cases';
import { OperationError } from '../../../operations/errors';
import type { Ports } from '../../../operations/ports';
import type { CaseRunner } from '../case-runner';
import type { Host } from '../hosting/host';
import type { Logger } from '../hosting/logging';
import { answerJson, readBytes, TooLargeError } from './exchange';

/** Bodies that are being read, all together: enough for many at once, and no way to fill the memory. */
const maxBytesAtOnce = 64 * 1024 * 1024;
/** A body that trickles in is nobody's alert. */
const readWithinMs = 30_000;
/** When a sender is asked to try again, in seconds. */
const retryAfter = '30';
export const notStored = 'The alert could not be stored, so it is not accepted.';

export interface OpenedCase {
  case_id: string;
  created: boolean;
  status: CaseStatus;
}

/**
 * Opens the case of one alert as it came in, and keeps the raw alert, usable or not. `text` is the JSON it was parsed from. Throws
 * InvalidInputError that names the field when no case can be made of it.
 */
export type OpenCase = (ports: Ports, alert: unknown, text?: string) => Promise<OpenedCase>;

/**
 * `POST /alerts`: 202 once the case is durable, and the investigation goes on in the background; 400 with the field for
 * an alert that cannot be used, 413 for one that is too long, 503 when it could not be stored and has to be sent again. A repeated
 * alert gets the case it already has.
 */
export class Intake {
  private bytesAtOnce = 0;

  constructor(
    private readonly host: Host,
    private readonly runner: CaseRunner,
    private readonly open: OpenCase,
    private readonly logger: Logger,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { maxBytes } = this.host.config.alerts;
    const announced = Number(request.headers['content-length'] ?? maxBytes);
    if (announced > maxBytes) throw new TooLargeError(maxBytes);
    const reserved = Number.isFinite(announced) ? Math.max(0, announced) : maxBytes;
    if (this.bytesAtOnce + reserved > maxBytesAtOnce) return later(response, 'Too many alerts at once.');
    this.bytesAtOnce += reserved;
    const late = setTimeout(() => request.destroy(), readWithinMs);
    let body: Buffer;
    try {
      body = await readBytes(request, maxBytes);
    } finally {
      clearTimeout(late);
      this.bytesAtOnce -= reserved;
    }
    try {
      await this.take(response, body);
    } catch (error) {
      // Nothing is acknowledged that is not stored; what the database said is for the log.
      this.logger.error({ err: error }, 'alert not stored');
      later(response, notStored);
    }
  }

  private async take(response: ServerResponse, body: Buffer): Promise<void> {
    const read = readJson(body);
    if ('problem' in read) {
      const { problem, kept } = read;
      await this.host.store.recordAlert(kept, { accepted: false, field: 'body', problem });
      return answerJson(response, 400, { code: 'invalid_input', message: `body: ${problem}`, field: 'body' });
    }
    try {
      const ports = this.host.ports({
        signal: AbortSignal.timeout(60_000),
        logger: this.logger,
        caseLeaseMs: this.host.config.leaseMs,
      });
      const opened = await this.open(ports, read.alert, read.text);
      if (opened.created) this.runner.begin(opened.case_id);
      this.logger.info({ case_id: opened.case_id, created: opened.created }, 'alert accepted');
      answerJson(response, 202, { case_id: opened.case_id, created: opened.created, status: opened.status });
    } catch (error) {
      if (!(error instanceof OperationError) || error.code !== 'invalid_input') throw error;
      const { code, message, details } = error.toShape();
      answerJson(response, 400, { code, message, field: details.field ?? null });
    }
  }
}

export type ReadJson = { alert: unknown; text: string } | { problem: string; kept: unknown };

/** JSON is UTF-8 (RFC 8259): bytes that are not would make two different ids one. They are kept as they came, in base64. */
export function readJson(body: Buffer): ReadJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return { problem: 'not UTF-8', kept: { base64: body.toString('base64') } };
  }
  try {
    return { alert: JSON.parse(text), text };
  } catch {
    return { problem: 'not JSON', kept: text };
  }
}

/** Answers an alert that is longer than this bridge takes. */
export function tooLong(response: ServerResponse, maxBytes: number): void {
  const message = `body: larger than ${maxBytes} bytes. Send the alert without the events it quotes (the bridge asks the data lake itself), or raise SOC_ALERT_MAX_MIB.`;
  answerJson(response, 413, { code: 'invalid_input', message, field: 'body' }, { connection: 'close' });
}

/** 503: what was sent is to be sent again. */
export function later(response: ServerResponse, what: string): void {
  const message = `${what} Send it again in ${retryAfter} s.`;
  answerJson(response, 503, { code: 'unavailable', message }, { 'retry-after': retryAfter });
}
