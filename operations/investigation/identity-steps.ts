import { OperationError } from '../errors';
import { runOperation } from '../operation';
import { getTableSchema } from '../panther/get-table-schema';
import type { Ports } from '../ports';
import type { Alert } from './alert';
import { isNotAvailable } from './coverage';
import { asksForSignIns, type IdentityPlan, identityPlan, identityProviders } from './identity-plan';
import { orFailure } from './investigation-steps';
import type { Plan } from './plan';

/**
 * Which sign-in logs there are, by the data lake's catalogue, and what to ask them. A table that is not there is `not_available`:
 * nobody could ask it, today or tomorrow. When the catalogue itself does not answer, that has failed, and the case stays open.
 */
export async function planIdentity(ports: Ports, alert: Alert, plan: Plan): Promise<IdentityPlan> {
  if (!asksForSignIns(alert)) return { queries: [], not_available: [] };
  const read = await orFailure(ports, async () => {
    const known: Record<string, readonly string[] | undefined> = {};
    for (const { table } of identityProviders) known[table] = await columnsOf(ports, table);
    return { known };
  });
  if ('known' in read) return identityPlan(alert, plan, read.known);
  return { queries: [], not_available: [], failed: read.error.message };
}

async function columnsOf(ports: Ports, table: string): Promise<readonly string[] | undefined> {
  try {
    const { columns } = await runOperation(getTableSchema, ports, {
      table: `panther_logs.public.${table}`,
      limit: 500,
    });
    return columns.map(({ name }) => name);
  } catch (error) {
    if (error instanceof OperationError && isNotAvailable(error.code)) return undefined;
    throw error;
  }
}
