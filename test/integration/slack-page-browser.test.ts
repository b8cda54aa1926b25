import { type Browser, chromium, type Page } from 'playwright-core';
import { chromium as browserPath } from '../../scripts/stack/chromium.mjs';
import { card, reasonView, SlackApp } from '../unit/sandbox/slack-app';

/** The simulated Slack page in a real browser: one chooses who one is, clicks, and fills in what opens. */

let app: SlackApp;
let browser: Browser | undefined;
let page: Page;

const executablePath = browserPath();
const test = executablePath ? it : it.skip;

beforeAll(async () => {
  if (!executablePath) return;
  app = await SlackApp.start();
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  if (!browser) return;
  app.reset();
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
});
afterEach(() => page?.close());

const post = () => app.call('chat.postMessage', { channel: 'soc-high', text: 'card', blocks: card });
const picture = async (name: string) => {
  const folder = process.env.SOC_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
};

test('a click goes out as the person chosen, and the message changes in place', async () => {
  const { channel, ts } = await post();
  app.answer = ({ payload }) => {
    const text = `Approved by <@${payload.user.id}>`;
    const blocks = [...card.slice(0, 1), { type: 'context', elements: [{ type: 'mrkdwn', text }] }];
    setTimeout(() => void app.call('chat.update', { channel, ts, text: 'approved', blocks }), 50);
    return {};
  };
  await page.goto(app.service.url);
  await page.selectOption('#me', { label: 'Rafael Fischer (@soc)' });
  await picture('card');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Approved by').waitFor();
  expect(app.received[0]?.payload.user).toMatchObject({ id: 'U0SIM0010', username: 'rafael.fischer' });
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  expect(await page.locator('#me option').allInnerTexts()).toEqual(
    expect.arrayContaining(['Guido Conti (guest)', 'Nils Overgaard (deactivated)', 'Noor Haddad (another company)']),
  );
});

test('a dialog asks first; the modal shows errors, keeps what was typed, and closes when it is taken', async () => {
  await post();
  let refusals = 1;
  app.answer = ({ payload }) => {
    if (payload.type === 'block_actions')
      void app.call('views.open', { trigger_id: payload.trigger_id, view: reasonView });
    if (payload.type !== 'view_submission' || refusals === 0) return {};
    refusals -= 1;
    return { body: { response_action: 'errors', errors: { reason: 'Say who objects.' } } };
  };
  await page.goto(app.service.url);
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('This ends it.').waitFor();
  await picture('dialog');
  await page.getByRole('button', { name: 'Back' }).click();
  expect(app.received).toEqual([]);
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByRole('button', { name: 'Deny it' }).click();
  await page.getByLabel('Why?').fill('The owner objects');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Say who objects.').waitFor();
  await picture('modal');
  expect(await page.getByLabel('Why?').inputValue()).toBe('The owner objects');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('#modal').waitFor({ state: 'hidden' });
  expect(app.received.at(-1)?.payload.view.state.values.reason.text.value).toBe('The owner objects');
});

test('closing a modal tells the app, and only the one who clicked sees what is for him alone', async () => {
  await post();
  app.answer = ({ payload }) => {
    if (payload.type === 'block_actions')
      void app.call('views.open', { trigger_id: payload.trigger_id, view: reasonView });
    return {};
  };
  await page.goto(app.service.url);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByLabel('Why?').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#modal').waitFor({ state: 'hidden' });
  expect(app.received.at(-1)?.payload.type).toBe('view_closed');
  const { response_url } = app.received[0]?.payload ?? {};
  await fetch(response_url, { method: 'POST', body: JSON.stringify({ text: 'You are not an approver.' }) });
  await page.getByText('You are not an approver.').waitFor();
  await page.getByText('Only visible to you').waitFor();
  await page.selectOption('#me', { label: 'Sian Davies (@soc)' });
  await page.getByText('You are not an approver.').waitFor({ state: 'detached' });
});

test('a click that the app does not acknowledge leaves a warning', async () => {
  await post();
  app.slack.interactions.delivery.settings.ackMs = 100;
  app.answer = () => ({ delayMs: 500 });
  await page.goto(app.service.url);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('alert').filter({ hasText: '⚠️ This did not reach the app' }).waitFor();
  await picture('warning');
});
