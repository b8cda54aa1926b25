import { CaseStore, defaultStoreSettings } from '../../../bridge/src/store/case-store';
import { type Database, openDatabase } from '../../../bridge/src/store/database';
import { firstBrokenEvent } from '../../../bridge/src/store/event-chain';
import type { CaseRecord } from '../../../operations/cases';
import { addCaseNote, addEvidence } from '../../../operations/investigation/add-to-case';
import type { Alert } from '../../../operations/investigation/alert';
import { closeCase } from '../../../operations/investigation/close-case';
import { findSimilarCases } from '../../../operations/investigation/find-similar-cases';
import { getCase } from '../../../operations/investigation/get-case';
import { listCases } from '../../../operations/investigation/list-cases';
import { reopenCase } from '../../../operations/investigation/reopen-case';
import { renderReport } from '../../../operations/investigation/report';
import { type Operation, runOperation } from '../../../operations/operation';
import { createTestPorts } from '../ports';
import { sampleEvidence, sampleOpen } from './sample-case';

const hour = 3_600_000;
const settings = { ...defaultStoreSettings, relatedMs: 24 * hour, closers: ['alice'] };
const call = { caseLeaseMs: 60_000 };

/** What the case service promises, on whatever engine `url()` names; two stores on two connections stand for two processes. */
export function describeCaseService(url: () => string): void {
  let database: Database;
  let other: Database;
  let store: CaseStore;
  let second: CaseStore;

  beforeAll(async () => {
    database = await openDatabase(url());
    other = await openDatabase(url());
    store = new CaseStore(database, settings);
    second = new CaseStore(other, settings);
  });
  afterAll(async () => {
    await database?.close();
    await other?.close();
  });

  let counter = 0;
  /** A rule nobody else in this suite has, so that cases of one test are no relatives of another's. */
  const newRule = () => {
    counter += 1;
    return `Simulated.Rule.${counter}.${Math.random().toString(36).slice(2, 8)}`;
  };
  const alertOf = (rule: string | null, id: string, change: Partial<Alert> = {}) => {
    const input = sampleOpen(`${rule}-${id}`);
    const alert: Alert = { ...input.alert, rule: rule === null ? null : { id: rule, name: rule }, ...change };
    return { ...input, alert, severity: alert.severity, title: alert.title };
  };
  const open = async (rule: string | null, id: string, change: Partial<Alert> = {}, by: CaseStore = store) =>
    by.port(call).open(alertOf(rule, id, change));
  const asPrincipal = (principal: string | undefined, by: CaseStore = store) =>
    createTestPorts({ connections: {}, cases: by.port({ ...call, principal }) });
  const run = (operation: Operation, input: Record<string, unknown>, principal?: string) =>
    runOperation(operation, asPrincipal(principal), input);
  const close = (id: string, outcome: CaseRecord['outcome'] = 'false_positive', by: CaseStore = store) =>
    by
      .port(call)
      .change(
        id,
        { status: 'closed', outcome, reason: 'Nothing hostile.', closed_at: new Date().toISOString() },
        { type: 'closed', summary: 'Closed' },
      );
  const mustHold = async (id: string) => expect(firstBrokenEvent(await store.events(id))).toBeUndefined();

  describe('related alerts', () => {
    it('join the open case of the same rule about the same entity, and may raise its severity', async () => {
      const rule = newRule();
      const first = await open(rule, 'one', { severity: 'MEDIUM' });
      const joined = await open(rule, 'two', { severity: 'CRITICAL', created_at: '2026-11-01T12:00:00.000Z' });
      expect(first).toMatchObject({ created: true, joined: false });
      expect(joined).toMatchObject({ created: false, joined: true });
      expect(joined.record).toMatchObject({ id: first.record.id, severity: 'CRITICAL', version: 2 });
      expect(joined.record.related_alerts).toMatchObject([
        { alert: { id: `${rule}-two` }, shares: ['user:simulated-user'], looked_at: false },
      ]);
      expect((await store.events(first.record.id)).map(({ type }) => type)).toEqual(['opened', 'alert_joined']);
      await mustHold(first.record.id);
    });

    it('are found again by their own id, however often they come', async () => {
      const rule = newRule();
      const first = await open(rule, 'one');
      await open(rule, 'two');
      for (const id of ['two', 'one', 'two']) {
        const again = await open(rule, id, {}, second);
        expect(again).toMatchObject({
          created: false,
          joined: id === 'two',
          record: { id: first.record.id, version: 2 },
        });
      }
    });

    it('end up in one case with the same contents in either order, and when 20 come at once', async () => {
      const parts = [
        ['one', { severity: 'LOW' as const, created_at: '2026-11-01T10:00:00.000Z' }],
        ['two', { severity: 'HIGH' as const, created_at: '2026-11-01T10:05:00.000Z' }],
      ] as const;
      const results = [];
      for (const order of [parts, [...parts].reverse()]) {
        const rule = newRule();
        for (const [id, change] of order) await open(rule, id, change);
        const { record } = await open(rule, 'one');
        const alerts = [record.alert, ...record.related_alerts.map(({ alert }) => alert)];
        results.push({
          severity: record.severity,
          covered: record.related_alerts.every(({ looked_at }) => looked_at),
          alerts: alerts.map(({ id, created_at }) => `${id.replace(rule, '')} ${created_at}`).sort(),
        });
      }
      expect(results[0]).toEqual(results[1]);
      expect(results[0]).toMatchObject({ severity: 'HIGH', covered: true });

      const rule = newRule();
      const many = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          open(rule, `at-once-${index % 10}`, {}, index % 2 === 0 ? store : second),
        ),
      );
      expect(new Set(many.map(({ record }) => record.id)).size).toBe(1);
      expect(many.filter(({ created }) => created)).toHaveLength(1);
      const whole = await store.get(many[0]?.record.id ?? '');
      expect(whole?.related_alerts).toHaveLength(9);
      await mustHold(whole?.id ?? '');
    });

    it.each([
      ['another rule', { rule: { id: 'Another', name: 'Another' } }],
      ['no rule', { rule: null }],
      ['another tenant', { tenant: 'other' }],
      ['another source', { source: 'other' }],
      ['another entity', { entities: [{ type: 'user' as const, value: 'somebody-else' }] }],
      ['the same value of another kind', { entities: [{ type: 'host' as const, value: 'simulated-user' }] }],
      ['nothing but an account in common', { entities: [{ type: 'aws_account' as const, value: '123456789012' }] }],
      ['more than a day between', { created_at: '2026-11-02T10:00:00.001Z' }],
      ['more than a day before', { created_at: '2026-10-31T09:59:59.999Z' }],
    ])('do not join with %s', async (_what, change) => {
      const rule = newRule();
      const account = { type: 'aws_account' as const, value: '123456789012' };
      const first = await open(rule, 'one', { entities: [{ type: 'user', value: 'Simulated-User' }, account] });
      const next = await open(rule, 'two', change);
      expect(next.created).toBe(true);
      expect(next.record.id).not.toBe(first.record.id);
      expect(next.record.links).toEqual([]);
    });

    it('open a case of their own beside a closed or failed one, linked in both directions', async () => {
      for (const status of ['closed', 'failed'] as const) {
        const rule = newRule();
        const { record: old } = await open(rule, 'one');
        await store.port(call).change(old.id, { status, closed_at: null }, { type: 'ended', summary: 'Ended' });
        const next = await open(rule, 'two', {}, second);
        expect(next).toMatchObject({ created: true, joined: false, record: { links: [{ case_id: old.id }] } });
        expect(await store.get(old.id)).toMatchObject({
          status,
          related_alerts: [],
          links: [{ case_id: next.record.id }],
        });
        const third = await open(rule, 'three');
        expect(third.record.id).toBe(next.record.id);
        await mustHold(old.id);
        await mustHold(next.record.id);
      }
    });

    it('keep rules from closing a case whose questions did not cover them, however the calls interleave', async () => {
      const rule = newRule();
      const { record } = await open(rule, 'one', { severity: 'LOW' });
      const decided = await store
        .port(call)
        .change(
          record.id,
          { outcome: 'false_positive', severity: 'LOW', reason: 'Nothing hostile.', status: 'investigating' },
          { type: 'evidence_correlated', summary: 'Nothing hostile.' },
        );
      expect(decided.outcome).toBe('false_positive');
      const { record: joined } = await open(rule, 'late', { severity: 'HIGH', created_at: '2026-11-01T20:00:00.000Z' });
      expect(joined).toMatchObject({ outcome: 'needs_review', severity: 'HIGH' });
      // A worker that read the case before the alert joined writes what it had found.
      const late = await close(record.id);
      expect(late).toMatchObject({
        status: 'needs_review',
        outcome: 'needs_review',
        severity: 'HIGH',
        closed_at: null,
      });
      expect(late.reason).toContain('joined that no query looked at');
      expect((await store.events(record.id)).at(-1)?.type).toBe('handed_over');
    });

    it('are written into the report that the case has', async () => {
      const rule = newRule();
      const { record } = await open(rule, 'one');
      const report = renderReport(record);
      await store
        .port(call)
        .change(
          record.id,
          { status: 'needs_review', report_markdown: report.markdown, report_sha256: report.sha256 },
          { type: 'report_generated', summary: 'Report' },
        );
      const { record: joined } = await open(rule, 'two');
      expect(joined.report_markdown).toContain(`${rule}-two`.replaceAll('.', '.'));
      expect(joined.report_sha256).not.toBe(report.sha256);
      expect(renderReport(joined).markdown).toBe(joined.report_markdown);
    });

    it('stay apart where it is switched off', async () => {
      const rule = newRule();
      const apart = new CaseStore(database, { ...settings, relatedMs: 0 });
      await open(rule, 'one', {}, apart);
      expect(await open(rule, 'two', {}, apart)).toMatchObject({ created: true, record: { links: [] } });
    });
  });

  describe('what is added', () => {
    it('carries the authenticated author and time, once for the same words, and is chained', async () => {
      const { record } = await open(null, newRule());
      const note = { case_id: record.id, note: 'Asked the owner.\u202e' };
      const first = await run(addCaseNote, note, 'alice');
      expect(first.additions).toMatchObject([{ id: 'A1', kind: 'note', text: 'Asked the owner.', author: 'alice' }]);
      expect(await run(addCaseNote, note, 'alice')).toEqual(first);
      const others = await run(addCaseNote, note);
      expect(others.additions).toMatchObject([{ author: 'alice' }, { id: 'A2', author: null }]);
      const events = await store.events(record.id);
      expect(events.map(({ summary }) => summary).join('\n')).toContain('Note A1 by principal alice');
      expect(events.map(({ summary }) => summary).join('\n')).toContain(
        "Note A2 by the holder of the bridge's shared token",
      );
      await mustHold(record.id);
    });

    it('is all kept when 12 write at once through two connections', async () => {
      const { record } = await open(null, newRule());
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          runOperation(addCaseNote, asPrincipal('alice', index % 2 === 0 ? store : second), {
            case_id: record.id,
            note: `Note number ${index}`,
          }),
        ),
      );
      const whole = await store.get(record.id);
      expect(whole?.additions.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, index) => `A${index + 1}`));
      expect(new Set(whole?.additions.map(({ text }) => text)).size).toBe(12);
      await mustHold(record.id);
    });

    it('can raise scrutiny and severity, weighs nothing, and holds against whatever is decided later', async () => {
      const { record } = await open(null, newRule(), { severity: 'LOW' });
      const evidence = [sampleEvidence('E1')];
      await store
        .port(call)
        .change(
          record.id,
          { evidence, outcome: 'false_positive', probability: 0.04, reason: 'Nothing hostile.' },
          { type: 'evidence_correlated', summary: 'Nothing hostile.' },
        );
      const statement = { case_id: record.id, statement: 'The owner denies it.', source: 'telephone' };
      const plain = await run(addEvidence, statement);
      expect(plain).toMatchObject({ outcome: 'false_positive', severity: 'LOW', evidence_count: 1 });
      const raised = await run(addEvidence, { ...statement, scrutiny: 'raise', severity: 'HIGH' });
      expect(raised).toMatchObject({ outcome: 'needs_review', severity: 'HIGH', probability: 0.04, evidence_count: 1 });
      expect((await store.get(record.id))?.evidence).toEqual(evidence);
      const closed = await close(record.id);
      expect(closed).toMatchObject({ status: 'needs_review', outcome: 'needs_review', severity: 'HIGH' });
      const lowered = store.port(call).change(record.id, { severity: 'LOW' }, { type: 'lowered', summary: 'Lowered' });
      expect((await lowered).severity).toBe('HIGH');
    });

    it('never lowers a severity, and asks for a closed case to be reopened before it is raised', async () => {
      const { record } = await open(null, newRule(), { severity: 'HIGH' });
      const statement = { case_id: record.id, statement: 'All is well.', source: 'a model' };
      await expect(run(addEvidence, { ...statement, severity: 'LOW' })).rejects.toMatchObject({
        code: 'invalid_input',
        field: 'severity',
      });
      await close(record.id);
      await expect(run(addEvidence, { ...statement, scrutiny: 'raise' })).rejects.toMatchObject({
        code: 'conflict',
        details: { missing: 'reopen_case' },
      });
      await expect(run(addEvidence, { ...statement, severity: 'CRITICAL' })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await run(addCaseNote, { case_id: record.id, note: 'Lesson learned.' })).toMatchObject({
        status: 'closed',
      });
      expect((await store.get(record.id))?.additions).toHaveLength(1);
    });

    it('cannot be changed or removed in the database', async () => {
      const { record } = await open(null, newRule());
      await run(addCaseNote, { case_id: record.id, note: 'Kept.' });
      const change = database.db
        .updateTable('case_additions')
        .set({ text: 'Changed.' })
        .where('case_id', '=', record.id);
      await expect(change.execute()).rejects.toThrow('append-only');
      const removal = database.db.deleteFrom('case_additions').where('case_id', '=', record.id);
      await expect(removal.execute()).rejects.toThrow('append-only');
    });

    it('is refused when blank, and for a case that is not there', async () => {
      const { record } = await open(null, newRule());
      await expect(run(addCaseNote, { case_id: record.id, note: '\u200b \n' })).rejects.toMatchObject({
        field: 'note',
      });
      await expect(run(addCaseNote, { case_id: 'INV-NONE', note: 'x' })).rejects.toMatchObject({
        code: 'not_found_or_no_access',
      });
    });
  });

  describe('closing and reopening', () => {
    const settled = async () => {
      const { record } = await open(null, newRule());
      return store.port(call).change(record.id, { status: 'needs_review' }, { type: 'handed_over', summary: 'Waits' });
    };

    it('by a person names whom the bridge authenticated, also against what was raised', async () => {
      const { id } = await settled();
      await run(addEvidence, { case_id: id, statement: 'Odd.', source: 'a model', scrutiny: 'raise' });
      const { version } = (await store.get(id)) as CaseRecord;
      const decision = { case_id: id, version, outcome: 'benign_positive', reason: 'The owner confirmed it.' };
      for (const nobody of [undefined, 'mallory']) {
        await expect(run(closeCase, decision, nobody)).rejects.toMatchObject({ code: 'missing_permission' });
      }
      await expect(run(closeCase, { ...decision, version: version - 1 }, 'alice')).rejects.toMatchObject({
        code: 'conflict',
        details: { version },
      });
      const closed = await run(closeCase, decision, 'alice');
      expect(closed).toMatchObject({ status: 'closed', outcome: 'benign_positive', closed_by: 'principal alice' });
      expect((await store.events(id)).at(-1)?.summary).toBe(
        'Closed as benign_positive by principal alice: The owner confirmed it.',
      );
      await mustHold(id);
    });

    it('needs the version that was read, a reason, and a closed case; of two at once one wins', async () => {
      const { id } = await settled();
      await expect(run(reopenCase, { case_id: id, version: 2, reason: 'Why not' })).rejects.toMatchObject({
        code: 'conflict',
      });
      const { version } = await close(id, 'benign_positive');
      await expect(run(reopenCase, { case_id: id, version: version - 1, reason: 'Late' })).rejects.toMatchObject({
        code: 'conflict',
        details: { version },
      });
      await expect(run(reopenCase, { case_id: id, version, reason: ' ' })).rejects.toMatchObject({ field: 'reason' });
      const both = await Promise.allSettled(
        [store, second].map((by) =>
          runOperation(reopenCase, asPrincipal('alice', by), { case_id: id, version, reason: 'The owner denies it' }),
        ),
      );
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await store.get(id)).toMatchObject({
        status: 'needs_review',
        outcome: 'needs_review',
        closed_at: null,
        closed_by: null,
        reason: expect.stringContaining('Reopened by principal alice: The owner denies it'),
      });
      await mustHold(id);
    });

    it('does not end what is still being investigated', async () => {
      const { record } = await open(null, newRule());
      const decision = { case_id: record.id, version: 1, outcome: 'false_positive', reason: 'Noise' };
      await expect(run(closeCase, decision, 'alice')).rejects.toMatchObject({ code: 'conflict' });
    });
  });

  describe('lists', () => {
    it('page through every case once, newest first, whatever is opened or changed meanwhile', async () => {
      const rule = newRule();
      const ids: string[] = [];
      for (let index = 0; index < 7; index += 1) {
        const { record } = await open(rule, `${index}`, { entities: [{ type: 'user', value: `user-${index}` }] });
        ids.push(record.id);
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = (await run(listCases, { rule, limit: 3, cursor })) as {
          cases: { case_id: string }[];
          next: string | null;
          complete: boolean;
        };
        seen.push(...page.cases.map(({ case_id }) => case_id));
        expect(page.complete).toBe(page.next === null);
        cursor = page.next ?? undefined;
        await open(rule, `between-${seen.length}`, { entities: [{ type: 'user', value: `new-${seen.length}` }] });
        await close(ids[0] ?? '');
      } while (cursor !== undefined);
      expect(seen.filter((id) => ids.includes(id)).sort()).toEqual([...ids].sort());
      expect(new Set(seen).size).toBe(seen.length);
    });

    it('filter by each thing, all at once, and by nothing that was not asked for', async () => {
      const rule = newRule();
      const odd = `100%_${rule.toUpperCase()} ÄRGER`;
      const wanted = (
        await open(rule, 'wanted', {
          title: odd,
          severity: 'CRITICAL',
          entities: [{ type: 'ip', value: '203.0.113.9' }],
        })
      ).record;
      await store.port(call).change(wanted.id, { outcome: 'true_positive' }, { type: 'decided', summary: 'Decided' });
      const plain = (await open(rule, 'plain', { severity: 'LOW' })).record;
      const ids = async (filter: Record<string, unknown>) => {
        const { cases } = (await run(listCases, { rule, ...filter })) as { cases: { case_id: string }[] };
        return cases.map(({ case_id }) => case_id).sort();
      };
      expect(await ids({})).toEqual([wanted.id, plain.id].sort());
      expect(await ids({ severity: ['CRITICAL'] })).toEqual([wanted.id]);
      expect(await ids({ outcome: ['true_positive'] })).toEqual([wanted.id]);
      expect(await ids({ outcome: ['none'] })).toEqual([plain.id]);
      expect(await ids({ status: ['closed'] })).toEqual([]);
      expect(await ids({ entity: '203.0.113.9' })).toEqual([wanted.id]);
      expect(await ids({ entity: 'SIMULATED-user' })).toEqual([plain.id]);
      expect(await ids({ text: '100%_' })).toEqual([wanted.id]);
      expect(await ids({ text: 'ärger' })).toEqual([wanted.id]);
      expect(await ids({ text: '100_%' })).toEqual([]);
      expect(await ids({ opened_from: wanted.opened_at })).toEqual([wanted.id, plain.id].sort());
      expect(await ids({ opened_to: wanted.opened_at })).toEqual([]);
      expect(await ids({ severity: ['CRITICAL'], outcome: ['none'] })).toEqual([]);
      expect(await ids({ rule: rule.toLowerCase() })).toHaveLength(2);
    });

    it('refuse a cursor that is none or belongs to other filters', async () => {
      const rule = newRule();
      for (const id of ['a', 'b']) await open(rule, id, { entities: [{ type: 'user', value: id }] });
      const { next } = (await run(listCases, { rule, limit: 1 })) as { next: string };
      await expect(run(listCases, { cursor: 'nonsense' })).rejects.toMatchObject({ field: 'cursor' });
      await expect(run(listCases, { cursor: next })).rejects.toMatchObject({ field: 'cursor' });
      expect(await run(listCases, { rule, limit: 2, cursor: next })).toMatchObject({ complete: true });
      await expect(run(listCases, { opened_from: '2026-11-01T10:00:00' })).rejects.toMatchObject({
        field: 'opened_from',
      });
    });
  });

  describe('similar cases', () => {
    it('are scored by what is in common and how rare it is, closed ones too, and say why', async () => {
      const rule = newRule();
      const user = `user-${rule}`;
      const near = (await open(rule, 'near', { entities: [{ type: 'user', value: user }] })).record;
      await store
        .port(call)
        .change(
          near.id,
          { evidence: [sampleEvidence('E1')], status: 'closed', outcome: 'benign_positive' },
          { type: 'closed', summary: 'Closed' },
        );
      const far = (await open(rule, 'far', { entities: [{ type: 'user', value: 'somebody' }] })).record;
      const { record } = await open(rule, 'asked', { entities: [{ type: 'user', value: user.toUpperCase() }] });
      await store.port(call).change(record.id, { evidence: [sampleEvidence('E7')] }, { type: 'e', summary: 'e' });
      const found = (await run(findSimilarCases, { case_id: record.id })) as {
        similar: { case_id: string; score: number; status: string; in_common: { kind: string; value: string }[] }[];
      };
      expect(found.similar[0]).toMatchObject({ case_id: near.id, status: 'closed', score: 1 });
      expect(found.similar[0]?.in_common.map(({ kind }) => kind).sort()).toEqual(['entity', 'rule', 'technique']);
      const other = found.similar.find(({ case_id }) => case_id === far.id);
      expect(other?.in_common).toMatchObject([{ kind: 'rule', value: rule.toLowerCase() }]);
      expect(other?.score).toBeLessThan(0.6);
      expect(found.similar.some(({ case_id }) => case_id === record.id)).toBe(false);
      const given = (await run(findSimilarCases, { entities: [{ type: 'user', value: user }] })) as typeof found;
      expect(given.similar.map(({ case_id }) => case_id).sort()).toEqual([near.id, record.id].sort());
      await expect(run(findSimilarCases, {})).rejects.toMatchObject({ code: 'invalid_input' });
    });
  });

  it('shows in get_case what was added, joined and linked', async () => {
    const rule = newRule();
    const { record: old } = await open(rule, 'old');
    await close(old.id);
    const { record } = await open(rule, 'one');
    await open(rule, 'two');
    await run(addCaseNote, { case_id: record.id, note: 'Seen.' }, 'alice');
    expect(await run(getCase, { case_id: record.id })).toMatchObject({
      additions: [{ text: 'Seen.', author: 'alice' }],
      related_alerts: [{ alert: { id: `${rule}-two` } }],
      links: [{ case_id: old.id }],
      closed_by: null,
    });
  });
}
