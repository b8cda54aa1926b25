import type { ServiceRequest, ServiceResponse } from '../service';
import {
  type AlertStatus,
  type AlertStore,
  paged,
  type Rule,
  type StoredAlert,
  type StoredComment,
} from './alert-store';
import { detectionRoute } from './detection-routes';
import { apiToken, USERS } from './directory';
import { RequestError } from './query-log';
import { HttpError, jsonBody, limit, list } from './rest-answers';
import type { PantherSettings } from './token-access';

export interface RestContext {
  alerts: AlertStore;
  rules: readonly Rule[];
  settings: PantherSettings;
  clock: () => Date;
}

const STATUSES = ['OPEN', 'TRIAGED', 'RESOLVED', 'CLOSED'];
const MONTH_MS = 30 * 24 * 3600 * 1000;

/** One REST call; `path` is without the `/v1` prefix. Errors are `{"message": …}`, as the published contract has them. */
export async function handleRest(
  path: string,
  request: ServiceRequest,
  context: RestContext,
): Promise<ServiceResponse> {
  try {
    return route(path.split('/').filter(Boolean).map(decodeURIComponent), request, context);
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, body: { message: error.message } };
    if (error instanceof RequestError)
      return { status: error.message.includes('not found') ? 404 : 400, body: { message: error.message } };
    throw error;
  }
}

function route(parts: readonly string[], request: ServiceRequest, context: RestContext): ServiceResponse {
  const [resource, id, sub] = parts;
  const call = `${request.method} ${resource}${id === undefined ? '' : '/:id'}${sub === undefined ? '' : `/${sub}`}`;
  const need = (permission: string): void => {
    if (!context.settings.permissions.includes(permission))
      throw new HttpError(403, `token lacks the permission ${permission}`);
  };
  switch (call) {
    case 'GET api-tokens/:id':
      if (id !== 'self') need('OrganizationAPITokenRead');
      return { status: 200, body: tokenBody(context.settings.permissions) };
    case 'GET alerts':
      need('AlertRead');
      return listAlerts(request, context);
    case 'PATCH alerts':
      need('AlertModify');
      return patchAlerts(jsonBody(request), undefined, context);
    case 'GET alerts/:id':
      need('AlertRead');
      return { status: 200, body: alertBody(context.alerts.get(id ?? '')) };
    case 'PATCH alerts/:id':
      need('AlertModify');
      return patchAlerts(jsonBody(request), id, context);
    case 'GET alerts/:id/events': {
      need('AlertRead');
      const { items, next } = paged(
        context.alerts.get(id ?? '').events,
        limit(request, 25, 50),
        request.query.get('cursor'),
        (event) => String(event.p_row_id),
      );
      return list(items, next);
    }
    case 'GET alert-comments': {
      need('AlertRead');
      const alertId = request.query.get('alert-id');
      if (!alertId) throw new HttpError(400, 'alert-id is required');
      const { items, next } = context.alerts.commentsOf(alertId, limit(request, 25, 50), request.query.get('cursor'));
      return list(items.map(commentBody), next);
    }
    case 'GET alert-comments/:id':
      need('AlertRead');
      return { status: 200, body: commentBody(context.alerts.getComment(id ?? '')) };
    case 'POST alert-comments':
      need('AlertModify');
      return addComment(jsonBody(request), context);
    case 'GET users': {
      need('UserRead');
      const { items, next } = paged(USERS, limit(request, 60, 60), request.query.get('cursor'), (user) => user.id);
      return list(
        items.map(({ __typename, ...user }) => user),
        next,
      );
    }
    case 'GET users/:id': {
      need('UserRead');
      const user = USERS.find((candidate) => candidate.id === id);
      if (!user) throw new HttpError(404, `user not found: ${id}`);
      const { __typename, ...body } = user;
      return { status: 200, body };
    }
    default: {
      const answer = detectionRoute(call, id, request, context, need);
      if (answer) return answer;
      throw new HttpError(404, 'not found');
    }
  }
}

