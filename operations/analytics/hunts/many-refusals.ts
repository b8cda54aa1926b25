import { actor, type Hunt, span, within } from './hunt';

export const manyRefusals: Hunt = {
  name: 'many_refusals',
  title: 'Many different calls refused',
  hypothesis: 'Somebody with a stolen credential tries out what it may do.',
  severity: 'MEDIUM',
  techniques: ['T1580', 'T1526'],
  noise: 'Scanners and new services whose role lacks a right: these repeat one call, and here different calls count.',
  parameters: [
    {
      name: 'calls',
      description: 'Different refused calls within the hour, from which it is a finding',
      default: 8,
      min: 2,
      max: 1000,
    },
  ],
  sql: (
    window,
    value,
  ) => `SELECT ${actor} AS actor, DATE_TRUNC('hour', p_event_time) AS in_hour, sourceIPAddress AS source_ip,
  COUNT(DISTINCT eventName) AS refused_calls, ${span}
${within(window)}
  AND (errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%')
GROUP BY 1, 2, 3
HAVING COUNT(DISTINCT eventName) >= ${value('calls')}
ORDER BY first_at`,
};
