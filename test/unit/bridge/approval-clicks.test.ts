import { slackSignature } from '../../../operations/slack/request-signature';
import { type ApprovalRig, people, signingSecret, startApprovalRig } from '../../support/bridge/approval-rig';
import { clickSetup, describeClicks, stillPending } from '../../support/bridge/click-suite';
import { eventually } from '../../support/bridge/running-bridge';

/** Everything that must not decide, and what decides only once. */

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await startApprovalRig({ ...clickSetup, SLACK_SIGNING_SECRET: `simulated-old-secret,${signingSecret}` });
});
afterAll(() => rig?.stop());

const pending = (id: string) => stillPending(rig, id);

describe('on the way', () => {
  it.each([
    ['no_signature', 401],
    ['bad_signature', 401],
    ['stale', 401],
    ['future', 401],
    ['altered', 401],
    ['wrong_content_type', 415],
  ] as const)('%s: refused with %s, nothing recorded', async (fault, status) => {
    const record = await rig.ask();
    const { deliveries, acknowledged } = await rig.click(people.eva, 'approve', record, fault);
    expect(acknowledged).toBe(false);
    expect(deliveries[0]).toMatchObject({ status });
    await pending(record.approval_id);
  });

  it('a replay inside the window is answered and counts once', async () => {
    const record = await rig.ask({ min_approvals: 2 });
    const { deliveries } = await rig.click(people.eva, 'approve', record, 'duplicate');
    expect(deliveries.map(({ status }) => status)).toEqual([200, 200]);
    const counted = await eventually(async () => {
      const now = await rig.get(record.approval_id);
      return now.decided_by.length > 0 ? now : undefined;
    });
    expect(counted).toMatchObject({ status: 'pending', decided_by: [{ id: people.eva }] });
    const before = rig.notes(people.eva).length;
    for (let round = 0; round < 3; round += 1) {
      const replay = await rig.slack.interactions.delivery.replay(deliveries[0]?.number ?? 0);
      expect(replay).toMatchObject({ status: 200 });
    }
    expect((await rig.get(record.approval_id)).decided_by).toHaveLength(1);
    expect(rig.notes(people.eva)).toHaveLength(before);
  });

  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}, secret = signingSecret) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const response = await fetch(`${rig.url}/slack/interactions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': slackSignature(body, timestamp, secret),
        ...headers,
      },
      body,
    });
    return { status: response.status, text: await response.text() };
  };

  it('takes what is signed with the secret of before while it is exchanged', async () => {
    const body = `payload=${encodeURIComponent(JSON.stringify({ type: 'shortcut' }))}`;
    expect(await post(body, {}, 'simulated-old-secret')).toEqual({ status: 200, text: '' });
    expect(await post(body, {}, 'simulated-older-secret')).toMatchObject({ status: 401 });
  });

  it('refuses bodies that are too large, broken or of another form, and other methods', async () => {
    expect(await post(`payload=${'x'.repeat(600_000)}`)).toMatchObject({ status: 413 });
    expect(await post('payload=%7B')).toMatchObject({ status: 400 });
    expect(await post('nothing=1')).toMatchObject({ status: 400 });
    expect(await post(new Uint8Array([0xff, 0xfe, 0x00]))).toMatchObject({ status: 400 });
    expect(await post('{"type":"block_actions"}', { 'content-type': 'application/json' })).toMatchObject({
      status: 415,
    });
    expect((await fetch(`${rig.url}/slack/interactions`)).status).toBe(405);
  });

  it('needs no token of the bridge, and a token of the bridge does not help', async () => {
    const response = await fetch(`${rig.url}/slack/interactions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: 'Bearer simulated-bridge-token-for-tests',
      },
      body: 'payload=%7B%7D',
    });
    expect(response.status).toBe(401);
  });
});

describeClicks(() => rig);
