import { postMessage } from '../../../operations/slack/post-message';
import { RatePauses, ratePauses } from '../../../operations/slack/rate-pauses';
import { startWorkspace, type Workspace } from './workspace';

/** A limit of Slack holds one channel or one method up, and nothing else. */
let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(() => workspace.close());
beforeEach(() => {
  ratePauses.clear();
  workspace.slack.reset();
  workspace.faults.clear();
});

const post = (channel: string) => workspace.run(postMessage, { channel, text: 'x' });
const limit = (channel: string, extra: object = {}) =>
  workspace.faults.add({
    service: 'slack',
    path: 'chat.postMessage',
    bodyContains: channel,
    status: 429,
    headers: { 'retry-after': '20' },
    body: { ok: false, error: 'ratelimited' },
    ...extra,
  });
const posts = () =>
  workspace.slack.requests
    .filter(({ operation }) => operation === 'chat.postMessage')
    .map(({ body }) => (JSON.parse(body ?? '{}') as { channel: string }).channel);

test('a channel that is limited waits; another one goes on at once', async () => {
  limit('soc-high');
  const order: string[] = [];
  await Promise.all([
    post('#soc-high').then(() => order.push('soc-high')),
    post('#soc-low').then(() => order.push('soc-low')),
  ]);
  expect(order).toEqual(['soc-low', 'soc-high']);
  expect(await workspace.messages('soc-high')).toHaveLength(1);
});

test('who comes later to the limited channel waits without asking', async () => {
  limit('soc-high', { headers: { 'retry-after': '3600' } });
  await expect(post('#soc-high')).rejects.toMatchObject({ code: 'rate_limited' });
  const before = posts().length;
  await expect(post('#soc-high')).rejects.toMatchObject({
    code: 'rate_limited',
    details: { retry_after_seconds: expect.any(Number) },
  });
  expect(posts()).toHaveLength(before);
  await expect(post('#soc-low')).resolves.toMatchObject({ ts: expect.any(String) });
});

test('a limit told with HTTP 200 counts as well', async () => {
  limit('soc-high', { status: 200, headers: {}, body: { ok: false, error: 'rate_limited' } });
  await expect(post('#soc-high')).rejects.toMatchObject({ code: 'rate_limited' });
  const ports = workspace.ports();
  await workspace.run(postMessage, { channel: '#soc-high', text: 'x' }, ports);
  // It waited for what was asked before it sent anything.
  expect(ports.waits[0]).toBeGreaterThan(10_000);
});

test('a limit on one method leaves the others alone', async () => {
  workspace.faults.add({
    service: 'slack',
    path: 'chat.getPermalink',
    times: 20,
    status: 429,
    headers: { 'retry-after': '3600' },
  });
  await expect(post('#soc-high')).resolves.toMatchObject({ permalink: null });
  await expect(post('#soc-high')).resolves.toMatchObject({ permalink: null });
  expect(workspace.slack.requests.filter(({ operation }) => operation === 'chat.getPermalink')).toHaveLength(0);
});

test('what is remembered is bounded, and so is each pause', () => {
  const pauses = new RatePauses();
  const now = new Date('2026-05-01T00:00:00Z');
  for (let index = 0; index < 5000; index += 1) pauses.pause(`key ${index}`, now, 1000);
  pauses.pause('long', now, Number.MAX_SAFE_INTEGER);
  expect(pauses.left('long', now)).toBe(600_000);
  expect(pauses.left('key 0', now)).toBe(0);
  expect(pauses.left('key 4999', now)).toBe(1000);
  pauses.pause(undefined, now, 1000);
  expect(pauses.left(undefined, now)).toBe(0);
});
