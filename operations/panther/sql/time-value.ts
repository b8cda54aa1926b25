import {
  added,
  asTime,
  converted,
  fromEpoch,
  negative,
  secondsUpTo,
  spanOf,
  spanText,
  startOf,
  type TimeValue,
  timeTypes,
  truncated,
} from './time-arithmetic';
import { addMonths, unitOf, units } from './time-units';
import type { Range, TokenList } from './token-list';

const clocks = new Set([
  'current_timestamp',
  'now',
  'getdate',
  'sysdate',
  'systimestamp',
  'localtimestamp',
  'p_current_timestamp',
]);
const days = new Set(['current_date', 'curdate']);
const conversions = new Set([
  'to_timestamp',
  'to_timestamp_ntz',
  'to_timestamp_ltz',
  'to_timestamp_tz',
  'try_to_timestamp',
  'try_to_timestamp_ntz',
  'timestamp',
]);
const dateConversions = new Set(['to_date', 'try_to_date', 'date']);
const adders = new Set(['dateadd', 'timestampadd', 'timeadd', 'date_add']);
/**
 * Works out a constant expression over time in Snowflake's and Databricks' spellings: literals, the clock, intervals, the
 * functions that add to a time or convert one. Undefined for everything else, also for what the database might accept:
 * a bound that cannot be worked out here is no bound. Literals without a zone are taken for UTC, as p_event_time is.
 */
function timeValue(list: TokenList, range: Range, now: number, certain = false): TimeValue | undefined {
  const reader = new TimeReader(list, range, now, certain);
  const value = reader.sum();
  return reader.done ? value : undefined;
}

/**
 * The same as a point in time. A string stands for the time it spells, as it does beside a time in a comparison. `certain`:
 * undefined where databases differ about a number; otherwise the earliest time that one of them makes of it.
 */
export function timeOf(list: TokenList, range: Range, now: number, certain = false): number | undefined {
  return asTime(timeValue(list, range, now, certain));
}

class TimeReader {
  private at: number;

  constructor(
    private readonly list: TokenList,
    private readonly range: Range,
    private readonly now: number,
    private readonly certain: boolean,
  ) {
    this.at = range.from;
  }

  get done(): boolean {
    return this.at === this.range.to;
  }

  sum(): TimeValue | undefined {
    let left = this.product();
    for (;;) {
      const minus = this.symbol('-');
      if (left === undefined || (!minus && !this.symbol('+'))) return left;
      this.at += 1;
      left = added(left, this.product(), minus ? -1 : 1);
    }
  }

  private product(): TimeValue | undefined {
    let left = this.cast();
    while (left?.kind === 'number' && this.symbol('*')) {
      this.at += 1;
      const right = this.cast();
      left = right?.kind === 'number' ? { kind: 'number', value: left.value * right.value } : undefined;
    }
    return left;
  }

  private cast(): TimeValue | undefined {
    let value = this.single();
    while (value !== undefined && this.symbol('::')) {
      const type = this.list.at(this.at + 1);
      this.at += 2;
      if (this.symbol('(')) this.at = this.list.after(this.at);
      value = type?.kind === 'word' ? converted(value, type.text) : undefined;
    }
    return value;
  }

  private single(): TimeValue | undefined {
    const { list } = this;
    const token = this.at < this.range.to ? list.at(this.at) : undefined;
    if (token === undefined) return undefined;
    if (token.kind === 'number') {
      this.at += 1;
      return /^[0-9.]+$/.test(token.text) ? { kind: 'number', value: Number(token.text) } : undefined;
    }
    if (token.kind === 'string') {
      const text = list.literal(this.at);
      this.at += 1;
      return text === undefined ? undefined : { kind: 'text', text };
    }
    if (token.text === '-' || token.text === '+') {
      this.at += 1;
      // One sign only: a row of them would be a recursion as long as the text.
      if (this.symbol('-') || this.symbol('+')) return undefined;
      const value = this.single();
      return value === undefined || token.text === '+' ? value : negative(value);
    }
    if (token.text === '(' && token.kind === 'symbol') {
      const value = timeValue(list, list.inside(this.at), this.now, this.certain);
      this.at = list.after(this.at);
      return value;
    }
    return token.kind === 'word' ? this.word(token.text) : undefined;
  }

  private word(word: string): TimeValue | undefined {
    const { list } = this;
    this.at += 1;
    if (word === 'interval') return this.interval();
    if (this.symbol('(')) {
      const args = list.inside(this.at);
      this.at = list.after(this.at);
      return this.call(word, args);
    }
    if (list.at(this.at)?.kind === 'string' && this.at < this.range.to && (timeTypes.has(word) || word === 'date')) {
      const text = list.literal(this.at) ?? '';
      this.at += 1;
      return converted({ kind: 'text', text }, word);
    }
    if (clocks.has(word) && word !== 'now' && word !== 'getdate') return { kind: 'time', ms: this.now };
    return days.has(word) ? { kind: 'time', ms: startOf(this.now, units.day) } : undefined;
  }

