import { timingSafeEqual } from 'node:crypto';
import { type RecordedRequest, RequestRecorder } from '../recorded-request';
import type { ServiceHandler, ServiceRequest, ServiceResponse } from '../service';
import type { GitLabSettings } from './access';
import { ACCESS_TOKEN_ROUTES } from './access-token-routes';
import { ApiError } from './answers';
import { AUDIT_ROUTES } from './audit-routes';
import { CI_ROUTES } from './ci-routes';
import { COMMIT_ROUTES } from './commit-routes';
import { DEPLOYMENT_ROUTES } from './deployment-routes';
import { addFleet, type FleetSize } from './fleet';
import { answerGraphql } from './graphql';
import { simulateHistory } from './history';
import { MERGE_REQUEST_HISTORY_ROUTES } from './merge-request-history-routes';
import { MERGE_REQUEST_ROUTES } from './merge-request-routes';
import { NAMESPACE_ROUTES } from './namespace-routes';
import { PROJECT_ROUTES } from './project-routes';
import { ROOT_GROUP } from './projects';
import { PROTECTION_ROUTES } from './protection-routes';
import { PUSH_ROUTES } from './push-routes';
import { RateMeter } from './rate-meter';
import { Redirect, RequestContext, type Route } from './request-context';
import { USUAL_HABITS } from './server-habits';
import { blockedUsers, USER_ROUTES } from './user-routes';
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
  /** A second group beside the sample tenant, for measurements; none unless given. */
  fleet?: FleetSize;
  /** Ultimate with a Reporter's read-only token unless given; Free for an older server. */
  settings?: Partial<GitLabSettings>;
}

export interface GitLabStandIn {
  handler: ServiceHandler;
  /** Takes effect with the next request; `reset` brings back what it was created with. */
  settings: GitLabSettings;
  /** Full path of the group that holds everything. */
  group: string;
  /** Full path of the Terraform project. */
  project: string;
  requests: RecordedRequest[];
  reset(): void;
}

const ROUTES = [
  ...NAMESPACE_ROUTES,
  ...PROJECT_ROUTES,
  ...MERGE_REQUEST_ROUTES,
  ...MERGE_REQUEST_HISTORY_ROUTES,
  ...CI_ROUTES,
  ...AUDIT_ROUTES,
  ...COMMIT_ROUTES,
  ...DEPLOYMENT_ROUTES,
  ...PROTECTION_ROUTES,
  ...PUSH_ROUTES,
  ...USER_ROUTES,
  ...ACCESS_TOKEN_ROUTES,
].map((route) => ({
  route,
  segments: route.path.split('/'),
}));

/**
 * A GitLab over a simulated history, read-only but for blocking users. Speaks REST v4 with the shapes and traps of the real one: basic and
 * full entities, Link paging, 404 for what may not be seen, 301 for moved projects, empty diffs and empty logs.
 */
export function createGitLab(options: GitLabOptions): GitLabStandIn {
  const world = simulateHistory(options.seed, options.baseTime);
  if (options.fleet) addFleet(world, options.fleet, options.seed);
  const recorder = new RequestRecorder();
  const given: GitLabSettings = {
    edition: options.olderServer ? 'free' : 'ultimate',
    tokenRole: 'reporter',
    tokenScope: 'read_api',
    longTraceBytes: 0,
    traceDelayMs: 0,
    traceOffsets: !options.olderServer,
    ...USUAL_HABITS,
    ...options.settings,
  };
  const settings = { ...given };
  const meter = new RateMeter(settings);
  const handler: ServiceHandler = async (request) => {
    const base = options.publicUrl?.() ?? `http://${request.headers.host ?? 'gitlab.simulated-corp.example'}`;
    if (!request.path.startsWith('/api/')) return webPage(request, world, base);
    recorder.record(request);
    const response = meter.take() ?? answer(request, world, base, options, settings);
    return { ...response, headers: { ...response.headers, ...meter.headers(), 'x-content-type-options': 'nosniff' } };
  };
  return {
    handler,
    settings,
    group: ROOT_GROUP,
    project: `${ROOT_GROUP}/platform/infrastructure`,
    requests: recorder.requests,
    reset: () => {
      recorder.clear();
      meter.clear();
      blockedUsers(world).clear();
      Object.assign(settings, given);
    },
  };
}

function answer(
  request: ServiceRequest,
  world: World,
  base: string,
  options: GitLabOptions,
  settings: GitLabSettings,
): ServiceResponse {
  const context = (params: readonly string[]) =>
    new RequestContext(request, world, base, options.olderServer ?? false, params, settings);
  try {
    const path = request.path.replace(/^\/api\/v4\//, '');
    authorise(request, path, options.token);
    if (request.path === '/api/graphql') return answerGraphql(context([]));
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (path === 'personal_access_tokens/self' && method === 'GET')
      return { status: 200, body: tokenEntity(request, world, settings) };
    const match = findRoute(path, method);
    if (match === 'other_method') return { status: 405, body: { error: '405 Not Allowed' } };
    if (!match) return { status: 404, body: { error: '404 Not Found' } };
    if (method !== 'GET' && settings.tokenScope === 'read_api') throw insufficientScope('api');
    return match.route.answer(context(match.params));
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

function findRoute(path: string, method: string): { route: Route; params: string[] } | 'other_method' | undefined {
  const segments = path.split('/');
  let known = false;
  for (const { route, segments: pattern } of ROUTES) {
    if (pattern.length !== segments.length) continue;
    const params: string[] = [];
    const fits = pattern.every((part, index) => {
      const segment = segments[index] ?? '';
      if (!part.startsWith(':')) return part === segment;
      params.push(decode(segment));
      return segment !== '';
    });
    if (fits && method === (route.method ?? 'GET')) return { route, params };
    known ||= fits;
  }
  return known ? 'other_method' : undefined;
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
    throw insufficientScope('api read_api');
  }
}

function insufficientScope(scope: string): ApiError {
  return new ApiError(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope,
  });
}

function same(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function tokenEntity(request: ServiceRequest, world: World, settings: GitLabSettings): Record<string, unknown> {
  const narrow = tokenOf(request)?.endsWith('-read-user');
  const created = world.projects[0]?.createdAt;
  return {
    id: 7,
    name: 'soc-reader (simulated)',
    revoked: false,
    created_at: created,
    description: null,
    scopes: narrow ? ['read_user'] : [settings.tokenScope, 'read_repository'],
    user_id: 200 + world.tokenUser.number,
    last_used_at: world.now,
    active: true,
    expires_at: new Date(world.now.getTime() + 60 * 86_400_000).toISOString().slice(0, 10),
  };
}
