import type { ServiceRequest } from './service';

/** One request a stand-in received, as tests and the demo ask for it afterwards. Headers are left out: they hold credentials. */
export interface RecordedRequest {
  /** When it arrived, ISO 8601 with milliseconds, by the real clock. */
  at: string;
  method: string;
  /** Path with its percent-encoding intact. */
  path: string;
  /** Query string without `?`; empty when there was none. */
  query: string;
  /** Body as UTF-8 text; absent when it was empty. */
  body?: string;
  /** What the request was for, where the path does not say it: a GraphQL operation, a Slack method. */
  operation?: string;
}

const MAX_REQUESTS = 20_000;
const MAX_BODY_CHARACTERS = 200_000;

/**
 * Keeps what a stand-in was asked, oldest first. `requests` stays one and the same array over `clear()`, so a
 * caller may hold on to it. The oldest entries go first when a long demo would otherwise fill the memory.
 */
export class RequestRecorder {
  readonly requests: RecordedRequest[] = [];

  record(request: ServiceRequest, operation?: string): RecordedRequest {
    const entry: RecordedRequest = {
      at: new Date().toISOString(),
      method: request.method,
      path: request.path,
      query: request.query.toString(),
    };
    if (request.body.length > 0) entry.body = request.body.toString('utf8').slice(0, MAX_BODY_CHARACTERS);
    if (operation !== undefined) entry.operation = operation;
    this.requests.push(entry);
    if (this.requests.length > MAX_REQUESTS) this.requests.splice(0, this.requests.length - MAX_REQUESTS);
    return entry;
  }

  clear(): void {
    this.requests.length = 0;
  }
}
