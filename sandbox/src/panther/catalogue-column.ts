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

export const column = (name: string, stored: StoredType, description: string): Column => ({
  name,
  stored,
  description,
});

/** Columns that every log table of Panther has. */
export const EVERY_ROW: readonly Column[] = [
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
