import type { IDataObject } from 'n8n-workflow';

/** Panther's retries end well within this. */
const keptForMs = 24 * 60 * 60 * 1000;
const keptAtMost = 2000;

/** What is used of the answer to a request, which is Node's. */
export interface Answer {
  readonly closed: boolean;
  readonly writableFinished: boolean;
  readonly statusCode: number;
  once(event: 'close', listener: () => void): unknown;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

export type Claim = 'first' | 'accepted' | 'failed';

/**
 * What this process knows about deliveries: an alert counts as accepted only once its delivery was answered with 2xx,
 * which n8n does after it stored the execution. A repeat that comes while the first is still under way waits for its
 * outcome. What is forgotten here (restart, another process) is passed on again: twice is possible, never is not.
 */
export class Deliveries {
  private readonly accepted = new Map<string, number>();
  private readonly running = new Map<string, Promise<boolean>>();

  constructor(private readonly now: () => number) {}

  /** `first`: the caller delivers, and `response` tells the outcome. `failed`: another delivery of it just did. */
  async claim(key: string, response: Answer): Promise<Claim> {
    this.forgetOld();
    if (this.accepted.has(key)) return 'accepted';
    const other = this.running.get(key);
    if (other !== undefined) return (await other) ? 'accepted' : 'failed';
    // Whoever sent it has gone and will not read the answer; there is no outcome for others to wait for.
    if (response.closed) return 'first';
    this.running.set(
      key,
      new Promise<boolean>((resolve) => {
        response.once('close', () => {
          const answered = response.writableFinished && response.statusCode >= 200 && response.statusCode < 300;
          if (answered) this.accepted.set(key, this.now());
          this.running.delete(key);
          resolve(answered);
        });
      }),
    );
    return 'first';
  }

  private forgetOld(): void {
    const oldest = this.now() - keptForMs;
    for (const [key, at] of this.accepted) {
      if (at >= oldest && this.accepted.size <= keptAtMost * 5) break;
      this.accepted.delete(key);
    }
  }
}

/** The alerts of this node that n8n accepted, in the workflow's static data: `{alert id: Unix time in ms}`. */
export function acceptedIn(staticData: IDataObject, now: number): Record<string, number> {
  const stored = staticData.accepted;
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return {};
  const entries = Object.entries(stored).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && now - entry[1] < keptForMs,
  );
  return Object.fromEntries(entries.sort(([, a], [, b]) => a - b).slice(-keptAtMost));
}
