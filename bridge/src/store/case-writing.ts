import type { Transaction } from 'kysely';
import type { CaseChange, CaseEvent, CaseHistoryEntry, CaseRecord } from '../../../operations/cases';
import { NotFoundOrNoAccessError } from '../../../operations/errors';
import { techniqueMarks } from '../../../operations/investigation/case-marks';
import { heldUp, raisersOf } from '../../../operations/investigation/raised';
import { renderReport } from '../../../operations/investigation/report';
import type { Database } from './database';
import { eventHash, genesisHash } from './event-chain';
import {
  type Extras,
  noExtras,
  searchText,
  toAddition,
  toColumns,
  toEventData,
  toEvidenceRows,
  toLink,
  toRecord,
  toRelatedAlert,
} from './records';
import type { InvestigationEvents, SecurityInvestigations, Tables } from './tables';

type Connection = Pick<Transaction<Tables>, 'selectFrom'>;

/** What is to be written on a case, decided while nobody else writes on it. */
export interface Amendment {
  change: CaseChange;
  event: CaseEvent;
  /** Rows that were added to the tables beside the case. */
  extras: number;
}

/** The steps that every write on a case is made of; each belongs into a transaction. */
export class CaseWriting {
  constructor(
    private readonly database: Database,
    private readonly now: () => Date,
  ) {}

  /** Reads the row and keeps other writers away until the transaction ends. SQLite has the lock since its begin. */
  async lock(trx: Transaction<Tables>, id: string): Promise<SecurityInvestigations> {
    let query = trx.selectFrom('security_investigations').selectAll().where('id', '=', id);
    if (this.database.engine === 'postgres') query = query.forUpdate();
    const row = await query.executeTakeFirst();
    if (row === undefined) throw noCase(id);
    return row;
  }

  /** The case as it stands in this connection. */
  async read(connection: Connection, row: SecurityInvestigations): Promise<CaseRecord> {
    const items = await connection
      .selectFrom('evidence')
      .select('item')
      .where('case_id', '=', row.id)
      .orderBy('position')
      .execute();
    const extras = row.extras === 0 ? noExtras : await this.extras(connection, row.id);
    return toRecord(
      row,
      items.map(({ item }) => item),
      extras,
    );
  }

  /** Writes a change with its event. Returns false when it repeats the last event: a step done again after a crash. */
  async change(
    trx: Transaction<Tables>,
    row: SecurityInvestigations,
    asked: CaseChange,
    askedEvent: CaseEvent,
    columns: Partial<SecurityInvestigations>,
  ): Promise<boolean> {
    const [change, event] = await this.held(trx, row, asked, askedEvent);
    const data = toEventData(change);
    const last = await this.lastEvent(trx, row.id);
    if (last?.type === event.type && last.summary === event.summary && last.data === data) return false;
    const at = this.now().toISOString();
    const version = row.version + 1;
    await this.update(trx, row, change, { ...columns, version, updated_at: at });
    await this.append(trx, row.id, event, { at, version, data, last });
    return true;
  }

  /**
   * Writes what `decide` makes of the case as it stands, and the stored report anew, because it tells what was added. Nothing
   * is written when it decides on nothing. Resolves to the report when there is one.
   */
  async amend(
    trx: Transaction<Tables>,
    id: string,
    decide: (record: CaseRecord, at: string) => Promise<Amendment | undefined>,
  ): Promise<string | null> {
    const row = await this.lock(trx, id);
    const at = this.now().toISOString();
    const amendment = await decide(await this.read(trx, row), at);
    if (amendment === undefined) return null;
    const { change, event, extras } = amendment;
    const version = row.version + 1;
    await this.update(trx, row, change, { version, updated_at: at, extras: row.extras + extras });
    const report = await this.rewriteReport(trx, id);
    const data = toEventData({ ...change, ...report });
    await this.append(trx, id, event, { at, version, data, last: await this.lastEvent(trx, id) });
    return report?.report_markdown ?? null;
  }

  /** The first events of new cases. */
  async begin(
    trx: Transaction<Tables>,
    first: readonly { caseId: string; event: CaseEvent; at: string; data: string }[],
  ): Promise<void> {
    const rows = first.map(({ caseId, event, at, data }) =>
      chained(caseId, event, { at, version: 1, data, last: undefined }),
    );
    await trx.insertInto('investigation_events').values(rows).execute();
  }

