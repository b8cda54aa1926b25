import { z } from 'zod';
import { defineOperation } from '../operation';
import { anomalyInput } from './behaviour/anomaly-input';
import { anomalyOutput, anomalyReport } from './behaviour/anomaly-report';
import { readBehaviour } from './behaviour/read-behaviour';
import { scoreDays } from './behaviour/score-days';

export const huntAnomalousUserBehavior = defineOperation({
  name: 'hunt_anomalous_user_behavior',
  toolset: 'analytics',
  resource: 'Behavior',
  title: 'Hunt Anomalous Users',
  action: 'Hunt for users who behave unlike themselves',
  description:
    'Ranks the users of CloudTrail by how unlike themselves they behaved in the window (default: the last 24 hours), measured on the past before it (default 30 days). Each day is compared with the own habits and with those of peers found from the data: actions, places, tools, regions, refusals, hours on the own clock, sessions, volume. The score is a sum of terms, each in words with its counts; the risk from 0 to 100 is measured on the ordinary days of this tenant. It is a priority for looking, never a verdict. Users with too little past are named as such. One query, aggregated in the data lake, at most 50,000 rows; what could not be read is stated.',
  effect: 'read',
  idempotent: true,
  services: ['panther'],
  permissions: ['DataAnalyticsRead'],
  runs: 'anywhere',
  input: z.object({
    users: z
      .array(z.string().min(1).max(256))
      .max(100)
      .default([])
      .describe(
        'Only these users, by ARN or the name behind its last slash; peers are still everybody. Default: all of them',
      ),
    ...anomalyInput,
  }),
  output: z.object(anomalyOutput),
  example: { window_days: 1, baseline_days: 14, max_entities: 5 },
  varies: ['query_id'],
  list: 'entities',
  async run(ports, input) {
    const behaviour = await readBehaviour(ports, { ...input, entityType: 'user', entities: input.users });
    const window = scoreDays(behaviour.days, input.window_days);
    return anomalyReport('user', behaviour, window, {
      zone: input.zone,
      windowDays: input.window_days,
      entities: input.users,
      minRisk: input.min_risk,
      most: input.max_entities,
    });
  },
});
