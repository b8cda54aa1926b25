import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { CaseMark } from '../../../operations/cases';
import type { Alert } from '../../../operations/investigation/alert';
import { joiningMarks, ruleMark } from '../../../operations/investigation/case-marks';
import type { Database } from './database';
import { canonicalJson } from './event-chain';
import type { Tables } from './tables';

interface Arrival {
  dedup_key: string;
  alert: Alert;
}

/** What an alert can join a case by; undefined when it joins none. */
export function joining(alert: Alert, relatedMs: number): { rule: CaseMark; entities: CaseMark[] } | undefined {
  const rule = ruleMark(alert);
  const entities = joiningMarks(alert);
  return relatedMs === 0 || rule === undefined || entities.length === 0 ? undefined : { rule, entities };
}

/**
 * From here to the end of the transaction, alerts of these rules wait for each other: two that arrive at once would not see each
 * other. Locks are taken in one order. SQLite has its one lock since the transaction began.
 */
export async function lockRules(
  trx: Transaction<Tables>,
  database: Database,
  rules: readonly CaseMark[],
): Promise<void> {
  if (database.engine !== 'postgres' || rules.length === 0) return;
  const keys = [...new Set(rules.map((rule) => lockKey(rule)))].sort();
  await sql`select pg_advisory_xact_lock(key) from unnest(${keys}::bigint[]) as key`.execute(trx);
}

function lockKey(rule: CaseMark): string {
  return createHash('sha256').update(canonicalJson(rule)).digest().readBigInt64BE().toString();
}

/**
 * Of alerts that arrive together: which are certain to open a case of their own, so that they can be written at once. All others may
 * repeat an alert or belong to a case, stored or of another of them, and are looked at one by one.
 */
export async function certainlyNew(
  trx: Transaction<Tables>,
  database: Database,
  arrivals: readonly Arrival[],
  relatedMs: number,
): Promise<Set<Arrival>> {
  const marks = new Map(arrivals.map((arrival) => [arrival, joining(arrival.alert, relatedMs)]));
  const joinable = [...marks.values()].filter((one) => one !== undefined);
  await lockRules(
    trx,
    database,
    joinable.map(({ rule }) => rule),
  );
  const keys = arrivals.map(({ dedup_key }) => dedup_key);
  const stored = await trx.selectFrom('case_alerts').select('dedup_key').where('dedup_key', 'in', keys).execute();
  const known = new Set(stored.map(({ dedup_key }) => dedup_key));
  const taken = await takenPairs(trx, joinable);
  const certain = new Set<Arrival>();
  for (const arrival of arrivals) {
    const one = marks.get(arrival);
    const pairs = one?.entities.map((entity) => pairKey(one.rule, entity)) ?? [];
    if (!known.has(arrival.dedup_key) && !pairs.some((pair) => taken.has(pair))) certain.add(arrival);
    known.add(arrival.dedup_key);
    for (const pair of pairs) taken.add(pair);
  }
  return certain;
}

type Marked = Pick<CaseMark, 'type' | 'value'>;
const pairKey = (rule: Marked, entity: Marked) => JSON.stringify([rule.type, rule.value, entity.type, entity.value]);

/** Rules and entities that stand together on a stored case, whenever its alerts were raised. */
async function takenPairs(
  trx: Transaction<Tables>,
  joinable: readonly { rule: CaseMark; entities: CaseMark[] }[],
): Promise<Set<string>> {
  if (joinable.length === 0) return new Set();
  const values = (marks: CaseMark[]) => [...new Set(marks.map(({ value }) => value))];
  const rows = await trx
    .selectFrom('case_marks as entity')
    .innerJoin('case_marks as rule', 'rule.case_id', 'entity.case_id')
    .select(['rule.type as rule_type', 'rule.value as rule_value', 'entity.type', 'entity.value'])
    .distinct()
    .where('entity.kind', '=', 'entity')
    .where('entity.value', 'in', values(joinable.flatMap(({ entities }) => entities)))
    .where('rule.kind', '=', 'rule')
    .where(ruleValue, 'in', values(joinable.map(({ rule }) => rule)))
    .execute();
  return new Set(rows.map((row) => pairKey({ type: row.rule_type, value: row.rule_value }, row)));
}

/**
 * The value of a rule as an expression, which no index answers: cases are to be found by their entities. By the rule, every case it
 * ever opened would be looked at for each alert.
 */
export const ruleValue = sql<string>`rule.value || ''`;
