import { z } from 'zod';
import { defineOperation } from '../operation';
import { collectPages } from '../paging';
import { Deadline } from '../retry';
import { cleanJson, type Json } from '../text';
import { alertIdOf } from './alert-address';
import { PantherClient } from './client';
import { alertIdInput } from './get-alert';
import { type RestList, readRestPage } from './rest-list';

type Event = { [key: string]: Json };
type CutBy = 'limit' | 'characters' | 'time' | 'service' | null;

const largestPage = 50;
/** All events together, as JSON. A model's context and an n8n item both end somewhere. */
const mostCharacters = 1_000_000;
/** Less than this is not enough for another page. */
const pageNeedsMs = 1_000;

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
    const { events, complete, next, cutBy } = await readEvents(client, id, limit, cursor);
    return { alert_id: id, events, count: events.length, complete, next, cut_by: cutBy };
  },
});

async function readEvents(client: PantherClient, id: string, limit: number, from: string | undefined) {
  const list: RestList<Record<string, unknown>> = {
    path: `/alerts/${encodeURIComponent(id)}/events`,
    query: {},
    item: z.record(z.unknown()),
    largestPage,
    permission: 'AlertRead',
    what: 'to read the events of an alert',
    object: `alert ${id}`,
    noun: 'events',
  };
  let characters = 0;
  let kept = 0;
  let stopped: CutBy = null;
  const collected = await collectPages<Event>(
    limit,
    async (cursor) => {
      if (kept > 0 && client.deadline.leftMs < pageNeedsMs) {
        stopped = 'time';
        return { items: [], next: cursor };
      }
      let size = Math.min(largestPage, limit - kept);
      for (;;) {
        const page = await readRestPage(client, list, size, cursor);
        const items = page.items.map((event) => cleanJson(event) as Event);
        const length = JSON.stringify(items).length;
        if (characters + length <= mostCharacters || (kept === 0 && items.length <= 1)) {
          characters += length;
          kept += items.length;
          client.ports.progress(`Read ${kept} events of alert ${id}`, kept, limit);
          return { items, next: page.next };
        }
        // A page that does not fit is given up whole, so that `next` repeats nothing; the first is asked for again, smaller.
        if (kept > 0) {
          stopped = 'characters';
          return { items: [], next: cursor };
        }
        size = Math.max(1, Math.floor(Math.min(size, items.length) / 2));
      }
    },
    from,
  );
  const { items: events, complete, next } = collected;
  const cutBy: CutBy = complete ? null : (stopped ?? (events.length >= limit ? 'limit' : 'service'));
  return { events, complete, next, cutBy };
}
