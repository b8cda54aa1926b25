import { type Kysely, sql } from 'kysely';
import type { Tables } from '../store/tables';
import type { StoreFigures } from './metrics';

/** Three small queries, each over an index or a table that stays small. */
export async function readStoreFigures(db: Kysely<Tables>, now: Date): Promise<StoreFigures> {
  const [statuses, oldest, letters, approvals] = await Promise.all([
    db
      .selectFrom('security_investigations')
      .select(['status', sql<number>`count(*)`.as('count')])
      .groupBy('status')
      .execute(),
    db
      .selectFrom('security_investigations')
      .select(sql<string | null>`min(opened_at)`.as('at'))
      .where('status', 'in', ['opened', 'investigating'])
      .executeTakeFirst(),
    db.selectFrom('dead_letters').select(sql<number>`count(*)`.as('count')).executeTakeFirst(),
    db
      .selectFrom('approvals')
      .select(sql<number>`count(*)`.as('count'))
      .where('status', '=', 'pending')
      .executeTakeFirst(),
  ]);
  const at = oldest?.at ?? null;
  return {
    // PostgreSQL gives counts as text.
    casesByStatus: Object.fromEntries(statuses.map(({ status, count }) => [status, Number(count)])),
    oldestOpenSeconds: at === null ? 0 : Math.max(0, (now.getTime() - Date.parse(at)) / 1000),
    deadLetters: Number(letters?.count ?? 0),
    openApprovals: Number(approvals?.count ?? 0),
  };
}
