import { SeededRandom } from '../seeded-random';
import type { JsonObject } from './cloudtrail-row';
import { EventMaker, PRINCIPALS, type Principal } from './sample-principals';
import { ciDebugAccess, ciKeyRotation, intrusion } from './sample-stories';

const DAY_MS = 24 * 3600 * 1000;

/** Days of ordinary activity before the base time. */
export const SAMPLE_DAYS = 14;

export interface SampleTenant {
  /** CloudTrail records in order of time. */
  events: JsonObject[];
}

/**
 * The simulated tenant: `days` days of ordinary CloudTrail by eight invented people and roles up to `baseTime`, one
 * intrusion in the last hour before it, and pipeline work that looks alike but is planned. The same seed and base time
 * give the same records.
 */
export function sampleTenant(seed: number, baseTime: Date, days = SAMPLE_DAYS): SampleTenant {
  const random = new SeededRandom(`${seed}/cloudtrail`);
  const maker = new EventMaker(random);
  const events = [
    ...PRINCIPALS.flatMap((principal) => ordinary(principal, baseTime, days, random, maker)),
    ...ciDebugAccess(baseTime, maker),
    ...ciKeyRotation(baseTime, maker),
    ...intrusion(baseTime, maker),
  ];
  return { events: events.sort((a, b) => String(a.eventTime).localeCompare(String(b.eventTime))) };
}

function ordinary(
  principal: Principal,
  baseTime: Date,
  days: number,
  random: SeededRandom,
  maker: EventMaker,
): JsonObject[] {
  const events: JsonObject[] = [];
  const today = Math.floor(baseTime.getTime() / DAY_MS) * DAY_MS;
  for (let day = days; day >= 0; day -= 1) {
    const midnight = today - day * DAY_MS;
    const weekend = [0, 6].includes(new Date(midnight).getUTCDay());
    if (weekend && principal.hours && !random.chance(0.1)) continue;
    const [from, to] = principal.hours ?? [0, 24];
    for (let calls = random.int(...principal.perDay); calls > 0; calls -= 1) {
      const at = new Date(midnight + (from + random.next() * (to - from)) * 3600 * 1000);
      const [service, api] = weighted(principal.habits, random);
      const request = requestFor(api, principal, random);
      const throttled = random.chance(0.01);
      if (at > baseTime) continue;
      events.push(
        maker.make(principal, {
          at,
          service,
          api,
          ...(request && { request }),
          ...(throttled && { error: ['ThrottlingException', 'Rate exceeded'] }),
        }),
      );
    }
  }
  return events;
}

function weighted(habits: Principal['habits'], random: SeededRandom): [service: string, api: string] {
  let left = random.next() * habits.reduce((sum, [, , weight]) => sum + weight, 0);
  for (const [service, api, weight] of habits) {
    left -= weight;
    if (left < 0) return [service, api];
  }
  return ['sts', 'GetCallerIdentity'];
}

function requestFor(api: string, principal: Principal, random: SeededRandom): JsonObject | undefined {
  switch (api) {
    case 'GetObject':
    case 'PutObject':
      return {
        bucketName: `simulated-corp-${random.pick(['reports', 'exports', 'receipts'])}`,
        key: `2026/part-${random.int(1, 400)}.parquet`,
      };
    case 'GetSecretValue':
      return { secretId: `simulated/${principal.name}/database` };
    case 'DescribeInstances':
      return { maxResults: random.pick([50, 100, 1000]) };
    case 'UpdateService':
      return { cluster: 'simulated-production', service: principal.name === 'ci-terraform' ? 'web' : 'payments-api' };
    case 'AuthorizeSecurityGroupIngress':
      return {
        groupId: 'sg-0123456789abcdef0',
        ipPermissions: {
          items: [{ ipProtocol: 'tcp', fromPort: 5432, ipRanges: { items: [{ cidrIp: '10.20.0.0/16' }] } }],
        },
      };
    case 'UpdateAccessKey':
      return { userName: 'kwame.abadi', accessKeyId: 'AKIASIMULATEDKWAME00', status: 'Inactive' };
    default:
      return undefined;
  }
}
