import { type Column, column, EVERY_ROW, INDICATORS, type Table } from './catalogue-column';

const OKTA: readonly Column[] = [
  column('actor', 'VARIANT', 'Who acted'),
  column('client', 'VARIANT', 'Client the request came from'),
  column('displayMessage', 'VARCHAR', 'The event in words'),
  column('eventType', 'VARCHAR', 'Kind of event, e.g. user.session.start'),
  column('outcome', 'VARIANT', 'Result and its reason'),
  column('published', 'TIMESTAMP', 'When the event was published, UTC'),
  column('securityContext', 'VARIANT', 'Network the request came from'),
  column('severity', 'VARCHAR', 'DEBUG, INFO, WARN or ERROR'),
  column('target', 'VARIANT', 'What was acted on'),
  column('uuid', 'VARCHAR', 'Id of the event'),
];

const AZURE: readonly Column[] = [
  column('callerIpAddress', 'VARCHAR', 'Address the request came from'),
  column('category', 'VARCHAR', 'SignInLogs, AuditLogs, ...'),
  column('operationName', 'VARCHAR', 'What was done'),
  column('properties', 'VARIANT', 'The record of the category'),
  column('resultType', 'VARCHAR', 'Result; 0 for a sign-in that succeeded'),
  column('time', 'TIMESTAMP', 'When it happened, UTC'),
];

const GOOGLE: readonly Column[] = [
  column('actor', 'VARIANT', 'Who acted'),
  column('id', 'VARIANT', 'Id, application and time'),
  column('ipAddress', 'VARCHAR', 'Address the request came from'),
  column('name', 'VARCHAR', 'Kind of event, e.g. login_success'),
  column('parameters', 'VARIANT', 'What goes with the kind'),
  column('type', 'VARCHAR', 'Group of kinds'),
];

const GITLAB: readonly Column[] = [
  column('author_id', 'INTEGER', 'Id of who acted'),
  column('author_name', 'VARCHAR', 'Name of who acted'),
  column('created_at', 'TIMESTAMP', 'When it happened, UTC'),
  column('details', 'VARIANT', 'What changed, from what to what'),
  column('entity_id', 'INTEGER', 'Id of the project or group'),
  column('entity_path', 'VARCHAR', 'Path of the project or group'),
  column('entity_type', 'VARCHAR', 'Project, Group or User'),
  column('event_name', 'VARCHAR', 'Kind of event'),
  column('id', 'INTEGER', 'Id of the event'),
  column('ip_address', 'VARCHAR', 'Address the request came from'),
];

const common = [...EVERY_ROW, ...INDICATORS];

/** Other log types that a tenant of this size has set up. Nothing has arrived from them; where no query of ours asks, only the common columns are there. */
const QUIET: readonly (readonly [logType: string, description: string, columns?: readonly Column[]])[] = [
  ['AWS.ALB', 'Requests to AWS load balancers'],
  ['AWS.GuardDuty', 'Findings of AWS GuardDuty'],
  ['AWS.S3ServerAccess', 'Requests to S3 buckets'],
  ['AWS.VPCDns', 'DNS queries inside AWS networks'],
  ['AWS.VPCFlow', 'Network flows in AWS'],
  ['AWS.WAFWebACL', 'Requests seen by AWS WAF'],
  ['Amazon.EKS.Audit', 'Audit log of EKS clusters'],
  ['Azure.Audit', 'Audit log of Azure', AZURE],
  ['Box.Event', 'Events of Box'],
  ['Cloudflare.HttpRequest', 'Requests seen by Cloudflare'],
  ['Cloudflare.Firewall', 'Requests stopped by Cloudflare'],
  ['Crowdstrike.FDREvent', 'Events of CrowdStrike sensors'],
  ['Duo.Authentication', 'Authentications by Duo'],
  ['Fastly.Access', 'Requests seen by Fastly'],
  ['GCP.AuditLog', 'Audit log of Google Cloud'],
  ['GSuite.ActivityEvent', 'Activity in Google Workspace', GOOGLE],
  ['GitHub.Audit', 'Audit log of GitHub'],
  ['GitLab.API', 'Requests to the API of GitLab'],
  ['GitLab.Production', 'Requests to the pages of GitLab'],
  ['Nginx.Access', 'Requests to nginx'],
  ['OnePassword.SignInAttempt', 'Attempts to sign in to 1Password'],
  ['Osquery.Differential', 'Changes seen by osquery'],
  ['Slack.AuditLogs', 'Audit log of Slack'],
  ['Sophos.Central', 'Events of Sophos Central'],
  ['Suricata.Alert', 'Alerts of Suricata'],
  ['Zendesk.Audit', 'Audit log of Zendesk'],
  ['Zoom.Activity', 'Sign-ins to Zoom'],
];

/** Tables beside those of CloudTrail. Simulated: some with a few rows in the generated tenant, most empty. */
export const SAMPLE_TABLES: readonly Table[] = [
  {
    database: 'panther_logs',
    name: 'okta_systemlog',
    displayName: 'Okta.SystemLog',
    logType: 'Okta.SystemLog',
    description: 'Sign-ins and administration in Okta',
    columns: [...OKTA, ...common],
  },
  {
    database: 'panther_logs',
    name: 'gitlab_audit',
    displayName: 'GitLab.Audit',
    logType: 'GitLab.Audit',
    description: 'Audit events of GitLab',
    columns: [...GITLAB, ...common],
  },
  ...QUIET.map(
    ([logType, description, columns = []]): Table => ({
      database: 'panther_logs',
      name: logType.toLowerCase().replaceAll('.', '_'),
      displayName: logType,
      logType,
      description: `${description}; nothing has arrived`,
      columns: [...columns, ...common],
    }),
  ),
  {
    database: 'panther_rule_errors',
    name: 'aws_cloudtrail',
    displayName: 'AWS.CloudTrail',
    logType: 'AWS.CloudTrail',
    description: 'CloudTrail events on which a rule failed',
    columns: [
      ...common,
      column('p_rule_id', 'VARCHAR', 'Id of the rule'),
      column('p_rule_error', 'VARCHAR', 'Its error'),
    ],
  },
  {
    database: 'panther_lookups',
    name: 'simulated_assets',
    displayName: 'simulated_assets',
    description: 'Simulated lookup table: who owns an address',
    columns: [
      column('address', 'VARCHAR', 'IP address'),
      column('asset', 'VARCHAR', 'What has the address'),
      column('owner', 'VARCHAR', 'E-mail address of the owner'),
      column('environment', 'VARCHAR', 'production, office or build'),
    ],
  },
  {
    database: 'panther_monitor',
    name: 'classification_failures',
    displayName: 'classification_failures',
    description: 'Events that no schema fits',
    columns: [
      column('p_event_time', 'TIMESTAMP', 'When it failed, UTC'),
      column('p_source_id', 'VARCHAR', 'Id of the log source'),
      column('payload', 'VARCHAR', 'The event as it came'),
    ],
  },
  {
    database: 'panther_monitor',
    name: 'load_history',
    displayName: 'load_history',
    description: 'Files loaded into the data lake',
    columns: [
      column('p_event_time', 'TIMESTAMP', 'When the file was loaded, UTC'),
      column('table_name', 'VARCHAR', 'Table it was loaded into'),
      column('row_count', 'INTEGER', 'Rows in the file'),
    ],
  },
];
