import { type Operand, RESERVED, type RewriteContext } from './rewrite-context';
import { call, type Piece } from './sql-pieces';
import { type Item, isGroup, isOp, isWord, nameOf } from './sql-tokens';

const COMPARISONS = ['=', '<>', '!=', '<', '>', '<=', '>='];
const ON_LEFT_TEXT = ['LIKE', 'ILIKE', 'RLIKE', 'REGEXP', 'IN', 'BETWEEN'];
const TIME_FUNCTIONS =
  /^(CURRENT_TIMESTAMP|GETDATE|SYSDATE|DATEADD|TIMESTAMPADD|TO_TIMESTAMP.*|TO_DATE|CURRENT_DATE|DATE_TRUNC|P_CURRENT_TIMESTAMP)$/;

/**
 * Where in a SELECT the reader stands: DuckDB cannot sort VARIANTs, so sort keys that are VARIANT are wrapped, also
 * those given as the number of a column.
 */
export class ClauseTracker {
  private clause: 'select' | 'order' | undefined;
  private column = 0;
  private readonly variantColumns = new Map<number, Piece[]>();

  pass(item: Item, following: Item | undefined): void {
    if (isWord(item, 'SELECT')) {
      this.clause = 'select';
      this.column = 1;
    } else if (isWord(item, 'ORDER') && isWord(following, 'BY')) this.clause = 'order';
    else if (
      isWord(
        item,
        'FROM',
        'WHERE',
        'GROUP',
        'LIMIT',
        'OFFSET',
        'FETCH',
        'ROWS',
        'RANGE',
        'UNION',
        'EXCEPT',
        'MINUS',
        'INTERSECT',
      )
    )
      this.clause = undefined;
    else if (isOp(item, ',')) this.column += 1;
  }

  /** What to sort by when `operand` is a sort key that DuckDB cannot sort by itself. */
  sortable(operand: Operand, bare: boolean, item: Item): Piece[] | undefined {
    if (this.clause === 'select' && operand.variant && bare) this.variantColumns.set(this.column, operand.pieces);
    if (this.clause !== 'order') return undefined;
    if (operand.variant && bare) return operand.pieces;
    return item.kind === 'number' ? this.variantColumns.get(Number(item.text)) : undefined;
  }
}

/**
 * A VARIANT next to a comparison takes the type of the other side, as Snowflake casts it; DuckDB refuses to compare a
 * VARIANT that holds a number with a text. Also notes an alias under which the VARIANT is known from here on.
 */
export function wrapVariant(operand: Operand, items: readonly Item[], from: number, context: RewriteContext): Piece[] {
  const before = items[from - 1];
  const after = items[operand.next];
  const alias = isWord(after, 'AS') ? items[operand.next + 1] : after;
  if (
    (isWord(before, 'SELECT', 'DISTINCT') || isOp(before, ',')) &&
    alias &&
    !isGroup(alias) &&
    (alias.kind === 'quoted' || (alias.kind === 'word' && !RESERVED.has(alias.text.toUpperCase())))
  ) {
    context.variants.add(nameOf(alias).toLowerCase());
  }
  if (isWord(before, 'DISTINCT') && !isWord(items[from - 2], 'SELECT'))
    return call('sf_json', [operand.pieces], operand.pieces[0]?.at ?? 0);
  const negated = isWord(after, 'NOT') ? 1 : 0;
  let other: Item | undefined;
  if (
    isOp(after, '||') ||
    isOp(before, '||') ||
    isWord(items[operand.next + negated], 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP')
  ) {
    return call('sf_text', [operand.pieces], operand.pieces[0]?.at ?? 0);
  }
  if (isOp(after, ...COMPARISONS)) other = items[operand.next + 1];
  else if (isOp(before, ...COMPARISONS)) other = items[from - 2];
  else if (isWord(items[operand.next + negated], ...ON_LEFT_TEXT)) other = items[operand.next + negated + 1];
  else return operand.pieces;
  if (isGroup(other, '(')) other = other.items[0];
  if (isOp(other, '-')) other = items[operand.next + 2];
  return call(comparedAs(other), [operand.pieces], operand.pieces[0]?.at ?? 0);
}

function comparedAs(other: Item | undefined): string {
  if (other?.kind === 'number') return 'sf_num';
  if (isWord(other, 'TRUE', 'FALSE')) return 'sf_bool';
  if (other?.kind === 'word' && TIME_FUNCTIONS.test(other.text.toUpperCase())) return 'sf_ts';
  return 'sf_text';
}
