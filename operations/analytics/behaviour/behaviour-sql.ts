import { sqlList, sqlText, sqlTime } from '../../investigation/sql-text';
import { type EntityType, entitySql } from './entity-type';

/** Rows that are asked for at most; one more is asked for, to know whether there are more. */
export const mostRows = 50_000;

/** Values of a dimension kept for each entity and day, the most frequent first. */
const mostValues: Record<string, number> = { a: 60, p: 12, n: 10, u: 6, r: 12, e: 20 };

export interface BehaviourQuery {
  entityType: EntityType;
  /** First and last moment, the last one left out; ISO 8601 in UTC. Days are counted back from the last. */
  from: string;
  to: string;
  /** Name of a time zone, such as Europe/Berlin. */
  zone: string;
  /** Zones of entities that have another one, by id or last part of it. */
  entityZones: Readonly<Record<string, string>>;
  /** Days at the end that are judged; the ones before are the past. */
  windowDays: number;
  /** Entities that must not fall off the end, by id or last part of it; empty for none in particular. */
  entities: readonly string[];
}

/**
 * One query for a window and the past before it: a row for each entity and day of 24 hours, with what it did as one object of
 * counts, `kind|value`. Kinds: a action, p two actions in a row, n place, u tool, r region, e refusal, h half hour, w
 * weekday, b calls a minute, g pause, t totals. Entities that were active in the window come first, so that what is cut off
 * are peers; `entity_days` tells how many rows there were. Snowflake's dialect.
 */
