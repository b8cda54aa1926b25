/** How a column is kept: a scalar type of DuckDB, JSON of any shape, or a list of texts. */
export type StoredType = 'VARCHAR' | 'TIMESTAMP' | 'BOOLEAN' | 'INTEGER' | 'VARIANT' | 'VARCHAR[]';

export interface Column {
  name: string;
  stored: StoredType;
  description: string;
}

export interface Table {
  database: string;
  name: string;
  displayName: string;
  logType?: string;
  description: string;
  columns: readonly Column[];
}

export interface Database {
  name: string;
  description: string;
}

const column = (name: string, stored: StoredType, description: string): Column => ({ name, stored, description });

/** Columns that every table of Panther has. */
const EVERY_ROW: readonly Column[] = [
  column('p_log_type', 'VARCHAR', 'Log type, e.g. AWS.CloudTrail'),
  column('p_row_id', 'VARCHAR', 'Id of the row, unique in its table'),
  column('p_event_time', 'TIMESTAMP', 'When the event happened, UTC'),
  column('p_parse_time', 'TIMESTAMP', 'When the event was parsed, UTC'),
  column('p_schema_version', 'INTEGER', 'Version of the row format'),
  column('p_source_id', 'VARCHAR', 'Id of the log source'),
  column('p_source_label', 'VARCHAR', 'Name of the log source'),
  column('p_source_file', 'VARCHAR', 'File the row was read from'),
  column('p_enrichment', 'VARIANT', 'Rows of lookup tables that match the event'),
];

/** Lists of indicators gathered from all over the event. */
export const INDICATORS: readonly Column[] = [
  column('p_any_ip_addresses', 'VARCHAR[]', 'IP addresses in the event'),
  column('p_any_domain_names', 'VARCHAR[]', 'Domain names in the event'),
  column('p_any_emails', 'VARCHAR[]', 'E-mail addresses in the event'),
  column('p_any_usernames', 'VARCHAR[]', 'User names in the event'),
  column('p_any_actor_ids', 'VARCHAR[]', 'Ids of who acted'),
  column('p_any_aws_account_ids', 'VARCHAR[]', 'AWS account ids in the event'),
  column('p_any_aws_arns', 'VARCHAR[]', 'AWS resource names in the event'),
  column('p_any_aws_instance_ids', 'VARCHAR[]', 'EC2 instance ids in the event'),
  column('p_any_aws_tags', 'VARCHAR[]', 'AWS tags in the event, as key:value'),
  column('p_any_trace_ids', 'VARCHAR[]', 'Request, event and access key ids'),
];

/** Fields of a CloudTrail record, as columns. */
export const CLOUDTRAIL_FIELDS: readonly Column[] = [
  column('additionalEventData', 'VARIANT', 'What the service adds beside request and response'),
  column('apiVersion', 'VARCHAR', 'API version of the call'),
  column('awsRegion', 'VARCHAR', 'Region the call went to'),
  column('errorCode', 'VARCHAR', 'Error of the service, if the call failed'),
  column('errorMessage', 'VARCHAR', 'Text of the error'),
  column('eventCategory', 'VARCHAR', 'Management, Data or Insight'),
  column('eventID', 'VARCHAR', 'Id of the event'),
  column('eventName', 'VARCHAR', 'Name of the API'),
  column('eventSource', 'VARCHAR', 'Service, e.g. iam.amazonaws.com'),
  column('eventTime', 'TIMESTAMP', 'When the request was completed, UTC'),
  column('eventType', 'VARCHAR', 'AwsApiCall, AwsConsoleSignIn, AwsServiceEvent and so on'),
  column('eventVersion', 'VARCHAR', 'Version of the record format'),
  column('managementEvent', 'BOOLEAN', 'Whether it is a management event'),
  column('readOnly', 'BOOLEAN', 'Whether the call only reads'),
  column('recipientAccountId', 'VARCHAR', 'Account that received the event'),
  column('requestID', 'VARCHAR', 'Id of the request'),
  column('requestParameters', 'VARIANT', 'Parameters of the call'),
  column('resources', 'VARIANT', 'Resources the call touched'),
  column('responseElements', 'VARIANT', 'Response of a call that changed something'),
  column('serviceEventDetails', 'VARIANT', 'Details of a service event'),
  column('sessionCredentialFromConsole', 'BOOLEAN', 'Whether the call came from a console session'),
  column('sharedEventID', 'VARCHAR', 'Id shared by copies of an event in several accounts'),
  column('sourceIPAddress', 'VARCHAR', 'Address, or service, the request came from'),
  column('tlsDetails', 'VARIANT', 'TLS version, cipher and host of the call'),
  column('userAgent', 'VARCHAR', 'Client that made the request'),
  column('userIdentity', 'VARIANT', 'Who made the request'),
  column('vpcEndpointId', 'VARCHAR', 'VPC endpoint the request went through'),
];

