import type { BlockScope, Relation } from './relation';
import { readMacro } from './time-macros';
import { addMonths, units } from './time-units';
import { timeOf } from './time-value';
import type { Range, TokenList } from './token-list';

/** What a condition says about the time of one table's rows. Absent bounds are open. */
export interface Bound {
  lower: number | undefined;
  upper: number | undefined;
  /** The condition picks single rows or the rows of single alerts by their ids. */
  byId: boolean;
  /** A condition on the time that could not be worked out: what to say about it. */
  unclear: { index: number; message: string } | undefined;
}

const open: Bound = { lower: undefined, upper: undefined, byId: false, unclear: undefined };
const eventTime = 'P_EVENT_TIME';

/**
 * Columns that pick few rows: a row's own id, the id of its alert, and the id of an event. A rule's id is none of them, for
 * a rule may match millions of rows.
 */
export const idColumns: ReadonlySet<string> = new Set(['P_ROW_ID', 'P_ALERT_ID', 'EVENTID', 'EVENT_ID']);
/** Longer lists of ids are a scan. */
const maxIds = 20;
/** Columns that hold the kind of an event in some logs: `4624` there is every logon, and only what looks minted is an id. */
const maybeKinds: ReadonlySet<string> = new Set(['EVENTID', 'EVENT_ID']);
const minted = /^(?=.*\d)(?=.*[a-z]|.{12})/i;

/**
 * What the conditions on one relation come to: an intersection over AND, the hull over OR when every branch has a bound.
 * Only whole conditions of known form count; NOT, CASE, functions around a comparison and all else say nothing.
 */
export class TimeBounds {
  constructor(
    private readonly list: TokenList,
    private readonly scope: BlockScope,
    private readonly relation: Relation,
    private readonly now: number,
  ) {}

  of(ranges: readonly Range[]): Bound {
    return ranges.map((range) => this.condition(range)).reduce(both, open);
  }

  private condition(given: Range): Bound {
    let range = given;
    while (this.list.isSymbol(range.from, '(') && this.list.after(range.from) === range.to) {
      if (this.list.holdsQuery(range.from)) return open;
      range = this.list.inside(range.from);
    }
    const parts = this.parts(range);
    if (parts === undefined) return open;
    if (parts.length > 1)
      return parts.map((branch) => branch.map((part) => this.single(part)).reduce(both, open)).reduce(either);
    return (parts[0] ?? []).map((part) => this.single(part)).reduce(both, open);
  }

  /** One member of an AND, which may be brackets around more. */
  private single(range: Range): Bound {
    const { list } = this;
    if (list.isSymbol(range.from, '(') && list.after(range.from) === range.to) return this.condition(range);
    return this.macro(range) ?? this.between(range) ?? this.inList(range) ?? this.comparison(range) ?? open;
  }

  /** The branches of OR, each as the members of AND. Undefined when the words do not pair up as they should. */
  private parts(range: Range): Range[][] | undefined {
    const branches: Range[][] = [[]];
    let from = range.from;
    let between = 0;
    let cases = 0;
    const cut = (at: number) => {
      branches.at(-1)?.push({ from, to: at });
      from = at + 1;
    };
    for (const at of this.list.level(range)) {
      const word = this.list.keyword(at);
      if (word === undefined) continue;
      if (word === 'case') cases += 1;
      else if (word === 'end') {
        // A column may be called so in some databases; then nothing is certain about what the words around it mean.
        if (beforeOperand.has(this.list.keyword(at - 1) ?? '')) return undefined;
        cases -= 1;
      }
      if (cases < 0) return undefined;
      if (cases > 0) continue;
      if (word === 'between') between += 1;
      else if (word === 'and' && between > 0) between -= 1;
      else if (word === 'and') cut(at);
      else if (word === 'or') {
        if (between > 0) return undefined;
        cut(at);
        branches.push([]);
      }
    }
    cut(range.to);
    return cases === 0 && between === 0 ? branches : undefined;
  }

  private macro(range: Range): Bound | undefined {
    const macro = readMacro(this.list, range, this.now);
    if (macro === undefined || !this.scope.belongs(macro.alias, macro.column, this.relation)) return undefined;
    if (!macro.known) return this.unclear(range);
    return { ...open, lower: macro.lower, upper: macro.upper };
  }

