import { actor, type Hunt, span, within } from './hunt';

export const backupsDestroyed: Hunt = {
  name: 'backups_destroyed',
  title: 'Backups and snapshots deleted',
  hypothesis: 'Somebody takes away the way back before they destroy or encrypt.',
  severity: 'HIGH',
  techniques: ['T1490', 'T1485'],
  noise: 'Retention jobs that delete old snapshots; they run at the same hour every day.',
  parameters: [
    {
      name: 'deletions',
      description: 'Deletions within the hour, from which it is a finding',
      default: 5,
      min: 2,
      max: 10000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT ${actor} AS actor, COUNT(DISTINCT eventName) AS kinds, DATE_TRUNC('hour', p_event_time) AS in_hour, ${span}
${within(window)}
  AND eventName IN ('DeleteRecoveryPoint', 'DeleteBackupVault', 'DeleteBackupPlan', 'DeleteSnapshot', 'DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'PutBucketVersioning')
  AND errorCode IS NULL
GROUP BY 1, 3
HAVING COUNT(*) >= ${value('deletions')}
ORDER BY first_at`,
};
