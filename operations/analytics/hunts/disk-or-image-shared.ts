import { actor, type Hunt, span, within } from './hunt';

export const diskOrImageShared: Hunt = {
  name: 'disk_or_image_shared',
  title: 'Disk, image or database copy shared',
  hypothesis: 'Somebody shares a copy with an account of theirs, and reads it there.',
  severity: 'HIGH',
  techniques: ['T1537'],
  noise: 'Golden images shared with own accounts; look at which account was added.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, COALESCE(requestParameters:snapshotId::string, requestParameters:imageId::string, requestParameters:dBSnapshotIdentifier::string) AS target, ${span}
${within(window)}
  AND eventName IN ('ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
  AND errorCode IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
