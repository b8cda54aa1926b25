import { z } from 'zod';
import { caseStatuses, settledStatuses } from '../cases';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import type { Ports } from '../ports';
import { type Alert, alertSchema } from './alert';
import { type AlertOrigin, dedupKey, parseAlert } from './alert-format';
import { checkedAgainst, withNotes } from './alert-notes';
import { casesOf } from './case-summary';
import { alertInput, exampleAlert } from './normalize-alert';
import { isHunt, planFor, planSchema } from './plan';
import { repeatedKeys } from './repeated-keys';

const output = z.object({
  case_id: z.string(),
  created: z
    .boolean()
    .describe('False when this alert has a case already, or joined an open one; that case is returned'),
  joined: z
    .boolean()
    .describe('True when the alert belongs to a case that another alert of the same rule about the same entity opened'),
  status: z.enum(caseStatuses),
  settled: z.boolean().describe('True when the automated part of the case has ended: nothing is left to do'),
  alert: alertSchema,
  plan: planSchema,
});
export type OpenedCase = z.infer<typeof output>;

/**
 * Keeps the alert as it came (`text` is the JSON it was parsed from), usable or not, then opens its case or finds the one it has. Throws InvalidInputError with
 * the field at fault after the malformed alert is durable in `alerts_raw`.
 */
export async function openFromAlert(
  ports: Ports,
  body: unknown,
  origin: AlertOrigin,
  text?: string,
  check: (alert: Alert) => void = () => {},
): Promise<OpenedCase> {
  const cases = casesOf(ports);
  let alert: Alert;
  try {
    const repeated = text === undefined ? [] : repeatedKeys(text);
    alert = checkedAgainst(withNotes(parseAlert(body, origin), repeated), ports.now());
    check(alert);
  } catch (error) {
    if (error instanceof InvalidInputError) {
      await cases.recordAlert(body, { accepted: false, field: error.field, problem: error.message, text });
    }
    throw error;
  }
  const raw_id = await cases.recordAlert(body, { accepted: true, text });
  const { record, created, joined } = await cases.open({
    dedup_key: dedupKey(alert),
    alert,
    title: alert.title,
    severity: alert.severity,
    raw_id,
  });
  return {
    case_id: record.id,
    created,
    joined,
    status: record.status,
    settled: settledStatuses.includes(record.status),
    alert: record.alert,
    plan: planFor(record.alert),
  };
}

/**
 * The same for an alert that a source sent. What has no entity is nobody's alert when it calls itself a schedule: it would have
 * the whole tenant searched, which is for whoever runs the hunts and not for whoever may send alerts.
 */
export function openSentAlert(ports: Ports, body: unknown, text?: string): Promise<OpenedCase> {
  return openFromAlert(ports, body, {}, text, (alert) => {
    if (!isHunt(alert)) return;
    throw new InvalidInputError(
      'source',
      '"schedule" without an entity asks for a hunt, and hunts are not started by alerts. Send whom or what the alert is about, or run hunts with HUNT_SCHEDULE_HOURS or the tool open_case',
    );
  });
}

export const openCase = defineOperation({
  name: 'open_case',
  toolset: 'investigation',
  resource: 'Case',
  title: 'Open',
  action: 'Open a case',
  description:
    'Opens the case of an alert, or returns the case it has: one case for each source, tenant, alert id and kind of change, however often and at once it is delivered. An alert of the same rule that shares an entity with an open case, raised within 24 hours (set up in the bridge), joins that case and may raise its severity; a closed case stays closed and is linked. The alert is kept as it came even when it is malformed; then the call fails and names the field. Returns the alert in one form and the queries to run.',
  effect: 'write',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object(alertInput),
  output,
  example: { alert: exampleAlert },
  varies: ['created', 'joined', 'status', 'settled'],
  run: (ports, input) => openFromAlert(ports, input.alert, { source: input.source, tenant: input.tenant }),
});
