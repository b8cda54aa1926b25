import { overriding } from '../clean-up-ports';
import type { HttpRequest, HttpResponse } from '../ports';
import { callService } from '../service-call';
import type { GitLab } from './client';
import { budgetOf } from './request-budget';

export interface Post {
  /** Absolute, on the connection's instance. */
  url: string;
  body?: unknown;
  /** Calling twice leaves the same state as calling once. */
  safeToRepeat: boolean;
}

/** See sendToGitLab. */
export function postToGitLab(gitlab: GitLab, post: Post): Promise<HttpResponse> {
  return sendToGitLab(gitlab, { method: 'POST', ...post });
}

/**
 * The only way in which anything but a read goes to GitLab: GraphQL queries, the two calls that lock a user out or let
 * them in again, and the one that revokes a token. Under the same deadline and budget as the reads. Any status; throws
 * what callService throws.
 */
export function sendToGitLab(gitlab: GitLab, post: Post & { method: 'POST' | 'DELETE' }): Promise<HttpResponse> {
  const { connection, deadline, ports } = gitlab;
  const budget = budgetOf(connection);
  const paced = overriding(ports, { http: (request: HttpRequest) => budget.send(ports, deadline, request) });
  return callService(paced, {
    service: 'gitlab',
    method: post.method,
    url: post.url,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    ...(post.method === 'POST' ? { body: JSON.stringify(post.body ?? {}) } : {}),
    safeToRepeat: post.safeToRepeat,
    deadline,
    maxBytes: 16 * 1024 * 1024,
  });
}
