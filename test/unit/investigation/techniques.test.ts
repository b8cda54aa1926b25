import { judge } from '../../support/cloud-rows';
import { eitherWay, hostileTechniques } from '../../support/techniques/hostile';
import { ordinaryWork } from '../../support/techniques/ordinary';
import { answers, judged, type Step, type Technique } from '../../support/techniques/technique';

/**
 * A catalogue of what attackers do in AWS and of what looks like it, written from AWS's own description of each call and from
 * public catalogues of techniques. All of it is simulated: it shows that a rule knows a class of acts, not one recorded event.
 */
const closed = (outcome: string) => outcome === 'false_positive' || outcome === 'benign_positive';

describe.each(Object.entries(hostileTechniques))('%s', (_, techniques) => {
  test.each(techniques)('%s is called an attack', (...technique) => {
    expect(judged(technique).verdict.outcome).toBe('true_positive');
  });
});

describe.each(Object.entries(ordinaryWork))('%s', (_, techniques) => {
  test.each(techniques)('%s is closed', (...technique) => {
    const { verdict } = judged(technique);
    expect([verdict.outcome, closed(verdict.outcome)]).toEqual([verdict.outcome, true]);
  });
});

describe('what the call alone cannot tell', () => {
  test.each(eitherWay)('%s is not closed', (...technique) => {
    expect(closed(judged(technique).verdict.outcome)).toBe(false);
  });
});

const hostile = Object.values(hostileTechniques).flat();
const work = Object.values(ordinaryWork).flat();

/** Mulberry32. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

const stepsOf = ([, ...steps]: Technique): Step[] => steps;

/** Everything said in other words: other accounts, people, addresses, regions, programs and times. */
function renamed(steps: readonly Step[], random: (below: number) => number): ReturnType<typeof answers> {
  const digits = () => String(100_000_000_000 + random(899_999_999_999));
  const words: [RegExp, string][] = [
    [/111122223333/g, digits()],
    [/999988887777/g, digits()],
    [/\beve\b/g, 'kim'],
    [/198\.51\.100\.20/g, `203.0.113.${1 + random(250)}`],
    [/eu-west-1/g, ['us-east-1', 'ap-southeast-2', 'eu-north-1', 'sa-east-1'][random(4)] ?? 'us-east-1'],
    [
      /aws-cli\/2\.15\.0/g,
      ['Boto3/1.34.1', 'Mozilla/5.0', 'aws-sdk-go-v2/1.2', 'APN/1.0 HashiCorp/1.0 Terraform/1.5'][random(4)] ?? '',
    ],
    [/2026-01-15 09:/g, `2026-01-15 0${4 + random(5)}:`],
  ];
  const text = words.reduce((all, [word, other]) => all.replace(word, other), JSON.stringify(answers(steps)));
  return JSON.parse(text) as ReturnType<typeof answers>;
}

describe('variants', () => {
  test('other accounts, addresses, regions, programs and hours change no outcome', () => {
    const random = seeded(1);
    for (const technique of hostile) {
      const { verdict } = judge(renamed(stepsOf(technique), random));
      expect([technique[0], verdict.outcome]).toEqual([technique[0], 'true_positive']);
    }
    for (const technique of work) {
      const { verdict } = judge(renamed(stepsOf(technique), random));
      expect([technique[0], closed(verdict.outcome)]).toEqual([technique[0], true]);
    }
  });

  test('an attack stays one in the middle of ordinary work', () => {
    const random = seeded(2);
    for (const technique of hostile) {
      // Looking through a mail service makes its questions ordinary, and that is how it should be.
      if (technique[0].startsWith('mail:')) continue;
      const before = work[random(work.length)];
      const after = work[random(work.length)];
      const steps = [before, technique, after].flatMap((part) => (part === undefined ? [] : stepsOf(part)));
      const { verdict } = judge(answers(steps));
      expect([before?.[0], technique[0], after?.[0], verdict.outcome]).toEqual([
        before?.[0],
        technique[0],
        after?.[0],
        'true_positive',
      ]);
    }
  });

  test('a day of ordinary work is closed as its parts are', () => {
    const random = seeded(3);
    const parts = [...ordinaryWork.sessions, ...ordinaryWork.browsing, ...ordinaryWork.harmlessParameters];
    const missed: string[] = [];
    for (let round = 0; round < 100; round += 1) {
      const chosen = [0, 1, 2].map(() => parts[random(parts.length)]);
      const { verdict } = judge(answers(chosen.flatMap((part) => (part === undefined ? [] : stepsOf(part)))));
      if (!closed(verdict.outcome)) missed.push(chosen.map((part) => part?.[0]).join(' + '));
    }
    expect(missed).toEqual([]);
  });
});
