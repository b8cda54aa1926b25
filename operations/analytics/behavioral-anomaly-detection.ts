import { z } from 'zod';
import { defineOperation } from '../operation';
import { anomalyInput } from './behaviour/anomaly-input';
import { anomalyOutput, anomalyReport } from './behaviour/anomaly-report';
import { entityTypes } from './behaviour/entity-type';
import { readBehaviour } from './behaviour/read-behaviour';
import { scoreDays } from './behaviour/score-days';

export const behavioralAnomalyDetection = defineOperation({
  name: 'behavioral_anomaly_detection',
  toolset: 'analytics',
  resource: 'Behavior',
  title: 'Detect Anomalies',
  action: 'Detect anomalies in the behavior of an entity',
  description:
    'Judges how unusual users, roles, access keys or addresses in CloudTrail, or people in Okta, behaved in the window (default: the last 24 hours) for themselves and beside their peers: those named in entities, or all of the type. Same measure as hunt_anomalous_user_behavior: a score that is a sum of terms in words with counts, and a risk from 0 to 100 measured on the ordinary days of this tenant. For an address the place is who calls from it. A priority for looking, never a verdict; insufficient_baseline when there is too little past; entities that made no call are listed in not_found.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    entity_type: z
      .enum(entityTypes)
      .describe(
        'user: everybody with a name, also as the session of a role; role: all sessions of a role together; access_key: long-lived keys (AKIA...); ip: source addresses; okta_user: people in the system log of Okta, by e-mail address',
      ),
    entities: z
      .array(z.string().min(1).max(256))
      .max(100)
      .default([])
      .describe('By whole id, or for ARNs by the name behind the last slash. Default: all of the type'),
    ...anomalyInput,
  }),
  output: z.object(anomalyOutput),
  example: { entity_type: 'role', baseline_days: 14, max_entities: 5 },
  varies: ['query_id'],
  echoOnError: ['entity_type'],
  list: 'entities',
  async run(ports, input) {
    const behaviour = await readBehaviour(ports, { ...input, entityType: input.entity_type });
    const window = scoreDays(behaviour.days, input.window_days);
    return anomalyReport(input.entity_type, behaviour, window, {
      zone: input.zone,
      windowDays: input.window_days,
      entities: input.entities,
      minRisk: input.min_risk,
      most: input.max_entities,
    });
  },
});
