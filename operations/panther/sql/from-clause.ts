import { isTableFunction } from './functions';
import type { QueryReader, Scope } from './query-reader';
import type { Relation } from './relation';
import type { Range } from './token-list';

/** More relations in one block are refused: the work for one is linear in the block's length. */
const maxRelations = 50;

const joinWords = new Set(['join', 'inner', 'cross', 'natural', 'full', 'asof', 'semi', 'anti', 'left', 'right']);
/** Words that cannot be a table's alias, because they begin what may follow a table. */
const notAlias = new Set(
  'as on using match_condition lateral pivot unpivot match_recognize tablesample sample outer window at before changes where select from into set values table'.split(
    ' ',
  ),
);
const notTable = new Set(
  'table select from where group order having union intersect except minus limit on using join inner left right full cross natural with as and or not case when'.split(
    ' ',
  ),
);

/** Table functions whose columns are called as their argument says. */
const namesColumns = new Set(['inline', 'inline_outer']);

type Side = 'both' | 'left' | 'right' | 'none';

/** Reads the FROM clause of one query block: what is read, under which names, and which ON conditions bind what. */
export class FromClause {
  readonly relations: Relation[] = [];

  constructor(
    private readonly reader: QueryReader,
    private readonly scope: Scope,
  ) {}

  private get list() {
    return this.reader.list;
  }

  read(range: Range): Relation[] {
    this.tree(range);
    return this.relations;
  }

  /** `a, b JOIN c ON ...`, the whole of the range. Reports what it cannot read. */
  private tree(range: Range): Relation[] {
    const { list } = this;
    const all: Relation[] = [];
    for (let at = range.from; at < range.to; ) {
      const part = this.joins(at, range.to);
      if (part === undefined) return all;
      all.push(...part.relations);
      at = part.next;
      if (at >= range.to) break;
      if (!list.isSymbol(at, ',') || (at + 1 >= range.to && !this.mayEndWithComma(range.to))) {
        this.unread(at);
        return all;
      }
      at += 1;
    }
    if (range.from >= range.to) this.unread(range.from);
    return all;
  }

  /**
   * Panther's own examples have a comma before WHERE. Where WHERE is a reserved word nothing else can be read there; but in
   * Databricks it may name a table, and in front of a bracket other readers take it for a function that makes rows.
   */
  private mayEndWithComma(next: number): boolean {
    const { list } = this;
    return list.reading.name === 'snowflake' && list.keyword(next) === 'where' && !list.isSymbol(next + 1, '(');
  }

  private joins(from: number, to: number): { relations: Relation[]; next: number } | undefined {
    const { list } = this;
    const left = this.factor(from, to);
    if (left === undefined) return undefined;
    const relations = [...left.relations];
    let at = left.next;
    while (at < to) {
      if (this.isLateralView(at)) {
        const next = this.lateralView(at, to);
        if (next === undefined) return undefined;
        at = next;
        continue;
      }
      const join = this.joinAt(at, to);
      if (join === undefined) break;
      const right = this.factor(join.next, to);
      if (right === undefined) return undefined;
      at = right.next;
      for (;;) {
        const word = at < to ? list.keyword(at) : undefined;
        if (word === 'on') {
          const end = this.conditionEnd(at + 1, to);
          const on = { from: at + 1, to: end };
          this.reader.correlated(() => this.reader.expression(on, this.scope));
          const bound = { both: [...relations, ...right.relations], left: relations, right: right.relations, none: [] };
          for (const relation of bound[join.filters]) relation.filters.push(on);
          at = end;
        } else if ((word === 'using' || word === 'match_condition') && list.isSymbol(at + 1, '(')) {
          this.reader.expression(list.inside(at + 1), this.scope);
          at = list.after(at + 1);
        } else break;
      }
      relations.push(...right.relations);
    }
    return { relations, next: at };
  }

  /** A join's words, and the sides whose rows its ON condition filters. An outer join keeps the rows of its outer side. */
  private joinAt(from: number, to: number): { next: number; filters: Side } | undefined {
    let at = from;
    const words = new Set<string>();
    for (; at < to; at += 1) {
      const word = this.list.keyword(at);
      if (word === undefined || !(joinWords.has(word) || (words.size > 0 && (word === 'outer' || word === 'directed'))))
        break;
      words.add(word);
      if (word === 'join') {
        const outer = words.has('anti') || words.has('asof') || (words.has('left') && !words.has('semi'));
        if (words.has('full')) return { next: at + 1, filters: 'none' };
        if (words.has('right')) return { next: at + 1, filters: words.has('anti') ? 'none' : 'left' };
        return { next: at + 1, filters: outer ? 'right' : 'both' };
      }
    }
    return undefined;
  }

