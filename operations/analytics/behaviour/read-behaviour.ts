import { InvalidInputError } from '../../errors';
import { PantherClient } from '../../panther/client';
import { obtainQuery } from '../../panther/query-memory';
import { assertAllowedSql } from '../../panther/sql/guard';
import { streamRows } from '../../panther/stream-rows';
import type { Ports } from '../../ports';
import { Deadline } from '../../retry';
import type { RowsEnd } from '../../row-stream';
import { type AnomalyWindow, readWindow } from './anomaly-input';
import { type BehaviourDay, behaviourDay, numberOf } from './behaviour-rows';
import { behaviourSql } from './behaviour-sql';
import type { EntityType } from './entity-type';

const database = 'panther_logs';

export interface BehaviourAsked {
  entityType: EntityType;
  entities: readonly string[];
  window_days: number;
  baseline_days: number;
  end_time?: string;
  zone: string;
  entity_zones: Readonly<Record<string, string>>;
  max_rows: number;
  wait_seconds: number;
}

export interface Behaviour {
  days: BehaviourDay[];
  window: AnomalyWindow;
  queryId: string;
  /** Entity days that the query found, whatever was read. */
  found: number;
  complete: boolean;
  cutBy: RowsEnd['cut_by'];
  /** Rows that are no entity's day. */
  unreadable: number;
}

/**
 * Runs the one query of a window and reads its rows. When rows are cut off, the entity at the cut is dropped whole, because
 * half of its days would look like a change. Throws the errors of the guard and of queries, DeadlineError with the query id.
 */
export async function readBehaviour(ports: Ports, asked: BehaviourAsked): Promise<Behaviour> {
  const client = await PantherClient.connect(ports, new Deadline(ports, asked.wait_seconds * 1000));
  if (client.settings.dialect !== 'snowflake')
    throw new InvalidInputError(
      'dialect',
      'behaviour is aggregated in the SQL of Snowflake, and this connection is set to Databricks',
    );
  const window = readWindow(ports.now(), asked, client.settings.maxWindowDays);
  const sql = behaviourSql({
    entityType: asked.entityType,
    from: new Date(window.baselineFrom).toISOString(),
    to: new Date(window.to).toISOString(),
    zone: asked.zone,
    entityZones: asked.entity_zones,
    windowDays: asked.window_days,
    entities: asked.entities,
  });
  assertAllowedSql(sql, { database, settings: client.settings, now: ports.now() });
  const query = await obtainQuery(client, sql, database, true);
  ports.log.info(query.reused ? 'query found' : 'query started', { query_id: query.id });
  const days: BehaviourDay[] = [];
  let found = 0;
  let unreadable = 0;
  const stream = streamRows(client, query.id, { maxRows: asked.max_rows, isOurs: !query.reused });
  for (;;) {
    const step = await stream.next();
    if (step.done) {
      const { row_count, complete, cut_by } = step.value;
      found = Math.max(found, row_count);
      const whole = complete && found <= days.length + unreadable;
      if (!whole) dropLastEntity(days);
      return { days, window, queryId: query.id, found, complete: whole, cutBy: cut_by, unreadable };
    }
    for (const row of step.value.rows) {
      found = Math.max(found, numberOf(row.entity_days ?? row.ENTITY_DAYS) || 0);
      const day = behaviourDay(row);
      if (day === undefined) unreadable += 1;
      else days.push(day);
    }
  }
}

function dropLastEntity(days: BehaviourDay[]): void {
  const last = days.at(-1)?.entity;
  while (days.length > 0 && days.at(-1)?.entity === last) days.pop();
}
