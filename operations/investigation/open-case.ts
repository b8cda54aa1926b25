import { z } from 'zod';
import { caseStatuses, settledStatuses } from '../cases';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { type Alert, alertSchema } from './alert';
import { type AlertOrigin, dedupKey, parseAlert } from './alert-format';
import { casesOf } from './case-summary';
import { alertInput, exampleAlert } from './normalize-alert';
import { planFor, planSchema } from './plan';

const output = z.object({
  case_id: z.string(),
  created: z.boolean().describe('False when this alert has a case already; that case is returned'),
  status: z.enum(caseStatuses),
  settled: z.boolean().describe('True when the automated part of the case has ended: nothing is left to do'),
  alert: alertSchema,
  plan: planSchema,
});
export type OpenedCase = z.infer<typeof output>;

/**
 * Keeps the alert as it came, usable or not, then opens its case or finds the one it has. Throws InvalidInputError with
 * the field at fault after the malformed alert is durable in `alerts_raw`.
 */
export async function openFromAlert(ports: Ports, body: unknown, origin: AlertOrigin): Promise<OpenedCase> {
  const cases = casesOf(ports);
  let alert: Alert;
  try {
    alert = parseAlert(body, origin);
  } catch (error) {
    if (error instanceof InvalidInputError) {
      await cases.recordAlert(body, { accepted: false, field: error.field, problem: error.message });
    }
    throw error;
  }
  await cases.recordAlert(body, { accepted: true });
  const { record, created } = await cases.open({
    dedup_key: dedupKey(alert),
    alert,
    title: alert.title,
    severity: alert.severity,
  });
  return {
    case_id: record.id,
    created,
    status: record.status,
    settled: settledStatuses.includes(record.status),
    alert: record.alert,
    plan: planFor(record.alert),
  };
}

export const openCase = defineOperation({
  name: 'open_case',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Open',
  action: 'Open a case',
  description:
    'Opens the case of an alert, or returns the case it has: one case for each source, tenant, alert id and kind of change, however often and at once it is delivered. The alert is kept as it came even when it is malformed; then the call fails and names the field. Returns the alert in one form and the queries to run.',
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object(alertInput),
  output,
  example: { alert: exampleAlert },
  varies: ['created', 'status', 'settled'],
  run: (ports, input) => openFromAlert(ports, input.alert, { source: input.source, tenant: input.tenant }),
});