  /** Where an ON condition ends: at the next join, a comma, or the end. `left(x, 1)` is a function. */
  private conditionEnd(from: number, to: number): number {
    const { list } = this;
    for (const at of list.level({ from, to })) {
      if (list.isSymbol(at, ',') || this.isLateralView(at)) return at;
      const word = list.keyword(at);
      if (word === 'join' || (word !== undefined && joinWords.has(word) && !list.isSymbol(at + 1, '('))) return at;
    }
    return to;
  }

  private factor(given: number, to: number): { relations: Relation[]; next: number } | undefined {
    const { list, reader, scope } = this;
    const lateral = list.keyword(given) === 'lateral';
    const from = lateral ? given + 1 : given;
    const token = from < to ? list.at(from) : undefined;
    if (token === undefined) return this.unread(given);
    if (token.kind === 'jinja') return this.named(this.add('opaque', from), from + 1, to);
    if (list.isSymbol(from, '(')) {
      if (list.holdsQuery(from)) {
        if (lateral) reader.correlated(() => reader.query(list.inside(from), scope));
        else reader.query(list.inside(from), scope);
        return this.named(this.add('derived', from), list.after(from), to);
      }
      if (reader.refusesVerb(from + 1)) return undefined;
      return { relations: this.tree(list.inside(from)), next: list.after(from) };
    }
    const word = list.keyword(from);
    if (word === 'values' && list.isSymbol(from + 1, '(')) {
      let at = from + 1;
      for (;;) {
        reader.expression(list.inside(at), scope);
        at = list.after(at);
        if (!(list.isSymbol(at, ',') && list.isSymbol(at + 1, '(') && at + 1 < to)) break;
        at += 1;
      }
      return this.named(this.add('derived', from), at, to);
    }
    if (word === 'table' && list.isSymbol(from + 1, '(')) {
      const inner = list.inside(from + 1);
      if (!list.isSymbol(inner.from + 1, '(') || list.after(inner.from + 1) !== inner.to) {
        this.refuseFunction(from, list.after(from + 1));
        return this.named(this.add('function', from), list.after(from + 1), to);
      }
      const called = this.tableFunction(inner.from);
      return this.named(called, list.after(from + 1), to);
    }
    if (!list.isName(from) || (word !== undefined && notTable.has(word))) return this.unread(from);
    if (list.isSymbol(from + 1, '(')) return this.named(this.tableFunction(from), list.after(from + 1), to);
    return this.table(from, to);
  }

  private tableFunction(at: number): Relation {
    const { list, reader } = this;
    const name = list.keyword(at);
    if (name === undefined || !isTableFunction(name)) this.refuseFunction(at, list.after(at + 1));
    reader.expression(list.inside(at + 1), this.scope);
    const relation = this.add('function', at);
    relation.namesColumns = name !== undefined && namesColumns.has(name);
    return relation;
  }

  private refuseFunction(at: number, next: number): void {
    const token = this.list.at(at);
    if (token === undefined) return;
    const text = this.list.source({ from: at, to: next });
    this.reader.problems.add(
      'table-function',
      token.offset,
      token.end,
      `"${text.length > 40 ? `${text.slice(0, 40)}...` : text}" makes rows from something that is not known here`,
      'read a table; of table functions, FLATTEN, EXPLODE, GENERATOR, SPLIT_TO_TABLE and their like are accepted',
    );
  }

  /** `name`, `database.table`, `database.schema.table`, `database..table`; the name of a WITH where one is visible. */
  private table(from: number, to: number): { relations: Relation[]; next: number } | undefined {
    const { list, reader, scope } = this;
    const path = [list.canonical(from)];
    let at = from + 1;
    while (at < to && list.isSymbol(at, '.')) {
      const empty = path.length === 1 && list.isSymbol(at + 1, '.');
      if (empty) path.push('');
      else {
        if (at + 1 >= to || !list.isName(at + 1)) return this.unread(at);
        path.push(list.canonical(at + 1));
      }
      at += empty ? 1 : 2;
    }
    if (list.isSymbol(at, '(') && at < to) {
      this.refuseFunction(from, list.after(at));
      return this.named(this.add('function', from), list.after(at), to);
    }
    const source = list.source({ from, to: at });
    if (path.length === 1 && scope.has(path[0] ?? '')) {
      return this.named(this.add('derived', from, path[0]), at, to);
    }
    const relation = this.add('table', from, path[path.length - 1]);
    relation.path = path;
    relation.source = source;
    relation.access = reader.tableAccess(path, from, source);
    return this.named(relation, at, to);
  }

  private add(kind: Relation['kind'], index: number, name?: string): Relation {
    const relation: Relation = {
      kind,
      index,
      name,
      path: [],
      source: '',
      alias: undefined,
      access: undefined,
      namesColumns: false,
      filters: [],
    };
    if (this.relations.length === maxRelations) {
      const token = this.list.at(index);
      if (token)
        this.reader.problems.add(
          'from',
          token.offset,
          token.end,
          `more than ${maxRelations} tables are read at once`,
          'write smaller queries',
        );
    }
    if (this.relations.length <= maxRelations) this.relations.push(relation);
    return relation;
  }

