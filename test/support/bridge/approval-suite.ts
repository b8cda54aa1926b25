import { ApprovalStore, type CastVote, type NewApproval } from '../../../bridge/src/approvals/approval-store';
import { TaskLedger } from '../../../bridge/src/approvals/task-ledger';
import { InteractionInbox } from '../../../bridge/src/interactions/inbox';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import { SharedLease } from '../../../bridge/src/store/shared-lease';
import type { ApprovalRecord } from '../../../operations/approvals';
import { actionDigest } from '../../../operations/approvals';
import type { BlockAction } from '../../../operations/slack/interaction-payload';
import { sampleAction } from './approval-rig';

/** What approvals promise, on whatever engine `url()` names. Two stores on two connections stand for two processes. */
export function describeApprovalStore(url: () => string): void {
  let databases: [Database, Database];
  let stores: [ApprovalStore, ApprovalStore];
  let clock: Date;
  const now = () => clock;
  const useWithinMs = 60_000;

  beforeAll(async () => {
    databases = await Promise.all([openDatabase(url()), openDatabase(url())]);
    stores = databases.map((database) => new ApprovalStore(database, now, useWithinMs)) as typeof stores;
  });
  beforeEach(() => {
    clock = new Date('2026-11-28T10:00:00.000Z');
  });
  afterAll(() => Promise.all((databases ?? []).map((database) => database.close())));

  const later = (ms: number) => {
    clock = new Date(clock.getTime() + ms);
  };
  const either = (index: number) => stores[index % 2] as ApprovalStore;
  const create = async (over: Partial<NewApproval> = {}, resumeUrl: string | null = null) => {
    const { id } = await stores[0].create({
      dedupKey: null,
      principal: '',
      digest: actionDigest(sampleAction),
      request: {
        action: sampleAction,
        justification: null,
        case_id: null,
        channel: null,
        approvers: null,
        resume_url: resumeUrl,
        requester: { principal: null, slack_user_id: null, stated: null },
      },
      minApprovals: 1,
      expiresAt: new Date(clock.getTime() + 600_000),
      remindAt: new Date(clock.getTime() + 300_000),
      escalateAt: new Date(clock.getTime() + 450_000),
      ...over,
    });
    return id;
  };
  const vote = (userId: string, decision: CastVote['decision'] = 'approved'): CastVote => ({
    userId,
    decision,
    name: `Simulated ${userId}`,
    email: null,
    reason: decision === 'denied' ? 'No' : null,
    interactionId: `i-${userId}`,
  });
  const read = async (id: string): Promise<ApprovalRecord> => {
    const record = await stores[1].get(id);
    if (record === undefined) throw new Error('gone');
    return record;
  };

  describe('settling', () => {
    it('happens once for 1,000 votes at the same moment through two connections', async () => {
      const id = await create();
      const outcomes = await Promise.all(
        Array.from({ length: 1000 }, (_, index) =>
          either(index).vote(id, vote(`U${index}`, index % 7 === 0 ? 'denied' : 'approved')),
        ),
      );
      expect(outcomes.filter((outcome) => outcome?.kind === 'settled')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome?.kind === 'late')).toHaveLength(999);
      const record = await read(id);
      const [first] = outcomes.filter((outcome) => outcome?.kind === 'settled');
      expect(record).toMatchObject({ status: first?.kind === 'settled' && first.status, decided_by: [{}] });
      expect(record.decided_by).toHaveLength(1);
      const owed = await databases[0].db
        .selectFrom('approval_tasks')
        .select('kind')
        .where('approval_id', '=', id)
        .where('kind', '=', 'outcome')
        .execute();
      expect(owed).toHaveLength(1);
    });

    it('of approve and deny at the same moment only one counts, and both agree on which', async () => {
      for (let round = 0; round < 10; round += 1) {
        const id = await create();
        const [yes, no] = await Promise.all([
          either(round).vote(id, vote('U1')),
          either(round + 1).vote(id, vote('U2', 'denied')),
        ]);
        const { status } = await read(id);
        expect([yes?.kind, no?.kind].sort()).toEqual(['late', 'settled']);
        expect(status).toBe(yes?.kind === 'settled' ? 'approved' : 'denied');
      }
    });

    it('needs as many different people as were asked for; one person counts once', async () => {
      const id = await create({ minApprovals: 2 });
      const repeated = await Promise.all(Array.from({ length: 8 }, (_, index) => either(index).vote(id, vote('U1'))));
      expect(repeated.filter((outcome) => outcome?.kind === 'counted')).toHaveLength(1);
      expect(repeated.filter((outcome) => outcome?.kind === 'repeated')).toHaveLength(7);
      expect(await read(id)).toMatchObject({ status: 'pending', approved: false, data: { approved: false } });
      expect(await stores[1].vote(id, vote('U2'))).toEqual({ kind: 'settled', status: 'approved' });
      expect((await read(id)).decided_by.map((decision) => decision.id)).toEqual(['U1', 'U2']);
    });

    it('two approvers at the same moment are both counted', async () => {
      for (let round = 0; round < 5; round += 1) {
        const id = await create({ minApprovals: 2 });
        const kinds = await Promise.all(['U1', 'U2'].map((user, index) => either(index).vote(id, vote(user))));
        expect(kinds.map((outcome) => outcome?.kind).sort()).toEqual(['counted', 'settled']);
        expect(await read(id)).toMatchObject({ status: 'approved', decided_by: [{}, {}] });
      }
    });

    it('is a denial as soon as one person denies, also one who approved before', async () => {
      const id = await create({ minApprovals: 3 });
      await stores[0].vote(id, vote('U1'));
      await stores[1].vote(id, vote('U2'));
      expect(await stores[0].vote(id, vote('U1', 'denied'))).toEqual({ kind: 'settled', status: 'denied' });
      expect(await read(id)).toMatchObject({ status: 'denied', data: { approved: false, chatInput: 'No' } });
      expect(await stores[0].vote(id, vote('U3'))).toEqual({ kind: 'late', status: 'denied' });
    });

    it('is a time-out at the very instant of expiry, whatever is clicked then', async () => {
      const id = await create();
      later(599_999);
      expect(await stores[0].expire(10)).toEqual([]);
      later(1);
      expect(await stores[0].vote(id, vote('U1'))).toEqual({ kind: 'expired' });
      expect(await read(id)).toMatchObject({ status: 'timed_out', approved: false, decided_by: [] });
      expect(await stores[1].vote(id, vote('U1'))).toEqual({ kind: 'late', status: 'timed_out' });
      expect(await stores[1].expire(10)).toEqual([]);
    });

    it('cancels for who asked and for nobody else', async () => {
      const id = await create({ principal: 'hunt' });
      await expect(stores[0].cancel(id, '', 'x')).rejects.toMatchObject({ code: 'not_found_or_no_access' });
      expect(await stores[0].cancel(id, 'hunt', 'Not needed')).toBe(true);
      expect(await stores[0].cancel(id, 'hunt', 'Again')).toBe(false);
      expect(await read(id)).toMatchObject({ status: 'cancelled', cancel_reason: 'Not needed' });
      expect(await stores[0].vote(id, vote('U1'))).toEqual({ kind: 'late', status: 'cancelled' });
    });

    it('keeps votes that cannot be edited or removed', async () => {
      const id = await create();
      await stores[0].vote(id, vote('U1'));
      const { db } = databases[0];
      await expect(db.updateTable('approval_votes').set({ user_id: 'U2' }).execute()).rejects.toThrow('append-only');
      await expect(db.deleteFrom('approval_votes').execute()).rejects.toThrow('append-only');
    });
  });

  describe('asking', () => {
    it('with one key at the same moment makes one approval', async () => {
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          either(index).create({
            dedupKey: 'key',
            principal: '',
            digest: 'd'.repeat(64),
            request: { action: sampleAction } as never,
            minApprovals: 1,
            expiresAt: new Date(clock.getTime() + 1000),
            remindAt: clock,
            escalateAt: undefined,
          }),
        ),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      await expect(create({ dedupKey: 'key' })).rejects.toMatchObject({ code: 'conflict' });
    });
  });

  describe('using up', () => {
    const use = (id: string, usedBy = 'INV-1:respond:deactivate:key', action = sampleAction, store = stores[0]) =>
      store.consume(id, action, usedBy);

    it('works once, for exactly what was approved, and again for who used it', async () => {
      const id = await create();
      await stores[0].vote(id, vote('U1'));
      for (const other of [
        { ...sampleAction, target: 'AKIASIMULATED000002' },
        { ...sampleAction, name: 'iam_delete_access_key' },
        { ...sampleAction, arguments: { ...sampleAction.arguments, force: true } },
      ]) {
        await expect(use(id, 'a', other)).rejects.toMatchObject({ code: 'conflict' });
      }
      await use(id);
      await use(id);
      await expect(use(id, 'somebody else')).rejects.toThrow('serves once');
      expect((await read(id)).used_at).toBe(clock.toISOString());
    });

    it('gives one of many that ask at once', async () => {
      const id = await create();
      await stores[0].vote(id, vote('U1'));
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => use(id, `worker ${index}`, sampleAction, either(index))),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('ends a while after the approval', async () => {
      const id = await create();
      await stores[0].vote(id, vote('U1'));
      later(useWithinMs);
      await expect(use(id)).rejects.toThrow('had to be used before');
    });

    it.each(['pending', 'denied', 'timed_out', 'cancelled'])('is refused while it is %s', async (status) => {
      const id = await create();
      if (status === 'denied') await stores[0].vote(id, vote('U1', 'denied'));
      if (status === 'cancelled') await stores[0].cancel(id, '', 'x');
      if (status === 'timed_out') {
        later(600_000);
        await stores[0].expire(100);
      }
      await expect(use(id)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(`is ${status}`),
      });
      await expect(use('APR-NONE')).rejects.toMatchObject({ code: 'not_found_or_no_access' });
    });
  });

  describe('what is owed', () => {
    it('is claimed by one of many, and taken over once the claim has run out', async () => {
      const id = await create();
      const ledgers = databases.map((database, index) => new TaskLedger(database, `p${index}`, 1000, now));
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, index) => ledgers[index % 2]?.claim({ approval_id: id, kind: 'card' }, true)),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await ledgers[0]?.due(1000, id)).toEqual([]);
      later(3001);
      expect(await ledgers[0]?.due(1000, id)).toEqual([{ approval_id: id, kind: 'card' }]);
      expect(await ledgers[1]?.claim({ approval_id: id, kind: 'card' })).toMatchObject({ attempts: 2 });
    });

    it('is not kept from the next by the claim of a process that died before the clock stepped back', async () => {
      const id = await create();
      const [dead, next] = databases.map((database, index) => new TaskLedger(database, `p${index}`, 1000, now)) as [
        TaskLedger,
        TaskLedger,
      ];
      const card = { approval_id: id, kind: 'card' as const };
      expect(await dead.claim(card, true)).toBeDefined();
      later(-3_600_000);
      expect((await next.due(1000, id)).map(({ kind }) => kind)).toEqual(['card']);
      expect(await next.claim(card)).toMatchObject({ attempts: 2 });
      expect(await dead.claim(card)).toBeUndefined();
    });

    it('draws a message again when the approval changed while it was drawn, and when a claim was lost', async () => {
      const id = await create({ minApprovals: 2 });
      const [mine, other] = databases.map((database, index) => new TaskLedger(database, `p${index}`, 1000, now)) as [
        TaskLedger,
        TaskLedger,
      ];
      const card = { approval_id: id, kind: 'card' as const };
      const task = await mine.claim(card, true);
      if (task === undefined) throw new Error('no task');
      await mine.place(task, { channel: 'C1', ts: '1.1', permalink: null });
      await stores[1].vote(id, vote('U1'));
      await mine.finish(task, { shown_revision: 1 });
      expect(await mine.due(10, id)).toEqual([card]);
      const again = await mine.claim(card);
      if (again === undefined) throw new Error('no task');
      await mine.finish(again, { shown_revision: 2 });
      expect(await mine.due(10, id)).toEqual([]);
      await stores[1].vote(id, vote('U2'));
      const slow = await mine.claim(card);
      later(2000);
      const quick = await other.claim(card);
      if (slow === undefined || quick === undefined) throw new Error('no task');
      await other.finish(quick, { shown_revision: 3 });
      expect((await other.due(10, id)).map(({ kind }) => kind)).not.toContain('card');
      await mine.finish(slow, { shown_revision: 3 });
      expect((await other.due(10, id)).map(({ kind }) => kind)).toContain('card');
    });
  });

  describe('the inbox of clicks', () => {
    const click = (n: number): BlockAction => ({
      kind: 'block_action',
      user: { id: `U${n}`, name: null, team_id: null },
      team_id: null,
      app_id: null,
      trigger_id: null,
      action_id: 'soc_approval_approve',
      block_id: 'b',
      value: '\u0000 \ud800',
      action_ts: `${Math.random()}`,
      channel_id: 'C1',
      message_ts: '1.1',
      thread_ts: null,
      response_url: null,
    });
    const inboxes = () => databases.map((database, index) => new InteractionInbox(database, `p${index}`, 1000, now));

    it('keeps each once, however often and wherever it comes', async () => {
      const [first, second] = inboxes();
      const clicks = Array.from({ length: 150 }, (_, index) => click(index));
      const entries = await Promise.all(
        [...clicks, ...clicks, ...[...clicks].reverse()].map((one, index) =>
          (index % 2 === 0 ? first : second)?.accept(one),
        ),
      );
      expect(entries.filter(Boolean)).toHaveLength(150);
      expect(new Set(entries.flatMap((entry) => entry?.id ?? [])).size).toBe(150);
    });

    it('hands over what a stopped process left, once, with all it held', async () => {
      const [first, second] = inboxes();
      const one = click(7);
      const entry = await first?.accept(one);
      expect(await second?.takeOver(1000)).toEqual([]);
      later(1001);
      const taken = (await second?.takeOver(1000)) ?? [];
      const mine = taken.find(({ id }) => id === entry?.id);
      expect(mine).toEqual({ id: entry?.id, interaction: one, receivedAt: entry?.receivedAt, attempt: 2 });
      expect((await first?.takeOver(1000))?.map(({ id }) => id)).not.toContain(entry?.id);
      if (mine !== undefined) await second?.done(mine);
      later(5000);
      expect((await first?.takeOver(1000))?.map(({ id }) => id)).not.toContain(entry?.id);
      expect(await first?.accept(one)).toBeUndefined();
    });

    it('hands over what a process left that died before the clock stepped back', async () => {
      const [first, second] = inboxes();
      const [taken, postponed] = [await first?.accept(click(8)), await first?.accept(click(9))];
      if (postponed !== undefined) await first?.postpone(postponed, 'Slack is down');
      later(-3_600_000);
      const ids = ((await second?.takeOver(1000)) ?? []).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining([taken?.id, postponed?.id]));
      expect((await first?.takeOver(1000))?.map(({ id }) => id)).not.toContain(taken?.id);
    });
  });

  it('gives a shared lease to one process until it ends or is given back', async () => {
    const leases = databases.map((database, index) => new SharedLease(database.db, 'one', `p${index}`, 1000, now));
    const [first, second] = leases as [SharedLease, SharedLease];
    const taken = await Promise.all(leases.map((lease) => lease.take()));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const [owner, waiting] = taken[0] ? [first, second] : [second, first];
    later(900);
    expect(await owner.take()).toBe(true);
    later(900);
    expect(await waiting.take()).toBe(false);
    later(200);
    expect(await waiting.take()).toBe(true);
    expect(await owner.take()).toBe(false);
    await waiting.release();
    expect(await owner.take()).toBe(true);
    await owner.release();
  });
}
