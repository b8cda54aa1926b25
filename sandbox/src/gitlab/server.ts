import { timingSafeEqual } from 'node:crypto';
import { type RecordedRequest, RequestRecorder } from '../recorded-request';
import type { ServiceHandler, ServiceRequest, ServiceResponse } from '../service';
import { ApiError } from './answers';
import { CI_ROUTES } from './ci-routes';
import { simulateHistory } from './history';
import { MERGE_REQUEST_ROUTES } from './merge-request-routes';
import { PROJECT_ROUTES } from './project-routes';
import { ROOT_GROUP } from './projects';
import { Redirect, RequestContext, type Route } from './request-context';
import { webPage } from './web-pages';
import type { World } from './world';

export interface GitLabOptions {
  seed: number;
  /** The moment the simulated history ends; everything lies in the 45 days before it. */
  baseTime: Date;
  /** Accepted as `PRIVATE-TOKEN` or Bearer. With `-read-user` behind it, a token that lacks the scope `read_api`. */
  token: string;
  /** Origin for `web_url` fields; the request's Host otherwise. */
  publicUrl?: () => string;
  /**
   * Behaves like GitLab 16.11 Free: ignores `merged_after`, `created_after` on pipelines and `byte_offset`, refuses
   * `order_by=merged_at`, and has no approval rules.
   */
  olderServer?: boolean;
}

export interface GitLabStandIn {
  handler: ServiceHandler;
  /** Full path of the group that holds everything. */
  group: string;
  /** Full path of the Terraform project. */
  project: string;
  requests: RecordedRequest[];
  reset(): void;
}

const RATE_LIMIT = 2000;
const ROUTES = [...PROJECT_ROUTES, ...MERGE_REQUEST_ROUTES, ...CI_ROUTES].map((route) => ({
  route,
  segments: route.path.split('/'),
}));

/**
 * A read-only GitLab over a simulated history. Speaks REST v4 with the shapes and traps of the real one: basic and
 * full entities, Link paging, 404 for what may not be seen, 301 for moved projects, empty diffs and empty logs.
 */
export function createGitLab(options: GitLabOptions): GitLabStandIn {
  const world = simulateHistory(options.seed, options.baseTime);
  const recorder = new RequestRecorder();
  const meter = new RateMeter();
  const handler: ServiceHandler = async (request) => {
    const base = options.publicUrl?.() ?? `http://${request.headers.host ?? 'gitlab.simulated-corp.example'}`;
    if (!request.path.startsWith('/api/')) return webPage(request, world, base);
    recorder.record(request);
    const response = answer(request, world, base, options);
    return { ...response, headers: { ...response.headers, ...meter.headers(), 'x-content-type-options': 'nosniff' } };
  };
  return {
    handler,
    group: ROOT_GROUP,
    project: `${ROOT_GROUP}/platform/infrastructure`,
    requests: recorder.requests,
    reset: () => {
      recorder.clear();
      meter.clear();
    },
  };
}

function answer(request: ServiceRequest, world: World, base: string, options: GitLabOptions): ServiceResponse {
  try {
    const path = request.path.replace(/^\/api\/v4\//, '');
    authorise(request, path, options.token);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return { status: 405, body: { error: '405 Not Allowed' } };
    if (path === 'personal_access_tokens/self') return { status: 200, body: tokenEntity(request, world) };
    const match = findRoute(path);
    if (!match) return { status: 404, body: { error: '404 Not Found' } };
    return match.route.answer(new RequestContext(request, world, base, options.olderServer ?? false, match.params));
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body, headers: error.headers };
    if (error instanceof Redirect) {
      const query = request.query.size > 0 ? `?${request.query}` : '';
      const location = `${error.location}${query}`;
      return {
        status: 301,
        headers: { location },
        body: { message: `This resource has been moved permanently to ${location}` },
      };
    }
    throw error;
  }
}

function findRoute(path: string): { route: Route; params: string[] } | undefined {
  const segments = path.split('/');
  for (const { route, segments: pattern } of ROUTES) {
    if (pattern.length !== segments.length) continue;
    const params: string[] = [];
    const fits = pattern.every((part, index) => {
      const segment = segments[index] ?? '';
      if (!part.startsWith(':')) return part === segment;
      params.push(decode(segment));
      return segment !== '';
    });
    if (fits) return { route, params };
  }
  return undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError(400, { error: 'The provided content-type or path is not valid' });
  }
}

function tokenOf(request: ServiceRequest): string | undefined {
  const own = request.headers['private-token'];
  if (typeof own === 'string') return own;
  return /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Checks the token, then its scope: the token with the suffix may only read about its own user. */
function authorise(request: ServiceRequest, path: string, expected: string): void {
  const given = tokenOf(request);
  const narrow = same(given, `${expected}-read-user`);
  if (!narrow && !same(given, expected)) throw new ApiError(401, { message: '401 Unauthorized' });
  if (narrow && !['user', 'version', 'personal_access_tokens/self'].includes(path)) {
    throw new ApiError(403, {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: 'api read_api',
    });
  }
}

function same(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function tokenEntity(request: ServiceRequest, world: World): Record<string, unknown> {
  const narrow = tokenOf(request)?.endsWith('-read-user');
  const created = world.projects[0]?.createdAt;
  return {
    id: 7,
    name: 'soc-reader (simulated)',
    revoked: false,
    created_at: created,
    description: null,
    scopes: narrow ? ['read_user'] : ['read_api', 'read_repository'],
    user_id: 200 + world.tokenUser.number,
    last_used_at: world.now,
    active: true,
    expires_at: new Date(world.now.getTime() + 60 * 86_400_000).toISOString().slice(0, 10),
  };
}

/** Counts requests a minute for the RateLimit headers; refusing is left to the fault board. */
class RateMeter {
  private minute = 0;
  private seen = 0;

  clear(): void {
    this.seen = 0;
  }

  headers(): Record<string, string> {
    const minute = Math.floor(Date.now() / 60_000);
    if (minute !== this.minute) [this.minute, this.seen] = [minute, 0];
    this.seen += 1;
    const reset = (minute + 1) * 60;
    return {
      'ratelimit-limit': String(RATE_LIMIT),
      'ratelimit-observed': String(this.seen),
      'ratelimit-remaining': String(Math.max(0, RATE_LIMIT - this.seen)),
      'ratelimit-reset': String(reset),
      'ratelimit-resettime': new Date(reset * 1000).toUTCString(),
      'ratelimit-name': 'throttle_authenticated_api',
    };
  }
}
