import { parseAlert } from '../../../operations/investigation/alert-format';
import { correlate } from '../../../operations/investigation/correlate';
import { keepsOpen } from '../../../operations/investigation/coverage';
import type { CoverageItem } from '../../../operations/investigation/evidence';
import { chooseForReview } from '../../../operations/investigation/gitlab-enrichment';
import { identityPlan, identityProviders } from '../../../operations/investigation/identity-plan';
import { planFor } from '../../../operations/investigation/plan';
import { checkSql } from '../../../operations/panther/sql/guard';
import { tenantSettings } from '../../../operations/panther/tenant-settings';
import type { CloudTrailRow } from '../../../sandbox/src/panther/cloudtrail-row';
import { Lake } from '../../../sandbox/src/panther/lake';
import { call, fired, results, sampleAlert } from '../../support/cloud-rows';
import { failed, from, okta, person } from '../../support/identity-rows';

const everything = Object.fromEntries(identityProviders.map(({ table, columns }) => [table, columns]));
const named = (indicators: unknown[]) => ({ ...sampleAlert(), entities: parseAlert({ ...body, indicators }).entities });
const body = { id: 'i', severity: 'HIGH', source: 'okta', timestamp: '2026-01-15T09:30:00Z' };
const planOf = (alert: ReturnType<typeof named>, known = everything as Parameters<typeof identityPlan>[2]) =>
  identityPlan(alert, planFor(alert), known);

