import { z } from 'zod';
import { OperationError } from '../errors';
import { runOperation } from '../operation';
import { getTableSchema } from '../panther/get-table-schema';
import type { Ports } from '../ports';
import type { Alert } from './alert';
import { isNotAvailable } from './coverage';
import { asksForSignIns, type IdentityPlan, identityPlan, identityProviders } from './identity-plan';
import { orFailure } from './investigation-steps';
import { errorText } from './observations';
import type { Plan } from './plan';

/** The sign-in logs of a tenant: those of their columns that a plan looks at, null for a table that is not there. */
export const signInTablesSchema = z.record(z.array(z.string().max(200)).max(50).nullable());
export type SignInTables = z.infer<typeof signInTablesSchema>;

export type FoundTables = { tables: SignInTables } | { failed: string };

/**
 * Which sign-in logs there are, by the data lake's catalogue; none are looked up for an alert that names nobody. A table that is not
 * there, or that the token may not see, is no failure. Throws the error of a catalogue that does not answer.
 */
export async function findSignInTables(ports: Ports, alert: Alert): Promise<SignInTables> {
  const tables: SignInTables = {};
  if (!asksForSignIns(alert)) return tables;
  for (const { table, columns } of identityProviders) tables[table] = await columnsOf(ports, table, columns);
  return tables;
}

/** What to ask the sign-in logs that were found. Code alone makes the SQL: what was found only says which columns there are. */
export function signInPlan(alert: Alert, plan: Plan, found: FoundTables): IdentityPlan {
  if (!asksForSignIns(alert)) return { queries: [], not_available: [] };
  if ('failed' in found) return { queries: [], not_available: [], failed: found.failed };
  const known = Object.entries(found.tables).map(([table, columns]) => [table, columns ?? undefined] as const);
  return identityPlan(alert, plan, Object.fromEntries(known));
}

/**
 * Which sign-in logs there are, and what to ask them. A table that is not there is `not_available`: nobody could ask
 * it, today or tomorrow. When the catalogue itself does not answer, that has failed, and the case stays open.
 */
export async function planIdentity(ports: Ports, alert: Alert, plan: Plan): Promise<IdentityPlan> {
  const read = await orFailure(ports, async () => ({ tables: await findSignInTables(ports, alert) }));
  return signInPlan(alert, plan, 'tables' in read ? read : { failed: read.error.message });
}

const handedOn = z.object({ tables: signInTablesSchema });

/**
 * The plan behind a result of plan_sign_in_queries that somebody handed on, made anew from the columns it tells: no SQL is taken from
 * it. An error item, and whatever is no such result, counts as a look that failed.
 */
export function handedSignInPlan(alert: Alert, plan: Plan, result: Readonly<Record<string, unknown>>): IdentityPlan {
  const read = handedOn.safeParse(result);
  const all = read.success && identityProviders.every(({ table }) => Object.hasOwn(read.data.tables, table));
  if (read.success && all) return signInPlan(alert, plan, read.data);
  const failed =
    result.error === undefined || result.error === null
      ? 'Which sign-in logs this tenant has was not told.'
      : errorText(result.error);
  return signInPlan(alert, plan, { failed });
}

async function columnsOf(ports: Ports, table: string, wanted: readonly string[]): Promise<string[] | null> {
  try {
    const { columns } = await runOperation(getTableSchema, ports, {
      table: `panther_logs.public.${table}`,
      limit: 500,
    });
    const there = new Set(columns.map(({ name }) => name.toLowerCase()));
    return wanted.filter((name) => there.has(name.toLowerCase()));
  } catch (error) {
    if (error instanceof OperationError && isNotAvailable(error.code)) return null;
    throw error;
  }
}
