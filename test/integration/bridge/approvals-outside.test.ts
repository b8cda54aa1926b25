import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApprovalRig, people, sampleRequest, startApprovalRig } from '../../support/bridge/approval-rig';
import { eventually } from '../../support/bridge/running-bridge';

/** What approvals owe to the outside: posts that are never doubled or lost, reminders, escalation, announcements. */

let rig: ApprovalRig;
let n8n: Server;
let n8nUrl: string;
const calls: { path: string; body: string; headers: IncomingMessage['headers'] }[] = [];
const answers: { status: number; location?: string }[] = [];

beforeAll(async () => {
  n8n = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      calls.push({ path: request.url ?? '', body, headers: request.headers });
      const { status, location } = answers.shift() ?? { status: 200 };
      response.writeHead(status, location === undefined ? {} : { location }).end('{}');
    });
  });
  await new Promise<void>((resolve) => n8n.listen(0, '127.0.0.1', resolve));
  n8nUrl = `http://127.0.0.1:${(n8n.address() as AddressInfo).port}`;
  rig = await startApprovalRig({
    SLACK_APPROVAL_ESCALATION_CHANNEL: '#soc-critical',
    SLACK_APPROVAL_ESCALATION_GROUP: 'S0SIM0002',
    SLACK_APPROVAL_REMIND_PERCENT: '10',
    SLACK_APPROVAL_ESCALATE_PERCENT: '20',
    N8N_RESUME_ORIGINS: `${n8nUrl},https://n8n.example.com`,
  });
});
afterAll(async () => {
  await rig?.stop();
  n8n?.close();
});
afterEach(() => {
  rig.faults.clear();
  calls.length = 0;
  answers.length = 0;
});

const cardsIn = async (channel: string, id: string) =>
  (await rig.channel(channel)).filter((message) => JSON.stringify(message.blocks).includes(id));
const until = (check: () => Promise<boolean>) => eventually(async () => ((await check()) ? true : undefined));

describe('posting', () => {
  it.each([
    ['before it arrived', { reset: 'before' as const }],
    ['after it was posted', { reset: 'after' as const }],
    ['as an error of the server', { status: 503, body: 'busy' }],
  ])('an answer that is lost %s leaves one card', async (_name, fault) => {
    rig.faults.add({ service: 'slack', path: '^/api/chat.postMessage', ...fault });
    const record = await rig.ask();
    await until(async () => (await rig.get(record.approval_id)).ts !== null);
    expect(await cardsIn('soc-high', record.approval_id)).toHaveLength(1);
  });

  it('while Slack is away the request stands, and is posted once it is back; nothing is approved meanwhile', async () => {
    rig.faults.add({
      service: 'slack',
      path: '^/api/(chat.postMessage|conversations.history|auth.test)',
      status: 503,
      times: 12,
    });
    const record = await rig.ask();
    expect(record).toMatchObject({ status: 'pending', approved: false });
    rig.faults.clear();
    await until(async () => (await rig.get(record.approval_id)).ts !== null);
    expect(await cardsIn('soc-high', record.approval_id)).toHaveLength(1);
    await rig.click(people.eva, 'approve', await rig.get(record.approval_id));
    expect((await rig.settled(record.approval_id)).status).toBe('approved');
  });

  it('a channel that cannot be used is told at once, and nobody waits for it', async () => {
    const asked = rig.port().request(sampleRequest({ channel: '#no-such-channel', idempotency_key: 'lost channel' }));
    await expect(asked).rejects.toMatchObject({ code: 'not_found_or_no_access' });
    const again = await rig
      .port()
      .request(sampleRequest({ channel: '#no-such-channel', idempotency_key: 'lost channel' }));
    expect(again).toMatchObject({ created: false, record: { status: 'cancelled', approved: false } });
    // Nothing is owed for it after a while: a channel that is not there is not asked for ever.
    const { db } = rig.bridge.store.database;
    const id = again.record.approval_id;
    await db
      .updateTable('approval_tasks')
      .set({ due_at: new Date().toISOString() })
      .where('approval_id', '=', id)
      .execute();
    await until(async () => {
      const card = await db
        .selectFrom('approval_tasks')
        .select('done')
        .where('approval_id', '=', id)
        .where('kind', '=', 'card')
        .executeTakeFirst();
      return card?.done === 1;
    });
  });

  it('long arguments go on in the thread, and are all there when the answers of half the posts are lost', async () => {
    const items = Array.from({ length: 250 }, (_, index) => `principal-${index}-${'x'.repeat(30)}`);
    for (const after of [0, 1, 3])
      rig.faults.add({ service: 'slack', path: '^/api/chat.postMessage', reset: 'after', after });
    const record = await rig.ask({
      action: { title: 'Many', name: 'block_all', target: 'many', arguments: { items } },
    });
    await until(async () => {
      const now = await rig.get(record.approval_id);
      const all = now.ts === null ? '' : JSON.stringify([await rig.card(now), await rig.replies(now)]);
      return items.every((item) => all.includes(item));
    });
    const parts = (await rig.replies(await rig.get(record.approval_id))).map(({ text }) => text);
    expect(new Set(parts).size).toBe(parts.length);
  });

  it('a card that somebody deleted ends nothing: unanswered is a no', async () => {
    const record = await rig.ask({ expires_in_seconds: 2 });
    const { state } = rig.slack.interactions;
    state.messages = state.messages.filter(({ ts }) => ts !== record.ts);
    expect((await rig.settled(record.approval_id)).status).toBe('timed_out');
  });
});