describe('what is asked of sign-in logs', () => {
  test('depends on who is named, and only on what is there', () => {
    const labels = (indicators: unknown[], known?: Parameters<typeof identityPlan>[2]) =>
      planOf(named(indicators), known).queries.map(({ label }) => label);
    expect(labels(['eve@example.com'])).toEqual([
      'identity_okta',
      'identity_okta_history',
      'identity_entra',
      'identity_entra_history',
      'identity_google',
    ]);
    expect(labels(['203.0.113.9'])).toEqual([
      'identity_okta_address',
      'identity_entra_address',
      'identity_google_address',
    ]);
    expect(labels(['AKIAIOSFODNN7EXAMPLE'])).toEqual([]);
    const okta_systemlog = ['EVENTTYPE', 'actor', 'client', 'outcome'];
    expect(labels(['eve@example.com'], { okta_systemlog })).toEqual(['identity_okta']);
    expect(planOf(named(['eve@example.com']), { okta_systemlog: ['actor'] }).not_available).toMatchObject([
      { label: 'identity_okta', problem: expect.stringContaining('no column eventType, client, outcome') },
      { label: 'identity_entra', problem: expect.stringContaining('no table azure_audit') },
      { label: 'identity_google' },
    ]);
  });

  test('passes the guard, is bounded and ordered, whatever is named', () => {
    const settings = tenantSettings({ defaults: {} });
    for (const value of ['eve', 'eve@example.com', "o'brien@example.com", "x' OR 1=1 --", '\\', '203.0.113.9', 'a;b']) {
      for (const { sql, database, max_rows } of planOf(named([value, '198.51.100.7'])).queries) {
        expect(checkSql(sql, { database, settings, now: new Date('2030-01-01') })).toEqual([]);
        expect(sql).toMatch(/ORDER BY p_event_time, p_row_id LIMIT \d+$/);
        expect(sql.endsWith(`LIMIT ${max_rows}`)).toBe(true);
      }
    }
  });

  test('runs on the lake, finds whom it should and nobody else, and feeds the rules', async () => {
    const lake = await Lake.open(() => new Date('2026-01-16T00:00:00Z'));
    try {
      const push = (minutes: number, who: string) => okta('user.mfa.okta_verify.deny_push', minutes, person(who));
      const rows = [
        ...Array.from({ length: 6 }, (_, n) => push(n, 'eve')),
        okta('user.session.start', 8, { ...person('eve'), ...from('203.0.113.9', 0, 0, 64999) }),
        ...[1, 2, 3, 4].map((day) => okta('user.session.start', -day * 24 * 60, person('eve'))),
        // Twice the same network on one day is one line of the history.
        okta('user.session.start', -24 * 60 + 30, person('eve')),
        okta('user.session.start', 5, person('mallory')),
        okta('user.session.start', 6, { ...person('bob'), ...from('203.0.113.9', 0, 0), ...failed }),
        okta('user.session.start', 7, { ...person('bob'), ...from('203.0.113.9', 0, 0) }),
        okta('user.session.start', 9, { ...person('carol'), ...from('203.0.113.9', 0, 0) }),
      ];
      await lake.add('panther_logs.public.okta_systemlog', rows as unknown as CloudTrailRow[]);
      await lake.add('panther_logs.public.azure_audit', [
        {
          p_row_id: 'entra-1',
          p_event_time: '2026-01-15 08:00:00',
          category: 'AuditLogs',
          properties: {
            activityDisplayName: 'Add member to role',
            result: 'success',
            initiatedBy: { user: { userPrincipalName: 'Eve@example.com', ipAddress: '203.0.113.9' } },
            targetResources: [{ type: 'User', userPrincipalName: 'eve@example.com' }],
          },
        },
        { p_row_id: 'entra-2', p_event_time: '2026-01-15 08:00:00', category: 'AuditLogs', properties: {} },
      ] as unknown as CloudTrailRow[]);
      await lake.seal();
      const alert = named(['eve@example.com', '203.0.113.9']);
      const identity = planOf(alert, { ...everything, gsuite_activityevent: undefined });
      const answers = new Map<string, Record<string, unknown>[]>();
      for (const { label, sql, database } of identity.queries) {
        const result = await lake.run(sql, database);
        answers.set(label, result.rows(0, 1000) as Record<string, unknown>[]);
      }
      const people = (label: string) =>
        answers.get(label)?.map((row) => String((row.actor as { alternateId?: string } | null)?.alternateId));
      expect(people('identity_okta')).toEqual(Array(7).fill('eve@example.com'));
      expect(people('identity_okta_history')).toEqual(Array(4).fill('eve@example.com'));
      expect(people('identity_okta_address')).toEqual(Array(2).fill('bob@example.com'));
      expect(answers.get('identity_entra')?.map(({ p_row_id }) => p_row_id)).toEqual(['entra-1']);

      const query_results = [
        ...results(alert, { actor_activity: [call('s3', 'ListBuckets')] }),
        ...[...answers].map(([label, found]) => ({ label, query_id: label, rows: found, complete: true })),
      ];
      const found = correlate({ alert, query_results, identity });
      expect(fired(found)).toEqual(
        expect.arrayContaining(['mfa_fatigue', 'sign_in_from_new_network', 'identity_admin_granted']),
      );
      expect(found.coverage.find(({ label }) => label === 'identity_google')).toMatchObject({
        status: 'not_available',
      });
      expect(found.queries.map(({ label }) => label)).toContain('identity_okta_history');
    } finally {
      lake.close();
    }
  });
});

