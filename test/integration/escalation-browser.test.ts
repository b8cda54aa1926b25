import { type Browser, chromium } from 'playwright-core';
import { runOperation } from '../../operations/operation';
import { escalateToSocTeam } from '../../operations/slack/escalate-to-soc-team';
import { chromium as browserPath } from '../../scripts/stack/chromium.mjs';
import { type ApprovalRig, people, startApprovalRig } from '../support/bridge/approval-rig';
import { eventually } from '../support/bridge/running-bridge';
import { sampleEvidence, sampleOpen } from '../support/bridge/sample-case';

/** An escalation as an analyst sees it: in a browser, with buttons that the bridge acts on. */

const executablePath = browserPath();
const test = executablePath ? it : it.skip;
let rig: ApprovalRig | undefined;
let browser: Browser | undefined;

afterAll(async () => {
  await browser?.close();
  await rig?.stop();
});

test('is acknowledged and investigated by clicks, and its message and thread say so', async () => {
  rig = await startApprovalRig({ SLACK_CHANNEL_HIGH: '#soc-high' }, undefined, async ({ cases }, id) => {
    if (cases === undefined) throw new Error('no case store');
    const evidence = [
      sampleEvidence('E1'),
      { ...sampleEvidence('E2'), statement: 'The caller had never created a key before in 90 days' },
    ];
    const reason = 'Two keys for other users, by a role that never made one.';
    const found = { status: 'responding' as const, outcome: 'true_positive' as const, reason, evidence };
    return cases.change(id, found, { type: 'evidence_correlated', summary: reason });
  });
  const cases = rig.bridge.store.port({ caseLeaseMs: 600_000 });
  const { record } = await cases.open(sampleOpen());
  const ports = rig.bridge.host.ports({ signal: new AbortController().signal });
  const { channel, ts } = await runOperation(escalateToSocTeam, ports, {
    title: 'Access keys created for other users',
    summary: 'A session of an assumed role created access keys for two users that it does not own.',
    urgency: 'high',
    findings: ['2 CreateAccessKey calls by one session within 4 minutes'],
    next_steps: ['Ask the owner of the role whether the change was planned', 'Deactivate the two keys'],
    links: ['https://panther.example/alerts/simulated'],
    case_id: record.id,
  });
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const picture = async (name: string) => {
    const folder = process.env.SOC_PICTURES;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };
  await page.goto(rig.slack.interactions.origin);
  await page.selectOption('#me', people.rafael);
  await page.getByRole('button', { name: /^Acknowledge/ }).waitFor();
  await picture('escalated');
  await page.getByRole('button', { name: /^Acknowledge/ }).click();
  await page.getByText('Acknowledged').waitFor();
  expect(await page.getByRole('button', { name: /^Acknowledge/ }).count()).toBe(0);
  await page.selectOption('#me', people.sian);
  await page.getByRole('button', { name: /^Investigate/ }).click();
  await page.getByText('1 reply').click();
  await page.getByText('never created a key before').waitFor();
  await page.locator('.fields', { hasText: 'true positive, severity HIGH' }).waitFor();
  await picture('investigated');
  const shown = await eventually(async () => {
    const text = (await rig?.card({ channel, ts })) ?? '';
    return text.includes(`started by <@${people.sian}>`) ? text : undefined;
  });
  expect(shown).toContain(`*Acknowledged* by <@${people.rafael}>`);
});

test('a case is closed by whom the owner named, with a reason, and nobody else sees more than a no', async () => {
  await rig?.stop();
  rig = await startApprovalRig({ SLACK_CHANNEL_HIGH: '#soc-high', SOC_CASE_CLOSERS: people.sian });
  const cases = rig.bridge.store.port({ caseLeaseMs: 0 });
  const { record } = await cases.open(sampleOpen());
  await runOperation(escalateToSocTeam, rig.bridge.host.ports({ signal: new AbortController().signal }), {
    title: 'Access keys created for other users',
    summary: 'A session of an assumed role created access keys for two users that it does not own.',
    urgency: 'high',
    case_id: record.id,
  });
  await cases.change(
    record.id,
    { status: 'needs_review', outcome: 'needs_review', reason: 'Simulated.' },
    { type: 'settled', summary: 'Settled' },
  );
  browser ??= await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const picture = async (name: string) => {
    const folder = process.env.SOC_PICTURES;
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };
  await page.goto(rig.slack.interactions.origin);
  await page.selectOption('#me', people.rafael);
  await page.getByRole('button', { name: /^Close…/ }).click();
  await page.getByText('You are not among those who may close cases').waitFor();
  await picture('not-a-closer');

  await page.selectOption('#me', people.sian);
  await page.getByRole('button', { name: /^Close…/ }).click();
  await page.getByText('How did it end?').waitFor();
  await picture('closing');
  await page.getByRole('radio', { name: 'Benign positive: it happened, and it was meant to', exact: true }).check();
  await page.locator('textarea').fill('Planned: the owner of the role rotated keys.');
  await page.getByRole('button', { name: 'Close case' }).click();
  await page.getByText(`Case ${record.id} is closed as benign positive.`).waitFor();
  await page.getByText('CLOSED:').first().waitFor();
  await picture('closed');
  expect(await page.getByRole('button', { name: /^(Close…|Acknowledge|Investigate)/ }).count()).toBe(0);
  expect(await rig.bridge.store.get(record.id)).toMatchObject({
    status: 'closed',
    outcome: 'benign_positive',
    closed_by: `Slack user ${people.sian}`,
  });
});
