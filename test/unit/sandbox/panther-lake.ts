import { type CloudTrailRow, cloudTrailRow, type JsonObject } from '../../../sandbox/src/panther/cloudtrail-row';
import { Lake } from '../../../sandbox/src/panther/lake';
import type { ResultRow } from '../../../sandbox/src/panther/query-result';
import { sampleTenant } from '../../../sandbox/src/panther/sample-tenant';

/** A Wednesday noon: all suites look at the same moment. */
export const BASE_TIME = new Date('2026-03-18T12:00:00.000Z');

export interface FilledLake {
  lake: Lake;
  /** The records that were loaded, for answers computed without SQL. */
  events: JsonObject[];
  /** Rows of a query. */
  rows(sql: string, database?: string): Promise<ResultRow[]>;
  /** The failure text of a query; fails when the query succeeds. */
  failure(sql: string, database?: string): Promise<string>;
}

/** A lake with these CloudTrail records, and rows of other tables of panther_logs by their names. */
export async function lakeOf(
  events: JsonObject[],
  now = BASE_TIME,
  others: Record<string, JsonObject[]> = {},
): Promise<FilledLake> {
  const ids = new Map<string, number>();
  const rows: CloudTrailRow[] = events.map((event) =>
    cloudTrailRow(event, { sourceId: 'source', sourceLabel: 'test' }, ids),
  );
  const lake = await Lake.open(() => now);
  await lake.addCloudTrail(rows);
  for (const [table, records] of Object.entries(others)) await lake.add(`panther_logs.public.${table}`, records);
  await lake.seal();
  return {
    lake,
    events,
    rows: async (sql, database) => (await lake.run(sql, database)).rows(),
    failure: async (sql, database) => {
      const outcome = await lake.run(sql, database).catch((error: Error) => error);
      if (outcome instanceof Error) return outcome.message;
      throw new Error(`the query succeeded: ${sql}`);
    },
  };
}

/** A lake with a few days of the generated tenant. */
export function sampleLake(): Promise<FilledLake> {
  return lakeOf(sampleTenant(7, BASE_TIME, 4).events);
}
