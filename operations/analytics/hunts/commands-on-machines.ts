import { actor, type Hunt, span, within } from './hunt';

export const commandsOnMachines: Hunt = {
  name: 'commands_on_machines',
  title: 'Commands sent to machines by a person',
  hypothesis: 'Somebody runs code on machines through the control plane.',
  severity: 'LOW',
  techniques: ['T1651', 'T1021.008'],
  noise: 'Engineers on duty; sessions have a ticket.',
  parameters: [],
  sql: (window) => `SELECT ${actor} AS actor, eventName AS event_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName IN ('SendCommand', 'StartSession', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey')
  AND errorCode IS NULL
  AND userIdentity:invokedBy::string IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
