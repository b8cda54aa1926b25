import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ApprovalClicks } from '../../../bridge/src/approvals/approval-clicks';
import { ApprovalEngine } from '../../../bridge/src/approvals/approval-engine';
import { blockIdOf } from '../../../bridge/src/approvals/approval-messages';
import { readConfig } from '../../../bridge/src/config';
import { Host } from '../../../bridge/src/hosting/host';
import { createLogger } from '../../../bridge/src/hosting/logging';
import { InteractionDispatcher } from '../../../bridge/src/interactions/dispatcher';
import { InteractionInbox } from '../../../bridge/src/interactions/inbox';
import { CaseStore } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import type { ApprovalRecord, ApprovalStatus } from '../../../operations/approvals';
import type { BlockAction, Interaction, ViewAnswer } from '../../../operations/slack/interaction-payload';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { createSlack } from '../../../sandbox/src/slack/server';
import { people, sampleRequest } from '../../support/bridge/approval-rig';
import { eventually } from '../../support/bridge/running-bridge';

/**
 * Random sequences of clicks, time and restarts, against a model of a dozen lines. The real engine, store, inbox and
 * client; a simulated workspace over HTTP; a clock that the test turns.
 */

const lifeSeconds = 600;
const users = [people.eva, people.rafael, people.sian, people.stranger, people.guest] as const;
const allowed: readonly string[] = [people.eva, people.rafael];
const requester = people.sian;

type Step =
  | { kind: 'approve' | 'deny'; user: (typeof users)[number]; old?: boolean; twice?: boolean }
  | { kind: 'wait'; seconds: number }
  | { kind: 'restart' }
  | { kind: 'cancel' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('approve' as const),
      user: fc.constantFrom(...users),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('approve' as const),
      user: fc.constantFrom(...users),
      old: fc.constant(true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('deny' as const), user: fc.constantFrom(...users), twice: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'cancel' as const }) },
);

/** What has to come out: silence is never a yes, a denial ends it, people count once, and the end is the end. */
class Model {
  status: ApprovalStatus = 'pending';
  readonly approvers = new Set<string>();
  private age = 0;

  constructor(private readonly needed: number) {}

  take(given: Step): void {
    if (given.kind === 'wait') this.age += given.seconds;
    if (this.status === 'pending' && this.age >= lifeSeconds) this.status = 'timed_out';
    if (this.status !== 'pending') return;
    if (given.kind === 'cancel') this.status = 'cancelled';
    if (given.kind !== 'approve' && given.kind !== 'deny') return;
    if (!allowed.includes(given.user) || given.old) return;
    if (given.kind === 'deny') this.status = 'denied';
    else if (this.approvers.add(given.user).size >= this.needed) this.status = 'approved';
  }
}

