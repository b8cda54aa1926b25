import { CancelledError, DeadlineError } from '../errors';
import type { Connection, HttpRequest, HttpResponse, Ports } from '../ports';
import type { Deadline } from '../retry';
import { RatePace } from './rate-pace';

/** Most requests under way to one GitLab for one credential, over all operations of this process. */
export const mostUnderWay = 8;
/** Of these, most for pipelines and jobs: those lists are slow on the server and limited per user. */
export const mostForPipelines = 4;
const mostBudgets = 100;

/** Places for requests under way; who comes first is served first. */
class Places {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly count: number) {}

  get isIdle(): boolean {
    return this.taken === 0;
  }

  /** Resolves to a function that gives the place back. Rejects when the call ends before there is a place. */
  async take(ports: Ports, deadline: Deadline): Promise<() => void> {
    if (this.taken < this.count) this.taken += 1;
    else await this.wait(ports, deadline);
    return () => this.leave();
  }

  /** A place is handed over: it stays counted as taken in between, so that nobody can slip in. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.taken -= 1;
    else next();
  }

  private async wait(ports: Ports, deadline: Deadline): Promise<void> {
    const served = new AbortController();
    let hasPlace = false;
    const enter = () => {
      hasPlace = true;
      served.abort();
    };
    this.waiting.push(enter);
    // The only clock an operation has is `sleep`; it is cut short by the place or by the caller.
    await ports.sleep(deadline.leftMs, AbortSignal.any([served.signal, ports.signal])).catch(() => undefined);
    if (hasPlace && !ports.signal.aborted) return;
    if (hasPlace) this.leave();
    else this.waiting.splice(this.waiting.indexOf(enter), 1);
    if (ports.signal.aborted) throw new CancelledError('The call to GitLab');
    throw new DeadlineError(
      'Waiting for other requests to GitLab',
      Math.round(deadline.totalMs / 1000),
      'Run fewer operations at a time, or ask for less.',
    );
  }
}

/**
 * What one GitLab is asked at a time for one credential. Every operation of a process shares it, however many run at
 * once, so that a sweep over projects does not starve the host or the people who use it.
 */
export class RequestBudget {
  private readonly all = new Places(mostUnderWay);
  private readonly pipelines = new Places(mostForPipelines);
  private readonly pace = new RatePace();

  get isIdle(): boolean {
    return this.all.isIdle && this.pipelines.isIdle;
  }

  /** One request in its turn. Throws what `ports.http` throws, CancelledError and DeadlineError. */
  async send(ports: Ports, deadline: Deadline, request: HttpRequest): Promise<HttpResponse> {
    const leave: (() => void)[] = [];
    try {
      // Always in this order, so that two requests cannot wait for each other.
      if (isForPipelines(request.url)) leave.push(await this.pipelines.take(ports, deadline));
      leave.push(await this.all.take(ports, deadline));
      const delay = this.pace.delayMs(ports.now());
      if (delay > 0) await deadline.wait(delay);
      const response = await ports.http({
        ...request,
        timeoutMs: Math.max(1, Math.min(request.timeoutMs, deadline.leftMs)),
      });
      this.pace.see(response.headers, ports.now());
      return response;
    } finally {
      for (const free of leave.reverse()) free();
    }
  }
}

const budgets = new Map<string, RequestBudget>();

/** The budget of a connection. Credentials that the host does not tell apart share one. */
export function budgetOf(connection: Connection): RequestBudget {
  const key = JSON.stringify([connection.baseUrl, connection.account ?? null]);
  const known = budgets.get(key);
  if (known !== undefined) return known;
  for (const [other, budget] of budgets) {
    if (budgets.size < mostBudgets) break;
    if (budget.isIdle) budgets.delete(other);
  }
  const budget = new RequestBudget();
  budgets.set(key, budget);
  return budget;
}

/** Ids are encoded into one segment, so that a project called `jobs` does not look like a list of jobs. */
function isForPipelines(url: string): boolean {
  return /\/(?:pipelines|jobs|bridges|trace)(?:\/|$)/.test(new URL(url).pathname);
}
