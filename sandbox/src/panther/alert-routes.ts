import type { ServiceRequest, ServiceResponse } from '../service';
import { type AlertStatus, paged, type StoredAlert, type StoredComment } from './alert-store';
import { apiToken, USERS } from './directory';
import { ForbiddenError, HttpError, jsonBody, limit, list } from './rest-answers';
import type { RestContext } from './rest-api';

const STATUSES = ['OPEN', 'TRIAGED', 'RESOLVED', 'CLOSED'];
const LISTING_TYPES = ['ALERT', 'DETECTION_ERROR', 'SYSTEM_ERROR'];
const MONTH_MS = 30 * 24 * 3600 * 1000;

/**
 * The REST calls about alerts and their comments; undefined for what is none. `call` is the method and the path with
 * `:id`. Lists and single alerts refuse with `{"message": …}`, the other calls with `{"error": "forbidden"}`.
 */
export function alertRoute(
  call: string,
  id: string | undefined,
  request: ServiceRequest,
  context: RestContext,
  need: (permission: string) => void,
): ServiceResponse | undefined {
  const { alerts, settings } = context;
  const cursor = request.query.get('cursor');
  const needOrForbid = (permission: string): void => {
    if (!settings.permissions.includes(permission)) throw new ForbiddenError();
  };
  switch (call) {
    case 'GET alerts':
      need('AlertRead');
      return listAlerts(request, context);
    case 'PATCH alerts':
      needOrForbid('AlertModify');
      return patchAlerts(jsonBody(request), undefined, context);
    case 'GET alerts/:id':
      need('AlertRead');
      return { status: 200, body: alertBody(alerts.get(id ?? '')) };
    case 'PATCH alerts/:id':
      needOrForbid('AlertModify');
      return patchAlerts(jsonBody(request), id, context);
    case 'GET alerts/:id/events': {
      needOrForbid('AlertRead');
      const { events } = alerts.get(id ?? '');
      const { items, next } = paged(events, limit(request, 25, 50), cursor, (event) => String(event.p_row_id));
      return list(items, next);
    }
    case 'GET alert-comments': {
      needOrForbid('AlertRead');
      const alertId = request.query.get('alert-id');
      if (!alertId) throw new HttpError(400, 'alert-id is required');
      const { items, next } = alerts.commentsOf(alertId, limit(request, 25, 50), cursor);
      return list(items.map(commentBody), next);
    }
    case 'GET alert-comments/:id':
      needOrForbid('AlertRead');
      return { status: 200, body: commentBody(alerts.getComment(id ?? '')) };
    case 'POST alert-comments':
      needOrForbid('AlertModify');
      return addComment(jsonBody(request), context);
    default:
      return undefined;
  }
}

function listAlerts(request: ServiceRequest, context: RestContext): ServiceResponse {
  const { query } = request;
  const value = (key: string): string | undefined => query.get(key) || undefined;
  const count = (key: string): number | undefined => (query.get(key) ? Number(query.get(key)) : undefined);
  const after = date(value('created-after'));
  const before = date(value('created-before'));
  const anyDate = after ?? before;
  const type = value('type');
  if (type !== undefined && !LISTING_TYPES.includes(type)) throw new HttpError(400, `invalid type: ${type}`);
  const filter = {
    type,
    subtypes: query.getAll('sub-type'),
    createdAtAfter: after ?? (anyDate ? undefined : new Date(context.clock().getTime() - MONTH_MS).toISOString()),
    createdAtBefore: before,
    detectionId: value('detection-id'),
    nameContains: value('name-contains'),
    eventCountMin: count('event-count-min'),
    eventCountMax: count('event-count-max'),
    severities: query.getAll('severity'),
    statuses: query.getAll('status'),
    logSources: query.getAll('log-source'),
    logTypes: query.getAll('log-type'),
    resourceTypes: query.getAll('resource-type'),
    assigneeIds: query.getAll('assignee'),
    qualities: query.getAll('quality'),
    contextTags: query.getAll('context-tag'),
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
    type: alert.type ?? 'RULE',
    title: alert.title,
    severity: alert.severity,
    status: alert.status,
    createdAt: alert.createdAt,
    firstEventOccurredAt: times[0] ?? alert.createdAt,
    lastReceivedEventAt: times.at(-1) ?? alert.createdAt,
    eventCount: alert.events.length,
    runbook: alert.rule.runbook,
    context: alert.context,
    deliveries: (alert.deliveries ?? []).map(({ url, ...delivery }) => delivery),
    contextTags: alert.contextTags,
    ...(alert.systemError ? { systemError: alert.systemError } : { detection: { id: alert.rule.id, type: 'RULE' } }),
    ...(alert.quality && { quality: alert.quality }),
    ...(alert.assigneeId && { assignee: { id: alert.assigneeId, type: 'user' } }),
    ...(alert.updatedAt && {
      updatedAt: alert.updatedAt,
      updatedBy: { id: String(apiToken([]).id), type: 'api-token' },
    }),
  };
}

function commentBody(comment: StoredComment): object {
  return { ...comment, createdBy: { id: String(apiToken([]).id), type: 'api-token' } };
}

/** RFC 3339, `YYYY-MM-DD`, `YYYY-MM` or seconds since 1970. */
function date(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{9,}$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(time)) throw new HttpError(400, `invalid date: ${text}`);
  return new Date(time).toISOString();
}
