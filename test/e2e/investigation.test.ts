import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CaseRecord } from '../../operations/cases';
import { finalRow } from '../support/final-row';
import { escalationsOf } from '../support/slack-messages';
import { SocStack } from '../support/soc-stack';
import { until } from '../support/until';

/** The main job on the real n8n: an alert in, a checkable case out, whatever goes wrong on the way. */
let stack: SocStack;

jest.setTimeout(300_000);

beforeAll(async () => {
  stack = await SocStack.start('investigation', { editor: true });
});

afterAll(() => stack?.stop());

afterEach(() => stack?.control('DELETE', '/faults'));

let reference: CaseRecord;

it('turns an alert into a case with a verdict, evidence that cites its queries, a Slack thread and a report', async () => {
  const answer = await stack.postAlert(await stack.sampleAlert('e2e-main'));
  expect(answer).toMatchObject({ status: 202, body: { created: true } });
  const record = await stack.settledCase(answer.body.case_id);
  reference = record;
  expect(record.outcome).toBe('true_positive');
  expect(['responding', 'awaiting_approval']).toContain(record.status);
  expect(record.evidence.filter((item) => item.family === 'hostile').length).toBeGreaterThanOrEqual(3);

  const ran = await stack.control<{ body?: string }[]>('GET', '/requests?service=panther');
  const cited = new Set(record.evidence.map((item) => item.query_id).filter((id) => id !== null));
  expect(cited.size).toBeGreaterThan(0);
  for (const id of cited) expect(ran.some((request) => request.body?.includes(String(id)))).toBe(true);
  expect(record.coverage.every((item) => item.status === 'complete')).toBe(true);
  expect(record.coverage.map(({ label }) => label)).toEqual(
    expect.arrayContaining(['identity_okta', 'identity_entra']),
  );

  expect(await escalationsOf(stack, record.id)).toHaveLength(1);
  expect(record.report_markdown).toContain(record.id);
  for (const id of cited) expect(record.report_markdown).toContain(String(id));
});

it('leaves an execution in n8n that ended well, with every step of the pipeline run', async () => {
  // The case is settled by the last node; n8n stores the execution after it.
  const execution = await until('the execution', async () => {
    const { data } = await stack.n8n.api('GET', '/executions?includeData=true&limit=10&status=success');
    return data[0];
  });
  const ran = Object.keys(execution.data.resultData.runData);
  expect(ran).toEqual(
    expect.arrayContaining([
      'Security Alert',
      'Open Case',
      'Plan Sign-In Queries',
      'SIEM Query',
      'GitLab Merge Requests',
      'GitLab Pipeline Failures',
      'Correlate Evidence',
      'Second Opinion',
      'Apply Second Opinion',
      'Escalate to SOC Team',
      'Generate Report',
      'Close Case',
    ]),
  );
});

it('keeps one case and one Slack thread when one alert arrives 50 times at once', async () => {
  const alert = await stack.sampleAlert('e2e-fifty');
  const answers = await Promise.all(Array.from({ length: 50 }, () => stack.postAlert(alert)));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(202));
  expect(new Set(answers.map(({ body }) => body.case_id)).size).toBe(1);
  expect(answers.filter(({ body }) => body.created === true)).toHaveLength(1);
  const record = await stack.settledCase(answers[0]?.body.case_id);
  expect(await escalationsOf(stack, record.id)).toHaveLength(1);
});

it('refuses a caller without the header, and runs nothing', async () => {
  const answer = await stack.postAlert(await stack.sampleAlert('e2e-stranger'), { authorization: 'Bearer wrong' });
  expect(answer.status).toBe(403);
});

it.each([
  ['severity', { severity: 'enormous' }],
  ['timestamp', { timestamp: '2026-02-30T10:00:00Z' }],
  ['id', { id: '' }],
  ['indicators', { indicators: 'none' }],
])('answers 400 and names %s when it is malformed', async (field, change) => {
  const answer = await stack.postAlert({ ...(await stack.sampleAlert('e2e-malformed')), ...change });
  expect(answer.status).toBe(400);
  expect(String(answer.body.field)).toMatch(new RegExp(`^(alert\\.)?${field}`));
});

