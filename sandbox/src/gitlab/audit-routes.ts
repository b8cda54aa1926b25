import type { ServiceResponse } from '../service';
import { hasRole, requireEdition, requireRole, type TokenRole } from './access';
import { badRequest } from './answers';
import { type AuditEvent, auditLog } from './audit-log';
import { iso, type Json } from './entities';
import { keysetPage } from './keyset';
import type { RequestContext, Route } from './request-context';

const LONGEST_WINDOW_MS = 31 * 86_400_000;

function entity(event: AuditEvent, older: boolean): Json {
  return {
    id: event.id,
    author_id: 200 + event.author.number,
    entity_id: event.entityId,
    entity_type: event.entityType,
    details: {
      ...event.details,
      ...(event.eventType !== undefined && !older ? { event_name: event.eventType } : {}),
      author_name: event.author.name,
      ...(older ? {} : { author_email: event.author.email }),
      author_class: 'User',
      target_id: event.target.id,
      target_type: event.target.type,
      target_details: event.target.details,
      ip_address: event.ip ?? null,
      entity_path: event.entityPath,
    },
    created_at: iso(event.createdAt),
    ...(event.eventType !== undefined && !older ? { event_type: event.eventType } : {}),
  };
}

function list(c: RequestContext, mine: (event: AuditEvent) => boolean, all: TokenRole): ServiceResponse {
  const [after, before] = [c.query.date('created_after'), c.query.date('created_before')];
  if (after && before && before.getTime() - after.getTime() > LONGEST_WINDOW_MS)
    throw badRequest('Date range limited to 31 days.');
  // Below that role people see what they did themselves, and nothing says that there is more.
  const own = !hasRole(c, all);
  const found = auditLog(c.world).filter(
    (event) =>
      mine(event) &&
      (!own || event.author === c.world.tokenUser) &&
      (!after || event.createdAt >= after) &&
      (!before || event.createdAt <= before),
  );
  const answer = keysetPage(c, found);
  return { ...answer, body: answer.body.map((event) => entity(event, c.olderServer)) };
}

/** Audit events: Premium, and by role. */
export const AUDIT_ROUTES: Route[] = [
  {
    path: 'audit_events',
    answer: (c) => {
      requireRole(c, 'admin');
      requireEdition(c, 'premium', 403);
      return list(c, () => true, 'admin');
    },
  },
  {
    path: 'groups/:id/audit_events',
    answer: (c) => {
      const group = c.group();
      requireRole(c, 'developer');
      requireEdition(c, 'premium', 403);
      return list(c, (event) => event.entityType === 'Group' && event.entityId === group.id, 'owner');
    },
  },
  {
    path: 'projects/:id/audit_events',
    answer: (c) => {
      const project = c.project();
      requireRole(c, 'developer');
      requireEdition(c, 'premium', 403);
      return list(c, (event) => event.entityType === 'Project' && event.entityId === project.id, 'maintainer');
    },
  },
];