function listAlerts(request: ServiceRequest, context: RestContext): ServiceResponse {
  const { query } = request;
  const value = (key: string): string | undefined => query.get(key) || undefined;
  const count = (key: string): number | undefined => (query.get(key) ? Number(query.get(key)) : undefined);
  const after = date(value('created-after'));
  const before = date(value('created-before'));
  const anyDate = after ?? before;
  const filter = {
    createdAtAfter: after ?? (anyDate ? undefined : new Date(context.clock().getTime() - MONTH_MS).toISOString()),
    createdAtBefore: before,
    detectionId: value('detection-id'),
    nameContains: value('name-contains'),
    eventCountMin: count('event-count-min'),
    eventCountMax: count('event-count-max'),
    severities: query.getAll('severity'),
    statuses: query.getAll('status'),
    logTypes: query.getAll('log-type'),
    assigneeIds: query.getAll('assignee'),
    ascending: value('sort-dir') === 'asc',
  };
  const { items, next } = context.alerts.list(filter, limit(request, 25, 50), query.get('cursor'));
  return list(items.map(alertBody), next);
}

interface AlertPatch {
  ids?: string[];
  status?: string;
  assignee?: string;
  quality?: string;
  contextTags?: string[];
}

function patchAlerts(body: AlertPatch, id: string | undefined, { alerts }: RestContext): ServiceResponse {
  const ids = id === undefined ? body.ids : [id];
  if (!Array.isArray(ids) || ids.length === 0) throw new HttpError(400, 'ids is required');
  if (body.status !== undefined && !STATUSES.includes(body.status))
    throw new HttpError(400, `invalid status: ${body.status}`);
  if (body.quality !== undefined && !['', 'NOISE', 'USEFUL'].includes(body.quality))
    throw new HttpError(400, `invalid quality: ${body.quality}`);
  if (body.assignee && !USERS.some((user) => user.id === body.assignee))
    throw new HttpError(400, `unknown assignee: ${body.assignee}`);
  const badTag = body.contextTags?.find((tag) => !/^[a-z0-9_-]{1,30}$/.test(tag));
  if (badTag !== undefined || (body.contextTags?.length ?? 0) > 10)
    throw new HttpError(400, `invalid contextTags${badTag === undefined ? '' : `: ${badTag}`}`);
  alerts.update(ids, {
    ...(body.status !== undefined && { status: body.status as AlertStatus }),
    ...(body.assignee !== undefined && { assigneeId: body.assignee || undefined }),
    ...(body.quality !== undefined && { quality: body.quality || undefined }),
    ...(body.contextTags !== undefined && { contextTags: body.contextTags }),
  });
  return { status: 204 };
}

function addComment(
  body: { alertId?: string; body?: string; format?: string },
  { alerts }: RestContext,
): ServiceResponse {
  const { alertId, body: text, format } = body;
  for (const [key, value] of Object.entries({ alertId, body: text, format }))
    if (!value) throw new HttpError(400, `${key} is required`);
  if (format !== 'PLAIN_TEXT' && format !== 'HTML') throw new HttpError(400, `invalid format: ${format}`);
  return { status: 200, body: commentBody(alerts.comment(alertId ?? '', text ?? '', format)) };
}

function alertBody(alert: StoredAlert): object {
  const times = alert.events.map((event) => String(event.p_event_time)).sort();
  return {
    id: alert.id,
    type: 'RULE',
    title: alert.title,
    severity: alert.severity,
    status: alert.status,
    createdAt: alert.createdAt,
    firstEventOccurredAt: times[0] ?? alert.createdAt,
    lastReceivedEventAt: times.at(-1) ?? alert.createdAt,
    eventCount: alert.events.length,
    runbook: alert.rule.runbook,
    context: alert.context,
    detection: { id: alert.rule.id, type: 'RULE' },
    deliveries: [],
    contextTags: alert.contextTags,
    ...(alert.quality && { quality: alert.quality }),
    ...(alert.assigneeId && { assignee: { id: alert.assigneeId, type: 'USER' } }),
    ...(alert.updatedAt && { updatedAt: alert.updatedAt, updatedBy: { id: String(apiToken([]).id), type: 'TOKEN' } }),
  };
}

function commentBody(comment: StoredComment): object {
  return { ...comment, createdBy: { id: String(apiToken([]).id), type: 'TOKEN' } };
}

function tokenBody(permissions: readonly string[]): object {
  const { __typename, createdBy, updatedBy, value, rotatedBy, ...token } = apiToken(permissions);
  return token;
}

/** RFC 3339, `YYYY-MM-DD`, `YYYY-MM` or seconds since 1970. */
function date(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{9,}$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(time)) throw new HttpError(400, `invalid date: ${text}`);
  return new Date(time).toISOString();
}
