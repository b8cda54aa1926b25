import { sqlList, sqlText, sqlTime } from '../investigation/sql-text';
import type { PopulationName } from './populations';

/** Logs that people sign in to. */
export const identityLogs = ['aws_cloudtrail', 'okta_systemlog'] as const;
export type IdentityLog = (typeof identityLogs)[number];

export interface LakeScope {
  /** First instant, and the first one after the last; ISO 8601 in UTC. */
  from: string;
  to: string;
  logs: readonly IdentityLog[];
  /** Roles that people assume, besides those of IAM Identity Center. */
  peopleRoles: readonly string[];
  /** At most so many rows of a population. */
  maxRows: number;
}

/** One question to the data lake. */
export interface LakeQuery {
  /** What the package calls it. */
  id: string;
  /** The population its rows belong to; null for the count that they are held against. */
  population: PopulationName | null;
  log: IdentityLog;
  sql: string;
}

const cloudTrail = 'panther_logs.public.aws_cloudtrail';
const okta = 'panther_logs.public.okta_systemlog';

const type = "COALESCE(userIdentity:type::string, '')";
const role = "COALESCE(userIdentity:sessionContext:sessionIssuer:userName::string, '')";
const account = "COALESCE(userIdentity:accountId::string, recipientAccountId, '')";
/** The name that people go by: of a session it is the last part, which Identity Center and most others set to the person. */
const user = `CASE WHEN ${type} = 'AssumedRole' THEN COALESCE(NULLIF(SPLIT_PART(userIdentity:arn::string, '/', 3), ''), ${role}) WHEN ${type} = 'Root' THEN 'root' ELSE COALESCE(userIdentity:userName::string, userIdentity:arn::string, userIdentity:principalId::string, 'unknown') END`;
const rowId = 'p_row_id AS row_id';
const eventId = 'eventID AS event_id';
const ip = 'sourceIPAddress AS ip';
const error = "COALESCE(errorCode, '') AS error";
const action = "SPLIT_PART(eventSource, '.', 1) || ':' || eventName";
const quarter =
  "DATEADD('minute', FLOOR(DATEDIFF('minute', TO_TIMESTAMP_NTZ('2000-01-01 00:00:00'), p_event_time) / 15) * 15, TO_TIMESTAMP_NTZ('2000-01-01 00:00:00'))";

/** Calls that give or take rights, or make the means to sign in. */
const privilegedCalls = [
  'AddRoleToInstanceProfile',
  'AddUserToGroup',
  'AttachGroupPolicy',
  'AttachRolePolicy',
  'AttachUserPolicy',
  'ChangePassword',
  'CreateAccessKey',
  'CreateGroup',
  'CreateLoginProfile',
  'CreateOpenIDConnectProvider',
  'CreatePolicy',
  'CreatePolicyVersion',
  'CreateRole',
  'CreateSAMLProvider',
  'CreateServiceSpecificCredential',
  'CreateUser',
  'DeactivateMFADevice',
  'DeleteAccessKey',
  'DeleteAccountPasswordPolicy',
  'DeleteGroupPolicy',
  'DeleteLoginProfile',
  'DeletePolicy',
  'DeleteRole',
  'DeleteRolePermissionsBoundary',
  'DeleteRolePolicy',
  'DeleteUser',
  'DeleteUserPermissionsBoundary',
  'DeleteUserPolicy',
  'DeleteVirtualMFADevice',
  'DetachGroupPolicy',
  'DetachRolePolicy',
  'DetachUserPolicy',
  'EnableMFADevice',
  'PutGroupPolicy',
  'PutRolePermissionsBoundary',
  'PutRolePolicy',
  'PutUserPermissionsBoundary',
  'PutUserPolicy',
  'RemoveUserFromGroup',
  'ResyncMFADevice',
  'SetDefaultPolicyVersion',
  'UpdateAccessKey',
  'UpdateAccountPasswordPolicy',
  'UpdateAssumeRolePolicy',
  'UpdateLoginProfile',
  'UpdateSAMLProvider',
  'CreateAccountAssignment',
  'DeleteAccountAssignment',
  'AttachManagedPolicyToPermissionSet',
  'PutInlinePolicyToPermissionSet',
] as const;

