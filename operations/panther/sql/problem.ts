import { cleanLine } from '../../text';

/** What a problem is about; stable, so that programs can branch on it. */
export const sqlRules = [
  'unreadable',
  'character',
  'brackets',
  'depth',
  'one-statement',
  'read-only',
  'structure',
  'from',
  'stage',
  'variable',
  'pipe',
  'pragma',
  'template',
  'function',
  'table-function',
  'macro',
  'database',
  'time-filter',
  'time-window',
] as const;
export type SqlRule = (typeof sqlRules)[number];

export interface SqlProblem {
  rule: SqlRule;
  /** What is wrong, in one sentence without a full stop. */
  message: string;
  /** What to write instead; empty when there is nothing to say. */
  fix: string;
  /** The piece of the text it is about, as written, at most 60 characters. */
  token: string;
  /** From 0, in UTF-16 units. */
  offset: number;
  /** From 1. */
  line: number;
  column: number;
}

/** Collects problems and knows where in the text they are. More than `most` are not kept: nobody reads them. */
export class Problems {
  readonly list: SqlProblem[] = [];
  private readonly seen = new Set<string>();
  private lineStarts: number[] | undefined;

  constructor(
    private readonly sql: string,
    private readonly most = 50,
  ) {}

  add(rule: SqlRule, offset: number, end: number, message: string, fix = ''): void {
    const key = `${rule}:${offset}`;
    if (this.list.length >= this.most || this.seen.has(key)) return;
    this.seen.add(key);
    const token = this.sql.slice(offset, Math.min(end, offset + 60));
    this.list.push({
      rule,
      message: cleanLine(message, 500),
      fix: cleanLine(fix, 300),
      token,
      offset,
      ...this.position(offset),
    });
  }

  /** In the order of the text. */
  sorted(): SqlProblem[] {
    return [...this.list].sort((a, b) => a.offset - b.offset);
  }

  private position(offset: number): { line: number; column: number } {
    this.lineStarts ??= [0, ...[...this.sql.matchAll(/\n/g)].map(({ index }) => index + 1)];
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.lineStarts[low] ?? 0) + 1 };
  }
}
