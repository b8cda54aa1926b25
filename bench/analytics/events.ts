import { join } from 'node:path';
import { type Call, scoreCalls } from '../../operations/analytics/calls/score-calls';
import { fieldsOf, jsonLines } from './json-lines';
import { bootstrap, rank, type Scored } from './metrics';
import type { Part } from './part';

interface Recorded {
  episode: string | null;
  attack: boolean;
  event: {
    eventTime: string;
    eventName: string;
    eventSource: string;
    errorCode?: string;
    userAgent?: string;
    userIdentity?: {
      type?: string;
      invokedBy?: string;
      sessionContext?: { sessionIssuer?: { userName?: string } };
    };
  };
}

const file = 'cloudtrail/invictus.ndjson';
const floors = { ap: 0.45, auroc: 0.87 };
/** So many episodes of a detonation tool in one second are its clean-up. */
const cleanUp = 5;

/** Which calls of a real account are an attack's, beside infrastructure as code of the same users? */
export const events: Part = {
  name: 'events',
  needs: [file],
  async run(data, say) {
    const leftOut: string[] = [];
    const recorded = jsonLines(join(data, file), isRecorded, (text) => leftOut.push(text), file);
    for (const text of leftOut) say(`left out: ${text}`);
    const kept = withoutNoise(recorded);
    const calls: Call[] = kept.map(({ event }) => ({
      at: Date.parse(event.eventTime),
      action: `${event.eventSource.split('.')[0]}:${event.eventName}`,
      refused: /AccessDenied|Unauthorized/.test(event.errorCode ?? ''),
    }));
    const scores = scoreCalls(calls);
    const scored = (of: (index: number) => number): Scored[] =>
      kept.map(({ attack, episode, event }, index) => ({
        score: of(index),
        positive: attack,
        group: attack ? (episode ?? '') : event.eventTime,
      }));
    const own = scored((index) => scores[index]?.score ?? 0);
    const ranking = rank(own);
    const intervals = bootstrap(own);
    const references: [string, (index: number) => number][] = [
      ['Rarity of the call', (index) => scores[index]?.terms.rarity ?? 0],
      ['Seen in public incidents', (index) => scores[index]?.terms.wild ?? 0],
      ['Refused', (index) => scores[index]?.terms.refused ?? 0],
      ['Rarity and incidents', (index) => (scores[index]?.terms.rarity ?? 0) + (scores[index]?.terms.wild ?? 0)],
      [
        'Rarity, incidents and refused',
        (index) => {
          const { rarity = 0, wild = 0, refused = 0 } = scores[index]?.terms ?? {};
          return rarity + wild + refused;
        },
      ],
    ];
    const positives = kept.filter(({ attack }) => attack).length;
    const range = ([low, high]: [number, number]) => `${low.toFixed(2)} to ${high.toFixed(2)}`;
    return {
      json: { events: { ap: ranking.ap, auroc: ranking.auroc, intervals, events: kept.length } },
      figures: (['ap', 'auroc'] as const).map((key) => ({
        name: `Calls of an attack: ${key === 'ap' ? 'average precision' : 'AUROC'}`,
        measured: `${ranking[key].toFixed(3)} (95 %: ${range(intervals[key])})`,
        floor: `at least ${floors[key]}`,
        met: ranking[key] >= floors[key],
        meaning:
          key === 'ap'
            ? `mean precision down the ranking of calls; ${(positives / kept.length).toFixed(3)} is chance.`
            : "chance that an attack's call ranks above another.",
      })),
      notes: [
        ...leftOut.map((text) => `Left out: ${text}.`),
        `Calls: ${kept.length.toLocaleString('en-US')} of one real account in an hour, ${positives} of them by a detonation tool. Calls that AWS makes itself, the tool's probes for its account and its clean-up are left out; names of principals, addresses and tools are not looked at.`,
        'The four weights are round numbers chosen on this account, so the figures say what they are good for here, not elsewhere. Intervals draw episodes and moments with replacement.',
      ],
      tables: [
        '| calls of an attack | AUROC | AP |',
        '| --- | --- | --- |',
        ...references.map(([title, of]) => {
          const { auroc, ap } = rank(scored(of));
          return `| ${title} | ${auroc.toFixed(3)} | ${ap.toFixed(3)} |`;
        }),
        `| **Ours** | **${ranking.auroc.toFixed(3)}** | **${ranking.ap.toFixed(3)}** |`,
      ],
    };
  },
};

function isRecorded(value: unknown): value is Recorded {
  const { attack, event } = fieldsOf(value);
  const { eventTime, eventName, eventSource } = fieldsOf(event);
  return (
    typeof attack === 'boolean' &&
    typeof eventName === 'string' &&
    typeof eventSource === 'string' &&
    !Number.isNaN(Date.parse(String(eventTime)))
  );
}

function withoutNoise(recorded: readonly Recorded[]): Recorded[] {
  const episodes = new Map<string, Set<string>>();
  for (const { attack, episode, event } of recorded) {
    if (!attack || episode === null) continue;
    const known = episodes.get(event.eventTime) ?? new Set();
    episodes.set(event.eventTime, known.add(episode));
  }
  return recorded.filter(({ attack, event }) => {
    if (isOfAws(event)) return false;
    if (!attack) return true;
    return event.eventName !== 'DescribeAccountAttributes' && (episodes.get(event.eventTime)?.size ?? 0) < cleanUp;
  });
}

function isOfAws({ userIdentity, userAgent = '' }: Recorded['event']): boolean {
  const { type, invokedBy, sessionContext } = userIdentity ?? {};
  return (
    type === undefined ||
    type === 'AWSService' ||
    invokedBy !== undefined ||
    userAgent === 'AWS Internal' ||
    userAgent.endsWith('.amazonaws.com') ||
    (sessionContext?.sessionIssuer?.userName ?? '').startsWith('AWSServiceRole')
  );
}