/** Calls that decide what is recorded. */
const loggingCalls = [
  'CreateTrail',
  'DeleteConfigurationRecorder',
  'DeleteDetector',
  'DeleteEventDataStore',
  'DeleteFlowLogs',
  'DeleteLogGroup',
  'DeleteTrail',
  'DisableSecurityHub',
  'PutEventSelectors',
  'PutInsightSelectors',
  'StartLogging',
  'StopConfigurationRecorder',
  'StopLogging',
  'UpdateDetector',
  'UpdateTrail',
] as const;

/** The questions of a period, in Snowflake's dialect. Whatever comes from outside enters as a literal of `sqlText` only. */
export function lakeQueries(scope: LakeScope): LakeQuery[] {
  return scope.logs.flatMap((log) => (log === 'aws_cloudtrail' ? cloudTrailQueries(scope) : oktaQueries(scope)));
}

function cloudTrailQueries(scope: LakeScope): LakeQuery[] {
  const within = withinPeriod(scope);
  const roles = scope.peopleRoles.length === 0 ? '' : ` OR ${role} IN (${sqlList(scope.peopleRoles)})`;
  const people = `(${type} IN ('IAMUser', 'Root', 'SAMLUser', 'IdentityCenterUser') OR (${type} = 'AssumedRole' AND (${role} LIKE 'AWSReservedSSO%'${roles})))`;
  const byPeople = `${people} AND userIdentity:invokedBy::string IS NULL AND eventType <> 'AwsServiceEvent'`;
  const byRoot = `${type} = 'Root' AND userIdentity:invokedBy::string IS NULL AND eventType <> 'AwsServiceEvent'`;
  const isPrivileged = `eventName IN (${sqlList(privilegedCalls)}) AND eventSource IN ('iam.amazonaws.com', 'sso.amazonaws.com', 'organizations.amazonaws.com')`;
  const isLogging = `eventName IN (${sqlList(loggingCalls)})`;
  const isDenied = "(errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%')";
  const isSignIn = "eventName = 'ConsoleLogin'";
  const from = (where: string) => `FROM ${cloudTrail}\nWHERE ${within} AND ${where}`;
  const limit = `LIMIT ${scope.maxRows + 1}`;
  const target =
    "COALESCE(requestParameters:userName::string, requestParameters:roleName::string, requestParameters:groupName::string, requestParameters:principalId::string, requestParameters:instanceProfileName::string, requestParameters:serialNumber::string, requestParameters:policyName::string, '')";
  const trail =
    "COALESCE(requestParameters:name::string, requestParameters:trailName::string, requestParameters:detectorId::string, requestParameters:logGroupName::string, requestParameters:eventDataStore::string, requestParameters:configurationRecorderName::string, '')";
  const query = (population: PopulationName, sql: string): LakeQuery => ({
    id: `aws_cloudtrail.${population}`,
    population,
    log: 'aws_cloudtrail',
    sql,
  });
  return [
    query(
      'sign_ins',
      `SELECT p_event_time AS time, ${user} AS user_name, ${type} AS identity_type, ${account} AS account,
  CASE WHEN responseElements:ConsoleLogin::string = 'Success' THEN 'success' ELSE 'failure' END AS result,
  CASE additionalEventData:MFAUsed::string WHEN 'Yes' THEN 'yes' WHEN 'No' THEN 'no' ELSE 'unknown' END AS mfa,
  CASE WHEN ${type} IN ('IAMUser', 'Root') THEN 'no' ELSE 'yes' END AS federated, ${ip}, ${eventId}, ${rowId}
${from(isSignIn)}
ORDER BY p_event_time, p_row_id
${limit}`,
    ),
    query(
      'activity',
      `SELECT ${user} AS user_name, ${type} AS identity_type, ${account} AS account, ${quarter} AS quarter, COUNT(*) AS events,
  SUM(CASE WHEN readOnly = FALSE THEN 1 ELSE 0 END) AS changes, MIN(p_event_time) AS first_at, MAX(p_event_time) AS last_at, MIN(p_row_id) AS row_id
${from(byPeople)}
GROUP BY 1, 2, 3, 4
ORDER BY 4, 1, 2, 3
${limit}`,
    ),
    query(
      'privileged',
      `SELECT p_event_time AS time, ${user} AS user_name, ${type} AS identity_type, ${account} AS account, ${action} AS action,
  ${target} AS target, COALESCE(requestParameters:policyArn::string, '') AS policy, COALESCE(requestParameters:groupName::string, '') AS group_name,
  ${error}, ${ip}, ${eventId}, ${rowId}
${from(isPrivileged)}
ORDER BY p_event_time, p_row_id
${limit}`,
    ),
    query(
      'root',
      `SELECT p_event_time AS time, ${account} AS account, ${action} AS action, ${error}, ${ip},
  CASE WHEN COALESCE(additionalEventData:MFAUsed::string, '') = 'Yes' OR userIdentity:sessionContext:attributes:mfaAuthenticated::string = 'true' THEN 'yes' ELSE 'no' END AS mfa, ${eventId}, ${rowId}
${from(byRoot)}
ORDER BY p_event_time, p_row_id
${limit}`,
    ),
    query(
      'denied',
      `SELECT ${user} AS user_name, ${type} AS identity_type, ${account} AS account, ${action} AS action, ${error},
  DATE_TRUNC('hour', p_event_time) AS hour, COUNT(*) AS calls, MIN(p_event_time) AS first_at, MAX(p_event_time) AS last_at, MIN(p_row_id) AS row_id
${from(isDenied)}
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 6, 1, 4, 5, 2, 3
${limit}`,
    ),
    query('log_hours', hoursOf('aws_cloudtrail', cloudTrail, within, limit)),
    query(
      'log_changes',
      `SELECT p_event_time AS time, ${user} AS user_name, ${type} AS identity_type, ${account} AS account, ${action} AS action,
  ${trail} AS target, ${error}, ${ip}, ${eventId}, ${rowId}
${from(isLogging)}
ORDER BY p_event_time, p_row_id
${limit}`,
    ),
    {
      id: 'aws_cloudtrail.counts',
      population: null,
      log: 'aws_cloudtrail',
      sql: counts(cloudTrail, within, {
        sign_ins: isSignIn,
        activity: byPeople,
        privileged: isPrivileged,
        root: byRoot,
        denied: isDenied,
        log_hours: '1 = 1',
        log_changes: isLogging,
      }),
    },
  ];
}

