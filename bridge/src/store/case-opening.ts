import type { Transaction } from 'kysely';
import type { CasesPort } from '../../../operations/cases';
import type { Alert } from '../../../operations/investigation/alert';
import { entityMarks, isLookedAt, joiningMarks, ruleMark } from '../../../operations/investigation/case-marks';
import { raisedNow, raisersOf } from '../../../operations/investigation/raised';
import { newId } from './case-id';
import { raisedAt } from './case-service-migration';
import type { CaseWriting } from './case-writing';
import type { Database } from './database';
import { canonicalJson } from './event-chain';
import { searchText } from './records';
import type { SecurityInvestigations, Tables } from './tables';
import { Together } from './together';
import { certainlyNew, joining, lockRules, ruleValue } from './unrelated';

type OpenInput = Parameters<CasesPort['open']>[0];

/** A case that has come to its end, one way or the other: no alert joins it any more. */
const endedStatuses: readonly string[] = ['closed', 'failed'];
/** Links of one case to others; the newest count. */
const mostLinks = 10;

export interface OpeningSettings {
  now(): Date;
  /** How far apart two alerts of one rule about one entity may be raised to be one case, in milliseconds; 0 is never. */
  relatedMs: number;
}

export interface Opening {
  id: string;
  created: boolean;
  joined: boolean;
  /** The stored report of a case that was joined, when it was written anew. */
  report: string | null;
  /** The whole case, when it is a new one and on its own. */
  row?: SecurityInvestigations;
}

type Asked = OpenInput & { caseLeaseMs: number };

const newCase = (row: SecurityInvestigations): Opening => ({
  id: row.id,
  created: true,
  joined: false,
  report: null,
  row,
});

/** Which case an alert belongs to. */
export class CaseOpening {
  private readonly openings: Together<Asked, Opening>;

  constructor(
    private readonly database: Database,
    private readonly writing: CaseWriting,
    private readonly settings: OpeningSettings,
    private readonly processName: string,
  ) {
    this.openings = new Together(database, (trx, asked) => this.openAll(trx, asked));
  }

  /** Alone, or in one transaction with the alerts that arrive meanwhile. */
  async open(input: OpenInput, caseLeaseMs: number): Promise<Opening> {
    return this.openings.add({ ...input, caseLeaseMs });
  }

  private async openAll(trx: Transaction<Tables>, asked: Asked[]): Promise<Opening[]> {
    const [only] = asked;
    if (asked.length === 1 && only !== undefined) return [await this.openIn(trx, only)];
    const fresh = await certainlyNew(trx, this.database, asked, this.settings.relatedMs);
    const created = await this.create(
      trx,
      asked.filter((one) => fresh.has(one)),
    );
    const openings: Opening[] = [];
    for (const one of asked) {
      const row = created.get(one.dedup_key);
      openings.push(fresh.has(one) && row !== undefined ? newCase(row) : await this.openIn(trx, one));
    }
    return openings;
  }

  private async openIn(trx: Transaction<Tables>, input: Asked): Promise<Opening> {
    const known = await this.caseOf(trx, input.dedup_key);
    if (known !== undefined) return { ...known, created: false, report: null };
    const related = await this.related(trx, input.alert);
    // Whoever waited for the lock may find its own alert there.
    const meanwhile = related === undefined ? undefined : await this.caseOf(trx, input.dedup_key);
    if (meanwhile !== undefined) return { ...meanwhile, created: false, report: null };
    for (const id of related?.open ?? []) {
      const joined = await this.join(trx, id, input);
      if (joined !== undefined) return { id, created: false, joined: true, report: joined.report };
    }
    const row = (await this.create(trx, [input])).get(input.dedup_key);
    if (row === undefined) {
      const theirs = await this.caseOf(trx, input.dedup_key);
      if (theirs === undefined) throw new Error(`the alert ${input.dedup_key} is taken and has no case`);
      return { ...theirs, created: false, report: null };
    }
    const others = [...(related?.open ?? []), ...(related?.ended ?? [])];
    await this.linkAll(trx, row.id, others);
    return others.length === 0 ? newCase(row) : { id: row.id, created: true, joined: false, report: null };
  }