  private call(name: string, range: Range): TimeValue | undefined {
    const { list, now } = this;
    const args = list.split(range);
    const value = (index: number) => {
      const arg = args[index];
      return arg === undefined ? undefined : timeValue(list, arg, now, this.certain);
    };
    if (clocks.has(name)) {
      const precision = args.length === 0 || (args.length === 1 && value(0)?.kind === 'number');
      return precision ? { kind: 'time', ms: now } : undefined;
    }
    if (days.has(name)) return args.length === 0 ? { kind: 'time', ms: startOf(now, units.day) } : undefined;
    if (name === 'cast' || name === 'try_cast') {
      const type = list.keyword(range.to - 1);
      if (args.length !== 1 || list.keyword(range.to - 2) !== 'as' || type === undefined) return undefined;
      const inner = timeValue(list, { from: range.from, to: range.to - 2 }, now, this.certain);
      return inner === undefined ? undefined : converted(inner, type);
    }
    if (adders.has(name) && args.length === 3) {
      const unit = this.unit(args[0]);
      const count = value(1);
      const time = asTime(value(2));
      if (unit === undefined || count?.kind !== 'number' || time === undefined) return undefined;
      return added({ kind: 'time', ms: time }, spanOf(unit, count.value), 1);
    }
    const [first, second] = [value(0), value(1)];
    const time = asTime(first);
    if (args.length === 2 && second?.kind === 'number' && time !== undefined) {
      if (name === 'date_add' || name === 'dateadd') return { kind: 'time', ms: time + second.value * units.day };
      if (name === 'date_sub') return { kind: 'time', ms: time - second.value * units.day };
      if (name === 'add_months') return { kind: 'time', ms: addMonths(time, second.value) };
    }
    if (name === 'date_trunc' && args.length === 2) {
      const unit = this.unit(args[0]);
      const whole = asTime(second);
      return unit === undefined || whole === undefined ? undefined : { kind: 'time', ms: truncated(whole, unit) };
    }
    if (
      name === 'convert_timezone' &&
      args.length === 2 &&
      first?.kind === 'text' &&
      first.text.toUpperCase() === 'UTC'
    ) {
      const converted = asTime(second);
      return converted === undefined ? undefined : { kind: 'time', ms: converted };
    }
    if (args.length !== 1 || first === undefined) return undefined;
    if (conversions.has(name)) {
      if (first.kind !== 'number') return converted(first, 'timestamp');
      if (this.certain && Math.abs(first.value) >= secondsUpTo) return undefined;
      return { kind: 'time', ms: fromEpoch(first.value) };
    }
    if (dateConversions.has(name)) return converted(first, 'date');
    const scale = { timestamp_seconds: 1000, timestamp_millis: 1, from_unixtime: 1000 }[name];
    return first.kind === 'number' && scale !== undefined ? { kind: 'time', ms: first.value * scale } : undefined;
  }

  /** `'7 days'`, `'7' day`, `7 days`, `'1 day, 2 hours'`, `1 day 2 hours`; the word INTERVAL has been read. */
  private interval(): TimeValue | undefined {
    const text = this.at < this.range.to ? this.list.literal(this.at) : undefined;
    if (text !== undefined && !/^\s*[+-]?\d+\s*$/.test(text)) {
      this.at += 1;
      return spanText(text);
    }
    let total: TimeValue | undefined;
    for (;;) {
      const quoted = this.at < this.range.to ? this.list.literal(this.at) : undefined;
      const sign = this.symbol('-') ? -1 : 1;
      const at = quoted === undefined && this.symbol('-') ? this.at + 1 : this.at;
      const token = at + 1 < this.range.to ? this.list.at(at) : undefined;
      const number = quoted ?? (token?.kind === 'number' ? token.text : undefined);
      const unit = unitOf(this.list.keyword(at + 1) ?? '', 'interval');
      if (number === undefined || !/^\s*[+-]?\d+\s*$/.test(number) || unit === undefined) return total;
      this.at = at + 2;
      const span = spanOf(unit, sign * Number(number));
      total = total === undefined ? span : added(total, span, 1);
    }
  }

  private unit(range: Range | undefined): string | undefined {
    if (range === undefined || range.to !== range.from + 1) return undefined;
    return unitOf((this.list.literal(range.from) ?? this.list.keyword(range.from) ?? '').toLowerCase(), 'interval');
  }

  private symbol(text: string): boolean {
    return this.at < this.range.to && this.list.isSymbol(this.at, text);
  }
}