function oktaQueries(scope: LakeScope): LakeQuery[] {
  const within = withinPeriod(scope);
  const isSignIn = "eventType = 'user.session.start'";
  const limit = `LIMIT ${scope.maxRows + 1}`;
  return [
    {
      id: 'okta_systemlog.sign_ins',
      population: 'sign_ins',
      log: 'okta_systemlog',
      sql: `SELECT p_event_time AS time, COALESCE(LOWER(actor:alternateId::string), 'unknown') AS user_name, COALESCE(actor:type::string, '') AS identity_type, '' AS account,
  CASE WHEN outcome:result::string = 'SUCCESS' THEN 'success' ELSE 'failure' END AS result, 'unknown' AS mfa, 'yes' AS federated,
  COALESCE(client:ipAddress::string, '') AS ip, COALESCE(uuid, '') AS event_id, p_row_id AS row_id
FROM ${okta}
WHERE ${within} AND ${isSignIn}
ORDER BY p_event_time, p_row_id
${limit}`,
    },
    {
      id: 'okta_systemlog.log_hours',
      population: 'log_hours',
      log: 'okta_systemlog',
      sql: hoursOf('okta_systemlog', okta, within, limit),
    },
    {
      id: 'okta_systemlog.counts',
      population: null,
      log: 'okta_systemlog',
      sql: counts(okta, within, { sign_ins: isSignIn, log_hours: '1 = 1' }),
    },
  ];
}

function withinPeriod({ from, to }: LakeScope): string {
  return `p_event_time >= ${sqlTime(from)} AND p_event_time < ${sqlTime(to)}`;
}

function hoursOf(log: IdentityLog, table: string, within: string, limit: string): string {
  return `SELECT ${sqlText(log)} AS log, DATE_TRUNC('hour', p_event_time) AS hour, COUNT(*) AS events
FROM ${table}
WHERE ${within}
GROUP BY 1, 2
ORDER BY 2
${limit}`;
}

/** An answer of its own to how many events each population stands for, which the rows are then held against. */
function counts(table: string, within: string, conditions: Partial<Record<PopulationName, string>>): string {
  const columns = Object.entries(conditions).map(
    ([name, condition]) => `COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0) AS ${name}`,
  );
  return `SELECT ${columns.join(',\n  ')}\nFROM ${table}\nWHERE ${within}`;
}
