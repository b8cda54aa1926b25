import type { SettingsReader } from '../approvals/approval-settings';
import type { ForwardTarget } from './audit-forwarder';

export interface ObservingSettings {
  /** Where counts are served; undefined: nowhere. */
  metrics: { host: string; port: number } | undefined;
  /** Whom the audit trail is passed on to; undefined: nobody. */
  forward: ForwardTarget | undefined;
}

export function readObservingSettings(reader: SettingsReader): ObservingSettings {
  const port = reader.text('SOC_METRICS_PORT');
  return {
    metrics:
      port === undefined
        ? undefined
        : {
            host: reader.text('SOC_METRICS_HOST') ?? '127.0.0.1',
            port: reader.integer('SOC_METRICS_PORT', 9464, 0, 65_535),
          },
    forward: readForward(reader),
  };
}

function readForward(reader: SettingsReader): ForwardTarget | undefined {
  const url = reader.text('SOC_AUDIT_HTTP_URL');
  const value = reader.text('SOC_AUDIT_HTTP_VALUE');
  const name = reader.text('SOC_AUDIT_HTTP_HEADER') ?? 'authorization';
  if (url === undefined) return undefined;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    reader.problem('SOC_AUDIT_HTTP_URL', 'is not an http or https address');
  else if (parsed.username !== '' || parsed.password !== '')
    reader.problem('SOC_AUDIT_HTTP_URL', 'holds a user name or password');
  if (value === undefined)
    reader.problem('SOC_AUDIT_HTTP_VALUE', 'is missing; it is the whole value of the header, e.g. "Bearer ..."');
  else if (!/^[\x20-\x7e]+$/.test(value)) reader.problem('SOC_AUDIT_HTTP_VALUE', 'holds characters that no header has');
  if (!/^[A-Za-z0-9-]{1,64}$/.test(name)) reader.problem('SOC_AUDIT_HTTP_HEADER', 'is not the name of a header');
  return { url, header: { name: name.toLowerCase(), value: value ?? '' } };
}
