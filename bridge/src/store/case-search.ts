import { type Expression, type ExpressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { CaseListEntry, CaseMark, CaseQuery, SharedMarks } from '../../../operations/cases';
import { folded } from '../../../operations/investigation/case-marks';
import { listColumns, toListEntry } from './records';
import type { SecurityInvestigations, Tables } from './tables';

/** As many marks as one question may have: the limit is that of parameters in one statement. */
const mostMarks = 250;

type Where = ExpressionBuilder<Tables, 'security_investigations'>;

/** Finds cases. Every condition means the same on both engines. */
export class CaseSearch {
  constructor(private readonly db: Kysely<Tables>) {}

  /** See CasesPort.list. */
  async list(query: CaseQuery): Promise<{ entries: CaseListEntry[]; more: boolean }> {
    const rows = await this.db
      .selectFrom('security_investigations')
      .select(listColumns)
      .where((where) => where.and(conditions(where, query)))
      .orderBy('opened_at', 'desc')
      .orderBy('id', 'desc')
      .limit(query.limit + 1)
      .execute();
    return { entries: rows.slice(0, query.limit).map(toListEntry), more: rows.length > query.limit };
  }

  /** See CasesPort.sharing. */
  async sharing(
    marks: readonly CaseMark[],
    except: string | null,
    limit: number,
  ): Promise<{ cases: SharedMarks[]; counts: number[]; total: number }> {
    const asked = marks.slice(0, mostMarks);
    const { total } = await this.db
      .selectFrom('security_investigations')
      .select(({ fn }) => fn.countAll<number | string | bigint>().as('total'))
      .executeTakeFirstOrThrow();
    if (asked.length === 0) return { cases: [], counts: marks.map(() => 0), total: Number(total) };
    const counted = await this.db
      .selectFrom('case_marks')
      .select(({ fn }) => ['kind', 'type', 'value', fn.countAll<number | string | bigint>().as('count')])
      .where((where) => where.or(asked.map((mark) => isMark(where, mark))))
      .groupBy(['kind', 'type', 'value'])
      .execute();
    const counts = new Map(counted.map((row) => [keyOf(row), Number(row.count)]));
    let newest = this.db
      .selectFrom('security_investigations')
      .select(listColumns)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('case_marks')
            .select('case_marks.case_id')
            .whereRef('case_marks.case_id', '=', 'security_investigations.id')
            .where((where) => where.or(asked.map((mark) => isMark(where, mark)))),
        ),
      );
    if (except !== null) newest = newest.where('id', '!=', except);
    const rows = await newest.orderBy('opened_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
    const found = new Map<string, CaseMark[]>(rows.map(({ id }) => [id, []]));
    for (let at = 0; at < rows.length; at += 500) {
      const ids = rows.slice(at, at + 500).map(({ id }) => id);
      const held = await this.db
        .selectFrom('case_marks')
        .selectAll()
        .where('case_id', 'in', ids)
        .where((where) => where.or(asked.map((mark) => isMark(where, mark))))
        .execute();
      for (const { case_id, kind, type, value } of held) found.get(case_id)?.push({ kind, type, value });
    }
    return {
      cases: rows.map((row) => ({ entry: toListEntry(row), marks: found.get(row.id) ?? [] })),
      counts: marks.map((mark) => counts.get(keyOf(mark)) ?? 0),
      total: Number(total),
    };
  }
}

function keyOf({ kind, type, value }: CaseMark): string {
  return JSON.stringify([kind, type, value]);
}

function isMark(where: ExpressionBuilder<Tables, 'case_marks'>, { kind, type, value }: CaseMark): Expression<SqlBool> {
  return where.and([
    where('case_marks.kind', '=', kind),
    where('case_marks.type', '=', type),
    where('case_marks.value', '=', value),
  ]);
}

function conditions(where: Where, query: CaseQuery): Expression<SqlBool>[] {
  const { status, outcome, severity, from, to, entity, rule, text, after } = query;
  const decided = outcome?.filter((one) => one !== 'none') ?? [];
  return [
    // An empty list of wishes is a wish for nothing, not for everything.
    ...(status === undefined ? [] : [among(where, 'status', status)]),
    ...(severity === undefined ? [] : [among(where, 'severity', severity)]),
    ...(outcome === undefined
      ? []
      : [
          where.or([
            among(where, 'outcome', decided),
            ...(outcome.includes('none') ? [where('outcome', 'is', null)] : []),
          ]),
        ]),
    ...(from === undefined ? [] : [where('opened_at', '>=', from)]),
    ...(to === undefined ? [] : [where('opened_at', '<', to)]),
    ...(entity === undefined ? [] : [hasMark(where, 'entity', entity)]),
    ...(rule === undefined ? [] : [hasMark(where, 'rule', rule)]),
    ...(text === undefined ? [] : [sql<SqlBool>`search_text like ${`%${escapedLike(folded(text))}%`} escape '\\'`]),
    ...(after === undefined
      ? []
      : [
          where.or([
            where('opened_at', '<', after.opened_at),
            where.and([where('opened_at', '=', after.opened_at), where('id', '<', after.id)]),
          ]),
        ]),
  ];
}

function among(
  where: Where,
  column: keyof SecurityInvestigations & ('status' | 'severity' | 'outcome'),
  values: readonly string[],
): Expression<SqlBool> {
  return values.length === 0 ? sql<SqlBool>`1 = 0` : where(column, 'in', [...values]);
}

function hasMark({ exists, selectFrom }: Where, kind: CaseMark['kind'], value: string): Expression<SqlBool> {
  return exists(
    selectFrom('case_marks')
      .select('case_marks.case_id')
      .whereRef('case_marks.case_id', '=', 'security_investigations.id')
      .where('kind', '=', kind)
      .where('value', '=', folded(value)),
  );
}

/** A text is looked for as it is: its percent signs and underscores are no wildcards. */
function escapedLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