it.each([
  ['a list', '[1]', 'application/json'],
  ['text', 'an alert', 'text/plain'],
  ['nothing', '', 'application/json'],
])('answers 400 to %s', async (_kind, body, type) => {
  const response = await fetch(`${stack.n8n.url}/webhook/security/alert`, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${stack.alertToken}` },
    body,
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'invalid_input', field: expect.any(String) });
});

it('keeps what was malformed, with the field at fault', () => {
  const store = new DatabaseSync(join(stack.folder, 'soc-bridge.db'), { readOnly: true });
  const rows = store.prepare('SELECT body, field FROM alerts_raw WHERE accepted = 0').all();
  store.close();
  expect(rows.length).toBeGreaterThanOrEqual(4);
  expect(rows.map(({ field }) => String(field).replace(/^alert\./, ''))).toEqual(
    expect.arrayContaining(['severity', 'timestamp', 'id', 'indicators']),
  );
  expect(rows.filter(({ body }) => 'title' in JSON.parse(String(body))).length).toBeGreaterThanOrEqual(4);
});

it('leaves the case to a person, with what was not seen, when the SIEM fails', async () => {
  await stack.control('POST', '/faults', {
    service: 'panther',
    times: 1000,
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html>bad gateway</html>',
  });
  const answer = await stack.postAlert(await stack.sampleAlert('e2e-siem-down'));
  const record = await stack.settledCase(answer.body.case_id);
  expect(record).toMatchObject({ status: 'needs_review', outcome: 'needs_review' });
  const failed = record.coverage.filter((item) => item.status === 'failed');
  expect(failed.length).toBeGreaterThan(0);
  for (const item of failed) expect(item.problem).toBeTruthy();
  expect(record.reason).toBeTruthy();
  expect(await escalationsOf(stack, record.id)).toHaveLength(1);
});

it('leaves the case to a person when the SIEM answers with garbage', async () => {
  await stack.control('POST', '/faults', {
    service: 'panther',
    times: 1000,
    status: 200,
    body: { data: { executeDataLakeQuery: { id: 7 } } },
  });
  const answer = await stack.postAlert(await stack.sampleAlert('e2e-siem-garbage'));
  const record = await stack.settledCase(answer.body.case_id);
  expect(record).toMatchObject({ status: 'needs_review', outcome: 'needs_review' });
});

it('does not let a hostile or broken model change the verdict', async () => {
  for (const behaviour of ['hostile', 'garbage']) {
    await stack.control('POST', '/model/settings', { behaviour });
    const answer = await stack.postAlert(await stack.sampleAlert(`e2e-model-${behaviour}`));
    const record = await stack.settledCase(answer.body.case_id);
    expect(finalRow(record)).toEqual(finalRow(reference));
  }
  await stack.control('POST', '/model/settings', { behaviour: 'honest' });
});

it('reaches the same final row when the bridge is killed in mid-investigation and started again', async () => {
  await stack.control('POST', '/faults', {
    service: 'panther',
    times: 4,
    delayMs: 1500,
    bodyContains: 'dataLakeQuery',
  });
  const begun = new Date().toISOString();
  const answer = await stack.postAlert(await stack.sampleAlert('e2e-killed'));
  expect(answer.status).toBe(202);
  await until('a query that Panther keeps waiting', async () => {
    const asked = await stack.control<{ at: string; body?: string }[]>('GET', '/requests?service=panther');
    return asked.some(({ at, body }) => at > begun && body?.includes('dataLakeQuery'));
  });
  await stack.bridge.stop('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await stack.startBridge();
  const record = await stack.settledCase(answer.body.case_id);
  expect(finalRow(record)).toEqual(finalRow(reference));
  expect(await escalationsOf(stack, record.id)).toHaveLength(1);
});

it('offers every node to AI agents, with light and dark icons', async () => {
  const types: { name: string; iconUrl?: unknown; codex?: unknown }[] = await stack.n8n.rest(
    'GET',
    '/types/nodes.json',
  );
  for (const name of ['pantherSiem', 'gitLabSoc', 'socSlack', 'socInvestigation']) {
    const node = types.find((type) => type.name === `n8n-nodes-soc.${name}`);
    expect(node).toMatchObject({ iconUrl: { light: expect.any(String), dark: expect.any(String) } });
    expect(types.some((type) => type.name === `n8n-nodes-soc.${name}Tool`)).toBe(true);
  }
});

it('hunts on schedule over the last hours, without an alert', async () => {
  const { nodes } = await stack.n8n.api('GET', '/workflows/socAutonomousInvestigation');
  const schedule = nodes.find((node: { name: string }) => node.name === 'Every 4 Hours');
  expect(schedule.parameters.rule.interval).toEqual([{ field: 'cronExpression', expression: '0 */4 * * *' }]);

  // What n8n's editor sends for "execute from this trigger": the hour of the schedule need not come.
  const { data: started } = await stack.n8n.rest('POST', '/rest/workflows/socAutonomousInvestigation/run', {
    triggerToStartFrom: { name: 'Every 4 Hours' },
  });
  const execution = await until('the end of the execution', async () => {
    const stored = await stack.n8n.api('GET', `/executions/${started.executionId}?includeData=true`);
    return stored.finished ? stored : undefined;
  });
  const opened = execution.data.resultData.runData['Open Case'][0].data.main[0][0].json;
  const record = await stack.settledCase(opened.case_id);
  expect(record.title).toContain('Scheduled hunt');
  expect(record.coverage).toContainEqual(expect.objectContaining({ label: 'hunt_activity', status: 'complete' }));
  // What it finds depends on the hour; people are told exactly when it is not closed.
  expect(await escalationsOf(stack, record.id)).toHaveLength(record.status === 'closed' ? 0 : 1);
});