export function behaviourSql(query: BehaviourQuery): string {
  const calls = entitySql[query.entityType];
  const flag = (condition: string, name: string) => `CASE WHEN ${condition} THEN 1 ELSE 0 END AS ${name}`;
  const named = query.entities.map((entity) => entity.toLowerCase());
  const wanted = named.length === 0 ? '0' : `MAX(CASE WHEN ${isNamed('entity', named)} THEN 1 ELSE 0 END)`;
  return `WITH calls AS (
  SELECT ${calls.id} AS entity,
    FLOOR(DATEDIFF('second', TO_TIMESTAMP_NTZ(${sqlTime(query.to)}), p_event_time) / 86400) AS day,
    p_event_time AS happened, p_row_id AS row_id,
    ${localTime(calls.id, query)} AS local_time,
    ${calls.action} AS action,
    ${calls.place} AS place,
    ${calls.agent} AS agent,
    ${calls.region} AS region,
    ${calls.error} AS error_code,
    ${flag(calls.denied, 'denied')},
    ${flag(calls.root, 'root')},
    ${flag(calls.withoutMfa, 'no_mfa')},
    ${flag(calls.failedSignIn, 'login_failed')},
    CASE WHEN DATEDIFF('second', p_parse_time, p_event_time) > 300 THEN 1 ELSE 0 END AS skewed
  FROM ${calls.table}
  WHERE p_event_time >= ${sqlTime(query.from)} AND p_event_time < ${sqlTime(query.to)} AND ${calls.where}
), in_order AS (
  SELECT calls.*,
    LAG(action) OVER (PARTITION BY entity, day ORDER BY happened, row_id) AS action_before,
    DATEDIFF('second', LAG(happened) OVER (PARTITION BY entity, day ORDER BY happened, row_id), happened) AS pause
  FROM calls
), minutes AS (
  SELECT entity, day, DATE_TRUNC('minute', happened) AS in_minute, COUNT(*) AS n FROM calls GROUP BY entity, day, DATE_TRUNC('minute', happened)
), facets AS (
  SELECT entity, day, 'a' AS kind, action AS value, COUNT(*) AS n FROM calls GROUP BY entity, day, action
  UNION ALL SELECT entity, day, 'p', LEAST(action, action_before) || ' + ' || GREATEST(action, action_before), COUNT(*) FROM in_order WHERE action_before IS NOT NULL AND action_before <> action GROUP BY entity, day, LEAST(action, action_before) || ' + ' || GREATEST(action, action_before)
  UNION ALL SELECT entity, day, 'n', place, COUNT(*) FROM calls GROUP BY entity, day, place
  UNION ALL SELECT entity, day, 'u', agent, COUNT(*) FROM calls GROUP BY entity, day, agent
  UNION ALL SELECT entity, day, 'r', region, COUNT(*) FROM calls GROUP BY entity, day, region
  UNION ALL SELECT entity, day, 'e', error_code || ' on ' || action, COUNT(*) FROM calls WHERE error_code IS NOT NULL GROUP BY entity, day, error_code || ' on ' || action
  UNION ALL SELECT entity, day, 'h', TO_VARCHAR(HOUR(local_time) * 2 + CASE WHEN MINUTE(local_time) >= 30 THEN 1 ELSE 0 END), COUNT(*) FROM calls GROUP BY entity, day, TO_VARCHAR(HOUR(local_time) * 2 + CASE WHEN MINUTE(local_time) >= 30 THEN 1 ELSE 0 END)
  UNION ALL SELECT entity, day, 'w', TO_VARCHAR(MOD(DATEDIFF('day', TO_DATE('1970-01-04'), local_time), 7)), COUNT(*) FROM calls GROUP BY entity, day, TO_VARCHAR(MOD(DATEDIFF('day', TO_DATE('1970-01-04'), local_time), 7))
  UNION ALL SELECT entity, day, 'b', TO_VARCHAR(FLOOR(LN(n) / LN(2) + 0.000001)), COUNT(*) FROM minutes GROUP BY entity, day, TO_VARCHAR(FLOOR(LN(n) / LN(2) + 0.000001))
  UNION ALL SELECT entity, day, 'g', TO_VARCHAR(FLOOR(LN(1 + pause / 15) / LN(2))), COUNT(*) FROM in_order WHERE pause >= 60 GROUP BY entity, day, TO_VARCHAR(FLOOR(LN(1 + pause / 15) / LN(2)))
  UNION ALL SELECT entity, day, 't', 'events', COUNT(*) FROM calls GROUP BY entity, day
  UNION ALL SELECT entity, day, 't', 'moments', COUNT(*) FROM minutes GROUP BY entity, day
  UNION ALL SELECT entity, day, 't', 'denied', SUM(denied) FROM calls WHERE denied = 1 GROUP BY entity, day
  UNION ALL SELECT entity, day, 't', 'root', SUM(root) FROM calls WHERE root = 1 GROUP BY entity, day
  UNION ALL SELECT entity, day, 't', 'no_mfa', SUM(no_mfa) FROM calls WHERE no_mfa = 1 GROUP BY entity, day
  UNION ALL SELECT entity, day, 't', 'login_failed', SUM(login_failed) FROM calls WHERE login_failed = 1 GROUP BY entity, day
  UNION ALL SELECT entity, day, 't', 'skewed', SUM(skewed) FROM calls WHERE skewed = 1 GROUP BY entity, day
), ranked AS (
  SELECT entity, day, kind, LEFT(value, 160) AS value, n, ROW_NUMBER() OVER (PARTITION BY entity, day, kind ORDER BY n DESC, value) AS place_in_kind
  FROM facets
), kept AS (
  SELECT entity, day, kind || '|' || value AS facet, SUM(n) AS n
  FROM ranked
  WHERE place_in_kind <= CASE kind ${Object.entries(mostValues)
    .map(([kind, most]) => `WHEN ${sqlText(kind)} THEN ${most}`)
    .join(' ')} ELSE 60 END
  GROUP BY entity, day, kind || '|' || value
), days AS (
  SELECT entity, day, OBJECT_AGG(facet, TO_VARIANT(n)) AS facets FROM kept GROUP BY entity, day
), entities AS (
  SELECT entity, ${wanted} AS wanted, MAX(CASE WHEN day >= ${-Math.trunc(query.windowDays)} THEN 1 ELSE 0 END) AS in_window
  FROM days GROUP BY entity
)
SELECT days.entity, days.day, days.facets, COUNT(*) OVER () AS entity_days
FROM days JOIN entities ON entities.entity = days.entity
ORDER BY entities.wanted DESC, entities.in_window DESC, days.entity, days.day
LIMIT ${mostRows + 1}`;
}

function isNamed(entity: string, names: readonly string[]): string {
  return `LOWER(${entity}) IN (${sqlList(names)}) OR LOWER(SPLIT_PART(${entity}, '/', -1)) IN (${sqlList(names)})`;
}

/** The time on the entity's own clock: a branch for each zone, whose name stays a literal. */
function localTime(entity: string, { zone, entityZones }: Pick<BehaviourQuery, 'zone' | 'entityZones'>): string {
  const byZone = new Map<string, string[]>();
  for (const [name, own] of Object.entries(entityZones))
    byZone.set(own, [...(byZone.get(own) ?? []), name.trim().toLowerCase()]);
  const timeIn = (name: string) => `CONVERT_TIMEZONE('UTC', ${sqlText(name)}, p_event_time)`;
  if (byZone.size === 0) return timeIn(zone);
  const branches = [...byZone]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([own, names]) => `WHEN ${isNamed(entity, names)} THEN ${timeIn(own)}`);
  return `CASE ${branches.join(' ')} ELSE ${timeIn(zone)} END`;
}
