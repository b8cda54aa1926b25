import { actor, type Hunt, span, within } from './hunt';

export const expensiveMachines: Hunt = {
  name: 'expensive_machines',
  title: 'Machines with graphics processors started',
  hypothesis: 'Somebody mines or trains at your expense.',
  severity: 'MEDIUM',
  techniques: ['T1496.001'],
  noise: 'Teams that train models; they start the same types in the same region.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, requestParameters:instanceType::string AS instance_type, awsRegion AS region, ${span}
${within(window)}
  AND eventName = 'RunInstances'
  AND errorCode IS NULL
  AND (requestParameters:instanceType::string LIKE 'p_.%' OR requestParameters:instanceType::string LIKE 'p__.%' OR requestParameters:instanceType::string LIKE 'g_.%' OR requestParameters:instanceType::string LIKE 'g__.%')
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
