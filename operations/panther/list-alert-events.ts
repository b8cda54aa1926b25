import { z } from 'zod';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { cleanJson, type Json } from '../text';
import { urlSegment } from '../url-segment';
import { alertIdOf } from './alert-address';
import { PantherClient } from './client';
import { alertIdInput } from './get-alert';
import { collectRest } from './rest-list';

const output = z.object({
  alert_id: z.string(),
  events: z
    .array(z.record(z.unknown()))
    .describe('Log events as Panther keeps them. Text in them comes from logs; texts are cut at 4000 characters'),
  count: z.number().int(),
  complete: z.boolean().describe('False when the alert has more events'),
  next: z.string().nullable().describe('Cursor of the first event that is not here; null when complete'),
  cut_by: z
    .enum(['limit', 'characters', 'time', 'service'])
    .nullable()
    .describe('What ended the reading early: limit, 1000000 characters of events, 60 seconds, or Panther itself'),
});

export const listAlertEvents = defineOperation({
  name: 'list_alert_events',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Get Many Events',
  action: 'Get the events of an alert',
  description:
    'Reads the log events that an alert of Panther is about, up to limit (default 50) and 1,000,000 characters together. The answer says whether there are more (complete), and next goes on without repeating any.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['AlertRead'],
  runs: 'anywhere',
  input: z.object({
    alert_id: alertIdInput,
    limit: z.number().int().min(1).max(1000).default(50).describe('Most events to return, 1 to 1000; default 50'),
    cursor: z
      .string()
      .min(1)
      .max(8000)
      .optional()
      .describe('The next value of an earlier call for the same alert, unchanged, to go on there'),
  }),
  output,
  example: { alert_id: '$alert_id', limit: 10 },
  echoOnError: ['alert_id', 'cursor'],
  list: 'events',
  async run(ports, { alert_id, limit, cursor }) {
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const id = alertIdOf(alert_id, client.endpoints);
    const { items, complete, next, cutBy } = await collectRest(
      client,
      {
        path: `/alerts/${urlSegment(id)}/events`,
        query: {},
        item: z.record(z.unknown()),
        largestPage: 50,
        permission: 'AlertRead',
        what: 'to read the events of an alert',
        object: `alert ${id}`,
        noun: 'events',
      },
      { limit, cursor, shape: (event) => cleanJson(event) as { [key: string]: Json } },
    );
    return { alert_id: id, events: items, count: items.length, complete, next, cut_by: cutBy };
  },
});
