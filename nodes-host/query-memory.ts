import type { QueryMemory, RememberedQuery } from '../operations/ports';

const keptMs = 2 * 3_600_000;
const mostEntries = 1_000;

/**
 * Started queries, remembered in this process: for the items and executions that one n8n process runs. Bounded: entries go
 * after two hours, and the oldest beyond a thousand.
 */
export class ProcessQueryMemory implements QueryMemory {
  readonly durable: boolean = false;
  private readonly entries = new Map<string, { query: RememberedQuery; storedAt: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  async find(key: string): Promise<RememberedQuery | undefined> {
    return this.known(key);
  }

  async claim(key: string, startedAt: string): Promise<boolean> {
    // No await between the look and the entry: calls that come at the same time must not both find nothing.
    if (this.known(key) !== undefined) return false;
    this.store(key, { query_id: null, started_at: startedAt });
    return true;
  }

  async remember(key: string, query: RememberedQuery): Promise<void> {
    this.store(key, query);
  }

  async forget(key: string, query: RememberedQuery): Promise<void> {
    const known = this.entries.get(key)?.query;
    if (known?.query_id === query.query_id && known.started_at === query.started_at) this.entries.delete(key);
  }

  private known(key: string): RememberedQuery | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && this.now() - entry.storedAt < keptMs ? entry.query : undefined;
  }

  private store(key: string, query: RememberedQuery): void {
    // Deleted first: a Map keeps the place of a key that is set again.
    this.entries.delete(key);
    this.entries.set(key, { query, storedAt: this.now() });
    const [oldest] = this.entries.keys();
    if (this.entries.size > mostEntries && oldest !== undefined) this.entries.delete(oldest);
  }
}

/** The one of this process: nodes are made anew for every execution. */
export const queryMemory = new ProcessQueryMemory();
