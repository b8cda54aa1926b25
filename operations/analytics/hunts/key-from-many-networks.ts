import { actor, type Hunt, span, within } from './hunt';

export const keyFromManyNetworks: Hunt = {
  name: 'key_from_many_networks',
  title: 'One access key used from many networks',
  hypothesis: 'A key has leaked: it is used from networks that have nothing to do with each other.',
  severity: 'HIGH',
  techniques: ['T1078.004'],
  noise: 'People who travel, and keys of fleets behind changing addresses.',
  parameters: [
    {
      name: 'networks',
      description: 'Different networks (the first two numbers of the address), from which it is a finding',
      default: 3,
      min: 2,
      max: 10000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT ${actor} AS actor, userIdentity:accessKeyId::string AS access_key, COUNT(DISTINCT SPLIT_PART(sourceIPAddress, '.', 1) || '.' || SPLIT_PART(sourceIPAddress, '.', 2)) AS networks, ${span}
${within(window)}
  AND userIdentity:accessKeyId::string LIKE 'AKIA%'
  AND sourceIPAddress LIKE '%.%.%.%'
  AND sourceIPAddress NOT LIKE '%amazonaws.com'
GROUP BY 1, 2
HAVING COUNT(DISTINCT SPLIT_PART(sourceIPAddress, '.', 1) || '.' || SPLIT_PART(sourceIPAddress, '.', 2)) >= ${value('networks')}
ORDER BY first_at`,
};
