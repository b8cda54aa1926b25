import { z } from 'zod';
import { defineOperation } from '../operation';
import { alertSchema } from './alert';
import { dedupKey, parseAlert } from './alert-format';
import { planFor, planSchema } from './plan';

export const alertInput = {
  alert: z
    .record(z.unknown())
    .describe(
      'The alert as it arrived, a JSON object: {id, severity, source, timestamp, indicators[]}, the body of a Panther webhook, or a generic alert with an id, a severity and a time',
    ),
  source: z.string().max(128).optional().describe('System that raised it; default: what the alert says'),
  tenant: z
    .string()
    .max(128)
    .optional()
    .describe('Tenant of that system; default: what the alert says, else "default"'),
};

/** An alert as the sample tenant of the sandbox would raise it. */
export const exampleAlert = {
  id: 'example-0001',
  severity: 'HIGH',
  source: 'panther',
  timestamp: '2026-01-15T09:30:00Z',
  indicators: [
    { type: 'user', value: 'example.user' },
    { type: 'ip', value: '203.0.113.7' },
  ],
};

export const normalizeAlert = defineOperation({
  name: 'normalize_alert',
  toolset: 'investigation',
  resource: 'Alert',
  title: 'Normalize',
  action: 'Normalize an alert',
  description:
    'Checks an alert from any source, brings it into one form, and plans its investigation. Refuses a malformed alert and names the field. Gives the deduplication key (source, tenant, alert id, kind of change) and at most 8 SQL queries over CloudTrail for execute_sql_query: 8 hours before the alert to 6 hours after it, and a base line of 30 days. The same alert always gives the same plan. Calls no service.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'anywhere',
  input: z.object(alertInput),
  output: z.object({
    alert: alertSchema,
    dedup_key: z.string().describe('Two deliveries with the same key are one case'),
    plan: planSchema,
  }),
  example: { alert: exampleAlert },
  run: async (_ports, input) => {
    const alert = parseAlert(input.alert, { source: input.source, tenant: input.tenant });
    return { alert, dedup_key: dedupKey(alert), plan: planFor(alert) };
  },
});