  private async caseOf(
    trx: Transaction<Tables>,
    dedupKey: string,
  ): Promise<{ id: string; joined: boolean } | undefined> {
    const row = await trx
      .selectFrom('case_alerts')
      .select(['case_id', 'position'])
      .where('dedup_key', '=', dedupKey)
      .executeTakeFirst();
    return row === undefined ? undefined : { id: row.case_id, joined: row.position > 0 };
  }

  /**
   * Cases of the same rule, source and tenant that share an entity, raised within the window: open ones oldest first, ended
   * ones newest first. See lockRules.
   */
  private async related(
    trx: Transaction<Tables>,
    alert: Alert,
  ): Promise<{ open: string[]; ended: string[] } | undefined> {
    const marks = joining(alert, this.settings.relatedMs);
    if (marks === undefined) return undefined;
    const { rule, entities } = marks;
    await lockRules(trx, this.database, [rule]);
    const raised = Date.parse(raisedAt(alert, this.settings.now().toISOString()));
    const found = await trx
      .selectFrom('case_marks as rule')
      .innerJoin('security_investigations as found', 'found.id', 'rule.case_id')
      .select(['found.id', 'found.status'])
      .where('rule.kind', '=', 'rule')
      .where('rule.type', '=', rule.type)
      .where(ruleValue, '=', rule.value)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('case_alerts')
            .select('case_alerts.case_id')
            .whereRef('case_alerts.case_id', '=', 'rule.case_id')
            .where('raised_at', '>=', new Date(raised - this.settings.relatedMs).toISOString())
            .where('raised_at', '<=', new Date(raised + this.settings.relatedMs).toISOString()),
        ),
      )
      .where('rule.case_id', 'in', ({ selectFrom }) =>
        selectFrom('case_marks as entity')
          .select('entity.case_id')
          .where('entity.kind', '=', 'entity')
          .where((where) =>
            where.or(
              entities.map(({ type, value }) =>
                where.and([where('entity.type', '=', type), where('entity.value', '=', value)]),
              ),
            ),
          ),
      )
      .orderBy('found.opened_at')
      .orderBy('found.id')
      .limit(500)
      .execute();
    return {
      open: found.filter(({ status }) => !endedStatuses.includes(status)).map(({ id }) => id),
      ended: found
        .filter(({ status }) => endedStatuses.includes(status))
        .map(({ id }) => id)
        .reverse(),
    };
  }

  /** Undefined when the case came to its end in this very moment. */
  private async join(
    trx: Transaction<Tables>,
    id: string,
    { dedup_key, alert, raw_id }: OpenInput,
  ): Promise<{ report: string | null } | undefined> {
    let ended = false;
    const report = await this.writing.amend(trx, id, async (record, at) => {
      ended = endedStatuses.includes(record.status);
      if (ended) return undefined;
      const known = await trx
        .selectFrom('case_marks')
        .select(['type', 'value'])
        .where('case_id', '=', id)
        .where('kind', '=', 'entity')
        .execute();
      const shares = joiningMarks(alert)
        .filter(({ type, value }) => known.some((mark) => mark.type === type && mark.value === value))
        .map(({ type, value }) => `${type}:${value}`)
        .slice(0, 20);
      const looked_at = isLookedAt(record.alert, record.opened_at, alert);
      const position = record.related_alerts.length + 1;
      await trx
        .insertInto('case_alerts')
        .values({
          dedup_key,
          case_id: id,
          position,
          alert: JSON.stringify(alert),
          raised_at: raisedAt(alert, at),
          joined_at: at,
          shares: JSON.stringify(shares),
          looked_at: looked_at ? 1 : 0,
          raw_id: raw_id ?? null,
        })
        .execute();
      await this.mark(trx, [{ caseId: id, alert }]);
      const related = [...record.related_alerts, { alert, looked_at }];
      return {
        change: raisedNow(record, raisersOf(record.additions, related)),
        event: {
          type: 'alert_joined',
          summary: `Alert ${alert.id} of the same rule joined: it shares ${shares.join(', ')}`,
        },
        extras: 1,
      };
    });
    return ended ? undefined : { report };
  }

  /** The new cases by the key of their alert, without those where another process was quicker. */
  private async create(
    trx: Transaction<Tables>,
    asked: readonly Asked[],
  ): Promise<Map<string, SecurityInvestigations>> {
    if (asked.length === 0) return new Map();
    const now = this.settings.now();
    const rows = asked.map((one) => this.rowOf(one, now));
    const inserted = await trx
      .insertInto('security_investigations')
      .values(rows)
      .onConflict((conflict) => conflict.column('dedup_key').doNothing())
      .returning('id')
      .execute();
    const ours = new Set(inserted.map(({ id }) => id));
    const created = rows.flatMap((row, index) => {
      const input = asked[index];
      return ours.has(row.id) && input !== undefined ? [{ row, input }] : [];
    });
    if (created.length === 0) return new Map();
    await trx
      .insertInto('case_alerts')
      .values(
        created.map(({ row, input }) => ({
          dedup_key: input.dedup_key,
          case_id: row.id,
          position: 0,
          alert: row.alert,
          raised_at: raisedAt(input.alert, row.opened_at),
          joined_at: row.opened_at,
          shares: '[]',
          looked_at: 1,
          raw_id: input.raw_id ?? null,
        })),
      )
      .execute();
    await this.mark(
      trx,
      created.map(({ row, input }) => ({ caseId: row.id, alert: input.alert })),
    );
    await this.writing.begin(
      trx,
      created.map(({ row, input }) => ({
        caseId: row.id,
        event: { type: 'opened', summary: `Case opened: ${input.title}` },
        at: row.opened_at,
        data: canonicalJson({ dedup_key: input.dedup_key, severity: input.severity }),
      })),
    );
    return new Map(created.map(({ row }) => [row.dedup_key, row]));
  }

  private rowOf({ dedup_key, title, severity, alert, caseLeaseMs }: Asked, now: Date): SecurityInvestigations {
    const at = now.toISOString();
    return {
      id: newId('INV', now),
      dedup_key,
      status: 'opened',
      version: 1,
      title,
      alert: JSON.stringify(alert),
      severity,
      outcome: null,
      probability: null,
      reason: null,
      coverage: '[]',
      findings: null,
      escalation: null,
      report_markdown: null,
      report_sha256: null,
      opened_at: at,
      updated_at: at,
      closed_at: null,
      lease_owner: this.processName,
      lease_until: new Date(now.getTime() + caseLeaseMs).toISOString(),
      attempts: 0,
      next_attempt_at: null,
      last_error: null,
      closed_by: null,
      extras: 0,
      search_text: searchText({ title, reason: null }, alert),
    };
  }

  private async mark(trx: Transaction<Tables>, cases: readonly { caseId: string; alert: Alert }[]): Promise<void> {
    const marks = cases.flatMap(({ caseId, alert }) => {
      const rule = ruleMark(alert);
      return [...entityMarks(alert), ...(rule === undefined ? [] : [rule])].map((mark) => ({
        ...mark,
        case_id: caseId,
      }));
    });
    // SQLite takes 32,766 values in one statement.
    for (let from = 0; from < marks.length; from += 5000)
      await trx
        .insertInto('case_marks')
        .values(marks.slice(from, from + 5000))
        .onConflict((conflict) => conflict.columns(['case_id', 'kind', 'type', 'value']).doNothing())
        .execute();
  }

  /** Links in both directions, each with an event: who reads an ended case learns that it came again. */
  private async linkAll(trx: Transaction<Tables>, caseId: string, others: readonly string[]): Promise<void> {
    // In one order, so that two that link the same cases do not wait for each other.
    for (const other of [...new Set(others)].slice(0, mostLinks).sort()) {
      for (const [from, to] of [
        [other, caseId],
        [caseId, other],
      ] as const) {
        await this.writing.amend(trx, from, async (_record, at) => {
          const reason = 'the same rule about the same entity';
          await trx.insertInto('case_links').values({ case_id: from, other_id: to, reason, at }).execute();
          return { change: {}, event: { type: 'linked', summary: `Linked with case ${to}: ${reason}` }, extras: 1 };
        });
      }
    }
  }
}
