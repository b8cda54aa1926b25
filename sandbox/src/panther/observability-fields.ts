import type { ResolverContext } from './graphql-resolvers';
import { type LogSource, logSources } from './log-sources';
import { type MetricsInput, metricsOf } from './metrics';

/** Metrics and log sources: the part of Panther's schema, as extensions of Query and Mutation. */
export const observabilitySdl = `
extend type Query {
  metrics(input: MetricsInput!): MetricsOutput!
  sources(input: SourcesInput): SourcesOutput!
  source(id: ID!): LogIntegration
}

input MetricsInput { fromDate: DateTime! intervalInMinutes: Int toDate: DateTime! }
type MetricsOutput {
  alertsPerRule: [SeriesWithEntityID!]
  alertsPerSeverity: [SeriesWithBreakdown!]!
  bytesIngestedPerSource: [Series!]
  bytesProcessedPerSource: [SeriesWithBreakdown!]!
  bytesQueriedPerSource: [SeriesWithBreakdown!]!
  eventsProcessedPerLogType: [SeriesWithBreakdown!]!
  latencyPerLogType: [Series!]
  totalAlerts: Float!
  totalBytesIngested: Float!
  totalBytesProcessed: Float!
  totalBytesQueried: Float!
  totalEventsProcessed: Float!
}
type SeriesWithEntityID { entityId: ID! label: String! value: Float! }
type SeriesWithBreakdown { breakdown: JSON! label: String! value: Float! }
type Series { label: String! value: Float! }

input SourcesInput { cursor: String }
type SourcesOutput { edges: [SourcesOutputEdge!]! pageInfo: CursorBasedPaginationPageInfo! }
type SourcesOutputEdge { node: LogIntegration! }
interface LogIntegration {
  createdAtTime: DateTime!
  createdBy: Actor
  integrationId: ID!
  integrationLabel: String!
  integrationType: String!
  isEditable: Boolean!
  isHealthy: Boolean!
  lastEventProcessedAtTime: DateTime
  lastEventReceivedAtTime: DateTime
  lastModified: DateTime
  logTypes: [String!]!
}
type S3LogIntegration implements LogIntegration {
  awsAccountId: String!
  createdAtTime: DateTime!
  createdBy: Actor
  integrationId: ID!
  integrationLabel: String!
  integrationType: String!
  isEditable: Boolean!
  isHealthy: Boolean!
  kmsKey: String
  lastEventProcessedAtTime: DateTime
  lastEventReceivedAtTime: DateTime
  lastModified: DateTime
  logProcessingRole: String
  logTypes: [String!]!
  managedBucketNotifications: Boolean!
  s3Bucket: String!
  s3Prefix: String
  stackName: String!
}
"""Stands for the other kinds of source, whose names in Panther's schema are not public."""
type OtherLogIntegration implements LogIntegration {
  createdAtTime: DateTime!
  createdBy: Actor
  integrationId: ID!
  integrationLabel: String!
  integrationType: String!
  isEditable: Boolean!
  isHealthy: Boolean!
  lastEventProcessedAtTime: DateTime
  lastEventReceivedAtTime: DateTime
  lastModified: DateTime
  logTypes: [String!]!
}
`;

export function observabilityFields({ lake, clock, alerts }: ResolverContext): Record<string, unknown> {
  const node = (source: LogSource): object => ({
    ...source,
    awsAccountId: '123456789012',
    kmsKey: null,
    logProcessingRole: null,
    managedBucketNotifications: true,
    s3Bucket: 'simulated-corp-logs',
    s3Prefix: null,
    stackName: 'simulated-panther-source',
  });
  return {
    metrics: ({ input }: { input: MetricsInput }) => metricsOf(lake, alerts, input),
    /** Everything in one page: the cursor is a placeholder in Panther too. */
    sources: async () => ({
      edges: (await logSources(lake, clock())).map((source) => ({ node: node(source) })),
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    }),
    source: async ({ id }: { id: string }) => {
      const found = (await logSources(lake, clock())).find(({ integrationId }) => integrationId === id);
      return found ? node(found) : null;
    },
  };
}