  /** What may follow a table: an alias with names for its columns, PIVOT, TABLESAMPLE, MATCH_RECOGNIZE. */
  private named(relation: Relation, from: number, to: number): { relations: Relation[]; next: number } | undefined {
    const { list, reader } = this;
    let at = from;
    let aliased = false;
    for (; at < to; ) {
      const word = list.keyword(at);
      const as = word === 'as';
      const name = as ? at + 1 : at;
      const plain = list.keyword(name);
      if (name < to && list.isName(name) && !aliased && (as ? !notTable.has(plain ?? '') : this.mayBeAlias(name))) {
        relation.name = list.canonical(name);
        relation.alias = list.at(name)?.text ?? '';
        aliased = true;
        at = name + 1;
        if (at < to && list.isSymbol(at, '(')) {
          if (!this.isNameList(list.inside(at))) return this.unread(at);
          this.reshaped(relation, at);
          at = list.after(at);
        }
        continue;
      }
      if (as) return this.unread(at);
      const next = this.decoration(word, at, to);
      if (next === undefined) break;
      const inside = list.inside(next);
      if (word === 'pivot' || word === 'unpivot' || word === 'match_recognize') {
        this.reshaped(relation, at);
        aliased = false;
      }
      reader.expression(inside, this.scope);
      at = list.after(next);
    }
    return { relations: [relation], next: at };
  }

  /** The bracket of `PIVOT (...)`, `UNPIVOT INCLUDE NULLS (...)`, `SAMPLE BERNOULLI (...)`, `SEED (...)`; undefined for anything else. */
  private decoration(word: string | undefined, at: number, to: number): number | undefined {
    const { list } = this;
    const words: Record<string, Set<string>> = {
      pivot: new Set(),
      unpivot: new Set(['include', 'exclude', 'nulls']),
      match_recognize: new Set(),
      sample: samples,
      tablesample: samples,
      seed: new Set(),
      repeatable: new Set(),
    };
    const between = word !== undefined && Object.hasOwn(words, word) ? words[word] : undefined;
    if (between === undefined) return undefined;
    let here = at + 1;
    while (here < to && between.has(list.keyword(here) ?? '')) here += 1;
    return here < to && list.isSymbol(here, '(') ? here : undefined;
  }

  /** A table whose columns are renamed or made anew cannot be bounded from outside by the name p_event_time. */
  private reshaped(relation: Relation, at: number): void {
    relation.namesColumns = true;
    const token = this.list.at(at);
    if (relation.kind !== 'table' || token === undefined) return;
    this.reader.problems.add(
      'from',
      token.offset,
      token.end,
      `the columns of ${relation.source} are changed before its time can be filtered`,
      `put the table into a subquery: (SELECT ... FROM ${relation.source} WHERE p_occurs_since('7 days'))`,
    );
  }

  private mayBeAlias(at: number): boolean {
    const token = this.list.at(at);
    if (token?.kind === 'name') return true;
    if (token?.kind !== 'word') return false;
    const { text } = token;
    if (notAlias.has(text) || notTable.has(text) || text === 'seed' || text === 'repeatable') return false;
    return !joinWords.has(text);
  }

  private isNameList(range: Range): boolean {
    const { list } = this;
    return list.split(range).every(({ from, to }) => to === from + 1 && list.isName(from));
  }

  private isLateralView(at: number): boolean {
    return this.list.keyword(at) === 'lateral' && this.list.keyword(at + 1) === 'view';
  }

  /** `LATERAL VIEW OUTER explode(x) t AS k, v`, Databricks. No further table may follow, so the commas part column names. */
  private lateralView(from: number, to: number): number | undefined {
    const { list } = this;
    if (list.reading.name !== 'databricks') return this.unread(from);
    let at = from + 2;
    if (list.keyword(at) === 'outer') at += 1;
    if (!list.isName(at) || !list.isSymbol(at + 1, '(')) return this.unread(from);
    const relation = this.tableFunction(at);
    at = list.after(at + 1);
    if (at < to && this.mayBeAlias(at)) {
      relation.name = list.canonical(at);
      relation.alias = list.at(at)?.text ?? '';
      at += 1;
    }
    if (list.keyword(at) === 'as' && at < to) {
      relation.namesColumns = true;
      at += 1;
      while (at + 1 < to && list.isName(at) && list.isSymbol(at + 1, ',')) at += 2;
      if (at >= to || !list.isName(at)) return this.unread(from);
      at += 1;
    }
    return at;
  }

  private unread(at: number): undefined {
    const token = this.list.at(at) ?? this.list.at(at - 1);
    if (token === undefined) return undefined;
    this.reader.problems.add(
      'from',
      token.offset,
      token.end,
      `FROM cannot be read for certain at "${token.text.slice(0, 40)}"`,
      'write tables, subqueries and joins with ON, and quote names that are words of SQL',
    );
    return undefined;
  }
}

const samples = new Set(['bernoulli', 'system', 'row', 'block']);
