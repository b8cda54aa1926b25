import type { StoredAlert } from './alert-store';
import type { ResolverContext } from './graphql-resolvers';
import { type IndicatorInput, indicatorSql, quoted } from './indicator-search';
import { findSchemas, type SchemaFilter } from './log-schemas';

/** Log type schemas and the searches: the part of Panther's schema, as extensions of Query and Mutation. */
export const searchSdl = `
extend type Query {
  schemas(input: SchemasInput!): SchemasOutput!
}

extend type Mutation {
  executeIndicatorSearchQuery(input: ExecuteIndicatorSearchQueryInput!): ExecuteIndicatorSearchQueryOutput!
  executeAlertActorQuery(input: ExecuteAlertActorQueryInput!): ExecuteAlertActorQueryOutput!
}

input SchemasInput { contains: String cursor: String isArchived: Boolean isInUse: Boolean isManaged: Boolean }
type SchemasOutput { edges: [SchemasOutputEdge!]! pageInfo: SchemasOutputPageInfo! }
type SchemasOutputEdge { node: Schema! }
type SchemasOutputPageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
type Schema {
  createdAt: String!
  description: String
  discoveredSpec: String!
  isArchived: Boolean!
  isFieldDiscoveryEnabled: Boolean!
  isManaged: Boolean!
  name: String!
  referenceURL: String
  revision: Int!
  spec: String!
  updatedAt: String
  version: Int!
}

input ExecuteIndicatorSearchQueryInput {
  databases: [String!]
  endTime: DateTime!
  indicatorName: IndicatorType = AutoDetectType
  indicators: [String!]!
  startTime: DateTime!
  tables: [String!]
}
enum IndicatorType {
  AutoDetectType SimpleSearch TextSearch p_any_actor_ids p_any_aws_account_ids p_any_aws_arns p_any_aws_instance_ids
  p_any_aws_tags p_any_domain_names p_any_emails p_any_ip_addresses p_any_mac_addresses p_any_md5_hashes
  p_any_serial_numbers p_any_sha1_hashes p_any_sha256_hashes p_any_trace_ids p_any_usernames
}
type ExecuteIndicatorSearchQueryOutput { id: ID! }
input ExecuteAlertActorQueryInput { alertId: ID! limit: Int = 25 }
type ExecuteAlertActorQueryOutput { id: ID! }
`;

export function searchFields({ queries, alerts }: ResolverContext): Record<string, unknown> {
  return {
    // One page, whatever the cursor says.
    schemas: ({ input }: { input: SchemaFilter }) => ({
      edges: findSchemas(input).map((node) => ({ node })),
      pageInfo: { endCursor: null, startCursor: null, hasNextPage: false, hasPreviousPage: false },
    }),
    executeIndicatorSearchQuery: ({ input }: { input: IndicatorInput }) => ({
      id: queries.start(indicatorSql(input), 'panther_logs').id,
    }),
    executeAlertActorQuery: ({ input }: { input: { alertId: string; limit?: number | null } }) => ({
      id: queries.start(actorSql(alerts.get(input.alertId), input.limit ?? 25), 'panther_logs').id,
    }),
  };
}

/**
 * What the alert's actor did in the day before the alert and the six hours after it, newest first. Simulated: the columns
 * of Panther's answer are not documented.
 */
function actorSql(alert: StoredAlert, limit: number): string {
  const list = (name: string): string[] => {
    const value = alert.events[0]?.[name];
    return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
  };
  const [ids, names] = [list('p_any_actor_ids'), list('p_any_usernames')];
  const column = ids.length > 0 ? 'p_any_actor_ids' : 'p_any_usernames';
  const tests = (ids.length > 0 ? ids : names).map((id) => `ARRAY_CONTAINS(${quoted(id)}::VARIANT, ${column})`);
  const hour = 3_600_000;
  const at = (ms: number): string => quoted(new Date(Date.parse(alert.createdAt) + ms).toISOString());
  return `SELECT p_event_time, p_log_type, p_source_label, p_any_usernames, p_any_actor_ids, p_any_ip_addresses, p_any_aws_arns, p_row_id FROM panther_views.public.all_logs WHERE p_occurs_between(${at(-24 * hour)}, ${at(6 * hour)}) AND (${tests.join(' OR ') || 'FALSE'}) ORDER BY p_event_time DESC, p_row_id LIMIT ${Math.max(1, Math.trunc(limit))}`;
}
