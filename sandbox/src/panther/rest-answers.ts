import type { ServiceRequest, ServiceResponse } from '../service';

/** An answer other than 2xx, with its text. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A refusal in Panther's other shape, `{"error": "forbidden"}`. */
export class ForbiddenError extends Error {}

/** Panther's envelope of a list; `next` is absent on the last page. */
export function list(results: readonly unknown[], next: string | undefined): ServiceResponse {
  return { status: 200, body: { results, ...(next !== undefined && { next }) } };
}

/** The `limit` of a request. Throws HttpError 400 beyond `max`. */
export function limit(request: ServiceRequest, fallback: number, max: number): number {
  const text = request.query.get('limit');
  const size = text === null ? fallback : Number(text);
  if (!Number.isInteger(size) || size < 1 || size > max) throw new HttpError(400, `limit must be between 1 and ${max}`);
  return size;
}

export function jsonBody<T extends object>(request: ServiceRequest): T {
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as T;
  } catch {
    // Falls through to the refusal below.
  }
  throw new HttpError(400, 'the body is not a JSON object');
}
