import type { StoredAlert } from './alert-store';
import { type LoadReport, readCloudTrailFolder } from './cloudtrail-loader';
import { type CloudTrailRow, cloudTrailRow, type RowIds } from './cloudtrail-row';
import { Lake } from './lake';
import { uuid } from './query-log';
import {
  type GuideAlert,
  guideAlert,
  mostTelling,
  principalOf,
  raiseAlerts,
  type WebhookBody,
  webhookBody,
} from './sample-alerts';
import { sampleLogs } from './sample-logs';
import { CI_TERRAFORM, VICTIM } from './sample-principals';
import { sampleTenant } from './sample-tenant';

/** A filled lake with the alerts raised over it. */
export interface Tenant {
  lake: Lake;
  alerts: StoredAlert[];
  /** The alert to investigate first; undefined only when loaded data holds nothing a rule would match. */
  sampleAlert: GuideAlert | undefined;
  sampleAlerts: SampleAlerts;
  /** Only for loaded data. */
  report?: LoadReport;
}

/** Alerts to try the project with, each in the shape it would arrive in. */
export interface SampleAlerts {
  /** What `sampleAlert` is: the intrusion, or the most telling find in loaded data. */
  main?: GuideAlert;
  /** The same, as Panther's webhook posts it. */
  webhook?: WebhookBody;
  /** Planned work that looks like an attack; only in the generated tenant. */
  benign?: GuideAlert;
}

export interface TenantOptions {
  /** Folder of CloudTrail files; the generated tenant unless given. */
  folder?: string;
  seed: number;
  baseTime: Date;
  /** What "now" is in a query. */
  clock: () => Date;
  /** Days of generated activity; two weeks unless given. */
  days?: number;
}

/**
 * Fills a new lake: with the CloudTrail records below `folder` if one is given, else with the generated tenant (never
 * both). Rejects with FolderError when the folder cannot be used.
 */
export async function openTenant(options: TenantOptions): Promise<Tenant> {
  const loaded = options.folder === undefined ? undefined : await readCloudTrailFolder(options.folder);
  const ids: RowIds = new Map();
  const label = loaded ? 'loaded folder' : 'simulated tenant';
  const origin = { sourceId: uuid(`source/${label}`), sourceLabel: label };
  const rows: CloudTrailRow[] = loaded
    ? loaded.events.map(({ event, file }) => cloudTrailRow(event, { ...origin, file }, ids))
    : sampleTenant(options.seed, options.baseTime, options.days).events.map((event) =>
        cloudTrailRow(event, origin, ids),
      );
  const alerts = raiseAlerts(rows);
  const lake = await Lake.open(options.clock);
  try {
    await lake.addCloudTrail(rows);
    await lake.addMatches(alerts.flatMap(matchRows));
    if (!loaded) for (const { table, rows } of sampleLogs(options.baseTime)) await lake.add(table, rows);
    await lake.seal();
  } catch (error) {
    lake.close();
    throw error;
  }
  const simulated = loaded === undefined;
  const main = simulated ? find(alerts, 'AWS.CloudTrail.Stopped', VICTIM.name) : mostTelling(alerts);
  const benign = simulated ? find(alerts, 'AWS.IAM.AccessKeyCreated', CI_TERRAFORM.name) : undefined;
  const sampleAlert = main && guideAlert(main, simulated);
  return {
    lake,
    alerts,
    sampleAlert,
    sampleAlerts: {
      ...(main && { main: sampleAlert, webhook: webhookBody(main) }),
      ...(benign && { benign: guideAlert(benign, simulated) }),
    },
    ...(loaded && { report: loaded.report }),
  };
}

function find(alerts: readonly StoredAlert[], ruleId: string, principal: string): StoredAlert | undefined {
  return alerts.find((alert) => alert.rule.id === ruleId && principalOf(alert.events[0] ?? {}).includes(principal));
}

function matchRows(alert: StoredAlert): CloudTrailRow[] {
  return alert.events.map((event) => ({
    ...event,
    p_alert_id: alert.id,
    p_alert_creation_time: alert.createdAt,
    p_alert_severity: alert.severity,
    p_rule_id: alert.rule.id,
    p_rule_severity: alert.rule.severity,
    p_rule_tags: alert.rule.tags,
  }));
}
