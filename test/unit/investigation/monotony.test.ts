import fc from 'fast-check';
import { severities } from '../../../operations/investigation/alert';
import { correlate } from '../../../operations/investigation/correlate';
import { evidenceRules } from '../../../operations/investigation/rules';
import { trustedFields, writableFields } from '../../../operations/investigation/writable-fields';
import { changeCases } from '../../support/change-answers';
import { cloudClasses } from '../../support/cloud-classes';
import { call, group, type Row, results, sampleAlert } from '../../support/cloud-rows';
import { identityCases } from '../../support/identity-rows';

const alert = sampleAlert();
const closes = (outcome: string) => outcome === 'false_positive' || outcome === 'benign_positive';
const hostile = cloudClasses.map(([, hit]) => hit);
const harmless: Row[] = [
  call('iam', 'CreateGroup'),
  call('s3', 'PutBucketTagging', { bucketName: 'b' }),
  call('iam', 'PutRolePolicy', {}, { error_code: 'NoSuchEntityException' }),
  call('cloudtrail', 'StartLogging', { name: 't' }),
];
const habits = [group('iam', 'CreateGroup', 20), group('ec2', 'DescribeInstances', 20)];
const weighed = (rows: Row[], signIns: Row[] = [], more: object = {}) =>
  correlate({
    alert,
    query_results: [
      ...results(alert, {
        actor_activity: rows,
        actor_baseline: habits,
        actor_reads: [group('ec2', 'DescribeInstances', 1)],
      }),
      { label: 'identity_okta', query_id: 'q', status: 'succeeded', complete: true, rows: signIns },
    ],
    ...more,
  });

const some = <T>(list: readonly T[], maxLength: number) => fc.subarray([...list], { maxLength });

function expectNoLower(before: ReturnType<typeof weighed>, after: ReturnType<typeof weighed>): void {
  expect(after.verdict.probability).toBeGreaterThanOrEqual(before.verdict.probability);
  const rank = (found: typeof before) => severities.indexOf(found.verdict.severity);
  expect(rank(after)).toBeGreaterThanOrEqual(rank(before));
  if (!closes(before.verdict.outcome)) expect(closes(after.verdict.outcome)).toBe(false);
}

test('hostile acts of any class never lower probability or severity, and never help to close', () => {
  fc.assert(
    fc.property(some(hostile, 4), some(harmless, 4), fc.constantFrom(...hostile), (acts, quiet, extra) => {
      const rows = [...acts.flat(), ...quiet];
      expectNoLower(weighed(rows), weighed([...rows, ...extra]));
    }),
    { numRuns: 300 },
  );
});

test('nor do records of an identity provider', () => {
  fc.assert(
    fc.property(
      some(hostile, 2),
      some(harmless, 3),
      fc.constantFrom(...identityCases.map(([, hit]) => hit)),
      (acts, quiet, extra) => {
        const rows = [...acts.flat(), ...quiet];
        expectNoLower(weighed(rows), weighed(rows, extra));
      },
    ),
    { numRuns: 200 },
  );
});

test('nor does what GitLab shows', () => {
  fc.assert(
    fc.property(
      some(hostile, 2),
      some(harmless, 3),
      fc.constantFrom(...changeCases.map(([, hit]) => hit)),
      (acts, quiet, extra) => {
        const rows = [...acts.flat(), ...quiet];
        expectNoLower(weighed(rows), weighed(rows, [], extra));
      },
    ),
    { numRuns: 200 },
  );
});

test('taking coverage away never closes', () => {
  fc.assert(
    fc.property(
      some(hostile, 1),
      some(harmless, 4),
      fc.nat(),
      fc.constantFrom('gone', 'cut', 'failed'),
      (acts, quiet, which, how) => {
        const given = results(alert, { actor_activity: [...acts.flat(), ...quiet], actor_baseline: habits });
        const at = which % given.length;
        const broken = given.flatMap((result, index) => {
          if (index !== at) return [result];
          if (how === 'gone') return [];
          return [
            how === 'cut'
              ? { ...result, complete: false }
              : { label: result.label, error: { code: 'timeout', message: 'x' } },
          ];
        });
        expect(closes(correlate({ alert, query_results: broken }).verdict.outcome)).toBe(false);
      },
    ),
    { numRuns: 200 },
  );
});

