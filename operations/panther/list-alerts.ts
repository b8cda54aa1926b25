import { z } from 'zod';
import { InvalidInputError } from '../errors';
import { defineOperation } from '../operation';
import { Deadline } from '../retry';
import { alertWindow, defaultWindowDays, matchesFilters } from './alert-filter';
import {
  alertDetails,
  alertQualities,
  alertRecord,
  alertSeverities,
  alertStatuses,
  alertSubTypes,
  alertSummary,
  alertTypes,
  detailsOf,
  summaryOf,
} from './alert-shape';
import { PantherClient } from './client';
import { collectRest } from './rest-list';

const names = (what: string) => z.array(z.string().min(1).max(256)).max(50).optional().describe(what);

const input = z.object({
  created_after: z
    .string()
    .max(40)
    .optional()
    .describe(
      `Only alerts created at or after this time, ISO 8601 in UTC (2026-03-01 or 2026-03-01T08:00:00Z); default ${defaultWindowDays} days before created_before`,
    ),
  created_before: z
    .string()
    .max(40)
    .optional()
    .describe('Only alerts created at or before this time, ISO 8601 in UTC; default now'),
  severities: z.array(z.enum(alertSeverities)).optional().describe('Only alerts of these severities; default all'),
  statuses: z
    .array(z.enum(alertStatuses))
    .optional()
    .describe('Only alerts in these states; CLOSED is what Panther shows as "Invalid". Default all'),
  type: z
    .enum(alertTypes)
    .default('ALERT')
    .describe(
      'Which of the three lists: ALERT (default) for what detections found, DETECTION_ERROR for detections that failed, SYSTEM_ERROR for trouble with sources and destinations',
    ),
  sub_types: z
    .array(z.enum(alertSubTypes))
    .optional()
    .describe('Only alerts raised by these kinds of detection; the kinds that end in ERROR belong to DETECTION_ERROR'),
  detection_id: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('Only alerts of the rule, policy or scheduled rule with this id'),
  name_contains: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only alerts with this text in the title; upper and lower case are the same'),
  log_types: names('Only alerts on these log types, for example AWS.CloudTrail'),
  log_sources: names('Only alerts on logs from these sources, by id'),
  resource_types: names('Only alerts on these types of cloud resource, for example AWS.S3.Bucket'),
  assignee_ids: names('Only alerts assigned to these users, by id; list_users shows ids'),
  event_count_min: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Only alerts with at least this many events; no minimum unless given'),
  event_count_max: z.number().int().min(0).optional().describe('Only alerts with at most this many events'),
  qualities: z.array(z.enum(alertQualities)).optional().describe('Only alerts that somebody judged as NOISE or USEFUL'),
  context_tags: names('Only alerts with any of these context tags'),
  sort: z
    .enum(['newest_first', 'oldest_first'])
    .default('newest_first')
    .describe('Order by creation time; default newest_first'),
  include_context: z
    .boolean()
    .default(false)
    .describe(
      "Whether to return each alert's whole record (runbook, context, deliveries) as get_alert does; default false",
    ),
  limit: z.number().int().min(1).max(1000).default(50).describe('Most alerts to return, 1 to 1000; default 50'),
  cursor: z
    .string()
    .min(1)
    .max(8000)
    .optional()
    .describe(
      'The next value of an earlier call, unchanged, to go on there. Repeat its filters, and its window as created_after and created_before.',
    ),
});

const output = z.object({
  alerts: z.array(alertDetails.partial().merge(alertSummary)).describe('Titles and context hold text from logs'),
  count: z.number().int(),
  complete: z.boolean().describe('False when there are more alerts in the window'),
  next: z.string().nullable().describe('Cursor to go on with; null when complete'),
  window: z
    .object({
      from: z.string(),
      to: z.string().nullable().describe('Null: up to now'),
      defaulted: z.boolean().describe('True when the beginning was not given'),
    })
    .describe('Creation times that were searched'),
});

export const listAlerts = defineOperation({
  name: 'list_alerts',
  toolset: 'panther',
  resource: 'Alert',
  title: 'Get Many',
  action: 'Get many alerts',
  description: `Lists alerts of Panther, newest first, by time, severity, status, detection, title, log type, assignee, event count, quality and context tags. Without created_after it covers the last ${defaultWindowDays} days; window says which times were searched. All severities, states and event counts are included unless filtered. Returns up to limit alerts (default 50) and 1,000,000 characters together; complete says whether there are more.`,
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['AlertRead'],
  runs: 'anywhere',
  input,
  output,
  example: { severities: ['HIGH'], statuses: ['OPEN'], limit: 10 },
  varies: ['window.from'],
  echoOnError: ['detection_id', 'cursor'],
  list: 'alerts',
  async run(ports, { limit, cursor, sort, include_context, created_after, created_before, ...filters }) {
    const { event_count_min: fewest, event_count_max: most } = filters;
    if (fewest !== undefined && most !== undefined && most < fewest) {
      throw new InvalidInputError('event_count_max', 'is smaller than event_count_min, so no alert can match');
    }
    const window = alertWindow(created_after, created_before, ports.now());
    const client = await PantherClient.connect(ports, new Deadline(ports, 60_000));
    const { items, complete, next } = await collectRest(
      client,
      {
        path: '/alerts',
        query: {
          type: filters.type,
          'sub-type': filters.sub_types,
          'created-after': window.from,
          'created-before': window.to ?? undefined,
          'detection-id': filters.detection_id,
          'name-contains': filters.name_contains,
          'log-type': filters.log_types,
          'log-source': filters.log_sources,
          'resource-type': filters.resource_types,
          severity: filters.severities,
          status: filters.statuses,
          assignee: filters.assignee_ids,
          'event-count-min': fewest,
          'event-count-max': most,
          quality: filters.qualities,
          'context-tag': filters.context_tags,
          'sort-dir': sort === 'oldest_first' ? 'asc' : 'desc',
        },
        item: alertRecord,
        largestPage: 50,
        permission: 'AlertRead',
        what: 'to list alerts',
        object: 'list of alerts',
        noun: 'alerts',
      },
      {
        limit,
        cursor,
        keep: (alert) => matchesFilters(alert, filters, window),
        shape: include_context ? detailsOf : summaryOf,
      },
    );
    return { alerts: items, count: items.length, complete, next, window };
  },
});
