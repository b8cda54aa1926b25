import { z } from 'zod';
import { defineOperation } from '../operation';
import { alertOf } from './alert-format';
import { plannedQuerySchema } from './evidence';
import { findSignInTables, signInPlan, signInTablesSchema } from './identity-steps';
import { exampleAlert } from './normalize-alert';
import { planFor } from './plan';

export const planSignInQueries = defineOperation({
  name: 'plan_sign_in_queries',
  toolset: 'investigation',
  resource: 'Alert',
  title: 'Plan Sign-In Queries',
  action: 'Plan the sign-in queries of an alert',
  description:
    'Looks up which sign-in logs the tenant has (Okta, Microsoft Entra, Google Workspace) and plans what to ask them about the people and addresses of an alert: at most 8 SQL queries for execute_sql_query, beside those of normalize_alert and open_case, over the same window and 30 days before. Runs none of them. Give the result to correlate_evidence as sign_in_plan, so that what was not asked or not answered is counted. The same alert and catalogue always give the same queries.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    alert: z
      .record(z.unknown())
      .describe('The alert, as it came or as normalize_alert or open_case returned it: a JSON object'),
  }),
  output: z.object({
    queries: z.array(plannedQuerySchema).max(8).describe('Queries to run with execute_sql_query, keyed by label'),
    not_available: z
      .array(z.object({ label: z.string(), problem: z.string() }))
      .describe('Sign-in logs that this tenant does not have, or that the token may not see'),
    tables: signInTablesSchema.describe('By table: those of its columns that are asked for; null when it is not there'),
  }),
  example: { alert: exampleAlert },
  async run(ports, input) {
    const alert = alertOf(input.alert);
    const tables = await findSignInTables(ports, alert);
    const { queries, not_available } = signInPlan(alert, planFor(alert), { tables });
    return { queries, not_available, tables };
  },
});
