import type { BehaviourDay } from '../../../operations/analytics/behaviour/behaviour-rows';

/** A day as the data lake would give it; ordinary office work unless told otherwise. */
export function dayOf(
  entity: string,
  day: number,
  over: Partial<BehaviourDay> & { actions?: string[] } = {},
): BehaviourDay {
  const { actions = ['s3:GetObject', 'ec2:DescribeInstances'], ...rest } = over;
  return {
    entity,
    day,
    events: 10,
    moments: 8,
    named: {
      action: new Map(actions.map((action, index) => [action, 2 + index])),
      place: new Map([['198.51.100.0/24', 10]]),
      agent: new Map([['aws-cli', 10]]),
    },
    binned: {
      hour: [
        [18, 5],
        [20, 5],
      ],
      weekday: [[((day % 7) + 7) % 7, 10]],
      burst: [[0, 8]],
      gap: [[3, 7]],
    },
    denied: 0,
    root: 0,
    withoutMfa: 0,
    failedSignIns: 0,
    skewed: 0,
    ...rest,
  };
}

/** Twenty days of the past of one entity, and its day in the window. */
export function pastOf(entity: string, days = 20, over: Parameters<typeof dayOf>[2] = {}): BehaviourDay[] {
  return Array.from({ length: days }, (_, back) => dayOf(entity, -2 - back, over));
}
