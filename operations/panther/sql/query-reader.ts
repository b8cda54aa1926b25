import { clausesOf, isDistinctFrom, selectAliases } from './clauses';
import { FromClause } from './from-clause';
import { isBracketWord, isKnownFunction } from './functions';
import type { Problems } from './problem';
import { BlockScope } from './relation';
import { startsVerb } from './statement';
import type { TableAccess, TableRules } from './table-access';
import { TimeBounds } from './time-bound';
import { checkTime, type QueryLimits } from './time-check';
import { checkMacro, isTimeMacro } from './time-macros';
import type { Range, TokenList } from './token-list';

/** The names of WITH that are visible somewhere, as the database compares them. */
export type Scope = ReadonlySet<string>;

const setWords = new Set(['union', 'intersect', 'except', 'minus']);
/** Words of a query's own structure, which mean nothing inside an expression. */
const misplaced = new Set(['select', 'from', 'where', 'join', 'into', 'union', 'intersect', 'qualify', 'having', 'on']);
/** `EXTRACT(day FROM x)` and the like. */
const takesFrom = new Set(['extract', 'trim', 'ltrim', 'rtrim', 'btrim', 'substring', 'substr', 'overlay', 'position']);

/**
 * Walks through a query: WITH, set operations, query blocks and what is nested in them. What it cannot read for certain it
 * reports, so that nothing is let through because it was not understood. Brackets are nested at most 100 deep, which bounds
 * the recursion.
 */
export class QueryReader {
  /** Whether what is being read stands inside a query block that has columns of its own. */
  private isInner = false;

  constructor(
    readonly list: TokenList,
    readonly problems: Problems,
    private readonly rules: TableRules,
    private readonly limits: QueryLimits,
  ) {}

  /**
   * A whole query. `own` is the name of the WITH RECURSIVE that it defines: behind a UNION the name stands for what
   * was found so far; elsewhere, and without RECURSIVE, it may be a real table, and is checked as one.
   */
  query({ from, to }: Range, outer: Scope, own?: string): void {
    const { list } = this;
    if (list.isSymbol(from, '(') && list.after(from) === to && list.holdsQuery(from)) {
      this.query(list.inside(from), outer, own);
      return;
    }
    let scope = outer;
    let at = from;
    if (list.keyword(from) === 'with') {
      const found = this.withs({ from, to }, outer);
      if (found === undefined) return;
      scope = found.scope;
      at = found.next;
      // A template may make the rest of the statement.
      if (at >= to && list.at(to - 1)?.kind === 'jinja') return;
    }
    for (let before = ''; ; ) {
      const inner = before === 'union' && own !== undefined ? new Set([...scope, own]) : scope;
      const next = this.term({ from: at, to }, inner);
      if (next === undefined || next >= to) return;
      before = list.keyword(next) ?? '';
      at = this.afterSetWord(next, to);
    }
  }

  /** One member of a set operation; the index of the set operation behind it, or the end. */
  private term({ from, to }: Range, scope: Scope): number | undefined {
    const { list } = this;
    const token = from < to ? list.at(from) : undefined;
    if (token?.kind === 'jinja') {
      for (let at = from; at < to; at = list.after(at)) if (this.isSetWord(at, to)) return at;
      return to;
    }
    const word = token === undefined ? undefined : list.keyword(from);
    if (word === 'select') {
      let end = to;
      for (const at of list.level({ from: from + 1, to })) {
        if (!this.isSetWord(at, to)) continue;
        end = at;
        break;
      }
      this.block({ from, to: end }, scope);
      return end;
    }
    let next: number | undefined;
    if (list.isSymbol(from, '(') && list.holdsQuery(from)) {
      this.query(list.inside(from), scope);
      next = list.after(from);
    } else if (word === 'values' && list.isSymbol(from + 1, '(')) {
      next = from + 1;
      for (;;) {
        this.expression(list.inside(next), scope);
        next = list.after(next);
        if (!list.isSymbol(next, ',') || !list.isSymbol(next + 1, '(')) break;
        next += 1;
      }
    }
    if (next === undefined)
      return this.unread('structure', Math.min(from, to - 1), 'a query has to start with SELECT here');
    for (const at of list.level({ from: next, to })) {
      if (this.isSetWord(at, to)) {
        this.tail({ from: next, to: at }, scope);
        return at;
      }
    }
    this.tail({ from: next, to }, scope);
    return to;
  }

