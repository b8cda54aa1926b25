import { slackMessages } from '../support/slack-messages';
import { SocStack } from '../support/soc-stack';
import { until } from '../support/until';

/** The pipeline with n8n alone: no bridge runs, and the cases are rows of n8n's Data Table. */
let stack: SocStack;

jest.setTimeout(300_000);

beforeAll(async () => {
  stack = await SocStack.start('standalone', { workflows: ['soc_autonomous_investigation.standalone'] });
  await stack.bridge.stop();
});

afterAll(() => stack?.stop());

interface Row {
  dedup_key: string;
  alert_id: string;
  status: string;
  outcome: string | null;
  severity: string;
  evidence: string | null;
  told: string | null;
}

async function post(alert: unknown) {
  const response = await fetch(`${stack.n8n.url}/webhook/security/alert-standalone`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.alertToken}` },
    body: JSON.stringify(alert),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function rows(): Promise<Row[]> {
  const { data: tables } = await stack.n8n.api('GET', '/data-tables');
  const table = (tables as { id: string; name: string }[]).find(({ name }) => name === 'security_investigations');
  return table === undefined ? [] : (await stack.n8n.api('GET', `/data-tables/${table.id}/rows`)).data;
}

const decided = (alertId: string) =>
  until('the verdict', async () => (await rows()).find((row) => row.alert_id === alertId && row.outcome !== null));

it('an alert becomes a row with a verdict and its evidence, and people are told; nobody is contained', async () => {
  const accounts = JSON.stringify(await stack.control('GET', '/accounts'));
  const before = (await slackMessages(stack)).length;
  const answer = await post(await stack.sampleAlert('alone-1'));
  expect(answer).toMatchObject({ status: 202, body: { created: true, status: 'investigating' } });
  const row = await decided('alone-1');
  expect(row).toMatchObject({ status: 'needs_review', outcome: 'true_positive' });
  const evidence = JSON.parse(row.evidence ?? '[]') as { family: string; query_id: string | null }[];
  expect(evidence.filter(({ family, query_id }) => family === 'hostile' && query_id !== null).length).toBeGreaterThan(
    2,
  );
  expect(row.told).toMatch(/^https?:/);
  expect((await slackMessages(stack)).length).toBe(before + 1);
  expect(JSON.stringify(await stack.control('GET', '/accounts'))).toBe(accounts);
});

it('the same alert again finds its row, and nobody is told twice', async () => {
  const before = { rows: await rows(), messages: (await slackMessages(stack)).length };
  expect(await post(await stack.sampleAlert('alone-1'))).toMatchObject({ status: 202, body: { created: false } });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect({ rows: await rows(), messages: (await slackMessages(stack)).length }).toEqual(before);
});

it('a malformed alert is refused with the field at fault, and makes no row', async () => {
  const before = (await rows()).length;
  const answer = await post({ ...(await stack.sampleAlert('alone-2')), severity: 'enormous' });
  expect(answer).toMatchObject({
    status: 400,
    body: { code: 'invalid_input', field: expect.stringContaining('severity') },
  });
  expect((await rows()).length).toBe(before);
});

it('waits for a person when the SIEM fails, and says what was not seen', async () => {
  await stack.control('POST', '/faults', { service: 'panther', times: 1000, status: 502, body: 'bad gateway' });
  await post(await stack.sampleAlert('alone-3'));
  expect(await decided('alone-3')).toMatchObject({ status: 'needs_review', outcome: 'needs_review' });
  await stack.control('DELETE', '/faults');
});
