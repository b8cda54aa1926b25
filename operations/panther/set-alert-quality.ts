import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { alertIdsOf } from './alert-address';
import { changeAnswer, changeDeadlineMs, changeInput, changeOutput, patchAlerts } from './alert-change-fields';
import { changeAlerts } from './alert-changes';
import { alertQualities, summaryOf } from './alert-shape';
import { PantherClient } from './client';

export const setAlertQuality = defineOperation({
  name: 'set_alert_quality',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Set Quality',
  action: 'Set the quality of alerts',
  description:
    'Records whether up to 100 alerts of Panther were worth their time: NOISE, USEFUL, or none to clear the judgement. It is feedback on the detection and leaves the status alone. Each alert is read before and after, and has a result of its own; complete is false when any failed.',
  effect: 'write',
  idempotent: true,
  services: ['panther'],
  permissions: ['AlertModify', 'AlertRead'],
  runs: 'anywhere',
  input: z.object({
    alert_ids: changeInput.alert_ids,
    quality: z.enum([...alertQualities, 'none']).describe('NOISE, USEFUL, or none to clear it'),
    dry_run: changeInput.dry_run,
  }),
  output: changeOutput({
    before: z
      .string()
      .nullable()
      .describe('Quality that was found; null for none, or for an alert that could not be read'),
    quality: z.string().nullable().describe('Quality as last read; in a dry run as it would be; null for none'),
  }),
  example: { alert_ids: ['$alert_id'], quality: 'USEFUL' },
  echoOnError: ['alert_ids', 'quality'],
  list: 'results',
  async run(ports, { alert_ids, quality, dry_run }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, changeDeadlineMs));
    const wanted = quality === 'none' ? null : quality;
    const outcomes = await changeAlerts<string | null>(
      client,
      alertIdsOf(alert_ids, client.endpoints),
      {
        of: (alert) => summaryOf(alert).quality,
        wanted: () => wanted,
        // An empty text is how Panther clears it.
        write: (ids) => patchAlerts(client, ids, { quality: wanted ?? '' }),
      },
      dry_run,
    );
    return changeAnswer(outcomes, dry_run, ({ before, after }) => ({ before, quality: after }));
  },
});
