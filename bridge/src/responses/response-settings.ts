import type { ResponseSettings } from '../../../operations/response/response-port';
import type { SettingsReader } from '../approvals/approval-settings';

/** How responses are set up, and how AWS is reached. Off unless it was switched on with somebody protected. */
export interface ResponseConfig extends ResponseSettings {
  aws: AwsConfig | { missing: string[] };
}

export interface AwsConfig {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
  region: string;
  /** Another address of IAM than AWS's own, for a proxy or a stand-in. */
  endpoint: string | undefined;
}

export function readResponseConfig(reader: SettingsReader & { flag(variable: string): boolean }): ResponseConfig {
  const enabled = reader.flag('RESPONSE_ENABLED');
  const protectedPrincipals = (reader.text('RESPONSE_PROTECTED') ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (enabled && protectedPrincipals.length === 0) {
    reader.problem(
      'RESPONSE_PROTECTED',
      'is missing; with RESPONSE_ENABLED=true it has to name who is never touched, such as the break-glass users, with commas',
    );
  }
  if (protectedPrincipals.some((entry) => /^\**$/.test(entry)))
    reader.problem(
      'RESPONSE_PROTECTED',
      'protects everybody; switch responses off with RESPONSE_ENABLED=false instead',
    );
  return {
    enabled,
    protectedPrincipals,
    maxPerHour: reader.integer('RESPONSE_MAX_PER_HOUR', 5, 1, 1000),
    aws: readAws(reader),
  };
}

function readAws(reader: SettingsReader): ResponseConfig['aws'] {
  const accessKeyId = reader.secret('RESPONSE_AWS_ACCESS_KEY_ID');
  const secretAccessKey = reader.secret('RESPONSE_AWS_SECRET_ACCESS_KEY');
  const endpoint = reader.text('RESPONSE_AWS_IAM_ENDPOINT');
  if (endpoint !== undefined && (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)))
    reader.problem('RESPONSE_AWS_IAM_ENDPOINT', 'is not an http or https address');
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return {
      missing: Object.entries({
        RESPONSE_AWS_ACCESS_KEY_ID: accessKeyId,
        RESPONSE_AWS_SECRET_ACCESS_KEY: secretAccessKey,
      }).flatMap(([variable, value]) => (value === undefined ? [variable] : [])),
    };
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: reader.secret('RESPONSE_AWS_SESSION_TOKEN'),
    region: reader.text('RESPONSE_AWS_REGION') ?? 'us-east-1',
    endpoint,
  };
}
