/** What behaviour can be asked of. */
export const entityTypes = ['user', 'role', 'access_key', 'ip', 'okta_user'] as const;
export type EntityType = (typeof entityTypes)[number];

/** How the calls of a table are read, each as an expression of Snowflake's SQL. */
interface CallSql {
  table: string;
  action: string;
  /** The client, by its family. */
  agent: string;
  region: string;
  /** NULL for a call that was carried out. */
  error: string;
  /** Conditions. */
  denied: string;
  root: string;
  withoutMfa: string;
  failedSignIn: string;
}

/** How an entity of each type is found. */
interface EntitySql extends CallSql {
  /** What the entity is named by. */
  id: string;
  /** Which calls have one. */
  where: string;
  /** Where it acts from; for an address, who acts from it. */
  place: string;
}

/** /24 of IPv4, /48 of IPv6: people keep their network, not their address. Calls that AWS makes for somebody have a name there. */
const networkOf = (address: string) =>
  `CASE WHEN ${address} LIKE '%.amazonaws.com' OR ${address} = 'AWS Internal' THEN 'AWS itself' WHEN ${address} LIKE '%:%' THEN SPLIT_PART(${address}, ':', 1) || ':' || SPLIT_PART(${address}, ':', 2) || ':' || SPLIT_PART(${address}, ':', 3) || '::/48' WHEN ${address} LIKE '%.%.%.%' THEN SPLIT_PART(${address}, '.', 1) || '.' || SPLIT_PART(${address}, '.', 2) || '.' || SPLIT_PART(${address}, '.', 3) || '.0/24' ELSE LEFT(COALESCE(${address}, 'none'), 60) END`;
const network = networkOf('sourceIPAddress');

const arn = 'userIdentity:arn::string';
const type = "COALESCE(userIdentity:type::string, '')";
const session = `SPLIT_PART(${arn}, '/', 3)`;

/**
 * Sessions that machines name after themselves (an instance, a number, a random id) are no people, and would be new
 * every time; they are looked at as their role.
 */
const namedSession = `(${type} <> 'AssumedRole' OR NOT REGEXP_LIKE(${session}, '(i-[0-9a-f]+|[0-9]+|[0-9a-fA-F-]{20,}|botocore-session-.*|aws-.*)'))`;

const cloudTrail: CallSql = {
  table: 'panther_logs.public.aws_cloudtrail',
  action: "SPLIT_PART(eventSource, '.', 1) || ':' || eventName",
  agent: "LEFT(SPLIT_PART(SPLIT_PART(COALESCE(userAgent, 'none'), '/', 1), ' ', 1), 40)",
  region: "COALESCE(awsRegion, 'none')",
  error: 'errorCode',
  denied: "errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%'",
  root: "userIdentity:type::string = 'Root'",
  withoutMfa: "eventName = 'ConsoleLogin' AND additionalEventData:MFAUsed::string = 'No'",
  failedSignIn: "eventName = 'ConsoleLogin' AND responseElements:ConsoleLogin::string = 'Failure'",
};

const refusedByOkta = "outcome:result::string IN ('FAILURE', 'DENY')";
/** Okta has no root, and says of each step of a sign-in whether it succeeded, not which were left out. */
const okta: CallSql = {
  table: 'panther_logs.public.okta_systemlog',
  action: "'okta:' || eventType",
  agent: "LEFT(COALESCE(client:userAgent:browser::string, client:device::string, 'none'), 40)",
  region: "COALESCE(client:geographicalContext:country::string, 'none')",
  error: `CASE WHEN ${refusedByOkta} THEN COALESCE(outcome:reason::string, outcome:result::string) END`,
  denied: refusedByOkta,
  root: '1 = 0',
  withoutMfa: '1 = 0',
  failedSignIn: `eventType = 'user.session.start' AND ${refusedByOkta}`,
};

export const entitySql: Record<EntityType, EntitySql> = {
  user: {
    ...cloudTrail,
    id: arn,
    where: `${type} NOT IN ('AWSService', 'AWSAccount', 'Unknown', '') AND ${arn} IS NOT NULL AND ${namedSession}`,
    place: network,
  },
  role: {
    ...cloudTrail,
    id: 'userIdentity:sessionContext:sessionIssuer:arn::string',
    where: `${type} = 'AssumedRole' AND userIdentity:sessionContext:sessionIssuer:arn::string IS NOT NULL`,
    place: network,
  },
  access_key: {
    ...cloudTrail,
    id: 'userIdentity:accessKeyId::string',
    where: "userIdentity:accessKeyId::string LIKE 'AKIA%'",
    place: network,
  },
  ip: {
    ...cloudTrail,
    id: 'sourceIPAddress',
    where:
      "sourceIPAddress IS NOT NULL AND sourceIPAddress NOT LIKE '%.amazonaws.com' AND sourceIPAddress <> 'AWS Internal'",
    place: `COALESCE(${arn}, userIdentity:accountId::string, 'nobody')`,
  },
  okta_user: {
    ...okta,
    id: 'LOWER(actor:alternateId::string)',
    where: "actor:type::string = 'User' AND actor:alternateId::string IS NOT NULL",
    place: networkOf('client:ipAddress::string'),
  },
};
