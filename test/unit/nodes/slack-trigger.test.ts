import fc from 'fast-check';
import type { ICredentialDataDecryptedObject, IHookFunctions } from 'n8n-workflow';
import { SocSlackTrigger } from '../../../nodes/SocSlackTrigger/SocSlackTrigger.node';
import { waitingAddress } from '../../../nodes-host/slack-trigger/own-instance';
import { ApprovalHost, people } from './approval-host';

const host = new ApprovalHost();
beforeAll(() => host.open());
afterAll(() => host.close());
beforeEach(() => host.reset());

describe('where a click may be sent to', () => {
  const own = { waitingBase: 'https://n8n.example.com/base/webhook-waiting', internalBase: undefined };
  const address = `${own.waitingBase}/12/4c52d2a1-4699?approval=APR-1&signature=00`;

  it('is the address of a waiting execution of this n8n', () => {
    expect(waitingAddress(own, address)).toBe(address);
    expect(waitingAddress({ ...own, internalBase: 'http://localhost:5678' }, address)).toBe(
      'http://localhost:5678/base/webhook-waiting/12/4c52d2a1-4699?approval=APR-1&signature=00',
    );
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://n8n.example.com.evil.example/base/webhook-waiting/12/a',
    'https://n8n.example.com@evil.example/base/webhook-waiting/12/a',
    'https://user:password@n8n.example.com/base/webhook-waiting/12/a',
    'https://n8n.example.com:8443/base/webhook-waiting/12/a',
    'http://n8n.example.com/base/webhook-waiting/12/a',
    'https://n8n.example.com/base/webhook/other',
    'https://n8n.example.com/base/webhook-waiting/../webhook/other/a',
    'https://n8n.example.com/base/webhook-waiting-slack/12/a',
    'https://n8n.example.com/base/webhook-waiting/12/a/../../../rest/login',
    'https://n8n.example.com/base/webhook-waiting/12',
    'https://n8n.example.com/base/webhook-waiting/12/a#b',
    'javascript:alert(1)',
    '/base/webhook-waiting/12/a',
    '',
  ])('is not %s', (text) => {
    expect(waitingAddress(own, text)).toBeUndefined();
  });

  it('is never anywhere else, whatever a message holds', () => {
    const parts = fc.constantFrom(
      'https://',
      'http:',
      '//',
      'n8n.example.com',
      '/base/webhook-waiting',
      '/12/a',
      '@',
      '..',
      '/',
      '\\',
      '%2e',
      '?',
      '#',
      ':80',
      'evil.example',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.array(parts, { maxLength: 9 }).map((all) => all.join('')),
        ),
        (text) => {
          const found = waitingAddress(own, text);
          if (found === undefined) return;
          const { origin, pathname } = new URL(found);
          expect(origin).toBe('https://n8n.example.com');
          expect(pathname).toMatch(/^\/base\/webhook-waiting\/\d+\/[^/]+$/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is asked before anything is sent', async () => {
    await host.ask();
    const answer = await host.click(people.rafael, 'approve', (payload) => {
      const [action] = payload.actions as Record<string, unknown>[];
      Object.assign(action ?? {}, { value: 'http://127.0.0.1:9/webhook-waiting/7/node-1?signature=0' });
    });
    expect(answer).toEqual({ status: 200, text: '' });
    // Whoever clicked is told, at the address that came with the click, and nothing else is called.
    expect(host.sent.map(({ url }) => new URL(url).pathname)).toEqual([expect.stringMatching(/^\/actions\//)]);
    expect(host.notes()).toEqual([expect.stringContaining('not made by this n8n')]);
  });
});

describe('a request', () => {
  const click = { type: 'block_actions', user: { id: people.stranger }, team: { id: 'T0SIM0001' } };
  const action = { type: 'button', action_ts: '1.1', block_id: 'b', value: 'v' };
  const on = (id: string) => ({ ...click, token: 'simulated', actions: [{ ...action, action_id: id }] });

  it.each([
    ['without a signature', { 'x-slack-signature': '' }, 401],
    ['with a forged one', { 'x-slack-signature': `v0=${'0'.repeat(64)}` }, 401],
    ['from an hour ago', { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000) - 3600) }, 401],
    ['from the future', { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000) + 3600) }, 401],
    ['as JSON', { 'content-type': 'application/json' }, 415],
  ])('%s is refused', async (_what, headers, status) => {
    host.startOn = 'note';
    expect((await host.signed(on('note'), undefined, headers)).status).toBe(status);
    expect(host.started).toEqual([]);
  });

  it('that no signed payload can be is answered with 400', async () => {
    for (const payload of [{}, [], { type: 'block_actions' }, { ...click, actions: [] }])
      expect((await host.signed(payload)).status).toBe(400);
  });

  it('about what the node listens for starts the workflow, once', async () => {
    host.startOn = 'other, note';
    const stamp = { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)) };
    expect(await host.signed(on('note'), undefined, stamp)).toEqual({ status: 200, text: '' });
    expect(host.started).toHaveLength(1);
    expect(host.started[0]?.json).toMatchObject({ kind: 'block_action', action_id: 'note', value: 'v' });
    expect(JSON.stringify(host.started)).not.toContain('"token"');
    host.started = [];
    expect(await host.signed(on('note'), undefined, stamp)).toEqual({ status: 200, text: '' });
    expect(host.started).toEqual([]);
  });

  it('about anything else is acknowledged and left alone, except for whoever listens in the editor', async () => {
    host.startOn = 'note';
    expect(await host.signed(on('unknown'))).toEqual({ status: 200, text: '' });
    expect(await host.signed({ type: 'shortcut' })).toEqual({ status: 200, text: '' });
    expect(host.started).toEqual([]);
    host.mode = 'manual';
    await host.signed(on('unknown too'));
    expect(host.started).toHaveLength(1);
  });

  it("of n8n's own Slack node goes to where n8n takes it, as Slack signed it", async () => {
    await host.signed({ ...click, actions: [{ ...action, action_id: 'n8n_hitl_approve', value: 'nhitl1|7|a|00' }] });
    expect(host.sent).toEqual([
      expect.objectContaining({
        url: `${host.url}/webhook-waiting-slack`,
        body: expect.stringMatching(/^payload=/),
        headers: expect.objectContaining({ 'x-slack-signature': expect.stringMatching(/^v0=/) }),
        disableFollowRedirect: true,
      }),
    ]);
  });
});

it('cannot be activated without a signing secret', async () => {
  const { checkExists } = new SocSlackTrigger().webhookMethods.default;
  const context = (data?: ICredentialDataDecryptedObject) =>
    ({
      getNode: () => ({
        name: 'Trigger',
        credentials: data === undefined ? {} : { socSlackApi: { id: '1', name: 's' } },
      }),
      getCredentials: async () => data,
    }) as unknown as IHookFunctions;
  const useless: (ICredentialDataDecryptedObject | undefined)[] = [
    undefined,
    {},
    { signingSecret: ' ' },
    { signingSecret: 'short' },
  ];
  for (const data of useless) await expect(checkExists.call(context(data))).rejects.toThrow(/no signing secret/);
  expect(await checkExists.call(context({ signingSecret: '8f742231b10e8888abcd99yyyzzz85a5' }))).toBe(true);
});
