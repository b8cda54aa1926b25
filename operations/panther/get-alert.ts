import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { alertIdOf } from './alert-address';
import { readAlert } from './alert-reading';
import { alertDetails, detailsOf } from './alert-shape';
import { PantherClient } from './client';

/** The input field of every operation on one alert. */
export const alertIdInput = z
  .string()
  .min(1)
  .max(500)
  .describe(
    "Id of the alert (32 hexadecimal characters, with or without dashes), or the address of its page in the tenant's console",
  );

export const getAlert = defineOperation({
  name: 'get_alert',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Get',
  action: 'Get an alert',
  description:
    'Reads one alert of Panther with everything on record: title, severity, status, the detection that raised it, runbook, context, assignee, quality, context tags, number and times of its events, and whether it reached its destinations. The events themselves come from list_alert_events, comments from list_alert_comments.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['AlertRead'],
  runs: 'anywhere',
  input: z.object({ alert_id: alertIdInput }),
  output: z.object({ alert: alertDetails }),
  example: { alert_id: '$alert_id' },
  echoOnError: ['alert_id'],
  async run(ports, { alert_id }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    return { alert: detailsOf(await readAlert(client, alertIdOf(alert_id, client.endpoints))) };
  },
});