describe('what has to be seen before a case is closed', () => {
  const alert = named(['eve@example.com']);
  const query_results = results(alert, { actor_activity: [call('s3', 'ListBuckets')] });
  const outcome = (more: object) => correlate({ alert, query_results, ...more }).verdict.outcome;
  const answered = (complete: boolean) => {
    const identity = planOf(alert);
    const rows = identity.queries.map(({ label }) => ({ label, query_id: label, rows: [], complete }));
    return { identity, query_results: [...query_results, ...rows] };
  };

  test('each sign-in log that is there, in full', () => {
    expect(outcome({})).toBe('false_positive');
    expect(outcome(answered(true))).toBe('false_positive');
    expect(outcome(answered(false))).toBe('needs_review');
    // Planned and not run.
    expect(outcome({ identity: planOf(alert) })).toBe('needs_review');
    expect(outcome({ identity: { queries: [], not_available: [], failed: 'Panther did not answer.' } })).toBe(
      'needs_review',
    );
  });

  test('a log that the tenant does not have is said, and closes all the same', () => {
    const found = correlate({ alert, query_results, identity: planOf(alert, {}) });
    expect(found.verdict.outcome).toBe('false_positive');
    expect(found.verdict.not_seen.join()).toContain('identity_okta');
    expect(found.next_actions.join()).not.toContain('identity_okta');
    // It counts as no answer either: where nothing else was asked, nothing is closed.
    expect(outcome({ query_results: [], identity: planOf(alert, {}) })).toBe('needs_review');
  });

  test('nothing of GitLab that failed; what its edition or the token lacks does not count', () => {
    const error = (code: string) => ({ error: { code, message: 'No.', details: {} } });
    expect(outcome({ audit_events: error('unavailable') })).toBe('needs_review');
    expect(outcome({ audit_events: [error('missing_permission'), error('unavailable')] })).toBe('needs_review');
    expect(outcome({ audit_events: error('missing_permission') })).toBe('false_positive');
    expect(outcome({ supply_chain: error('not_found_or_no_access') })).toBe('false_positive');
    const edition = { availability: 'not_in_this_edition', availability_reason: 'Premium', audit_events: [] };
    const found = correlate({ alert, query_results, audit_events: [edition] });
    expect(found.verdict.outcome).toBe('false_positive');
    expect(found.coverage.at(-1)).toMatchObject({
      label: 'gitlab_audit_events',
      status: 'not_available',
      problem: 'Premium',
    });
    expect(outcome({ merge_request_reviews: [], not_reviewed: 12 })).toBe('false_positive');
  });

  test('who else came from an address may be cut, and may not fail', () => {
    const item = (label: string, status: CoverageItem['status']) =>
      keepsOpen({ label, source: 'panther:identity', status });
    expect(item('identity_okta', 'truncated')).toBe(true);
    expect(item('identity_okta_address', 'truncated')).toBe(false);
    expect(item('identity_okta_address', 'failed')).toBe(true);
    expect(item('identity_okta', 'not_available')).toBe(false);
    expect(keepsOpen({ label: 'gitlab_reviews', source: 'gitlab', status: 'truncated' })).toBe(false);
  });
});

test('merge requests of people and projects of the alert are reviewed first, then the last before it', () => {
  const change = (iid: string, mergedAt: string, more: object = {}) => ({
    project: 'shop/api',
    iid,
    author: 'ann',
    mergedBy: 'ben',
    mergedAt,
    fromFork: false,
    row: null,
    ...more,
  });
  const changes = [
    change('1', '2026-01-15T01:00:00.000Z', { author: 'eve' }),
    change('2', '2026-01-15T09:00:00.000Z'),
    change('3', '2026-01-15T08:00:00.000Z'),
    change('4', '2026-01-15T10:00:00.000Z'),
    change('5', '2026-01-15T02:00:00.000Z', { project: 'Infra/Network' }),
  ];
  const alert = {
    ...named(['eve@example.com', { type: 'repository', value: 'infra/network' }]),
    created_at: '2026-01-15T09:30:00.000Z',
  };
  const order = chooseForReview(alert, changes).map(({ iid }) => iid);
  expect(order).toEqual(['5', '1', '2', '3', '4']);
  expect(chooseForReview(alert, [...changes].reverse()).map(({ iid }) => iid)).toEqual(order);
  const many = Array.from({ length: 30 }, (_, n) => change(String(n), '2026-01-15T08:00:00.000Z'));
  expect(chooseForReview(alert, many)).toHaveLength(8);
});

test('an EC2 instance is asked for by the sessions of its role', () => {
  const alert = named([
    { type: 'host', value: 'i-0123456789abcdef0' },
    { type: 'host', value: 'laptop-7' },
  ]);
  const plan = planFor(alert);
  expect(plan.queries.map(({ label }) => label)).toContain('actor_activity');
  expect(plan.queries[0]?.sql).toContain("SPLIT_PART(userIdentity:arn::string, '/', 3)) IN ('i-0123456789abcdef0')");
  expect(plan.left_out).toEqual(['host laptop-7']);
});
