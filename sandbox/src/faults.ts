import type { ServiceRequest } from './service';

/** Something that goes wrong on purpose, for the next `times` matching requests. */
export interface Fault {
  /** Which stand-in: `panther`, `gitlab`, `slack`, `model`. */
  service: string;
  method?: string;
  /** Regular expression tested against `path?query`. */
  path?: string;
  /** Plain text that the request body must contain, e.g. a GraphQL operation's name. */
  bodyContains?: string;
  /** How many requests it hits; 1 unless given. */
  times?: number;
  /** Skip this many matching requests first. */
  after?: number;
  /** Wait before doing anything else, in milliseconds. */
  delayMs?: number;
  /** Cut the connection: `before` the request is handled, or `after` it took effect but before the answer. */
  reset?: 'before' | 'after';
  /** Answer with this instead of handling the request. */
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** The faults set through the control endpoint, in the order they were added; the first that matches is used up first. */
export class FaultBoard {
  private faults: { fault: Fault; pattern?: RegExp; skip: number; left: number }[] = [];

  add(fault: Fault): void {
    this.faults.push({
      fault,
      pattern: fault.path === undefined ? undefined : new RegExp(fault.path),
      skip: fault.after ?? 0,
      left: fault.times ?? 1,
    });
  }

  clear(): void {
    this.faults = [];
  }

  take(service: string, request: ServiceRequest): Fault | undefined {
    for (const entry of this.faults) {
      const { fault } = entry;
      if (entry.left === 0 || fault.service !== service) continue;
      if (fault.method && fault.method !== request.method) continue;
      const target = request.query.size > 0 ? `${request.path}?${request.query}` : request.path;
      if (entry.pattern && !entry.pattern.test(target)) continue;
      if (fault.bodyContains && !request.body.includes(fault.bodyContains)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      return fault;
    }
    return undefined;
  }
}
