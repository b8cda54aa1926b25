import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../bridge/src/store/database';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { createSlack } from '../../../sandbox/src/slack/server';
import { people } from '../../support/bridge/approval-rig';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { eventually } from '../../support/bridge/running-bridge';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

/** The bridge as a process of its own, killed in the middle of everything that has to last. */

const token = 'simulated-bridge-token-for-tests';
let main: Awaited<ReturnType<typeof buildTestMain>>;
beforeAll(async () => {
  main = await buildTestMain('bridge/src/main.ts');
});
afterAll(() => main?.remove());

interface Status {
  approval_id: string;
  status: string;
  channel: string | null;
  ts: string | null;
  decided_by: { id: string }[];
}

/** A workspace that can hold its answers back, and one bridge after another over the same database. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'soc-approvals-'));
  readonly slack = createSlack({ seed: 1, baseTime: new Date(0), token: 'xoxb-simulated', signingSecret: 's' });
  private service: RunningService | undefined;
  private program: Program | undefined;
  private url = '';
  /** Answers to this method are kept back once it has taken effect. */
  held: { method: string; arrived: () => void } | undefined;

  private readonly databaseUrl: string;

  constructor(database: string | undefined) {
    this.databaseUrl = database ?? `sqlite:${join(this.folder, 'cases.db')}`;
  }

  async start(): Promise<void> {
    this.service ??= await startService(
      'slack',
      0,
      async (request, raw) => {
        const answer = await this.slack.handler(request, raw);
        if (this.held !== undefined && request.path === `/api/${this.held.method}`) {
          this.held.arrived();
          await new Promise((resolve) => setTimeout(resolve, 3000));
        }
        return answer;
      },
      new FaultBoard(),
      this.slack.upgrade,
    );
    this.program = new Program(main.file, ['serve'], {
      cwd: this.folder,
      env: {
        SOC_BRIDGE_TOKEN: token,
        SOC_DATABASE_URL: this.databaseUrl,
        SOC_ALLOW_PRIVATE_NETWORK: 'true',
        SOC_LEASE_SECONDS: '1',
        SOC_RECONCILE_SECONDS: '1',
        LOG_LEVEL: 'warn',
        SLACK_BOT_TOKEN: 'xoxb-simulated',
        SLACK_API_URL: `${this.service.url}/api`,
        SLACK_APPROVERS: 'S0SIM0001',
        SLACK_SIGNING_SECRET: 's',
        SLACK_APPROVAL_CHANNEL: '#soc-high',
      },
    });
    this.url = await this.program.url();
    Object.assign(this.slack.interactions.delivery.settings, {
      requestUrl: `${this.url}/slack/interactions`,
      socketMode: false,
    });
  }

  async kill(): Promise<void> {
    await this.program?.stop('SIGKILL');
    this.held = undefined;
  }

  async call(name: string, given: Record<string, unknown>): Promise<Status> {
    const response = await fetch(`${this.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }),
    });
    const text = await response.text();
    const line = text.split('\n').find((one) => one.startsWith('data: {')) ?? `data: ${text}`;
    const { result } = JSON.parse(line.slice('data: '.length)) as { result: { structuredContent?: Status } };
    if (result.structuredContent === undefined) throw new Error(text.slice(0, 500));
    return result.structuredContent;
  }

  ask(key: string, more: Record<string, unknown> = {}): Promise<Status> {
    const action = { action: 'sample_action', target: 'simulated target', title: 'A sample', wait_seconds: 0 };
    return this.call('request_analyst_approval', { ...action, idempotency_key: key, ...more });
  }

  status(id: string): Promise<Status> {
    return this.call('get_approval_status', { approval_id: id });
  }

  click(user: string, record: Status) {
    const { channel, ts } = record;
    if (channel === null || ts === null) throw new Error('no card');
    return this.slack.interactions.click({ user, channel, ts, actionId: 'soc_approval_approve' });
  }

  /** Kills the bridge once Slack has done what the next call of this method asks for, and before the bridge hears of it. */
  async killedDuring(method: string, act: () => Promise<unknown>): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.held = { method, arrived: resolve };
    });
    const acting = act().catch(() => undefined);
    await arrived;
    await this.kill();
    await acting;
    await this.start();
  }

  /** Turns the time to decide back to a moment ago, while no bridge runs. */
  async age(id: string): Promise<void> {
    const database = await openDatabase(this.databaseUrl);
    const expired = { expires_at: new Date(Date.now() - 1000).toISOString() };
    await database.db.updateTable('approvals').set(expired).where('id', '=', id).execute();
    await database.close();
  }

  cards(id: string): number {
    return this.slack.interactions.state.messages.filter(
      ({ blocks, threadTs }) => threadTs === undefined && JSON.stringify(blocks ?? []).includes(id),
    ).length;
  }

  async end(): Promise<void> {
    await this.kill();
    this.slack.close();
    await this.service?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function describeCrashes(database: () => string | undefined): void {
  let site: Site;
  beforeAll(async () => {
    site = new Site(database());
    await site.start();
  });
  afterAll(() => site?.end());
  const until = (check: () => Promise<boolean>) => eventually(async () => ((await check()) ? true : undefined));

  it('while the card is posted: it is found, not posted again, and can be decided', async () => {
    await site.killedDuring('chat.postMessage', () => site.ask('posting'));
    const again = await site.ask('posting');
    expect(again).toMatchObject({ status: 'pending', created: false });
    await until(async () => (await site.status(again.approval_id)).ts !== null);
    expect(site.cards(again.approval_id)).toBe(1);
    await site.click(people.eva, await site.status(again.approval_id));
    await until(async () => (await site.status(again.approval_id)).status === 'approved');
  });

  it('between the acknowledgement of a click and its effect: the click counts, once', async () => {
    const record = await site.ask('clicked', { min_approvals: 2 });
    let acknowledged = false;
    await site.killedDuring('users.info', async () => {
      acknowledged = (await site.click(people.eva, record)).acknowledged;
    });
    expect(acknowledged).toBe(true);
    await until(async () => (await site.status(record.approval_id)).decided_by.length === 1);
    await site.click(people.rafael, record);
    await until(async () => (await site.status(record.approval_id)).status === 'approved');
    expect((await site.status(record.approval_id)).decided_by.map(({ id }) => id)).toEqual([people.eva, people.rafael]);
  });

  it('while the outcome is shown: the decision stands, and card and thread tell it', async () => {
    const record = await site.ask('showing');
    await site.killedDuring('chat.update', () => site.click(people.eva, record));
    expect(await site.status(record.approval_id)).toMatchObject({
      status: 'approved',
      decided_by: [{ id: people.eva }],
    });
    const thread = () =>
      site.slack.interactions.state.messages.filter(({ threadTs }) => threadTs === record.ts).map(({ text }) => text);
    await until(async () => thread().length > 0);
    expect(thread()).toHaveLength(1);
    const card = site.slack.interactions.state.find(record.channel ?? '', record.ts ?? '');
    await until(async () => JSON.stringify(card?.blocks).includes('*Approved* by'));
  });

  it('and away while the time runs out: it is timed out, which is a no', async () => {
    const record = await site.ask('away');
    await site.kill();
    await site.age(record.approval_id);
    await site.start();
    const card = site.slack.interactions.state.find(record.channel ?? '', record.ts ?? '');
    await until(async () => JSON.stringify(card?.blocks).includes('Unanswered is a no'));
    await site.slack.interactions.click({
      user: people.eva,
      channel: record.channel ?? '',
      ts: record.ts ?? '',
      actionId: 'soc_approval_approve',
    });
    expect(await site.status(record.approval_id)).toMatchObject({ status: 'timed_out', decided_by: [] });
  });
}

describe('killed, with SQLite', () => describeCrashes(() => undefined));

const problem = postgresProblem();
if (problem !== undefined) {
  it.skip(`killed, with PostgreSQL: ${problem}`, () => {});
} else {
  describe('killed, with PostgreSQL', () => {
    let scratch: Awaited<ReturnType<typeof createScratchDatabase>>;
    beforeAll(async () => {
      scratch = await createScratchDatabase();
    });
    afterAll(() => scratch?.drop());
    describeCrashes(() => scratch.url);
  });
}