  private async rewriteReport(
    trx: Transaction<Tables>,
    id: string,
  ): Promise<{ report_markdown: string; report_sha256: string } | undefined> {
    const row = await trx
      .selectFrom('security_investigations')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    if (row.report_markdown === null) return undefined;
    const { markdown, sha256 } = renderReport(await this.read(trx, row), await this.history(trx, id));
    if (sha256 === row.report_sha256) return undefined;
    const report = { report_markdown: markdown, report_sha256: sha256 };
    await trx.updateTable('security_investigations').set(report).where('id', '=', id).execute();
    return report;
  }

  private async history(trx: Transaction<Tables>, id: string): Promise<CaseHistoryEntry[]> {
    return trx
      .selectFrom('investigation_events')
      .select(['seq', 'type', 'summary', 'at', 'hash'])
      .where('case_id', '=', id)
      .orderBy('seq')
      .execute();
  }

  private async held(
    trx: Transaction<Tables>,
    row: SecurityInvestigations,
    change: CaseChange,
    event: CaseEvent,
  ): Promise<[CaseChange, CaseEvent]> {
    const decides = change.severity !== undefined || change.outcome !== undefined || change.status === 'closed';
    if (row.extras === 0 || !decides) return [change, event];
    const { additions, related_alerts } = await this.extras(trx, row.id);
    return heldUp(change, event, raisersOf(additions, related_alerts));
  }

  private async update(
    trx: Transaction<Tables>,
    row: SecurityInvestigations,
    change: CaseChange,
    columns: Partial<SecurityInvestigations>,
  ): Promise<void> {
    const reason = change.reason === undefined ? row.reason : change.reason;
    const search_text =
      reason === row.reason
        ? row.search_text
        : searchText({ title: row.title, reason }, JSON.parse(row.alert) as CaseRecord['alert']);
    await trx
      .updateTable('security_investigations')
      .set({ ...toColumns(change), ...columns, search_text })
      .where('id', '=', row.id)
      .execute();
    if (change.evidence === undefined) return;
    await trx.deleteFrom('evidence').where('case_id', '=', row.id).execute();
    const rows = toEvidenceRows(row.id, change.evidence);
    if (rows.length > 0) await trx.insertInto('evidence').values(rows).execute();
    await trx.deleteFrom('case_marks').where('case_id', '=', row.id).where('kind', '=', 'technique').execute();
    const marks = techniqueMarks(change.evidence).map((mark) => ({ ...mark, case_id: row.id }));
    if (marks.length > 0) await trx.insertInto('case_marks').values(marks).execute();
  }

  private async extras(connection: Connection, caseId: string): Promise<Extras> {
    const additions = await connection
      .selectFrom('case_additions')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('seq')
      .execute();
    const alerts = await connection
      .selectFrom('case_alerts')
      .selectAll()
      .where('case_id', '=', caseId)
      .where('position', '>', 0)
      .orderBy('raised_at')
      .orderBy('dedup_key')
      .execute();
    const links = await connection
      .selectFrom('case_links')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('other_id')
      .execute();
    return {
      additions: additions.map(toAddition),
      related_alerts: alerts.map(toRelatedAlert),
      links: links.map(toLink),
    };
  }

  private async lastEvent(trx: Transaction<Tables>, caseId: string): Promise<InvestigationEvents | undefined> {
    return trx
      .selectFrom('investigation_events')
      .selectAll()
      .where('case_id', '=', caseId)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  private async append(trx: Transaction<Tables>, caseId: string, event: CaseEvent, place: EventPlace): Promise<void> {
    await trx
      .insertInto('investigation_events')
      .values(chained(caseId, event, place))
      .execute();
  }
}

interface EventPlace {
  at: string;
  version: number;
  data: string;
  last: InvestigationEvents | undefined;
}

/** The event with its place in the chain of its case. */
function chained(caseId: string, { type, summary }: CaseEvent, { last, ...place }: EventPlace): InvestigationEvents {
  const content = {
    case_id: caseId,
    seq: (last?.seq ?? 0) + 1,
    type,
    summary,
    ...place,
    prev_hash: last?.hash ?? genesisHash,
  };
  return { ...content, hash: eventHash(content) };
}

export function noCase(id: string): NotFoundOrNoAccessError {
  return new NotFoundOrNoAccessError(
    'The case store',
    `case ${id}`,
    'Check the id; it looks like INV-01ABCDEFGH2JKMNPQ.',
  );
}
