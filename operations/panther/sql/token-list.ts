import { upperAscii } from './letter-case';
import type { Token } from './lexer';
import type { Reading } from './reading';

/** A half-open range of tokens, all on one level of brackets or inside brackets that lie wholly within it. */
export interface Range {
  from: number;
  to: number;
}

const joining = new Set(['.', ':']);

/** Questions about tokens by position; a position outside the list is never anything. */
export class TokenList {
  constructor(
    readonly tokens: readonly Token[],
    readonly sql: string,
    readonly reading: Reading,
  ) {}

  at(index: number): Token | undefined {
    return this.tokens[index];
  }

  isSymbol(index: number, text: string): boolean {
    const token = this.tokens[index];
    return token?.kind === 'symbol' && token.text === text;
  }

  /** The word here in lower case; undefined for anything else, and for a step of a path (`t.from`, `col:select`). */
  keyword(index: number): string | undefined {
    const token = this.tokens[index];
    if (token?.kind !== 'word') return undefined;
    const before = this.tokens[index - 1];
    return before?.kind === 'symbol' && joining.has(before.text) ? undefined : token.text;
  }

  isName(index: number): boolean {
    const kind = this.tokens[index]?.kind;
    return kind === 'word' || kind === 'name';
  }

  /** The index after the token here, or after the whole of what stands in the brackets that open here. */
  after(index: number): number {
    const close = this.tokens[index]?.close ?? -1;
    return close === -1 ? index + 1 : close + 1;
  }

  /** What stands in the brackets that open here. */
  inside(index: number): Range {
    return { from: index + 1, to: this.tokens[index]?.close ?? index + 1 };
  }

  /** Indexes of the range's own level: brackets are passed over. */
  *level({ from, to }: Range): Generator<number> {
    for (let at = from; at < to; at = this.after(at)) yield at;
  }

  /** Parts between commas of the range's own level; an empty range has none, `a,,b` has an empty one. */
  split(range: Range): Range[] {
    if (range.from >= range.to) return [];
    const parts: Range[] = [];
    let from = range.from;
    for (const at of this.level(range)) {
      if (!this.isSymbol(at, ',')) continue;
      parts.push({ from, to: at });
      from = at + 1;
    }
    parts.push({ from, to: range.to });
    return parts;
  }

  /** A name as the database compares it. */
  canonical(index: number): string {
    const token = this.tokens[index];
    if (token === undefined) return '';
    if (token.kind !== 'name') return upperAscii(token.text);
    const quote = token.text.charAt(0);
    const text = token.text.slice(1, -1).replaceAll(quote + quote, quote);
    return this.reading.exactQuotedNames ? text : upperAscii(text);
  }

  /** What a string literal says; undefined when it has escapes, which no value that matters here needs. */
  literal(index: number): string | undefined {
    const token = this.tokens[index];
    if (token?.kind !== 'string') return undefined;
    const quote = token.text.charAt(0);
    if (quote !== "'" && quote !== '"') return undefined;
    const text = token.text.slice(1, -1);
    return text.includes('\\') || text.includes(quote) ? undefined : text;
  }

  /** The piece of the text that a range covers. */
  source({ from, to }: Range): string {
    const first = this.tokens[from];
    const last = this.tokens[to - 1];
    return first === undefined || last === undefined || to <= from ? '' : this.sql.slice(first.offset, last.end);
  }

  /**
   * Whether the brackets that open here hold a query: SELECT, WITH or VALUES comes first, or brackets that hold one and are
   * followed by nothing, a set operation or what ends a query.
   */
  holdsQuery(index: number): boolean {
    let at = index;
    while (this.isSymbol(at + 1, '(')) at += 1;
    const first = this.keyword(at + 1);
    const values = first === 'values' && this.isSymbol(at + 2, '(');
    if (first !== 'select' && first !== 'with' && !values) return false;
    for (; at > index; at -= 1) {
      const next = this.after(at);
      const follows = this.keyword(next);
      if (next !== this.tokens[at - 1]?.close && !(follows !== undefined && afterQuery.has(follows))) return false;
    }
    return true;
  }
}

const afterQuery = new Set(['union', 'intersect', 'except', 'minus', 'order', 'limit', 'offset', 'fetch']);