/** Columns that a detection adds to the rows it matched. */
const MATCH_FIELDS: readonly Column[] = [
  column('p_alert_id', 'VARCHAR', 'Id of the alert'),
  column('p_alert_creation_time', 'TIMESTAMP', 'When the alert was created, UTC'),
  column('p_alert_severity', 'VARCHAR', 'Severity of the alert'),
  column('p_rule_id', 'VARCHAR', 'Id of the detection'),
  column('p_rule_severity', 'VARCHAR', 'Severity of the detection'),
  column('p_rule_tags', 'VARCHAR[]', 'Tags of the detection'),
];

export const DATABASES: readonly Database[] = [
  { name: 'panther_logs', description: 'Parsed log data' },
  { name: 'panther_rule_matches', description: 'Events that matched a rule' },
  { name: 'panther_signals', description: 'Signals of detections, for correlation' },
  { name: 'panther_views', description: 'Views over all tables of one kind' },
];

const cloudtrailColumns = [...CLOUDTRAIL_FIELDS, ...EVERY_ROW, ...INDICATORS];

export const TABLES: readonly Table[] = [
  {
    database: 'panther_logs',
    name: 'aws_cloudtrail',
    displayName: 'AWS.CloudTrail',
    logType: 'AWS.CloudTrail',
    description: 'AWS API calls recorded by CloudTrail',
    columns: cloudtrailColumns,
  },
  {
    database: 'panther_rule_matches',
    name: 'aws_cloudtrail',
    displayName: 'AWS.CloudTrail',
    logType: 'AWS.CloudTrail',
    description: 'CloudTrail events that matched a rule',
    columns: [...cloudtrailColumns, ...MATCH_FIELDS],
  },
  {
    database: 'panther_signals',
    name: 'correlation_signals',
    displayName: 'correlation_signals',
    description: 'One row for every event that a detection matched',
    columns: [...EVERY_ROW, ...INDICATORS, ...MATCH_FIELDS],
  },
  {
    database: 'panther_views',
    name: 'all_logs',
    displayName: 'all_logs',
    description: 'Common columns of every log table',
    columns: [...EVERY_ROW, ...INDICATORS],
  },
  {
    database: 'panther_views',
    name: 'all_rule_matches',
    displayName: 'all_rule_matches',
    description: 'Common columns of every table of rule matches',
    columns: [...EVERY_ROW, ...INDICATORS, ...MATCH_FIELDS],
  },
];

/** The type as the catalogue names it (the backend is Snowflake). */
export function catalogueType(stored: StoredType): string {
  return {
    VARCHAR: 'VARCHAR',
    TIMESTAMP: 'TIMESTAMP_NTZ',
    BOOLEAN: 'BOOLEAN',
    INTEGER: 'NUMBER',
    VARIANT: 'VARIANT',
    'VARCHAR[]': 'ARRAY',
  }[stored];
}

/** Lower-case names of all columns that hold JSON or lists. */
export const VARIANT_COLUMNS: ReadonlySet<string> = new Set(
  TABLES.flatMap((table) => table.columns)
    .filter(({ stored }) => stored === 'VARIANT' || stored === 'VARCHAR[]')
    .map(({ name }) => name.toLowerCase()),
);
