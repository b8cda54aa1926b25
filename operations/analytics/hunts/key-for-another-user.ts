import { actor, type Hunt, span, within } from './hunt';

export const keyForAnotherUser: Hunt = {
  name: 'key_for_another_user',
  title: 'Access key or password made for another user',
  hypothesis: 'Somebody makes a credential for a user who is not themselves, and keeps it as a way back in.',
  severity: 'MEDIUM',
  techniques: ['T1098.001', 'T1098'],
  noise: 'Administrators and provisioning tools that set users up: they are few and always the same.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, requestParameters:userName::string AS target, eventName AS event_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND eventName IN ('CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'CreateServiceSpecificCredential')
  AND errorCode IS NULL
  AND requestParameters:userName::string IS NOT NULL
  AND requestParameters:userName::string <> COALESCE(userIdentity:userName::string, '')
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
