import fc from 'fast-check';
import { correlate } from '../../../operations/investigation/correlate';
import { changeCases, review, supplyChain } from '../../support/change-answers';
import { call, fired, type Row, results, sampleAlert } from '../../support/cloud-rows';
import { failed, from, identityCases, okta, person } from '../../support/identity-rows';

const alert = sampleAlert();
const cloud = results(alert, { actor_activity: [call('s3', 'ListBuckets')] });
const identity = (rows: Row[], label = 'identity_okta', complete = true): Row => ({
  query_id: `query-${label}`,
  label,
  status: 'succeeded',
  rows,
  complete,
});
const weighed = (rows: Row[], history: Row[] = []) =>
  correlate({ alert, query_results: [...cloud, identity(rows), identity(history, 'identity_okta_history')] });

describe('sign-in logs of identity providers', () => {
  test.each(identityCases)('%s fires, and not on the near miss', (rule, hit, miss) => {
    const found = weighed(hit);
    expect(fired(found)).toContain(rule);
    expect(fired(weighed(miss))).not.toContain(rule);
    const item = found.evidence.find((one) => one.rule === rule);
    expect(item).toMatchObject({ source: 'panther:identity', query_id: 'query-identity_okta', family: 'hostile' });
    expect(item?.row_refs.length).toBeGreaterThan(0);
  });

  test('a new network needs a history to be new', () => {
    const today = [okta('user.session.start', 0, from('203.0.113.9', 52, 13))];
    const days = [1, 2, 3, 4].map((day) => okta('user.session.start', -day * 24 * 60));
    expect(fired(weighed(today, days))).toContain('sign_in_from_new_network');
    expect(fired(weighed(today, days.slice(0, 2)))).not.toContain('sign_in_from_new_network');
    expect(fired(weighed([okta('user.session.start', 0)], days))).not.toContain('sign_in_from_new_network');
  });

  test('a burst counts once', () => {
    const pushes = (count: number) =>
      Array.from({ length: count }, (_, index) => okta('user.mfa.okta_verify.deny_push', index / 10));
    const weight = (count: number) =>
      weighed(pushes(count)).evidence.find(({ rule }) => rule === 'mfa_fatigue')?.weight;
    expect(weight(100)).toBe(weight(6));
  });

  test("Microsoft's and Google's records are read too", () => {
    const entra = Array.from({ length: 12 }, (_, index) => ({
      p_event_time: '2026-01-15 08:00:00',
      category: 'SignInLogs',
      properties: {
        userPrincipalName: `user${index}@example.com`,
        ipAddress: '203.0.113.9',
        status: { errorCode: 50126 },
      },
    }));
    expect(fired(weighed(entra))).toContain('password_spray');
    const google = [
      {
        p_event_time: '2026-01-15 08:00:00',
        id: { time: '2026-01-15T08:00:00Z', applicationName: 'admin' },
        name: 'GRANT_ADMIN_PRIVILEGE',
        actor: { email: 'eve@example.com' },
        parameters: { USER_EMAIL: 'eve@example.com' },
      },
    ];
    expect(fired(weighed(google))).toContain('identity_admin_granted');
  });

  test('a log that was asked and not seen in full keeps the case open', () => {
    expect(correlate({ alert, query_results: cloud }).verdict.outcome).toBe('false_positive');
    const cut = correlate({
      alert,
      query_results: [...cloud, identity([okta('user.session.start', 0)], 'identity_okta', false)],
    });
    expect(cut.verdict.outcome).toBe('needs_review');
    expect(cut.verdict.not_seen.join()).toContain('identity_okta');
  });
});

describe('what GitLab shows', () => {
  test.each(changeCases)('%s fires, and not on the near miss', (rule, hit, miss) => {
    const found = correlate({ alert, query_results: cloud, ...hit });
    expect(fired(found)).toContain(rule);
    expect(fired(correlate({ alert, query_results: cloud, ...miss }))).not.toContain(rule);
    expect(found.evidence.find((one) => one.rule === rule)?.source).toMatch(/^gitlab:/);
  });

  test('many merge requests of a kind weigh what one does', () => {
    const of = (count: number) =>
      correlate({
        alert,
        query_results: cloud,
        merge_request_reviews: Array.from({ length: count }, (_, iid) => review('self_approved', { iid })),
      }).verdict.probability;
    expect(of(30)).toBe(of(1));
  });

  test('what people of other cases do is context: it neither decides nor keeps a case open', () => {
    const others = {
      merge_request_reviews: [review('self_approved', { author: 'mallory', merged_by: 'mallory' })],
      supply_chain: supplyChain('integrity_changed', 'critical', 'mallory'),
    };
    const found = correlate({ alert, query_results: cloud, ...others });
    const context = found.evidence.filter(({ family }) => family === 'hostile');
    expect(context.length).toBeGreaterThan(0);
    for (const { weight, techniques } of context) {
      expect(weight).toBeLessThan(1);
      expect(techniques).toEqual([]);
    }
    expect(
      correlate({ alert, query_results: cloud, supply_chain: supplyChain('integrity_changed', 'critical') }).verdict
        .outcome,
    ).toBe('true_positive');
  });

  test('what rests on texts of the committer weighs less', () => {
    const sure = review('approver_is_committer');
    const unsure = { ...sure, findings: [{ ...(sure.findings as Row[])[0], certainty: 'possible' }] };
    const weight = (given: Row) =>
      correlate({ alert, query_results: cloud, merge_request_reviews: [given] }).evidence.find(
        ({ rule }) => rule === 'change_without_second_person',
      )?.weight ?? 0;
    expect(weight(unsure)).toBeLessThan(weight(sure) / 2);
  });
});

test('whatever the other sources return, correlating does not throw', () => {
  fc.assert(
    fc.property(
      fc.anything(),
      fc.anything(),
      fc.array(fc.anything(), { maxLength: 4 }),
      fc.array(fc.anything(), { maxLength: 5 }),
      (audit_events, supply_chain, merge_request_reviews, rows) => {
        const query_results = [...cloud, { label: 'identity_okta', rows, complete: true }];
        correlate({ alert, query_results, audit_events, supply_chain, merge_request_reviews });
      },
    ),
    { numRuns: 300 },
  );
});

test('records in any order give the same bytes', () => {
  const rows = [
    ...(identityCases[0]?.[1] ?? []),
    okta('user.session.start', 3, { ...person('bob'), ...failed }),
    ...(identityCases[1]?.[1] ?? []),
  ];
  const bytes = JSON.stringify(weighed(rows));
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (order) => {
      expect(JSON.stringify(weighed(order))).toBe(bytes);
    }),
    { numRuns: 30 },
  );
});
