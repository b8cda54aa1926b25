import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { alertIdsOf } from './alert-address';
import { changeAnswer, changeDeadlineMs, changeInput, changeOutput, patchAlerts } from './alert-change-fields';
import { changeAlerts } from './alert-changes';
import { alertStatuses, statusMeaning, summaryOf } from './alert-shape';
import { PantherClient } from './client';

export const updateAlertStatus = defineOperation({
  name: 'update_alert_status',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Update Status',
  action: 'Update the status of alerts',
  description: `Sets the status of up to 100 alerts of Panther: ${statusMeaning}. Each alert is read before and after, and has a result of its own; alerts that the tenant does not have are named and the others changed. complete is false when any failed.`,
  effect: 'write',
  idempotent: true,
  services: ['panther'],
  permissions: ['AlertModify', 'AlertRead'],
  runs: 'anywhere',
  input: z.object({
    alert_ids: changeInput.alert_ids,
    status: z.enum(alertStatuses).describe(`The new status: ${statusMeaning}`),
    dry_run: changeInput.dry_run,
  }),
  output: changeOutput({
    before: z.string().nullable().describe('Status that was found; null for an alert that could not be read'),
    status: z.string().nullable().describe('Status as last read; in a dry run as it would be'),
  }),
  example: { alert_ids: ['$alert_id'], status: 'TRIAGED' },
  echoOnError: ['alert_ids', 'status'],
  list: 'results',
  async run(ports, { alert_ids, status, dry_run }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, changeDeadlineMs));
    const outcomes = await changeAlerts<string | null>(
      client,
      alertIdsOf(alert_ids, client.endpoints),
      {
        of: (alert) => summaryOf(alert).status,
        wanted: () => status,
        write: (ids) => patchAlerts(client, ids, { status }),
      },
      dry_run,
    );
    return changeAnswer(outcomes, dry_run, ({ before, after }) => ({ before, status: after }));
  },
});
