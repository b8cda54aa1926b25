import fc from 'fast-check';
import { applyOpinion, applySecondOpinion } from '../../../operations/investigation/apply-second-opinion';
import { runOperation } from '../../../operations/operation';
import { call, group, judge } from '../../support/cloud-rows';
import { createTestPorts } from '../../support/ports';

const benign = judge({ actor_reads: [group('ec2', 'DescribeInstances', 1)] });
const hostile = judge({ actor_activity: [call('cloudtrail', 'StopLogging', { name: 't' })] });
const open = judge({ actor_activity: [call('ssm', 'SendCommand', { instanceIds: ['i-1'] })] });

const opinion = fc.record(
  {
    scrutiny: fc.oneof(fc.constantFrom('none', 'raise', 'lower', 'close'), fc.anything()),
    reason: fc.oneof(fc.string(), fc.anything()),
    evidence_ids: fc.oneof(fc.array(fc.constantFrom('E1', 'E2', 'E99')), fc.anything()),
    outcome: fc.constantFrom('false_positive', 'benign_positive'),
    severity: fc.constant('LOW'),
  },
  { requiredKeys: [] },
);

test('whatever an opinion says, it changes nothing or turns a closed verdict into needs_review', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(benign, hostile, open),
      fc.oneof(
        opinion,
        fc.anything(),
        opinion.map((item) => JSON.stringify(item)),
      ),
      (found, given) => {
        const result = applyOpinion(found.verdict, found.evidence, given);
        if (!result.accepted) {
          expect(JSON.stringify(result.verdict)).toBe(JSON.stringify(found.verdict));
          expect(result.note).not.toBe('');
          return;
        }
        expect(['false_positive', 'benign_positive']).toContain(found.verdict.outcome);
        expect(result.verdict).toMatchObject({
          outcome: 'needs_review',
          severity: found.verdict.severity,
          probability: found.verdict.probability,
          log_odds: found.verdict.log_odds,
        });
      },
    ),
    { numRuns: 1000 },
  );
});

test('an opinion that cites evidence raises a closed verdict', () => {
  const given = { scrutiny: 'raise', reason: 'The address is new to me.', evidence_ids: ['E1'] };
  for (const form of [given, JSON.stringify(given), `\`\`\`json\n${JSON.stringify(given)}\n\`\`\``]) {
    const result = applyOpinion(benign.verdict, benign.evidence, form);
    expect(result).toMatchObject({ accepted: true, verdict: { outcome: 'needs_review' } });
    expect(result.note).toContain('The address is new to me.');
  }
});

test.each([
  ['an unknown id', { scrutiny: 'raise', reason: 'x', evidence_ids: ['E1', 'E99'] }],
  ['no id', { scrutiny: 'raise', reason: 'x', evidence_ids: [] }],
  ['another word', { scrutiny: 'lower', reason: 'x', evidence_ids: ['E1'] }],
  ['a field more', { scrutiny: 'raise', reason: 'x', evidence_ids: ['E1'], outcome: 'true_positive' }],
  ['words around the JSON', `Sure! ${JSON.stringify({ scrutiny: 'raise', reason: 'x', evidence_ids: ['E1'] })}`],
  ['nothing', undefined],
])('%s is refused with a note', (_, given) => {
  const result = applyOpinion(benign.verdict, benign.evidence, given);
  expect(result).toMatchObject({ accepted: false, verdict: benign.verdict });
});

test('the operation needs a verdict or a case', async () => {
  const ports = createTestPorts({ connections: {} });
  const { verdict, evidence } = benign;
  await expect(runOperation(applySecondOpinion, ports, { evidence })).rejects.toMatchObject({ field: 'verdict' });
  const result = await runOperation(applySecondOpinion, ports, { verdict, evidence, opinion: 'garbage' });
  expect(result).toEqual({ case_id: null, accepted: false, note: expect.any(String), verdict });
});
