import { type Agents, guardedAgents } from '../hosting/guarded-agents';
import { refusePrivateLiteral } from '../hosting/guarded-lookup';
import type { Logger } from '../hosting/logging';
import type { SharedLease } from '../store/shared-lease';
import type { AuditEntries } from '../store/tables';
import type { AuditStore } from './audit-store';

export interface ForwardTarget {
  /** Panther's HTTP source, or whatever else takes JSON lines by POST. */
  url: string;
  /** The whole value of the header, e.g. `Bearer ...`. */
  header: { name: string; value: string };
}

const everyMs = 5000;
const batch = 500;
const timeoutMs = 15_000;
const target = 'http';

/**
 * Passes the audit trail on as JSON lines, so that it lies where whoever breaks into this machine cannot change it. One
 * process of all does it at a time. At least once: after an answer that was lost a batch is sent again; `chain` and `seq`
 * tell the same entry.
 */
export class AuditForwarder {
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private readonly abort = new AbortController();
  private readonly agents: Agents;

  constructor(
    private readonly to: ForwardTarget,
    private readonly store: AuditStore,
    private readonly lease: SharedLease,
    private readonly allowPrivateNetwork: boolean,
    private readonly logger: Logger,
  ) {
    this.agents = guardedAgents(allowPrivateNetwork);
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), everyMs);
    this.timer.unref();
    this.tick();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.abort.abort();
    await this.sending;
    await this.lease.release().catch(() => {});
  }

  private tick(): void {
    this.sending ??= this.send()
      .catch((error: unknown) => {
        if (!this.abort.signal.aborted)
          this.logger.warn({ err: error }, 'the audit trail was not passed on; it is tried again');
      })
      .finally(() => {
        this.sending = undefined;
      });
  }

  private async send(): Promise<void> {
    while (!this.abort.signal.aborted && (await this.lease.take())) {
      const rows = await this.store.unsent(target, batch);
      if (rows.length === 0) return;
      await this.post(rows);
      await this.store.markSent(target, rows);
    }
  }

  private async post(rows: readonly AuditEntries[]): Promise<void> {
    const { url, header } = this.to;
    if (!this.allowPrivateNetwork) refusePrivateLiteral(new URL(url).hostname);
    const { default: axios } = await import('axios');
    const { status } = await axios.post(url, auditLines(rows), {
      ...this.agents,
      headers: { 'content-type': 'application/x-ndjson', [header.name]: header.value },
      maxRedirects: 0,
      proxy: false,
      timeout: timeoutMs,
      signal: this.abort.signal,
      validateStatus: () => true,
      maxContentLength: 64 * 1024,
    });
    // The answer's text may be anything; the status says enough.
    if (status < 200 || status > 299) throw new Error(`${new URL(url).host} answered ${status}`);
  }
}

/** One JSON object a line, by the names of the columns; `detail` as an object. */
export function auditLines(rows: readonly AuditEntries[]): string {
  return rows
    .map(({ detail, ...row }) => `${JSON.stringify({ ...row, detail: detail === null ? null : JSON.parse(detail) })}\n`)
    .join('');
}
