import type { SettingsReader } from '../approvals/approval-settings';

/** Who may send alerts, besides whoever has a credential of the bridge, and how long one may be. */
export interface AlertSettings {
  /** Shared secrets, any of which may be sent along; several while one is exchanged. */
  secrets: string[];
  /** Longest body, in bytes. */
  maxBytes: number;
}

const shortest = 16;

export function readAlertSettings(reader: SettingsReader): AlertSettings {
  const secrets = (reader.secret('SOC_ALERT_SECRET') ?? '').split(',').filter((secret) => secret !== '');
  if (secrets.some(({ length }) => length < shortest))
    reader.problem('SOC_ALERT_SECRET', `is shorter than ${shortest} characters; use a long random value`);
  return { secrets, maxBytes: 1024 * 1024 * reader.integer('SOC_ALERT_MAX_MIB', 8, 1, 16) };
}
