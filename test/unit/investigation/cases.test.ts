import { investigationOperations } from '../../../operations/investigation';
import { applySecondOpinion } from '../../../operations/investigation/apply-second-opinion';
import { closeCase } from '../../../operations/investigation/close-case';
import { correlateEvidence } from '../../../operations/investigation/correlate-evidence';
import { generateIncidentReport } from '../../../operations/investigation/generate-incident-report';
import { getCase } from '../../../operations/investigation/get-case';
import { openCase } from '../../../operations/investigation/open-case';
import { parseInput, placeOf, runOperation } from '../../../operations/operation';
import { alertTime, call, group, type Row, results } from '../../support/cloud-rows';
import { type MemoryCases, memoryCases } from '../../support/memory-cases';
import { createTestPorts } from '../../support/ports';

const alert = { id: 'A-1', severity: 'MEDIUM', source: 'panther', timestamp: alertTime, indicators: ['eve'] };

function host(): { cases: MemoryCases; ports: ReturnType<typeof createTestPorts> } {
  const cases = memoryCases();
  return { cases, ports: createTestPorts({ connections: {}, cases, now: () => new Date('2026-01-15T10:00:00Z') }) };
}

async function opened(body: Row = alert) {
  const { cases, ports } = host();
  const first = await runOperation(openCase, ports, { alert: body });
  const correlate = (rows: Record<string, Row[]>) =>
    runOperation(correlateEvidence, ports, { case_id: first.case_id, query_results: results(first.alert, rows) });
  const close = (allow_unescalated = false) =>
    runOperation(closeCase, ports, { case_id: first.case_id, allow_unescalated });
  const report = () => runOperation(generateIncidentReport, ports, { case_id: first.case_id });
  return { cases, ports, first, correlate, close, report };
}

const reads = { actor_reads: [group('ec2', 'DescribeInstances', 1)] };
const attack = { actor_activity: [call('cloudtrail', 'StopLogging', { name: 't' })] };

test('an alert opens one case, however often it comes', async () => {
  const { cases, ports, first } = await opened();
  const again = await runOperation(openCase, ports, { alert });
  expect(first).toMatchObject({ created: true, status: 'opened', settled: false });
  expect(again).toMatchObject({ created: false, case_id: first.case_id, plan: first.plan });
  expect(cases.records.size).toBe(1);
  expect(cases.raw.map((item) => item.accepted)).toEqual([true, true]);
});

test('a malformed alert is kept with its field, then refused', async () => {
  const { cases, ports } = host();
  const body = { ...alert, severity: 'enormous' };
  await expect(runOperation(openCase, ports, { alert: body })).rejects.toMatchObject({ field: 'severity' });
  expect(cases.raw).toEqual([{ body, accepted: false, field: 'severity' }]);
  expect(cases.records.size).toBe(0);
});

test('a correlation is stored on its case, with what the report needs', async () => {
  const { cases, first, correlate } = await opened();
  const result = await correlate(attack);
  const record = cases.records.get(first.case_id);
  expect(record).toMatchObject({
    status: 'investigating',
    outcome: 'true_positive',
    severity: 'CRITICAL',
    reason: result.verdict.reason,
    evidence: result.evidence,
    findings: { verdict: result.verdict, timeline: result.timeline, queries: first.plan.queries },
  });
});

test('a false positive is reported and closed, and then stays as it is', async () => {
  const { cases, ports, first, correlate, close, report } = await opened();
  await correlate(reads);
  await expect(close()).rejects.toMatchObject({ code: 'conflict', details: { missing: 'generate_incident_report' } });
  const written = await report();
  const closed = await close();
  expect(closed).toMatchObject({
    status: 'closed',
    outcome: 'false_positive',
    closed_at: '2026-01-15T10:00:00.000Z',
    report_sha256: written.report_sha256,
  });
  const version = cases.records.get(first.case_id)?.version;
  expect((await correlate(attack)).verdict.outcome).toBe('false_positive');
  expect((await report()).report_markdown).toBe(written.report_markdown);
  expect(await close()).toEqual(closed);
  const opinion = { scrutiny: 'raise', reason: 'x', evidence_ids: ['E1'] };
  expect(await runOperation(applySecondOpinion, ports, { case_id: first.case_id, opinion })).toMatchObject({
    accepted: false,
  });
  expect(cases.records.get(first.case_id)?.version).toBe(version);
  expect(await runOperation(openCase, ports, { alert })).toMatchObject({ settled: true, status: 'closed' });
});

