import fc from 'fast-check';
import { explain } from '../../../operations/analytics/behaviour/explain';
import { calibrate, riskOf } from '../../../operations/analytics/behaviour/ordinary';
import { anomalyWeights, scoreDays } from '../../../operations/analytics/behaviour/score-days';
import { dayOf, pastOf } from './behaviour-days';

const alice = { actions: ['s3:GetObject', 'athena:StartQueryExecution'] };
const bob = { actions: ['ec2:RunInstances', 'iam:ListUsers'], binned: { hour: [[40, 5]] as [number, number][] } };
const team = [
  ...pastOf('alice', 20, alice),
  ...pastOf('bob', 20, bob),
  ...pastOf('carol', 20, { actions: ['ecs:UpdateService', 'logs:FilterLogEvents'] }),
];
const scoreOf = (...window: ReturnType<typeof dayOf>[]) =>
  scoreDays([...team, ...window], 1).scored.map(({ score }) => score);

describe('the score', () => {
  it("is higher for a colleague's day than for one's own, and names the colleague", () => {
    const [own = 0] = scoreOf(dayOf('alice', -1, alice));
    const [swapped = 0] = scoreOf(dayOf('alice', -1, bob));
    expect(swapped).toBeGreaterThan(own + 2);
    const { scored } = scoreDays([...team, dayOf('alice', -1, bob)], 1);
    expect(scored[0]?.raw.closest?.entity).toBe('bob');
  });

  it('takes a new place for less news where somebody often works from elsewhere', () => {
    const placed = (entity: string, day: number, place: string) =>
      dayOf(entity, day, { named: { ...dayOf(entity, day).named, place: new Map([[place, 10]]) } });
    const past = ['settled', 'mover', 'peer'].flatMap((entity) =>
      Array.from({ length: 20 }, (_, back) =>
        placed(entity, -2 - back, entity === 'mover' ? `203.0.${back}.0/24` : '198.51.100.0/24'),
      ),
    );
    const known = (entity: string) => Array.from({ length: 20 }, (_, back) => placed(entity, -2 - back, 'hotel'));
    const { scored } = scoreDays(
      [...past, ...known('guest'), placed('settled', -1, 'hotel'), placed('mover', -1, 'hotel')],
      1,
    );
    const term = (entity: string) => scored.find(({ day }) => day.entity === entity)?.raw.terms.place ?? 0;
    expect(term('mover')).toBeGreaterThan(0);
    expect(term('settled')).toBeGreaterThan(term('mover') + 0.5);
  });

  it('grows with every fact that is added', () => {
    const [plain = 0] = scoreOf(dayOf('alice', -1, alice));
    const [denied = 0] = scoreOf(dayOf('alice', -1, { ...alice, denied: 6 }));
    const [root = 0] = scoreOf(dayOf('alice', -1, { ...alice, denied: 6, root: 1 }));
    const [withoutMfa = 0] = scoreOf(dayOf('alice', -1, { ...alice, denied: 6, root: 1, withoutMfa: 1 }));
    const [failed = 0] = scoreOf(dayOf('alice', -1, { ...alice, denied: 6, root: 1, withoutMfa: 1, failedSignIns: 5 }));
    expect(denied).toBeGreaterThan(plain);
    expect(root).toBeGreaterThan(denied);
    expect(withoutMfa).toBeGreaterThan(root);
    expect(failed).toBeGreaterThan(withoutMfa);
  });

  it('is the sum of its terms, and each term is a sentence', () => {
    const strange = { actions: ['iam:ListUsers', 'kms:Decrypt'], denied: 4, events: 60, moments: 30 };
    const { scored, population } = scoreDays([...team, dayOf('alice', -1, strange), dayOf('bob', -1, bob)], 1);
    for (const one of scored) {
      const terms = explain(one, population, anomalyWeights.intercept);
      const sum = terms.reduce((total, { contribution }) => total + contribution, 0);
      expect(Math.abs(sum - one.score)).toBeLessThan(0.005 * terms.length + 1e-9);
      for (const { statement } of terms) expect(statement).toMatch(/^[A-Z0-9].*\.$|either way\.$/s);
    }
    const [first] = scored;
    const action = first && explain(first, population, anomalyWeights.intercept).find(({ term }) => term === 'action');
    expect(action?.statement).toContain(
      '2 of 2 actions never seen before: iam:ListUsers (on 0 of 20 active days; 1 of 2 others had it)',
    );
  });

  it('does not depend on the order of the rows', () => {
    const rows = [...team, dayOf('alice', -1, bob), dayOf('bob', -1, alice)];
    const expected = JSON.stringify(scoreDays(rows, 1).scored.map(({ day, score }) => [day.entity, score]));
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(JSON.stringify(scoreDays(shuffled, 1).scored.map(({ day, score }) => [day.entity, score]))).toBe(
          expected,
        );
      }),
      { numRuns: 10 },
    );
  });

  it('counts hours round the clock: half past eleven is near midnight', () => {
    const night = (bin: number) => ({ ...alice, binned: { hour: [[bin, 5]] as [number, number][] } });
    const rows = [
      ...pastOf('alice', 20, night(47)),
      ...pastOf('bob', 20, night(23)),
      ...pastOf('carol', 20, night(23)),
    ];
    const at = (bin: number) => scoreDays([...rows, dayOf('alice', -1, night(bin))], 1).scored[0]?.score ?? Number.NaN;
    expect(at(0)).toBeLessThan(at(24));
    expect(Math.abs(at(0) - at(46))).toBeLessThan(0.05);
  });

  it('is a number for any counts that a data lake may give', () => {
    const counts = fc.dictionary(fc.string({ maxLength: 12 }), fc.integer({ min: 1, max: 10 ** 9 }), { maxKeys: 5 });
    const arbitrary = fc.record({
      entity: fc.constantFrom('alice', 'bob', 'dave'),
      day: fc.integer({ min: -30, max: -1 }),
      events: fc.integer({ min: 1, max: 10 ** 9 }),
      moments: fc.integer({ min: 1, max: 1440 }),
      denied: fc.integer({ min: 0, max: 10 ** 9 }),
      action: counts,
      place: counts,
    });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 40 }), (list) => {
        const rows = list.map(({ action, place, entity, day, events, moments, denied }) =>
          dayOf(entity, day, {
            events,
            moments,
            denied,
            named: { action: new Map(Object.entries(action)), place: new Map(Object.entries(place)) },
          }),
        );
        const { scored, insufficient, calibration } = scoreDays([...pastOf('alice'), ...rows], 1);
        for (const { score } of scored) {
          expect(Number.isFinite(score)).toBe(true);
          const risk = riskOf(calibration.share(score));
          expect(risk).toBeGreaterThanOrEqual(0);
          expect(risk).toBeLessThanOrEqual(100);
        }
        expect(scored.length + insufficient.length).toBe(rows.filter(({ day }) => day >= -1).length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('too little to judge by', () => {
  it('gives no score to an entity with seven active days, and one with eight', () => {
    const of = (days: number) => scoreDays([...team, ...pastOf('dave', days), dayOf('dave', -1)], 1);
    expect(of(7).scored).toEqual([]);
    expect(of(7).insufficient).toHaveLength(1);
    expect(of(8).scored).toHaveLength(1);
  });

  it('still states the facts of somebody new', () => {
    const { insufficient } = scoreDays([...team, dayOf('mallory', -1, { actions: ['iam:CreateUser'], root: 2 })], 1);
    expect(insufficient[0]?.own).toBeUndefined();
    expect(insufficient[0]?.facts).toMatchObject({ root: 2 });
    expect(insufficient[0]?.facts.new_to_all_actions).toBeGreaterThan(0);
  });

  it('compares the only user with its own past', () => {
    const of = (over: object) => scoreDays([...pastOf('alice', 20, alice), dayOf('alice', -1, over)], 1).scored[0];
    const usual = of(alice);
    const strange = of({ actions: ['iam:CreateUser'], binned: { hour: [[2, 5]] } });
    expect(usual?.raw.closest).toBeNull();
    expect(strange?.alone ?? 0).toBeGreaterThan((usual?.alone ?? 0) + 1);
  });

  it.each([[[]], [[dayOf('alice', -1)]], [pastOf('alice')]])(
    'has nothing to say without a past or a window',
    (rows) => {
      const { scored, calibration } = scoreDays(rows, 1);
      expect(scored).toEqual([]);
      expect(calibration.basis).toBe('shipped');
    },
  );
});

describe('the risk', () => {
  const ordinary = Array.from({ length: 1000 }, (_, index) => index / 100);

  it('has 25 for each power of ten of rarity on the tenant’s own days', () => {
    const { share } = calibrate(ordinary);
    expect(share(9)).toBeCloseTo(0.1, 2);
    expect(riskOf(share(9))).toBe(25);
    expect(share(5)).toBeCloseTo(0.5, 2);
    expect(riskOf(0.01)).toBe(50);
    expect(riskOf(0.001)).toBe(75);
  });

  it('never falls when the score rises, and claims nothing far beyond the days seen', () => {
    for (const scores of [ordinary, ordinary.slice(0, 50), [], new Array(60).fill(1)]) {
      const { share } = calibrate(scores);
      fc.assert(
        fc.property(
          fc.double({ min: -50, max: 50, noNaN: true }),
          fc.double({ min: 0, max: 20, noNaN: true }),
          (score, more) => {
            expect(share(score + more)).toBeLessThanOrEqual(share(score) + 1e-12);
            expect(share(score)).toBeGreaterThanOrEqual(1 / (50 * 1000));
            expect(share(score)).toBeLessThanOrEqual(1);
          },
        ),
        { numRuns: 200 },
      );
    }
  });

  it('is measured on the shipped quantiles with fewer than 40 ordinary days', () => {
    expect(calibrate(ordinary.slice(0, 39)).basis).toBe('shipped');
    expect(calibrate(ordinary.slice(0, 40)).basis).toBe('tenant');
  });
});
