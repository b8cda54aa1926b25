import { actor, type Hunt, span, within } from './hunt';

export const keyDeletionScheduled: Hunt = {
  name: 'key_deletion_scheduled',
  title: 'Encryption key disabled or set to be deleted',
  hypothesis: 'Somebody makes data unreadable without touching it.',
  severity: 'MEDIUM',
  techniques: ['T1485', 'T1486'],
  noise: 'Old keys retired on purpose; there is a waiting time of at least seven days to ask in.',
  parameters: [],
  sql: (
    window,
  ) => `SELECT ${actor} AS actor, eventName AS event_name, requestParameters:keyId::string AS target, ${span}
${within(window)}
  AND eventName IN ('ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial')
  AND errorCode IS NULL
GROUP BY 1, 2, 3
ORDER BY first_at`,
};
