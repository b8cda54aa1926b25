import { actor, type Hunt, span, within } from './hunt';

export const logTampering: Hunt = {
  name: 'log_tampering',
  title: 'Audit logs or detectors stopped',
  hypothesis: 'Somebody blinds the defenders before going on: trails stopped, flow logs or detectors deleted.',
  severity: 'HIGH',
  techniques: ['T1562.008', 'T1562.001'],
  noise: 'Accounts being closed, and infrastructure as code that replaces a trail: a new one starts within minutes.',
  parameters: [],
  sql: (window) => `SELECT ${actor} AS actor, eventName AS event_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName IN ('StopLogging', 'DeleteTrail', 'PutEventSelectors', 'DeleteFlowLogs', 'DeleteDetector', 'UpdateDetector', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DisableSecurityHub')
  AND errorCode IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
