import { OperationError } from '../errors';
import { groupPath, projectPath } from '../gitlab/address';
import { attempt } from '../gitlab/approvals';
import type { AuditEvent } from '../gitlab/audit-event-shape';
import { readAuditEvents } from '../gitlab/audit-events';
import { mapConcurrently } from '../gitlab/concurrency';
import type { Scope } from '../gitlab/scope';
import type { PopulationRow } from './csv-table';
import { type ChangeScope, type Found, inOrder } from './read-changes';

const watched = new Set(['approval_settings', 'protected_branches', 'push_rules']);
/** GitLab gives audit events of at most 30 days at a time. */
const longestMs = 30 * 86_400_000;

/** Changes of the settings that change control rests on, from the audit events of the group and of each of its projects. */
export async function readSettingChanges({ gitlab, scope, projects, window, most }: ChangeScope): Promise<Found> {
  const scopes: Scope[] = [
    ...(scope.kind === 'group' ? [{ ...scope, path: groupPath(scope.id) }] : []),
    ...projects.map(
      (project): Scope => ({
        kind: 'project',
        id: String(project.id),
        path: projectPath(String(project.id)),
        what: project.what,
      }),
    ),
  ];
  const all = await mapConcurrently(scopes, async (one): Promise<Found> => {
    const events: AuditEvent[] = [];
    const problems: string[] = [];
    for (let from = window.from; from <= window.to; from += longestMs) {
      const part = { from, to: Math.min(window.to, from + longestMs - 1) };
      let after: { id: number; time: number } | undefined;
      for (;;) {
        const read = await attempt(() =>
          readAuditEvents(gitlab, one, {
            window: part,
            limit: most,
            keep: ({ category }) => category !== null && watched.has(category),
            after,
          }),
        );
        if (read instanceof OperationError)
          return { rows: [], problems: [`${one.what}: ${read.message}`], unread: true };
        if ('availability' in read)
          return { rows: [], problems: [`${one.what}: ${read.availability_reason}`], unread: true };
        events.push(...read.events);
        if (read.covers !== 'everybody')
          problems.push(
            `${one.what}: the token ${read.covers === 'own_actions' ? 'shows what its own user did, and nobody else' : 'does not tell whether it shows the actions of everybody'}.`,
          );
        const stopped = read.stoppedAt;
        if (stopped === null || (after !== undefined && stopped.id >= after.id)) {
          if (!read.complete) problems.push(`${one.what}: not all audit events could be read.`);
          break;
        }
        after = stopped;
      }
    }
    return { rows: events.map(rowOf), problems };
  });
  const byId = new Map(all.flatMap(({ rows }) => rows).map((row) => [row.event_id ?? '', row]));
  return {
    rows: inOrder([...byId.values()], 'time', 'event_id'),
    problems: all.flatMap(({ problems }) => problems),
    unread: all.every(({ unread }) => unread === true),
  };
}

function rowOf(event: AuditEvent): PopulationRow {
  return {
    time: event.created_at ?? '',
    entity: event.entity.path ?? `${event.entity.type ?? 'entity'} ${event.entity.id ?? ''}`.trim(),
    author: event.author.name ?? '',
    category: event.category ?? '',
    type: event.event_type ?? '',
    summary: event.summary,
    change: event.change ?? '',
    before: event.from ?? '',
    after: event.to ?? '',
    ip: event.ip_address ?? '',
    event_id: String(event.id),
  };
}