  /** ORDER BY, LIMIT and what else may stand behind a query in brackets. */
  private tail(range: Range, scope: Scope): void {
    if (range.from >= range.to) return;
    const word = this.list.keyword(range.from) ?? '';
    if (!['order', 'limit', 'offset', 'fetch'].includes(word))
      this.unread('structure', range.from, 'nothing is expected here');
    else this.expression(range, scope);
  }

  private isSetWord(at: number, to: number): boolean {
    const { list } = this;
    const word = list.keyword(at);
    if (word === undefined || !setWords.has(word)) return false;
    // `* EXCEPT (a, b)` leaves columns out, and MINUS may be a name.
    const next = this.afterSetWord(at, to);
    if (word === 'union' || word === 'intersect') return true;
    const start = list.keyword(next);
    return (
      start === 'select' ||
      start === 'values' ||
      list.at(next)?.kind === 'jinja' ||
      (list.isSymbol(next, '(') && list.holdsQuery(next))
    );
  }

  private afterSetWord(at: number, to: number): number {
    let next = at + 1;
    while (next < to && ['all', 'distinct', 'by', 'name'].includes(this.list.keyword(next) ?? '')) next += 1;
    return next;
  }

  /** `WITH a AS (...), b (x, y) AS (...)`: each name is visible behind its own definition. */
  private withs({ from, to }: Range, outer: Scope): { scope: Scope; next: number } | undefined {
    const { list } = this;
    const scope = new Set(outer);
    let at = from + 1;
    const recursive = list.keyword(at) === 'recursive' && list.isName(at + 1);
    if (recursive) at += 1;
    for (;;) {
      if (list.at(at)?.kind === 'jinja' && at < to) at += 1;
      else {
        const name = list.canonical(at);
        let body = at + 1;
        if (list.isSymbol(body, '(')) body = list.after(body);
        if (
          at >= to ||
          !list.isName(at) ||
          list.keyword(body) !== 'as' ||
          !list.isSymbol(body + 1, '(') ||
          body + 1 >= to
        ) {
          return this.unread(
            'structure',
            Math.min(at, to - 1),
            'WITH cannot be read here',
            'write WITH name AS (SELECT ...)',
          );
        }
        this.query(list.inside(body + 1), scope, recursive ? name : undefined);
        scope.add(name);
        at = list.after(body + 1);
      }
      if (at < to && list.isSymbol(at, ',')) at += 1;
      else return { scope, next: at };
    }
  }

  /** Reads something that can use the columns of the query block it stands in. */
  correlated(read: () => void): void {
    const before = this.isInner;
    this.isInner = true;
    read();
    this.isInner = before;
  }

  /** One SELECT with its clauses. */
  private block(range: Range, scope: Scope): void {
    const { list } = this;
    const clauses = clausesOf(list, range, this.problems);
    if (clauses === undefined) return;
    const fromRange = clauses.get('from');
    const relations = fromRange === undefined ? [] : new FromClause(this, scope).read(fromRange);
    const expressions = () => {
      for (const [name, part] of clauses) if (name !== 'from') this.expression(part, scope);
    };
    if (relations.length > 0) this.correlated(expressions);
    else expressions();
    const needing = relations.filter(({ access }) => access?.needsTime === true);
    if (needing.length === 0) return;
    const block = new BlockScope(relations, selectAliases(list, clauses.get('select')), this.isInner);
    const walked = clauses.get('connect') ?? clauses.get('start');
    if (walked !== undefined) {
      const [first] = needing;
      this.unread(
        'time-filter',
        walked.from - 1,
        `WHERE is applied only after CONNECT BY went through all of ${(first?.source ?? '').slice(0, 100)}`,
        'put the table with its bound on p_event_time into a subquery',
      );
    }
    const where = clauses.get('where');
    for (const relation of needing) {
      const conditions = where === undefined ? relation.filters : [where, ...relation.filters];
      checkTime(
        list,
        this.problems,
        this.limits,
        relation,
        needing.length > 1 || (this.isInner && relation.access?.hasEventTime !== true),
        new TimeBounds(this.list, block, relation, this.limits.now).of(conditions),
      );
    }
  }