  /** `p_event_time BETWEEN a AND b` */
  private between(range: Range): Bound | undefined {
    const word = this.find(range, (at) => this.list.keyword(at) === 'between');
    if (word === undefined) return undefined;
    const column = this.column({ from: range.from, to: word });
    const and = this.find({ from: word + 1, to: range.to }, (at) => this.list.keyword(at) === 'and');
    if (column === undefined || and === undefined) return undefined;
    const lower = timeOf(this.list, { from: word + 1, to: and }, this.now);
    const upper = timeOf(this.list, { from: and + 1, to: range.to }, this.now);
    if (lower === undefined || upper === undefined) return this.unclear(range);
    return { ...open, lower, upper: this.end(column, { from: and + 1, to: range.to }) };
  }

  /** `p_row_id IN ('a', 'b')`, `p_event_time::date IN ('2026-01-30', '2026-01-31')` */
  private inList(range: Range): Bound | undefined {
    const { list } = this;
    const word = this.find(range, (at) => list.keyword(at) === 'in');
    if (word === undefined || !list.isSymbol(word + 1, '(') || list.after(word + 1) !== range.to) return undefined;
    const values = list.split(list.inside(word + 1));
    if (values.length === 0) return undefined;
    const left = { from: range.from, to: word };
    const id = this.idColumn(left);
    if (id !== undefined) {
      return values.length <= maxIds && values.every((value) => this.isIdValue(value, id))
        ? { ...open, byId: true }
        : undefined;
    }
    const column = this.column(left);
    if (column === undefined) return undefined;
    const times = values.map((value) => timeOf(list, value, this.now));
    const known = times.filter((time) => time !== undefined);
    if (known.length < times.length) return this.unclear(range);
    const least = known.reduce((a, b) => Math.min(a, b));
    const most = known.reduce((a, b) => Math.max(a, b));
    return { ...open, lower: least, upper: column.endOf(most) };
  }

  /** `p_event_time > x`, `x < p_event_time`, `p_row_id = 'a'` */
  private comparison(range: Range): Bound | undefined {
    const { list } = this;
    const operator = this.find(
      range,
      (at) => list.at(at)?.kind === 'symbol' && comparisons.has(list.at(at)?.text ?? ''),
    );
    if (operator === undefined) return undefined;
    const text = list.at(operator)?.text ?? '';
    const left = { from: range.from, to: operator };
    const right = { from: operator + 1, to: range.to };
    const equal = text === '=' || text === '==';
    if (equal && (this.picks(left, right) || this.picks(right, left))) return { ...open, byId: true };
    const onLeft = this.column(left);
    const column = onLeft ?? this.column(right);
    if (column === undefined) return undefined;
    const value = onLeft === undefined ? left : right;
    const time = timeOf(list, value, this.now);
    if (time === undefined) return this.unclear(range);
    if (equal) return { ...open, lower: time, upper: column.endOf(time) };
    const isLower = text.startsWith('>') === (onLeft !== undefined);
    return isLower ? { ...open, lower: time } : { ...open, upper: this.end(column, value) };
  }

  /** The last time that an upper bound lets through; undefined when databases differ about it. */
  private end(column: { endOf: (ms: number) => number }, range: Range): number | undefined {
    const time = timeOf(this.list, range, this.now, true);
    return time === undefined ? undefined : column.endOf(time);
  }

  private unclear({ from, to }: Range): Bound {
    const text = this.list.source({ from, to });
    const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
    return {
      ...open,
      unclear: { index: from, message: `the bound in "${shown}" cannot be worked out before the query runs` },
    };
  }

  private picks(left: Range, right: Range): boolean {
    const id = this.idColumn(left);
    return id !== undefined && this.isIdValue(right, id);
  }

  private idColumn(range: Range): string | undefined {
    const column = this.plainColumn(range);
    if (column === undefined || !idColumns.has(column.name)) return undefined;
    return this.scope.belongs(column.qualifier, column.name, this.relation) ? column.name : undefined;
  }

  private isIdValue(range: Range, column: string): boolean {
    const text = range.to === range.from + 1 ? (this.list.literal(range.from) ?? '') : '';
    return text !== '' && (!maybeKinds.has(column) || minted.test(text));
  }

