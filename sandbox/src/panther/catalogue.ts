import {
  type Column,
  column,
  type Database,
  EVERY_ROW,
  INDICATORS,
  type StoredType,
  type Table,
} from './catalogue-column';
import { SAMPLE_TABLES } from './catalogue-samples';

export { type Column, type Database, INDICATORS, type StoredType, type Table };

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
  { name: 'panther_rule_errors', description: 'Events on which a rule failed' },
  { name: 'panther_lookups', description: 'Lookup tables that enrich events' },
  { name: 'panther_monitor', description: 'Health of loading and classification' },
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
  ...SAMPLE_TABLES,
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