describe('when nobody decides', () => {
  it('it reminds, then asks in the second channel and calls the group, once each; a click there decides, and both cards show it', async () => {
    const record = await rig.ask({ expires_in_seconds: 10 });
    await until(async () => (await rig.replies(record)).some(({ text }) => text.includes('Nobody has decided yet')));
    await until(async () => (await cardsIn('soc-critical', record.approval_id)).length > 0);
    const [second] = await cardsIn('soc-critical', record.approval_id);
    expect(JSON.stringify(second?.blocks)).toContain('<!subteam^S0SIM0002>');
    const channel = rig.slack.channels.find(({ name }) => name === 'soc-critical')?.id ?? '';
    await rig.click(people.eva, 'approve', { channel, ts: second?.ts ?? '' });
    expect((await rig.settled(record.approval_id)).status).toBe('approved');
    for (const name of ['soc-high', 'soc-critical']) {
      await until(async () =>
        JSON.stringify(await cardsIn(name, record.approval_id)).includes('*Approved* by <@U0SIM0009>'),
      );
    }
    const replies = await rig.replies(record);
    expect(replies.filter(({ text }) => text.includes('Nobody has decided yet'))).toHaveLength(1);
    expect(await cardsIn('soc-critical', record.approval_id)).toHaveLength(1);
  });

  it('one that is decided in time reminds and escalates nobody', async () => {
    const record = await rig.ask({ expires_in_seconds: 12 });
    await rig.click(people.eva, 'approve', record);
    await rig.settled(record.approval_id);
    const owed = await rig.bridge.store.database.db
      .selectFrom('approval_tasks')
      .select(['kind', 'done'])
      .where('approval_id', '=', record.approval_id)
      .where('kind', 'in', ['reminder', 'escalation'])
      .execute();
    expect(owed).toEqual([
      { kind: 'escalation', done: 1 },
      { kind: 'reminder', done: 1 },
    ]);
  });
});

describe('announcing to n8n', () => {
  const announced = (id: string) => calls.filter(({ body }) => body.includes(id));

  it('tells the id and the status, once, and holds on while n8n is away or not waiting yet', async () => {
    answers.push({ status: 409 }, { status: 302, location: 'http://127.0.0.1:9/' });
    const record = await rig.ask({ resume_url: `${n8nUrl}/webhook-waiting/7/node?signature=ab` });
    expect(calls).toEqual([]);
    await rig.click(people.eva, 'approve', record);
    await rig.settled(record.approval_id);
    await until(async () => announced(record.approval_id).length === 3);
    const [first] = announced(record.approval_id);
    expect(first).toMatchObject({ path: '/webhook-waiting/7/node?signature=ab' });
    expect(first?.headers.authorization).toBeUndefined();
    expect(JSON.parse(first?.body ?? '')).toEqual({ approval_id: record.approval_id, status: 'approved' });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(announced(record.approval_id)).toHaveLength(3);
  });

  it('tells a time-out and a cancellation as well', async () => {
    const [late, cancelled] = [
      await rig.ask({ expires_in_seconds: 1, resume_url: `${n8nUrl}/late` }),
      await rig.ask({ resume_url: `${n8nUrl}/cancelled` }),
    ];
    await rig.port().cancel(cancelled.approval_id, 'Not needed');
    await until(async () => announced(late.approval_id).length + announced(cancelled.approval_id).length === 2);
    expect(JSON.parse(announced(late.approval_id)[0]?.body ?? '')).toMatchObject({ status: 'timed_out' });
    expect(JSON.parse(announced(cancelled.approval_id)[0]?.body ?? '')).toMatchObject({ status: 'cancelled' });
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1:1/webhook',
    'https://n8n.example.com.evil.example/x',
    'https://n8n.example.com:8443/x',
    'http://n8n.example.com/x',
    'https://user:password@n8n.example.com/x',
    'https://n8n.example.com@evil.example/x',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not an address',
  ])('never calls %s', async (resume_url) => {
    await expect(rig.port().request(sampleRequest({ resume_url }))).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'resume_url',
    });
  });
});
