import { ProcessQueryMemory } from '../../../nodes-host/query-memory';
import { parseAlert } from '../../../operations/investigation/alert-format';
import type { CoverageItem } from '../../../operations/investigation/evidence';
import { investigateAlert, resumeInvestigation } from '../../../operations/investigation/investigate-alert';
import { planFor } from '../../../operations/investigation/plan';
import { runOperation } from '../../../operations/operation';
import { executeSqlQuery } from '../../../operations/panther/execute-sql-query';
import { normaliseSql } from '../../../operations/panther/normalise-sql';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { type MemoryCases, memoryCases } from '../../support/memory-cases';
import { sandboxPorts } from '../../support/sandbox-ports';

/** The whole chain against the stand-ins, over the wire; only the case store is in memory. */
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({});
});
afterAll(() => sandbox?.close());

afterEach(() => runningPolls(1));

async function runningPolls(count: number): Promise<void> {
  await fetch(`${sandbox.control.url}/panther/settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ runningPolls: count }),
  });
}

function host(cases: MemoryCases, broken: string[] = [], speed?: number) {
  return sandboxPorts(sandbox, cases, broken, speed);
}

/** The sample tenant has everything that is asked for. */
const usualGaps = {};
const gapsOf = (coverage: readonly CoverageItem[]) =>
  Object.fromEntries(
    coverage.filter(({ status }) => status !== 'complete').map(({ label, status }) => [label, status]),
  );
const asked = ({ source, status }: CoverageItem) => source.startsWith('panther') && status !== 'not_available';

const sample = (id: string) => ({ ...(sandbox.sampleAlert as unknown as Record<string, unknown>), id });

test('every query of the plan runs on the lake as it is written', async () => {
  const ports = host(memoryCases());
  for (const stored of Object.values(sandbox.sampleAlerts)) {
    for (const query of planFor(parseAlert(stored)).queries) {
      const { sql, database, max_rows, label } = query;
      const result = await runOperation(executeSqlQuery, ports, { sql, database, max_rows, label });
      expect(result.complete).toBe(true);
    }
  }
});

test('the sample alert becomes a true positive with evidence, a thread and a report', async () => {
  const cases = memoryCases();
  const result = await runOperation(investigateAlert, host(cases), { alert: sample('chain-1') });
  expect(result).toMatchObject({ outcome: 'true_positive', status: 'responding', created: true });
  expect(gapsOf(result.coverage)).toEqual(usualGaps);
  expect(result.escalation).not.toBeNull();
  const asked = new Map(result.coverage.map((item) => [item.label, item]));
  expect(asked.get('identity_okta')).toMatchObject({ status: 'complete', query_id: expect.any(String) });
  for (const label of ['gitlab_reviews', 'gitlab_audit_events', 'gitlab_supply_chain', 'gitlab_pipelines'])
    expect(asked.get(label)).toMatchObject({ status: 'complete', source: 'gitlab' });
  const stored = cases.records.get(result.case_id);
  expect(stored?.findings?.queries.map(({ label }) => label)).toContain('identity_okta');
  expect(stored?.evidence.filter((item) => item.family === 'hostile').length).toBeGreaterThanOrEqual(3);
});

test('planned work that looks like an attack is no true positive', async () => {
  const cases = memoryCases();
  const alert = { ...(sandbox.sampleAlerts.benign as unknown as Record<string, unknown>) };
  const result = await runOperation(investigateAlert, host(cases), { alert });
  expect(result.outcome).not.toBe('true_positive');
  expect(result.status === 'closed' || result.escalation !== null).toBe(true);
});

test('the same alert again is the same case and calls nothing', async () => {
  const cases = memoryCases();
  await runOperation(investigateAlert, host(cases), { alert: sample('chain-2') });
  const ports = host(cases);
  const again = await runOperation(investigateAlert, ports, { alert: sample('chain-2') });
  expect(again).toMatchObject({ created: false, status: 'responding' });
  expect(ports.requests).toEqual([]);
});

test.each(['panther', 'gitlab', 'slack'])('%s down still ends in a stored case that says so', async (service) => {
  const cases = memoryCases();
  const result = await runOperation(investigateAlert, host(cases, [service]), { alert: sample(`down-${service}`) });
  const failed = result.coverage.filter((item) => item.status === 'failed');
  expect(failed.map((item) => item.source).every((source) => source.startsWith(service))).toBe(true);
  expect(failed.length).toBeGreaterThan(0);
  if (service === 'panther') expect(result).toMatchObject({ status: 'needs_review', outcome: 'needs_review' });
  if (service === 'slack') expect(result).toMatchObject({ status: 'needs_review', escalation: null });
  expect(result.report_markdown).toContain(failed[0]?.label ?? '');
});

test('after a stop in the middle the rest is done once, and the row is the same', async () => {
  const whole = memoryCases();
  const reference = await runOperation(investigateAlert, host(whole), { alert: sample('resume') });
  const cases = memoryCases();
  const stop = new AbortController();
  const ports = { ...host(cases), signal: stop.signal };
  const send = ports.http;
  let queries = 0;
  ports.http = async (request) => {
    if (request.body?.includes('executeDataLakeQuery') && ++queries === 6) stop.abort();
    return send(request);
  };
  await expect(runOperation(investigateAlert, ports, { alert: sample('resume') })).rejects.toThrow(/cancel/i);
  const later = host(cases);
  const record = await resumeInvestigation(later, 'INV-TEST1');
  expect({
    status: record.status,
    outcome: record.outcome,
    probability: record.probability,
    reason: record.reason,
  }).toEqual({
    status: reference.status,
    outcome: reference.outcome,
    probability: reference.probability,
    reason: reference.reason,
  });
  const asked = later.requests.filter((request) => request.body?.includes('executeDataLakeQuery')).length;
  expect(asked).toBeLessThan(record.findings?.queries.length ?? 0);
});

test('a query that outlasts one wait is gone on with by its id, and its rows are seen', async () => {
  await runningPolls(20);
  const ports = host(memoryCases(), [], 60);
  const result = await runOperation(investigateAlert, ports, { alert: sample('slow') });
  expect(gapsOf(result.coverage)).toEqual(usualGaps);
  const started = ports.requests.filter((request) => request.body?.includes('executeDataLakeQuery'));
  const queries = result.coverage.filter(asked);
  expect(started).toHaveLength(queries.length);
  // More than one wait can hold: the rest was asked for by id.
  const polls = ports.requests.filter((request) => request.body?.includes('query GetDataLakeQuery('));
  expect(polls.length).toBeGreaterThan(20 * queries.length);
});

test('what was asked for another case a moment ago is used again, and each piece of coverage says when it ran', async () => {
  const queries = new ProcessQueryMemory();
  const first = await runOperation(investigateAlert, { ...host(memoryCases()), queries }, { alert: sample('first') });
  const ports = host(memoryCases());
  ports.queries = queries;
  const second = await runOperation(investigateAlert, ports, { alert: sample('second') });
  expect(ports.requests.some((request) => request.body?.includes('executeDataLakeQuery'))).toBe(false);
  const facts = (items: typeof first.coverage) =>
    items.map(({ label, query_id, ran_at, rows, status }) => ({ label, query_id, ran_at, rows, status }));
  expect(facts(second.coverage)).toEqual(facts(first.coverage));
  expect(second).toMatchObject({ outcome: first.outcome, reason: first.reason, probability: first.probability });
  for (const item of second.coverage.filter(asked)) {
    expect(item).toMatchObject({ query_id: expect.any(String), ran_at: expect.stringMatching(/^\d{4}-/) });
    expect(second.report_markdown).toContain(item.ran_at);
  }
});

test('two hunts four hours apart ask for different times, so neither is answered by the other', () => {
  const planAt = (timestamp: string) =>
    planFor(
      parseAlert({ id: timestamp, source: 'schedule', severity: 'LOW', timestamp, title: 'Hunt', indicators: [] }),
    ).queries.map(({ sql }) => normaliseSql(sql));
  const [morning, noon] = [planAt('2026-01-15T08:00:00Z'), planAt('2026-01-15T12:00:00Z')];
  expect(morning).toHaveLength(1);
  expect(morning).not.toEqual(noon);
});

// The last one: its queries stay, and a memory that looks into the history would join them.
test('a query that never ends counts as not seen, and a person decides', async () => {
  await runningPolls(1_000_000);
  const result = await runOperation(investigateAlert, host(memoryCases(), [], 120), { alert: sample('endless') });
  expect(result).toMatchObject({ status: 'needs_review', outcome: 'needs_review' });
  const queries = result.coverage.filter(asked);
  for (const item of queries) {
    expect(item).toMatchObject({ status: 'failed', rows: null, query_id: expect.any(String) });
    expect(item.problem).toContain('still running');
  }
});
