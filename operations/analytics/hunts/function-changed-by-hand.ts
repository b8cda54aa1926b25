import { actor, type Hunt, span, within } from './hunt';

export const functionChangedByHand: Hunt = {
  name: 'function_changed_by_hand',
  title: 'Code or callers of a function changed by a person',
  hypothesis: 'Somebody puts code into a function, or lets strangers call it.',
  severity: 'LOW',
  techniques: ['T1648'],
  noise: 'Deployments by hand; compare the code with the repository.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, requestParameters:functionName::string AS target, ${span}
${within(window)}
  AND userIdentity:type::string = 'IAMUser'
  AND errorCode IS NULL
  AND (eventName LIKE 'UpdateFunctionCode%' OR eventName LIKE 'AddPermission2%' OR eventName LIKE 'CreateFunctionUrlConfig%')
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