describe('any sequence of clicks, waits and restarts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-approvals-'));
  const slack = createSlack({ seed: 1, baseTime: new Date(0), token: 'xoxb-simulated', signingSecret: 's' });
  let service: RunningService;
  let database: Database;
  let clock = Date.parse('2026-11-28T10:00:00.000Z');
  const now = () => new Date(clock);
  const logger = createLogger('silent', { write: () => {} });

  beforeAll(async () => {
    service = await startService('slack', 0, slack.handler, new FaultBoard(), slack.upgrade);
    database = await openDatabase(`sqlite:${join(folder, 'cases.db')}`);
  });
  afterAll(async () => {
    await database?.close();
    slack.close();
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  let processes = 0;
  const startProcess = () => {
    const config = readConfig({
      SLACK_BOT_TOKEN: 'xoxb-simulated',
      SLACK_API_URL: `${service.url}/api`,
      SOC_ALLOW_PRIVATE_NETWORK: 'true',
      SLACK_APPROVERS: [...allowed, requester, people.guest].join(','),
      SLACK_SIGNING_SECRET: 's',
      SLACK_APPROVAL_CHANNEL: '#soc-partners',
    });
    const host = new Host(config, new CaseStore(database), logger, 'test');
    processes += 1;
    const owner = `process ${processes}`;
    const ports = (signal: AbortSignal) => host.ports({ signal, logger });
    const engine = new ApprovalEngine({
      database,
      settings: config.approvals,
      owner,
      leaseMs: 1000,
      now,
      ports,
      logger,
      everyMs: 50,
    });
    const dispatcher = new InteractionDispatcher(new InteractionInbox(database, owner, 1000, now), logger);
    dispatcher.register(new ApprovalClicks(engine));
    engine.start();
    dispatcher.start();
    return {
      engine,
      dispatcher,
      stop: async () => {
        await dispatcher.stop();
        await engine.stop();
        host.close();
      },
    };
  };

  let clicks = 0;
  const interactionOf = (given: Extract<Step, { user: string }>, record: ApprovalRecord): Interaction => {
    clicks += 1;
    const common = { user: { id: given.user, name: null, team_id: 'T0SIM0001' }, team_id: 'T0SIM0001', app_id: null };
    const block_id = given.old ? blockIdOf({ ...record, action_digest: '0'.repeat(64) }) : blockIdOf(record);
    if (given.kind === 'approve') {
      return {
        ...common,
        kind: 'block_action',
        trigger_id: `t${clicks}`,
        action_id: 'soc_approval_approve',
        block_id,
        value: record.approval_id,
        action_ts: String(clicks),
        channel_id: record.channel,
        message_ts: record.ts,
        thread_ts: null,
        response_url: null,
      } satisfies BlockAction;
    }
    const metadata = { approval_id: record.approval_id, block_id, channel: record.channel, thread_ts: null };
    return {
      ...common,
      kind: 'view_submission',
      trigger_id: `t${clicks}`,
      callback_id: 'soc_approval_denial',
      view_id: 'V1',
      private_metadata: JSON.stringify(metadata),
      values: { soc_denial: { reason: 'No' } },
    } satisfies ViewAnswer;
  };

  const quiet = () =>
    eventually(async () => {
      const open = await database.db.selectFrom('interactions').select('id').where('done', '=', 0).execute();
      return open.length === 0 ? true : undefined;
    });

  it('comes out as the model says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2 }),
        fc.array(step, { minLength: 1, maxLength: 9 }),
        async (needed, steps) => {
          let running = startProcess();
          try {
            const port = () => running.engine.port({ signal: new AbortController().signal });
            const { record } = await port().request(
              sampleRequest({ min_approvals: needed, requested_by: requester, expires_in_seconds: lifeSeconds }),
            );
            const id = record.approval_id;
            const model = new Model(needed);
            for (const given of steps) {
              if (given.kind === 'wait') clock += given.seconds * 1000;
              if (given.kind === 'cancel') await port().cancel(id, 'Not needed');
              if (given.kind === 'restart') {
                await running.stop();
                running = startProcess();
              }
              if (given.kind === 'approve' || given.kind === 'deny') {
                const interaction = interactionOf(given, record);
                await Promise.all(
                  Array.from({ length: given.twice ? 2 : 1 }, () => running.dispatcher.receive(interaction)),
                );
                await quiet();
              }
              model.take(given);
              const seen = await port().get(id);
              expect(seen).toMatchObject({ status: model.status, approved: model.status === 'approved' });
              expect(seen?.data.approved).toBe(model.status === 'approved');
              const yes = seen?.decided_by.filter(({ decision }) => decision === 'approved').map((vote) => vote.id);
              expect(yes).toEqual([...model.approvers]);
            }
            // The message tells the same in the end.
            const heading = { pending: 'needed', approved: '✅', denied: '⛔', timed_out: '⌛', cancelled: '🚫' }[
              model.status
            ];
            await eventually(() => {
              // What was put off is due some time later, by a clock that only the test turns.
              if (model.status !== 'pending') clock += 100;
              const message = slack.interactions.state.find(record.channel ?? '', record.ts ?? '');
              return JSON.stringify(message?.blocks?.[0]).includes(heading) ? true : undefined;
            });
          } finally {
            await running.stop();
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
