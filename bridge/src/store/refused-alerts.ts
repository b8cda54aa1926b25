import type { Database } from './database';

/** An alert that came in and became no case, with why. */
export interface RefusedAlert {
  id: string;
  /** ISO 8601, UTC. */
  received_at: string;
  /** The field that was wrong; null for the alert as a whole. */
  field: string | null;
  problem: string | null;
  /** What came in, as it came; a text for a body that was not JSON. */
  body: unknown;
}

/** The newest alerts that were refused after their sender had shown who it is, newest first. */
export async function refusedAlerts({ db }: Database, limit: number): Promise<RefusedAlert[]> {
  const rows = await db
    .selectFrom('alerts_raw')
    .select(['id', 'received_at', 'field', 'problem', 'body'])
    .where('accepted', '=', 0)
    .orderBy('received_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) }));
}
