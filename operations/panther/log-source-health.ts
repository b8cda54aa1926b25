import { z } from 'zod';
import { serviceInstant } from '../instant';
import { cleanLine } from '../text';

/**
 * Only fields that every source has and that hold no secret: what else a source has (bearer tokens, HMAC secrets,
 * passwords, keys) is never asked for.
 */
export const listSources = /* GraphQL */ `
  query ListSources($input: SourcesInput) {
    sources(input: $input) {
      edges {
        node {
          integrationId
          integrationLabel
          integrationType
          isEditable
          isHealthy
          createdAtTime
          lastEventProcessedAtTime
          lastEventReceivedAtTime
          lastModified
          logTypes
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const sourceNode = z.object({
  integrationId: z.string(),
  integrationLabel: z.string(),
  integrationType: z.string(),
  isEditable: z.boolean().nullish(),
  isHealthy: z.boolean(),
  createdAtTime: z.string().nullish(),
  lastEventProcessedAtTime: z.string().nullish(),
  lastEventReceivedAtTime: z.string().nullish(),
  lastModified: z.string().nullish(),
  logTypes: z.array(z.string()).nullish(),
});
export type SourceNode = z.output<typeof sourceNode>;

export const listSourcesAnswer = z.object({
  sources: z.object({
    edges: z.array(z.object({ node: sourceNode })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  }),
});

/** In the order they are shown. */
export const healthStates = ['unhealthy', 'silent', 'healthy'] as const;
export type Health = (typeof healthStates)[number];

export interface Source {
  id: string;
  label: string;
  type: string;
  health: Health;
  is_healthy: boolean;
  is_silent: boolean;
  last_event_age_minutes: number | null;
  last_event_received_at: string | null;
  last_event_processed_at: string | null;
  log_types: string[];
  is_editable: boolean | null;
  created_at: string | null;
  last_modified: string | null;
}

/**
 * A source with its health. Silent is one that Panther calls healthy although nothing came from it for `silentHours`; one
 * that never sent anything is silent once it is that old itself.
 */
export function shapeSource(node: SourceNode, now: Date, silentHours: number): Source {
  const received = timeOf(node.lastEventReceivedAtTime);
  const since = received ?? timeOf(node.createdAtTime);
  const is_silent = since === undefined || now.getTime() - since > silentHours * 3_600_000;
  return {
    id: cleanLine(node.integrationId, 100),
    label: cleanLine(node.integrationLabel, 200),
    type: cleanLine(node.integrationType, 100),
    health: node.isHealthy ? (is_silent ? 'silent' : 'healthy') : 'unhealthy',
    is_healthy: node.isHealthy,
    is_silent,
    last_event_age_minutes:
      received === undefined ? null : Math.max(0, Math.floor((now.getTime() - received) / 60_000)),
    last_event_received_at: timeText(node.lastEventReceivedAtTime),
    last_event_processed_at: timeText(node.lastEventProcessedAtTime),
    log_types: (node.logTypes ?? []).slice(0, 200).map((type) => cleanLine(type, 200)),
    is_editable: node.isEditable ?? null,
    created_at: timeText(node.createdAtTime),
    last_modified: timeText(node.lastModified),
  };
}

/** Unhealthy first, then silent; among equals the one that has been quiet longest, never having sent anything counting most. */
export function bySeverity(a: Source, b: Source): number {
  const quiet = ({ last_event_age_minutes: age }: Source): number => age ?? Number.MAX_SAFE_INTEGER;
  return (
    healthStates.indexOf(a.health) - healthStates.indexOf(b.health) ||
    quiet(b) - quiet(a) ||
    (a.label < b.label ? -1 : a.label > b.label ? 1 : a.id < b.id ? -1 : 1)
  );
}

function timeOf(text: string | null | undefined): number | undefined {
  const time = serviceInstant(text);
  return Number.isNaN(time) ? undefined : time;
}

function timeText(text: string | null | undefined): string | null {
  return text == null || text === '' ? null : cleanLine(text, 60);
}
