import type { Piece } from './sql-pieces';
import type { Item } from './sql-tokens';

/** The query names something that cannot exist: a message as Snowflake's compiler words it, without its first line. */
export class CompilationError extends Error {}

/** What the parts of the rewriting share. */
export interface RewriteContext {
  sql: string;
  /** The query's "now". */
  now: Date;
  /** Lower-case names of columns that hold VARIANT, OBJECT or ARRAY values; grows by aliases of such expressions. */
  variants: Set<string>;
  /** Lower-case names given with AS or right after a table, which may qualify a column. */
  aliases: Set<string>;
  /** Rewrites a list of items, e.g. one argument; `variant` says that it is one operand that holds a VARIANT. */
  list(items: readonly Item[]): { pieces: Piece[]; variant: boolean };
}

/** One operand of an expression, rewritten. */
export interface Operand {
  pieces: Piece[];
  /** Index of the item after it. */
  next: number;
  /** Holds a VARIANT, as far as the text tells. */
  variant: boolean;
}

/** Words that never begin an operand. */
export const RESERVED = new Set(
  (
    'SELECT DISTINCT ALL FROM WHERE GROUP BY HAVING QUALIFY ORDER LIMIT OFFSET FETCH UNION INTERSECT EXCEPT MINUS JOIN LEFT RIGHT ' +
    'FULL INNER OUTER CROSS LATERAL NATURAL ON USING AS AND OR NOT IN IS LIKE ILIKE RLIKE REGEXP BETWEEN WHEN THEN ELSE END WITH ' +
    'OVER PARTITION ASC DESC NULLS EXISTS ANY SOME VALUES TOP ESCAPE EXCLUDE RENAME WITHIN FILTER INTO SET'
  ).split(' '),
);
