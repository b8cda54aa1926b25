import type { Transaction } from 'kysely';
import type { CaseChange, CaseRecord, CasesPort, NewAddition } from '../../../operations/cases';
import { ConflictError, OperationError } from '../../../operations/errors';
import { raisedNow, raisersOf } from '../../../operations/investigation/raised';
import { cleanLine } from '../../../operations/text';
import type { Amendment, CaseWriting } from './case-writing';
import type { Database } from './database';
import { canonicalJson, sha256Hex } from './event-chain';
import { toAddition } from './records';
import type { Tables } from './tables';

type Closing = Parameters<CasesPort['closeByPerson']>[1];

/** More would hide what matters, and let one writer fill the database. */
const mostAdditions = 500;
/** Where a person may decide: the automated part has ended, and nobody is asked about a response. */
export const closableStatuses: readonly string[] = ['needs_review', 'responding', 'failed'];

/** What people and models write on a case: it only ever asks for a closer look, and closing is for people. */
export class CaseAdding {
  constructor(
    private readonly database: Database,
    private readonly writing: CaseWriting,
    private readonly settings: { now(): Date; closers: readonly string[] },
  ) {}

  /** See CasesPort.add. Resolves to the report when it was written anew. */
  async add(id: string, addition: NewAddition, author: string | null): Promise<string | null> {
    const digest = sha256Hex(canonicalJson({ ...addition, author }));
    return this.amend(id, async (trx, record, at) => {
      const known = await trx
        .selectFrom('case_additions')
        .select('seq')
        .where('case_id', '=', id)
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (known !== undefined) return undefined;
      const seq = record.additions.length + 1;
      if (seq > mostAdditions) {
        throw new ConflictError(`Case ${id} has ${mostAdditions} additions already; no more are taken.`, {
          case_id: id,
        });
      }
      const row = { case_id: id, seq, ...addition, author, at, digest };
      const added = toAddition(row);
      const change = raisedNow(record, raisersOf([...record.additions, added], record.related_alerts));
      if (record.status === 'closed' && (added.scrutiny === 'raise' || Object.keys(change).length > 0)) {
        throw new ConflictError(
          `Case ${id} is closed, and this asks for a closer look. Run reopen_case with a reason first.`,
          { case_id: id, missing: 'reopen_case' },
        );
      }
      await trx.insertInto('case_additions').values(row).execute();
      const what = added.kind === 'note' ? 'Note' : 'Statement';
      const asks = [
        ...(added.scrutiny === 'raise' ? ['asks for a closer look'] : []),
        ...(added.severity === null ? [] : [`at least ${added.severity}`]),
      ];
      return {
        change,
        event: {
          type: added.kind === 'note' ? 'note_added' : 'evidence_added',
          summary: `${what} ${added.id} by ${writerName(author)}${asks.length === 0 ? '' : `, ${asks.join(', ')}`}: SHA-256 ${sha256Hex(added.text)}`,
        },
        extras: 1,
      };
    });
  }

  /** See CasesPort.reopen. */
  async reopen(
    id: string,
    { version, reason }: { version: number; reason: string },
    author: string | null,
  ): Promise<string | null> {
    return this.amend(id, async (_trx, record) => {
      if (record.status !== 'closed') {
        throw new ConflictError(`Case ${id} is ${record.status}; only a closed case can be reopened.`, {
          case_id: id,
          status: record.status,
        });
      }
      mustBeOf(record, version);
      const who = writerName(author);
      const told = `Reopened by ${who}: ${reason}`;
      const change: CaseChange = {
        status: 'needs_review',
        outcome: 'needs_review',
        reason: `${told} Before: ${record.outcome ?? 'no outcome'}, ${record.reason ?? 'no reason'}`.slice(0, 2000),
        closed_at: null,
        closed_by: null,
      };
      return { change, event: { type: 'reopened', summary: told.slice(0, 1000) }, extras: 0 };
    });
  }

  /** See CasesPort.closeByPerson. */
  async closeAsPrincipal(id: string, closing: Closing, principal: string | null): Promise<string | null> {
    if (principal === null || !this.settings.closers.includes(principal)) {
      throw new OperationError(
        'missing_permission',
        `${principal === null ? 'The shared token of the bridge' : `${cleanLine(principal, 100)}`} may not close a case by decision: that is for people. Name this principal in SOC_CASE_CLOSERS if it is one.`,
        { case_id: id, variable: 'SOC_CASE_CLOSERS' },
      );
    }
    return this.close(id, closing, writerName(principal));
  }

  /** Closes in the name of a person who was made sure of. */
  async close(id: string, { version, outcome, reason }: Closing, person: string): Promise<string | null> {
    return this.amend(id, async (_trx, record, at) => {
      if (!closableStatuses.includes(record.status)) {
        const next =
          record.status === 'closed'
            ? `It was closed${record.closed_by === null ? '' : ` by ${record.closed_by}`}.`
            : 'Wait until its automated part has ended.';
        throw new ConflictError(`Case ${id} is ${record.status}. ${next}`, { case_id: id, status: record.status });
      }
      mustBeOf(record, version);
      const told = `Closed as ${outcome} by ${person}: ${reason}`;
      const change: CaseChange = {
        status: 'closed',
        outcome,
        reason: `${told} Before: ${record.reason ?? 'no reason'}`.slice(0, 2000),
        closed_at: at,
        closed_by: person,
      };
      return { change, event: { type: 'closed', summary: told.slice(0, 1000) }, extras: 0 };
    });
  }

  private async amend(
    id: string,
    decide: (trx: Transaction<Tables>, record: CaseRecord, at: string) => Promise<Amendment | undefined>,
  ): Promise<string | null> {
    return this.database.db
      .transaction()
      .execute((trx) => this.writing.amend(trx, id, (record, at) => decide(trx, record, at)));
  }
}

function mustBeOf(record: CaseRecord, version: number): void {
  if (record.version === version) return;
  throw new ConflictError(
    `Case ${record.id} is at version ${record.version}, not ${version}: it was changed since it was read. Read it again, then decide.`,
    { case_id: record.id, version: record.version },
  );
}

/** How a writer is named in the chain of events: by what the bridge authenticated, and by nothing it says of itself. */
export function writerName(author: string | null): string {
  return author === null ? "the holder of the bridge's shared token" : `principal ${cleanLine(author, 200)}`;
}
