import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CaseStatus } from '../../../operations/cases';
import { OperationError } from '../../../operations/errors';
import type { Ports } from '../../../operations/ports';
import type { CaseRunner } from '../case-runner';
import type { Host } from '../hosting/host';
import type { Logger } from '../hosting/logging';
import { answerJson, readText } from './exchange';

const maxAlertBytes = 1024 * 1024;

export interface OpenedCase {
  case_id: string;
  created: boolean;
  status: CaseStatus;
}

/**
 * Opens the case of one alert as it came in, and keeps the raw alert, usable or not. Throws InvalidInputError that names
 * the field when no case can be made of it.
 */
export type OpenCase = (ports: Ports, alert: unknown) => Promise<OpenedCase>;

/**
 * `POST /alerts`: 202 once the case is durable, and the investigation goes on in the background; 400 with the field for
 * an alert that cannot be used. A repeated alert gets the case it already has.
 */
export class Intake {
  constructor(
    private readonly host: Host,
    private readonly runner: CaseRunner,
    private readonly open: OpenCase,
    private readonly logger: Logger,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request, maxAlertBytes);
    let alert: unknown;
    try {
      alert = JSON.parse(text);
    } catch {
      const problem = 'not JSON';
      await this.host.store.recordAlert(text, { accepted: false, field: 'body', problem });
      answerJson(response, 400, { code: 'invalid_input', message: `body: ${problem}`, field: 'body' });
      return;
    }
    try {
      const ports = this.host.ports({
        signal: AbortSignal.timeout(60_000),
        logger: this.logger,
        caseLeaseMs: this.host.config.leaseMs,
      });
      const opened = await this.open(ports, alert);
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
