import { actor, type Hunt, span, within } from './hunt';

export const bucketOpened: Hunt = {
  name: 'bucket_opened',
  title: 'Public access to a bucket unblocked',
  hypothesis: 'Somebody takes away what keeps a bucket closed.',
  severity: 'HIGH',
  techniques: ['T1537', 'T1530'],
  noise: 'Web sites served from buckets; the bucket name tells.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, requestParameters:bucketName::string AS target, ${span}
${within(window)}
  AND eventName IN ('DeleteBucketPublicAccessBlock', 'DeletePublicAccessBlock', 'DeleteAccountPublicAccessBlock')
  AND errorCode IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
