import { buildSchema, GraphQLScalarType, type GraphQLSchema, isUnionType, valueFromASTUntyped } from 'graphql';
import { aiSdl } from './ai-fields';
import { observabilitySdl } from './observability-fields';
import { searchSdl } from './search-fields';

/**
 * The part of Panther's GraphQL schema that the project uses. Names, types, nullability, defaults and enum values are
 * Panther's.
 */
const SDL = `
scalar JSON
scalar DateTime
scalar Timestamp
scalar Email

type Query {
  dataLakeDatabases: [DataLakeDatabase!]!
  dataLakeDatabase(name: String!): DataLakeDatabase!
  dataLakeDatabaseTables(input: DataLakeDatabaseTablesInput!): DataLakeDatabaseTablesOutput!
  dataLakeDatabaseTable(input: DataLakeDatabaseTableInput!): DataLakeDatabaseTable!
  dataLakeQuery(id: ID!, root: Boolean = false): DataLakeQuery!
  dataLakeQueries(input: DataLakeQueriesInput): DataLakeQueriesOutput!
  alert(id: ID!): Alert!
  alerts(input: AlertsInput!): AlertsOutput!
  users: [User!]!
  userById(id: ID!): User!
  userByEmail(email: String!): User!
  generalSettings: GeneralSettingsConfig!
}

type Mutation {
  executeDataLakeQuery(input: ExecuteDataLakeQueryInput!): ExecuteDataLakeQueryOutput!
  cancelDataLakeQuery(input: CancelDataLakeQueryInput!): CancelDataLakeQueryOutput!
  updateAlertStatusById(input: UpdateAlertStatusByIdInput!): UpdateAlertStatusByIdOutput!
  updateAlertsAssigneeById(input: UpdateAlertsAssigneeByIdInput!): UpdateAlertsAssigneeByIdOutput!
  updateAlertsAssigneeByEmail(input: UpdateAlertsAssigneeByEmailInput!): UpdateAlertsAssigneeByEmailOutput!
  createAlertComment(input: CreateAlertCommentInput!): CreateAlertCommentOutput!
}

type DataLakeDatabase { description: String name: String! tables: [DataLakeDatabaseTable!]! }
type DataLakeDatabaseTable {
  columns: [DataLakeDatabaseTableColumn!]!
  description: String
  displayName: String
  logType: String
  name: String!
  numMatches: Int
}
type DataLakeDatabaseTableColumn { description: String name: String! type: String }
input DataLakeDatabaseTablesInput { cursor: String databaseName: String! pageSize: Int = 25 }
type DataLakeDatabaseTablesOutput { edges: [DataLakeDatabaseTablesEdges!]! pageInfo: DataLakeDatabaseTablesOutputPageInfo! }
type DataLakeDatabaseTablesEdges { node: DataLakeDatabaseTable! }
type DataLakeDatabaseTablesOutputPageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
input DataLakeDatabaseTableInput { databaseName: String! tableName: String! }

type DataLakeQuery {
  children: [DataLakeQuery!]!
  completedAt: DateTime
  id: ID!
  isScheduled: Boolean!
  issuedBy: Actor
  message: String!
  name: String
  results(input: DataLakeQueryResultsInput): DataLakeQueryResults
  sql: String!
  startedAt: DateTime!
  status: DataLakeQueryStatus!
}
type DataLakeQueryResults {
  actorProfiles: [ActorProfile!]!
  columnInfo: DataLakeQueryResultsColumnInfo!
  edges: [DataLakeQueryResultEdge!]!
  pageInfo: DataLakeQueryResultRecordsPageInfo!
  stats: DataLakeQueryStats!
  tryAgain: Boolean!
}
type ActorProfile { displayNames: [String!] emails: [String!] entityId: String! usernames: [String!] }
type DataLakeQueryResultsColumnInfo { order: [String!]! types: JSON! }
type DataLakeQueryResultEdge { id: String node: JSON! }
type DataLakeQueryResultRecordsPageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
type DataLakeQueryStats { bytesScanned: Float! executionTime: Float! rowCount: Float! }
input DataLakeQueryResultsInput { cursor: String pageSize: Int = 999 }
enum DataLakeQueryStatus { cancelled failed running succeeded }
input DataLakeQueriesInput {
  contains: String
  cursor: String
  isScheduled: Boolean
  issuedBy: [ID!]
  pageSize: Int = 25
  sortBy: DataLakeQueriesSortFields = startedAt
  sortDir: SortDirEnum = descending
  startedAtAfter: DateTime
  startedAtBefore: DateTime
  status: [DataLakeQueryStatus!]
}
enum DataLakeQueriesSortFields { startedAt }
enum SortDirEnum { ascending descending }
type DataLakeQueriesOutput { edges: [DataLakeQueryEdge!]! pageInfo: DataLakeQueriesOutputPageInfo! }
type DataLakeQueryEdge { node: DataLakeQuery! }
type DataLakeQueriesOutputPageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
input ExecuteDataLakeQueryInput { databaseName: String = "panther_logs" sql: String! }
type ExecuteDataLakeQueryOutput { id: ID! }
input CancelDataLakeQueryInput { id: ID! }
type CancelDataLakeQueryOutput { id: ID! }

union Actor = APIToken | User
type APIToken {
  allowedCIDRBlocks: [String!]!
  createdAt: DateTime!
  createdBy: User!
  expiresAt: DateTime
  id: ID!
  lastUsedAt: DateTime
  name: String!
  permissions: [Permission!]!
  rotatedAt: DateTime
  rotatedBy: Actor
  updatedAt: DateTime
  updatedBy: User
  value: String
}
type User {
  createdAt: DateTime!
  email: Email!
  enabled: Boolean!
  familyName: String
  givenName: String
  id: ID!
  lastLoggedInAt: DateTime
  role: Role!
  status: String!
}
type Role {
  createdAt: DateTime!
  id: ID!
  logTypeAccess: [String!]
  logTypeAccessKind: LogTypeAccessKind!
  name: String!
  permissions: [Permission!]!
  updatedAt: Timestamp!
  updatedBy: Actor
}
enum LogTypeAccessKind { ALLOW ALLOW_ALL DENY DENY_ALL }
enum Permission {
  AlertModify AlertRead BulkUpload CloudsecSourceModify CloudsecSourceRead DataAnalyticsModify DataAnalyticsRead
  DestinationModify DestinationRead GeneralSettingsModify GeneralSettingsRead LogSourceModify LogSourceRawDataRead
  LogSourceRead LookupModify LookupRead OrganizationAPITokenModify OrganizationAPITokenRead PolicyModify PolicyRead
  ResourceModify ResourceRead RuleModify RuleRead RunPantherAI SummaryRead UserModify UserRead
  ViewAISkills
}
type GeneralSettingsConfig { pantherVersion: String }

type Alert {
  assignee: User
  createdAt: DateTime!
  deliveries: [AlertDelivery]!
  description: String!
  events(input: AlertEventsInput): AlertEventsOutput
  firstEventOccurredAt: DateTime
  id: ID!
  lastReceivedEventAt: DateTime!
  origin: AlertOrigin!
  reference: String!
  runbook: String!
  severity: Severity!
  status: AlertStatus!
  title: String!
  type: AlertType!
  updatedAt: DateTime
  updatedBy: Actor
}
type AlertDelivery {
  dispatchedAt: DateTime!
  label: String!
  message: String!
  outputId: ID!
  statusCode: Int!
  success: Boolean!
  url: String!
}
type AlertEventsOutput { edges: [AlertEventsOutputEdge!]! pageInfo: CursorBasedPaginationPageInfo! }
type AlertEventsOutputEdge { node: JSON! }
type CursorBasedPaginationPageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
input AlertEventsInput { cursor: String pageSize: Int = 25 }
union AlertOrigin = DeletedDetection | Detection | SystemError
type DeletedDetection { id: ID! }
type Detection {
  createdAt: DateTime!
  createdBy: Actor
  description: String
  id: ID!
  name: String!
  type: DetectionType!
  updatedAt: DateTime
  updatedBy: Actor
}
enum DetectionType { CORRELATION_RULE DERIVED_RULE POLICY RULE SCHEDULED_RULE }
type SystemError { relatedComponent: RelatedComponent! type: SystemErrorType! }
enum RelatedComponent { CLOUD_ACCOUNT DESTINATION DETECTION ENRICHMENT LOG_SOURCE LOOKUP_TABLE SAVED_QUERY }
enum SystemErrorType {
  ALERT_DELIVERY DETECTION_ALERT_LIMIT_EXCEEDED SOURCE_CLASSIFICATION_FAILURES SOURCE_LOG_PROCESSING_ERRORS
  SOURCE_NO_DATA SOURCE_PERMISSIONS_CHECKS SOURCE_SCANNING_ERRORS
}
enum Severity { CRITICAL HIGH INFO LOW MEDIUM }
enum AlertStatus { CLOSED OPEN RESOLVED TRIAGED }
enum AlertType { POLICY RULE RULE_ERROR SCHEDULED_RULE SCHEDULED_RULE_ERROR SYSTEM_ERROR }
input AlertsInput {
  assigneeIds: [ID!]
  createdAtAfter: DateTime
  createdAtBefore: DateTime
  cursor: String
  detectionId: ID
  eventCountMax: Int
  eventCountMin: Int
  logSources: [String!]
  logTypes: [String!]
  nameContains: String
  pageSize: Int = 25
  resourceTypes: [String!]
  severities: [Severity!]
  sortBy: AlertsSortFieldsEnum
  sortDir: SortDirEnum = descending
  statuses: [AlertStatus!]
  subtypes: [AlertType!]
  type: AlertListingType = ALERT
}
enum AlertsSortFieldsEnum { createdAt }
enum AlertListingType { ALERT DETECTION_ERROR SYSTEM_ERROR }
type AlertsOutput { edges: [AlertsOutputEdge!]! pageInfo: AlertsOutputPageInfo! }
type AlertsOutputEdge { node: Alert! }
type AlertsOutputPageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
input UpdateAlertStatusByIdInput { ids: [ID!]! status: AlertStatus! }
type UpdateAlertStatusByIdOutput { alerts: [Alert!]! }
input UpdateAlertsAssigneeByIdInput { assigneeId: ID ids: [ID!]! }
type UpdateAlertsAssigneeByIdOutput { alerts: [Alert!]! }
input UpdateAlertsAssigneeByEmailInput { assigneeEmail: String ids: [ID!]! }
type UpdateAlertsAssigneeByEmailOutput { alerts: [Alert!]! }
input CreateAlertCommentInput { alertId: ID! body: String! format: CommentFormat = PLAIN_TEXT }
enum CommentFormat { HTML PLAIN_TEXT }
type CreateAlertCommentOutput { comment: Comment! }
type Comment { body: String! createdAt: DateTime! createdBy: Actor! entity: CommentEntity! format: CommentFormat! id: ID! }
union CommentEntity = Alert
`;

/** The schema, with scalars that pass values as they are and unions told apart by `__typename`. */
export function pantherSchema(): GraphQLSchema {
  const schema = buildSchema([SDL, searchSdl, observabilitySdl, aiSdl].join('\n'));
  for (const type of Object.values(schema.getTypeMap())) {
    if (isUnionType(type)) type.resolveType = (value: { __typename?: string }) => value.__typename;
    if (type instanceof GraphQLScalarType && type.name === 'JSON') type.parseLiteral = valueFromASTUntyped;
  }
  return schema;
}