describe('what exonerates', () => {
  const exculpatory = evidenceRules.filter(({ family }) => family === 'exculpatory');

  test('rests on nothing that an attacker can write', () => {
    expect(exculpatory.length).toBeGreaterThan(0);
    for (const { name, restsOn } of exculpatory) {
      expect({ name, count: restsOn?.length ?? 0 }).not.toEqual({ name, count: 0 });
      for (const field of restsOn ?? []) {
        expect(Object.keys(trustedFields)).toContain(field);
        expect(Object.keys(writableFields)).not.toContain(field);
      }
    }
  });

  /** The same calls with other text in every field that their maker writes. */
  const rewritten = (row: Row, text: string): Row => ({
    ...row,
    user_agent: text,
    error_message: text,
    request: { ...(row.request as Row), description: text, tags: [{ key: text, value: text }], comment: text },
    response: { message: text },
  });

  test('neither appears nor goes away with such text', () => {
    fc.assert(
      fc.property(some(harmless, 4), some(hostile, 1), fc.string({ maxLength: 80 }), (quiet, acts, text) => {
        const rows = [...quiet, ...acts.flat()];
        const of = (list: Row[]) =>
          weighed(list)
            .evidence.filter(({ family }) => family === 'exculpatory')
            .map(({ rule, weight }) => [rule, weight]);
        // Some acts are told by the agent itself; whatever it says, nothing new may exonerate.
        const before = new Set(of(rows).map(([rule]) => rule));
        const plain = rows.filter((row) => !/trufflehog/i.test(String(row.user_agent)));
        if (plain.length === rows.length) expect(of(rows.map((row) => rewritten(row, text)))).toEqual(of(rows));
        else
          for (const [rule] of of(rows.map((row) => ({ ...row, request: rewritten(row, text).request }))))
            expect(before).toContain(rule);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what would change the outcome', () => {
  test('each sentence about a piece of evidence is true', () => {
    fc.assert(
      fc.property(some(hostile, 2), some(harmless, 3), (acts, quiet) => {
        const given = results(alert, { actor_activity: [...acts.flat(), ...quiet], actor_baseline: habits });
        const found = correlate({ alert, query_results: given });
        for (const sentence of found.verdict.would_flip_if) {
          const [, id, rule, then = ''] = /^(E\d+) \((\w+)\).*: then (.*)\.$/.exec(sentence) ?? [];
          // A rule may have found things about several principals; leaving it out would take them all.
          if (id === undefined || found.evidence.filter((item) => item.rule === rule).length > 1) continue;
          const others = evidenceRules.filter(({ name }) => name !== rule && !String(rule).startsWith(`${name}_then`));
          const { outcome } = correlate({ alert, query_results: given }, others).verdict;
          expect(outcome).not.toBe(found.verdict.outcome);
          expect(then).toBe(
            {
              true_positive: 'it is a true positive',
              needs_review: 'a person has to decide',
              benign_positive: 'it is benign and may be closed',
              false_positive: 'it is a false positive and may be closed',
            }[outcome],
          );
        }
      }),
      { numRuns: 150 },
    );
    const one = weighed([call('cloudtrail', 'StopLogging', { name: 't' })]);
    expect(one.verdict.would_flip_if[0]).toBe(
      'E1 (log_tampering) is wrong or was intended: then a person has to decide.',
    );
  });

  test('two acts of which each is enough: neither alone changes it', () => {
    const both = weighed([
      call('cloudtrail', 'StopLogging', { name: 't' }),
      call('iam', 'PutUserPolicy', { userName: 'eve', policyName: 'p' }),
    ]);
    expect(both.verdict.would_flip_if).toEqual([
      'Several pieces of hostile evidence are wrong together: no single one decides.',
    ]);
  });

  test('a closed case says which answers it rests on, and a case for a person what it takes', () => {
    const closed = weighed([call('ec2', 'CreateTags')]);
    expect(closed.verdict.would_flip_if.join()).toMatch(/actor_activity.*was not the whole one/);
    const open = correlate({ alert, query_results: [] });
    expect(open.verdict.would_flip_if.join()).toMatch(/not seen \(actor_activity/);
    expect(open.verdict.would_flip_if.join()).toMatch(/is found: then it is a true positive/);
  });
});
