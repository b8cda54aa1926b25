import { actor, type Hunt, span, within } from './hunt';

export const massObjectReads: Hunt = {
  name: 'mass_object_reads',
  title: 'Many objects read from buckets',
  hypothesis: 'Somebody empties a bucket. Needs data events of the bucket.',
  severity: 'MEDIUM',
  techniques: ['T1530'],
  noise: 'Analysis and back-up jobs; their roles do so every day.',
  parameters: [
    {
      name: 'objects',
      description: 'Different objects of a bucket within the hour, from which it is a finding',
      default: 500,
      min: 2,
      max: 1000000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT ${actor} AS actor, DATE_TRUNC('hour', p_event_time) AS in_hour, requestParameters:bucketName::string AS bucket, COUNT(DISTINCT requestParameters:key::string) AS objects, ${span}
${within(window)}
  AND eventName = 'GetObject'
  AND errorCode IS NULL
GROUP BY 1, 2, 3
HAVING COUNT(DISTINCT requestParameters:key::string) >= ${value('objects')}
ORDER BY first_at`,
};
