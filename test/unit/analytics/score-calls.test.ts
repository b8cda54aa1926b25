import fc from 'fast-check';
import {
  type Call,
  callWeights,
  incidentsWith,
  scoreCalls,
  weighCall,
} from '../../../operations/analytics/calls/score-calls';

const at = (seconds: number, action: string, refused = false): Call => ({ at: seconds * 1000, action, refused });

describe('calls to look at first', () => {
  const plan = Array.from({ length: 40 }, (_, index) => at(index, `ec2:Describe${index % 8}`));

  it('ranks a refused call above the same call that was let through', () => {
    const [through, refused] = scoreCalls([at(300, 'iam:CreateUser'), at(500, 'iam:CreateUser', true), ...plan]);
    expect((refused?.score ?? 0) - (through?.score ?? 0)).toBeCloseTo(callWeights.refused, 0);
  });

  it('tells one call over and over from a plan that makes many', () => {
    const secrets = Array.from({ length: 8 }, (_, index) => at(3600 + index, 'x:GetThing'));
    const scores = scoreCalls([...plan, ...secrets, at(20, 'x:GetThing')]);
    expect(scores[45]?.terms.sameAround).toBe(1);
    expect(scores[48]?.terms.sameAround).toBeLessThan(0.1);
  });

  it('knows calls that CloudTrail writes with a date, and nothing of names that are properties of objects', () => {
    expect(incidentsWith('iam:CreateAccessKey')).toBeGreaterThan(5);
    expect(incidentsWith('lambda:UpdateFunctionCode20150331v2')).toBe(incidentsWith('lambda:UpdateFunctionCode'));
    expect(incidentsWith('constructor')).toBe(0);
    expect(incidentsWith('__proto__')).toBe(0);
  });

  it('counts what is around each call as a plain count does, in any order', () => {
    const call = fc.record({
      at: fc.integer({ min: 0, max: 90_000 }),
      action: fc.constantFrom('a:A', 'b:B', 'c:C'),
      refused: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 60 }), (calls) => {
        for (const [index, { terms, score }] of scoreCalls(calls).entries()) {
          const own = calls[index] as Call;
          const around = calls.filter((other) => Math.abs(other.at - own.at) <= 15_000);
          const same = around.filter(({ action }) => action === own.action).length / around.length;
          expect(terms.sameAround).toBeCloseTo(same, 9);
          expect(score).toBeCloseTo(weighCall(terms), 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});
