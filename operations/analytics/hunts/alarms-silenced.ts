import { actor, type Hunt, span, within } from './hunt';

export const alarmsSilenced: Hunt = {
  name: 'alarms_silenced',
  title: 'Alarms, rules or log groups removed',
  hypothesis: 'Somebody removes what would wake people.',
  severity: 'MEDIUM',
  techniques: ['T1562.008', 'T1070'],
  noise: 'Stacks being taken down: the rest of the stack goes as well.',
  parameters: [],
  sql: (window) => `SELECT ${actor} AS actor, eventName AS event_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName IN ('DeleteAlarms', 'DisableAlarmActions', 'DeleteLogGroup', 'DeleteLogStream', 'DisableRule', 'DeleteSubscriptionFilter', 'DeleteMetricFilter')
  AND errorCode IS NULL
  AND userIdentity:invokedBy::string IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
