import { type Hunt, span, within } from './hunt';

export const rootUsed: Hunt = {
  name: 'root_used',
  title: 'Root user at work',
  hypothesis: 'The root user, whom no policy restrains, makes calls.',
  severity: 'HIGH',
  techniques: ['T1078.004'],
  noise: 'The few tasks that only root can do; calls by AWS on behalf of root are left out.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT COALESCE(userIdentity:arn::string, 'root') AS actor, eventName AS event_name, sourceIPAddress AS source_ip, ${span}
${within(window)}
  AND userIdentity:type::string = 'Root'
  AND userIdentity:invokedBy::string IS NULL
  AND eventType <> 'AwsServiceEvent'
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
