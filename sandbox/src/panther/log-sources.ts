import type { Lake } from './lake';
import { uuid } from './query-log';

/** A log source in the shape GraphQL gives, with the drop-off alarm that REST tells of. */
export interface LogSource {
  __typename: 'S3LogIntegration' | 'OtherLogIntegration';
  integrationId: string;
  integrationLabel: string;
  integrationType: string;
  isEditable: boolean;
  isHealthy: boolean;
  createdAtTime: string;
  createdBy: null;
  lastEventProcessedAtTime: string | null;
  lastEventReceivedAtTime: string | null;
  lastModified: string | null;
  logTypes: string[];
  alarm?: { type: 'SOURCE_NO_DATA'; minutesThreshold: number; state: string };
}

const CREATED = '2025-01-15T09:00:00.000Z';
const MINUTE_MS = 60_000;

/**
 * The sources of the stand-in, relative to its clock: what filled the lake, still arriving; one that Panther calls
 * unhealthy; and one that Panther calls healthy although nothing has come from it for three days.
 */
export async function logSources(lake: Lake, now: Date): Promise<LogSource[]> {
  const result = await lake.run(
    'SELECT p_source_id, p_source_label FROM panther_logs.public.aws_cloudtrail GROUP BY p_source_id, p_source_label ORDER BY p_source_label',
  );
  const minute = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
  const ago = (minutes: number): string => new Date(minute - minutes * MINUTE_MS).toISOString();
  const live = result.rows().map(
    (row): LogSource => ({
      ...source('S3LogIntegration', String(row.p_source_label), 'aws-s3', ['AWS.CloudTrail'], ago(2), true),
      integrationId: String(row.p_source_id),
      alarm: { type: 'SOURCE_NO_DATA', minutesThreshold: 1440, state: 'OK' },
    }),
  );
  return [
    ...live,
    source('S3LogIntegration', 'simulated flow logs', 'aws-s3', ['AWS.VPCFlow'], ago(3 * 1440), true),
    {
      ...source('OtherLogIntegration', 'simulated identity provider', 'okta', ['Okta.SystemLog'], ago(90), false),
      alarm: { type: 'SOURCE_NO_DATA', minutesThreshold: 60, state: 'ALARM' },
    },
  ];
}

function source(
  __typename: LogSource['__typename'],
  label: string,
  type: string,
  logTypes: string[],
  last: string,
  isHealthy: boolean,
): LogSource {
  return {
    __typename,
    integrationId: uuid(`source/${label}`),
    integrationLabel: label,
    integrationType: type,
    isEditable: true,
    isHealthy,
    createdAtTime: CREATED,
    createdBy: null,
    lastEventProcessedAtTime: last,
    lastEventReceivedAtTime: last,
    lastModified: CREATED,
    logTypes,
  };
}
