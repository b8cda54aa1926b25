import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../../bridge/src/hosting/logging';
import { SlackSocket } from '../../../bridge/src/interactions/slack-socket';
import { openDatabase } from '../../../bridge/src/store/database';
import { SharedLease } from '../../../bridge/src/store/shared-lease';
import { type ApprovalRig, people, startApprovalRig } from '../../support/bridge/approval-rig';
import { clickSetup, describeClicks } from '../../support/bridge/click-suite';
import { eventually } from '../../support/bridge/running-bridge';

/** Decisions over Socket Mode, for a bridge that nobody can reach from outside. */

const sockets = (rig: ApprovalRig) => rig.slack.interactions.delivery;

describe('a bridge with an app token', () => {
  let rig: ApprovalRig;
  beforeAll(async () => {
    rig = await startApprovalRig({ ...clickSetup, SLACK_APP_TOKEN: 'xapp-simulated', SLACK_SIGNING_SECRET: undefined });
  });
  afterAll(() => rig?.stop());

  describeClicks(() => rig);

  it('takes clicks over the socket, once even when they are delivered twice', async () => {
    const record = await rig.ask({ min_approvals: 2 });
    const { deliveries } = await rig.click(people.eva, 'approve', record, 'duplicate');
    expect(deliveries.map(({ via, acknowledged }) => [via, acknowledged])).toEqual([
      ['socket', true],
      ['socket', true],
    ]);
    await rig.click(people.rafael, 'approve', record);
    expect((await rig.settled(record.approval_id)).decided_by.map(({ id }) => id)).toEqual([people.eva, people.rafael]);
  });

  it('sends errors of a modal with the acknowledgement', async () => {
    const record = await rig.ask();
    await rig.click(people.eva, 'deny', record);
    await eventually(() => rig.slack.interactions.state.topView(people.eva));
    const { errors } = await rig.slack.interactions.submit(people.eva, { reason: '\u200b' });
    expect(errors).toEqual({ soc_denial: 'Say why, in a few words.' });
    await rig.slack.interactions.submit(people.eva, { reason: 'No' });
    expect((await rig.settled(record.approval_id)).status).toBe('denied');
  });

  it('connects again when Slack asks for it, and loses no click', async () => {
    const request = {
      method: 'POST',
      path: '/slack/sockets/refresh',
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.alloc(0),
    };
    const control = await rig.slack.control(request as never, undefined as never);
    expect(control).toMatchObject({ status: 200 });
    const record = await rig.ask();
    await eventually(async () => ((await rig.click(people.eva, 'approve', record)).acknowledged ? true : undefined));
    expect((await rig.settled(record.approval_id)).status).toBe('approved');
  });

  it('without a signing secret takes nothing over HTTP', async () => {
    const response = await fetch(`${rig.url}/slack/interactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'payload=%7B%7D',
    });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('no signing secret is set up');
  });
});

it('of two processes one holds the socket, and the other takes it when that one stops; a Slack that is away ends neither', async () => {
  const rig = await startApprovalRig();
  const folder = mkdtempSync(join(tmpdir(), 'soc-socket-'));
  const database = await openDatabase(`sqlite:${join(folder, 'leases.db')}`);
  const { origin } = rig.slack.interactions;
  const logged: string[] = [];
  const taken: string[] = [];
  // It stands still, so that no lease runs out however slow the machine is: the second comes by the socket only once it is given back.
  const now = new Date();
  const make = (name: string) =>
    new SlackSocket({
      appToken: 'xapp-simulated',
      apiUrl: `${origin}/api`,
      lease: new SharedLease(database.db, 'slack-socket', name, 600, () => now),
      receive: async () => void taken.push(name),
      logger: createLogger('debug', { write: (line) => void logged.push(line) }),
    });
  const [first, second] = [make('first'), make('second')];
  const click = async () => {
    const record = await rig.ask();
    await eventually(async () => ((await rig.click(people.eva, 'approve', record)).acknowledged ? true : undefined));
    return taken.at(-1);
  };
  try {
    rig.faults.add({ service: 'slack', path: 'apps.connections.open', status: 500, times: 2 });
    Object.assign(sockets(rig).settings, { requestUrl: '', socketMode: true });
    first.start();
    await click();
    second.start();
    await new Promise((resolve) => setTimeout(resolve, 800));
    for (let round = 0; round < 4; round += 1) expect(await click()).toBe('first');
    await first.stop();
    expect(await click()).toBe('second');
    expect(logged.some((line) => line.includes('could not be opened'))).toBe(true);
    expect(logged.join()).not.toMatch(/xapp-simulated|ticket=/);
  } finally {
    await first.stop();
    await second.stop();
    await rig.stop();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