  /** p_event_time of the relation, also turned to another type, zone or a coarser unit. `endOf`: the last time that is so turned. */
  private column(range: Range): { endOf: (ms: number) => number } | undefined {
    const { list } = this;
    const plain = this.plainColumn(range);
    if (plain !== undefined) {
      const own = plain.name === eventTime && this.scope.belongs(plain.qualifier, plain.name, this.relation);
      return own ? { endOf: (ms) => ms } : undefined;
    }
    const cast = this.find(range, (at) => list.isSymbol(at, '::'));
    if (cast !== undefined) {
      const type = list.keyword(cast + 1) ?? '';
      const rest = list.isSymbol(cast + 2, '(') ? list.after(cast + 2) : cast + 2;
      return rest === range.to ? this.turned({ from: range.from, to: cast }, type) : undefined;
    }
    const name = list.keyword(range.from);
    if (name === undefined || !list.isSymbol(range.from + 1, '(') || list.after(range.from + 1) !== range.to)
      return undefined;
    const args = list.split(list.inside(range.from + 1));
    const [first, second] = args;
    if (first === undefined) return undefined;
    if (name === 'cast' && args.length === 1 && list.keyword(first.to - 2) === 'as') {
      return this.turned({ from: first.from, to: first.to - 2 }, list.keyword(first.to - 1) ?? '');
    }
    if (args.length === 1) return this.turned(first, name.replace(/^to_/, ''));
    if (second === undefined || args.length !== 2) return undefined;
    if (name === 'date_trunc')
      return this.cutTo(second, (list.literal(first.from) ?? list.keyword(first.from) ?? '').toLowerCase());
    return name === 'convert_timezone' && list.literal(first.from)?.toUpperCase() === 'UTC'
      ? this.column(second)
      : undefined;
  }

  private turned(range: Range, type: string): { endOf: (ms: number) => number } | undefined {
    if (type === 'date') return this.cutTo(range, 'day');
    return /^(timestamp(_?(ntz|ltz|tz))?|datetime)$/.test(type) ? this.column(range) : undefined;
  }

  private cutTo(range: Range, unit: string): { endOf: (ms: number) => number } | undefined {
    const column = this.column(range);
    if (column === undefined) return undefined;
    const length = { week: units.week, day: units.day, hour: units.hour, minute: units.minute, second: units.second }[
      unit
    ];
    if (length !== undefined) return { endOf: (ms) => column.endOf(ms) + length };
    return unit === 'month' ? { endOf: (ms) => addMonths(column.endOf(ms), 1) } : undefined;
  }

  /** `name` or `qualifier.name`, and nothing else in the range. */
  private plainColumn({ from, to }: Range): { name: string; qualifier: string[] } | undefined {
    const names: string[] = [];
    for (let at = from; at < to; at += 2) {
      if (!this.list.isName(at) || (at > from && !this.list.isSymbol(at - 1, '.'))) return undefined;
      names.push(this.list.canonical(at));
    }
    if ((to - from) % 2 === 0 || names.length === 0 || names.length > 4) return undefined;
    return { name: names[names.length - 1] ?? '', qualifier: names.slice(0, -1) };
  }

  private find(range: Range, test: (at: number) => boolean): number | undefined {
    for (const at of this.list.level(range)) if (test(at)) return at;
    return undefined;
  }
}

const beforeOperand = new Set(['case', 'when', 'then', 'else', 'and', 'or', 'not', 'in', 'like', 'between', 'is']);
const comparisons = new Set(['>', '>=', '<', '<=', '=', '==']);

function both(a: Bound, b: Bound): Bound {
  return {
    lower: a.lower === undefined || b.lower === undefined ? (a.lower ?? b.lower) : Math.max(a.lower, b.lower),
    upper: a.upper === undefined || b.upper === undefined ? (a.upper ?? b.upper) : Math.min(a.upper, b.upper),
    byId: a.byId || b.byId,
    unclear: a.unclear ?? b.unclear,
  };
}

/** A row may come through either branch; a branch that picks by id adds single rows and leaves the other's bounds alone. */
function either(a: Bound, b: Bound): Bound {
  const unclear = a.unclear ?? b.unclear;
  if (a.byId && b.byId) return { ...open, byId: true, unclear };
  if (a.byId || b.byId) return { ...(a.byId ? b : a), unclear };
  return {
    lower: a.lower === undefined || b.lower === undefined ? undefined : Math.min(a.lower, b.lower),
    upper: a.upper === undefined || b.upper === undefined ? undefined : Math.max(a.upper, b.upper),
    byId: false,
    unclear,
  };
}
