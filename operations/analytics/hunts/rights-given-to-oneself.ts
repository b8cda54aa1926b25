import { actor, type Hunt, span, within } from './hunt';

export const rightsGivenToOneself: Hunt = {
  name: 'rights_given_to_oneself',
  title: 'Rights given to oneself',
  hypothesis: 'A user attaches or writes a policy for themselves, or joins a group.',
  severity: 'HIGH',
  techniques: ['T1098.003'],
  noise: 'Administrators who try something out; rare enough to ask each time.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, requestParameters:policyArn::string AS policy, requestParameters:groupName::string AS joined_group, ${span}
${within(window)}
  AND eventName IN ('AttachUserPolicy', 'PutUserPolicy', 'AddUserToGroup')
  AND errorCode IS NULL
  AND requestParameters:userName::string = userIdentity:userName::string
GROUP BY 1, 2, 3, 4
ORDER BY first_at`,
};
