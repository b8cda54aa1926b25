import { readFileSync } from 'node:fs';
import { correlateEvidence } from '../../../operations/investigation/correlate-evidence';
import { identityProviders } from '../../../operations/investigation/identity-plan';
import { planSignInQueries } from '../../../operations/investigation/plan-sign-in-queries';
import { runOperation } from '../../../operations/operation';
import { results, sampleAlert } from '../../support/cloud-rows';
import { fakeHost } from '../contract/fake-host';
import { startTenant, type Tenant } from '../panther-operations/tenant';

type Planned = Awaited<ReturnType<(typeof planSignInQueries)['run']>>;

const alert = sampleAlert({ indicators: ['eve@example.com'] });
const host = fakeHost(() => new Error('nothing may be asked'));
const absent = Object.fromEntries(identityProviders.map(({ table }) => [table, null]));
const labelsOf = ({ coverage }: Awaited<ReturnType<(typeof correlateEvidence)['run']>>) =>
  coverage.filter(({ source }) => source === 'panther:identity').map(({ label, status }) => `${label} ${status}`);
const correlated = (sign_in_plan: Record<string, unknown> | undefined, more: Record<string, unknown>[] = []) =>
  runOperation(correlateEvidence, host, {
    alert: { ...alert },
    query_results: [...results(alert, {}), ...more],
    ...(sign_in_plan === undefined ? {} : { sign_in_plan }),
  });

describe('plan_sign_in_queries', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await startTenant();
  });
  afterAll(() => tenant.close());

  test('asks the logs that the catalogue has, and runs nothing', async () => {
    const plan = (await tenant.run(planSignInQueries, { alert })) as unknown as Planned;
    expect(plan.queries.map(({ label }) => label)).toEqual([
      'identity_okta',
      'identity_okta_history',
      'identity_entra',
      'identity_entra_history',
      'identity_google',
    ]);
    expect(plan.not_available).toEqual([]);
    expect(Object.keys(plan.tables).sort()).toEqual(identityProviders.map(({ table }) => table).sort());
    expect(((await tenant.run(planSignInQueries, { alert })) as unknown as Planned).queries).toEqual(plan.queries);
  });

  test('looks nothing up for an alert that names nobody', async () => {
    const plan = await runOperation(planSignInQueries, host, { alert: { ...sampleAlert({ indicators: [] }) } });
    expect(plan).toEqual({ queries: [], not_available: [], tables: {} });
  });
});

describe('correlate_evidence with a plan for sign-in logs', () => {
  const tables = { ...absent, okta_systemlog: ['eventType', 'actor', 'client', 'outcome'] };

  test('counts what of it was not asked, and what the tenant does not have', async () => {
    expect(labelsOf(await correlated(undefined))).toEqual([]);
    expect(labelsOf(await correlated({ tables }))).toEqual([
      'identity_okta not_run',
      'identity_entra not_available',
      'identity_google not_available',
    ]);
    const answer = { label: 'identity_okta', query_id: 'q-okta', status: 'succeeded', rows: [], complete: true };
    expect(labelsOf(await correlated({ tables }, [answer]))[0]).toBe('identity_okta complete');
  });

  test.each([
    ['an error item', { error: { code: 'unavailable', message: 'Panther is away.' } }, 'Panther is away.'],
    ['something else', { queries: [{ sql: 'SELECT 1' }] }, 'was not told'],
    ['a part of the tables', { tables: { okta_systemlog: null } }, 'was not told'],
  ])('%s is a look that failed, and keeps the case open', async (_kind, plan, problem) => {
    const found = await correlated(plan);
    expect(labelsOf(found)).toEqual(['identity_tables failed']);
    expect(found.coverage.find(({ label }) => label === 'identity_tables')?.problem).toContain(problem);
    expect(found.verdict.outcome).toBe('needs_review');
  });

  test('takes no SQL and no question from whoever hands the plan on', async () => {
    const query = { label: 'identity_mine', purpose: '', sql: 'SELECT 1', database: 'panther_logs', max_rows: 1 };
    const given = { tables: absent, queries: [query], not_available: [] };
    expect(await correlated(given)).toEqual(await correlated({ tables: absent }));
  });
});

describe.each(['soc_autonomous_investigation', 'soc_autonomous_investigation.standalone'])('%s', (name) => {
  const { nodes } = JSON.parse(readFileSync(`workflows/${name}.json`, 'utf8')) as {
    nodes: { name: string; parameters: Record<string, unknown>; onError?: string }[];
  };
  const named = (wanted: string) => nodes.find((node) => node.name === wanted);

  test('asks sign-in logs too, and goes on without them', () => {
    expect(named('Plan Sign-In Queries')).toMatchObject({
      parameters: { resource: 'alert', operation: 'planSignInQueries' },
      onError: 'continueRegularOutput',
    });
    expect(JSON.stringify(named('All Queries')?.parameters)).toContain('$json.queries ?? []');
    expect(named('Plan Queries')?.parameters.fieldToSplitOut).toBe('queries');
    expect(JSON.stringify(named('Correlate Evidence')?.parameters)).toContain('Plan Sign-In Queries');
  });
});