test('a true positive cannot be closed before people were told', async () => {
  const { cases, first, correlate, close, report } = await opened();
  await expect(close()).rejects.toMatchObject({ details: { missing: 'correlate_evidence' } });
  await correlate(attack);
  await report();
  await expect(close()).rejects.toMatchObject({ details: { missing: 'escalate_to_soc_team' } });
  await cases.change(
    first.case_id,
    { escalation: { channel: 'C1', ts: '1.2', permalink: null } },
    { type: 'escalated', summary: 'x' },
  );
  expect(await close()).toMatchObject({ status: 'responding', closed_at: null });
});

test('what nobody was told of waits for a person, whatever the verdict', async () => {
  const { correlate, close, report } = await opened();
  await correlate(attack);
  await report();
  expect(await close(true)).toMatchObject({ status: 'needs_review', outcome: 'true_positive' });
  const severe = await opened({ ...alert, severity: 'CRITICAL' });
  await severe.correlate(reads);
  await severe.report();
  await expect(severe.close()).rejects.toMatchObject({ details: { missing: 'escalate_to_soc_team' } });
});

test('a second opinion raises a case that would be closed', async () => {
  const { cases, ports, first, correlate, close, report } = await opened();
  await correlate(reads);
  const opinion = { scrutiny: 'raise', reason: 'Unusual hour.', evidence_ids: ['E1'] };
  await runOperation(applySecondOpinion, ports, { case_id: first.case_id, opinion });
  const record = cases.records.get(first.case_id);
  expect(record).toMatchObject({ outcome: 'needs_review', findings: { verdict: { outcome: 'needs_review' } } });
  expect(record?.findings?.next_actions[0]).toMatch(/person decides/);
  await report();
  expect(await close(true)).toMatchObject({ status: 'needs_review' });
});

test('a report is written once for the same case', async () => {
  const { cases, first, correlate, report } = await opened();
  await correlate(attack);
  const one = await report();
  const version = cases.records.get(first.case_id)?.version;
  expect(await report()).toEqual(one);
  expect(cases.records.get(first.case_id)?.version).toBe(version);
});

test('the stored case can be read whole; an unknown one is named', async () => {
  const { ports, first, correlate } = await opened();
  await correlate(attack);
  const record = await runOperation(getCase, ports, { case_id: first.case_id });
  expect(record).toMatchObject({ case_id: first.case_id, outcome: 'true_positive', alert: first.alert });
  await expect(runOperation(getCase, ports, { case_id: 'INV-NONE' })).rejects.toMatchObject({
    code: 'not_found_or_no_access',
  });
});

test('operations that need a case go to the bridge, others only with a case id', () => {
  const place = (name: string, input: Row) => {
    const operation = investigationOperations.find((item) => item.name === name);
    return operation === undefined ? undefined : placeOf(operation, input);
  };
  expect(place('normalize_alert', {})).toBe('anywhere');
  expect(place('correlate_evidence', {})).toBe('anywhere');
  expect(place('correlate_evidence', { case_id: 'x' })).toBe('bridge');
  expect(place('apply_second_opinion', { case_id: 'x' })).toBe('bridge');
  expect(place('investigate_alert', {})).toBe('bridge');
});

test('every example is a valid input', () => {
  for (const operation of investigationOperations) expect(() => parseInput(operation, operation.example)).not.toThrow();
});

test('without a case store the caller is told where cases are', async () => {
  const ports = createTestPorts({ connections: {} });
  await expect(runOperation(openCase, ports, { alert })).rejects.toMatchObject({ code: 'unavailable' });
});