  /**
   * Everything that is no query itself: looks for queries in it, checks functions, and reports words that do not belong in
   * an expression.
   */
  expression(range: Range, scope: Scope): void {
    const { list } = this;
    for (let at = range.from; at < range.to; at = list.after(at)) {
      const token = list.at(at);
      if (token === undefined) return;
      if (token.close !== -1) {
        this.brackets(at, scope, range);
        continue;
      }
      if (token.kind !== 'word') continue;
      const word = list.keyword(at);
      if (token.text === 'nextval' && word === undefined) {
        this.unread('read-only', at, 'NEXTVAL moves a sequence on', 'leave it out');
      } else if (word === 'table' && list.keyword(at - 1) !== 'as') {
        this.unread(
          'structure',
          at,
          'TABLE cannot be read for certain here',
          'select from the table, or quote the name',
        );
      } else if (word !== undefined && misplaced.has(word) && !this.isAllowedHere(word, at, range)) {
        this.unread(
          'structure',
          at,
          `${word.toUpperCase()} cannot be read for certain here`,
          'quote a name that is called so',
        );
      }
    }
  }

  private isAllowedHere(word: string, at: number, range: Range): boolean {
    if (word === 'where') return at === range.from && this.list.keyword(at - 2) === 'filter';
    if (word !== 'from') return false;
    return isDistinctFrom(this.list, at) || takesFrom.has(this.list.keyword(range.from - 2) ?? '');
  }

  private brackets(at: number, scope: Scope, range: Range): void {
    const { list } = this;
    const inside = list.inside(at);
    if (!list.isSymbol(at, '(')) {
      this.expression(inside, scope);
      return;
    }
    if (at > range.from) this.call(at, inside);
    if (list.holdsQuery(at)) {
      this.query(inside, scope);
      return;
    }
    if (this.refusesVerb(inside.from)) return;
    this.expression(inside, scope);
  }

  /** Reports a statement that changes something in the place of a query. */
  refusesVerb(at: number): boolean {
    if (!startsVerb(this.list, at)) return false;
    const verb = (this.list.keyword(at) ?? '').toUpperCase();
    this.unread(
      'read-only',
      at,
      `${verb} is a statement of its own: the data lake is read, never changed`,
      'leave it out',
    );
    return true;
  }

  /** Checks what stands before the bracket that opens here. */
  private call(at: number, inside: Range): void {
    const { list } = this;
    const before = list.at(at - 1);
    if (before === undefined) return;
    // Snowflake's old outer join: a.id = b.id(+)
    if (inside.to === inside.from + 1 && list.isSymbol(inside.from, '+')) return;
    if (before.kind === 'name' || (before.kind === 'word' && list.keyword(at - 1) === undefined)) {
      this.unread(
        'function',
        at - 1,
        `${this.qualified(at - 1)} is called as a function, and only built-in functions are accepted`,
        'use a built-in function',
      );
      return;
    }
    if (before.kind !== 'word') {
      if (before.kind === 'symbol' && ![')', ']', '}'].includes(before.text)) return;
      this.unread('structure', at, 'the brackets cannot be read for certain here', 'put an operator before them');
      return;
    }
    const name = before.text;
    if (isTimeMacro(name)) checkMacro(list, at - 1, this.problems);
    if (isKnownFunction(name) || isBracketWord(name)) return;
    this.unread(
      'function',
      at - 1,
      `${name} is not a known built-in function`,
      'use a built-in function that reads nothing but its arguments',
    );
  }

  private qualified(at: number): string {
    let from = at;
    while (this.list.isSymbol(from - 1, '.') || this.list.isSymbol(from - 1, ':')) from -= 2;
    return `"${this.list.source({ from: Math.max(from, at - 6), to: at + 1 }).slice(0, 60)}"`;
  }

  /** What may be done with a table; one that may not be read is reported. */
  tableAccess(path: readonly string[], at: number, source: string): TableAccess {
    const access = this.rules.access(path);
    const token = this.list.at(at);
    if (access.allowed || token === undefined) return access;
    const shown = source.slice(0, 80);
    const place = access.database === '' ? 'its database' : `the database ${access.database.slice(0, 60)}`;
    this.problems.add(
      'database',
      token.offset,
      token.end,
      path.length > 3
        ? `"${shown}" has more parts than a table's name`
        : `"${shown}" is not read: ${place} is not among those of Panther or of the settings`,
      /["`]/.test(source)
        ? "write Panther's names without quotes, in lower case"
        : "read one of Panther's databases, or have the database added to the credential's list of databases",
    );
    return access;
  }

  private unread(
    rule: 'structure' | 'read-only' | 'function' | 'time-filter',
    at: number,
    message: string,
    fix = '',
  ): undefined {
    const token = this.list.at(at);
    if (token !== undefined) this.problems.add(rule, token.offset, token.end, message, fix);
    return undefined;
  }
}
