import { CompilationError, type Operand, RESERVED, type RewriteContext } from './rewrite-context';
import { unnamedColumns } from './select-names';
import { listOf, readCall } from './snowflake-calls';
import { cast } from './snowflake-casts';
import { intervalParts } from './snowflake-functions';
import { bracket, call, literal, type Piece, quote, timestampLiteral } from './sql-pieces';
import { type Item, isGroup, isOp, isWord, nameOf, SqlSyntaxError, stringValue, type Token } from './sql-tokens';
import { ClauseTracker, wrapVariant } from './variant-operands';

const NOW_FUNCTIONS = [
  'CURRENT_TIMESTAMP',
  'LOCALTIMESTAMP',
  'SYSDATE',
  'GETDATE',
  'NOW',
  'SYSTIMESTAMP',
  'P_CURRENT_TIMESTAMP',
];

/**
 * Rewrites the parts of Snowflake SQL that a plain dialect translation gets wrong, on the token tree: Panther's time
 * filters, `a:b.c[0]` paths, `::` casts, comparisons with VARIANT values, FLATTEN, date units, intervals, LISTAGG and
 * ARRAY_AGG, and names for unnamed columns. What is left is ordinary SQL with calls to the macros of duckdb-macros.ts.
 */
export function rewrite(items: readonly Item[], settings: Omit<RewriteContext, 'list'>): Piece[] {
  const context: RewriteContext = { ...settings, list: (inner) => rewriteList(inner, context) };
  return context.list(items).pieces;
}

function rewriteList(items: readonly Item[], context: RewriteContext): { pieces: Piece[]; variant: boolean } {
  const pieces: Piece[] = [];
  const names = unnamedColumns(items, context.sql);
  let operands = 0;
  let variant = false;
  let i = 0;
  const clause = new ClauseTracker();
  const name = (): void => {
    const text = names.get(i);
    if (text !== undefined) pieces.push({ text: `AS ${quote(text)}`, at: items[i - 1]?.start ?? 0 });
  };
  while (i < items.length) {
    name();
    const item = items[i] as Item;
    const operand = readOperand(items, i, context);
    clause.pass(item, items[i + 1]);
    if (!operand) {
      pieces.push({ text: item.text, at: item.start });
      i += 1;
      operands += 2;
      continue;
    }
    let wrapped = operand.variant ? wrapVariant(operand, items, i, context) : operand.pieces;
    const sortable = clause.sortable(operand, wrapped === operand.pieces, item);
    if (sortable) wrapped = call('sf_sort', [sortable], item.start);
    pieces.push(...wrapped);
    i = operand.next;
    operands += 1;
    variant = operand.variant && wrapped === operand.pieces;
  }
  name();
  return { pieces, variant: operands === 1 && variant };
}

function readOperand(items: readonly Item[], from: number, context: RewriteContext): Operand | undefined {
  let operand = readPrimary(items, from, context);
  while (operand) {
    const next = readPostfix(items, operand, context);
    if (!next) return operand;
    operand = next;
  }
  return operand;
}

function readPrimary(items: readonly Item[], from: number, context: RewriteContext): Operand | undefined {
  const item = items[from];
  const following = items[from + 1];
  if (!item) return undefined;
  if (isGroup(item)) {
    const inner = context.list(item.items);
    if (item.text === '[')
      return {
        pieces: call('sf_variant', [bracket(item, listOf(item, context))], item.start),
        next: from + 1,
        variant: true,
      };
    return { pieces: bracket(item, inner.pieces), next: from + 1, variant: inner.variant };
  }
  if (item.kind === 'string' || item.kind === 'number')
    return { pieces: [{ text: literal(item), at: item.start }], next: from + 1, variant: false };
  if (item.kind === 'op') return undefined;
  if (isWord(item, 'CASE')) return readCase(items, from, context);
  if (item.kind === 'word') {
    const special = readSpecialWord(items, from, context);
    if (special) return special;
    if (RESERVED.has(item.text.toUpperCase()) && !(isWord(item, 'LEFT', 'RIGHT') && isGroup(following, '(')))
      return undefined;
  }
  return readName(items, from, context);
}

function readSpecialWord(items: readonly Item[], from: number, context: RewriteContext): Operand | undefined {
  const item = items[from] as Token;
  const following = items[from + 1];
  const word = item.text.toUpperCase();
  const isCall = isGroup(following, '(');
  if (NOW_FUNCTIONS.includes(word) && (isCall || word === 'CURRENT_TIMESTAMP' || word === 'LOCALTIMESTAMP')) {
    return {
      pieces: [{ text: timestampLiteral(context.now), at: item.start }],
      next: from + (isCall ? 2 : 1),
      variant: false,
    };
  }
  if (word === 'CURRENT_DATE') {
    const text = `DATE '${context.now.toISOString().slice(0, 10)}'`;
    return { pieces: [{ text, at: item.start }], next: from + (isCall ? 2 : 1), variant: false };
  }
  if (word === 'INTERVAL' && following?.kind === 'string') {
    const parts = intervalParts(stringValue(following));
    if (!parts) throw new CompilationError(`invalid interval literal ${following.text}`);
    const text = `(${parts.map(({ count, unit }) => `sf_interval('${unit}', ${count})`).join(' + ')})`;
    return { pieces: [{ text, at: item.start }], next: from + 2, variant: false };
  }
  if ((word === 'TABLE' || word === 'LATERAL') && isFlatten(isCall ? following.items[0] : following)) {
    // DuckDB joins table functions laterally by itself.
    const inner = isCall ? following.items : items.slice(from + 1, from + 3);
    const call = readName(inner, 0, context);
    const joined = isWord(items[from - 1], 'JOIN') ? [{ text: 'LATERAL', at: item.start }] : [];
    return { pieces: [...joined, ...(call?.pieces ?? [])], next: from + (isCall ? 2 : 3), variant: false };
  }
  if (word === 'LATERAL' && isWord(following, 'TABLE')) return readSpecialWord(items, from + 1, context);
  return undefined;
}

function isFlatten(item: Item | undefined): boolean {
  return isWord(item, 'FLATTEN');
}

/** `CASE … END`, as one operand. */
function readCase(items: readonly Item[], from: number, context: RewriteContext): Operand {
  let depth = 0;
  for (let i = from; i < items.length; i += 1) {
    if (isWord(items[i], 'CASE')) depth += 1;
    if (isWord(items[i], 'END')) depth -= 1;
    if (depth > 0) continue;
    const inner = context.list(items.slice(from + 1, i)).pieces;
    const pieces = [{ text: 'CASE', at: items[from]?.start ?? 0 }, ...inner, { text: 'END', at: items[i]?.start ?? 0 }];
    return { pieces, next: i + 1, variant: false };
  }
  throw new SqlSyntaxError(context.sql.trimEnd().length, '<EOF>');
}

/** A possibly qualified name, or a call. */
function readName(items: readonly Item[], from: number, context: RewriteContext): Operand {
  const chain: Token[] = [items[from] as Token];
  let next = from + 1;
  while (isOp(items[next], '.')) {
    const part = items[next + 1];
    if (!part || isGroup(part) || (part.kind !== 'word' && part.kind !== 'quoted')) break;
    chain.push(part);
    next += 2;
  }
  const [first] = chain as [Token, ...Token[]];
  const group = items[next];
  if (chain.length === 1 && first.kind === 'word' && isGroup(group, '('))
    return readCall(first, group, items, next + 1, context);
  const lower = chain.map((token) => nameOf(token).toLowerCase());
  const head = lower[0] ?? '';
  const isColumnOfAlias = chain.length > 2 && context.aliases.has(head) && context.variants.has(lower[1] ?? '');
  if (isColumnOfAlias || (chain.length > 1 && context.variants.has(head) && !context.aliases.has(head))) {
    // A dot does not reach into a VARIANT (a colon does): Snowflake takes the whole for the name of a column.
    throw new CompilationError(`invalid identifier '${chain.map((token) => nameOf(token).toUpperCase()).join('.')}'`);
  }
  return {
    pieces: [{ text: chain.map((token) => token.text).join('.'), at: first.start }],
    next,
    variant: context.variants.has(lower.at(-1) ?? ''),
  };
}

/** One more `:path`, `[index]` or `::type` behind an operand; undefined when none follows. */
function readPostfix(items: readonly Item[], operand: Operand, context: RewriteContext): Operand | undefined {
  const item = items[operand.next];
  const following = items[operand.next + 1];
  const isPath = isOp(item, ':') || (operand.variant && isOp(item, '.'));
  if (isPath && following && !isGroup(following) && (following.kind === 'word' || following.kind === 'quoted')) {
    const key = `'${nameOf(following).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    return {
      pieces: call('sf_key', [operand.pieces, [{ text: key, at: following.start }]], item.start),
      next: operand.next + 2,
      variant: true,
    };
  }
  if (isGroup(item, '[')) {
    const [only] = item.items;
    const index = context.list(item.items).pieces;
    const constant = item.items.length === 1 && only;
    const macro =
      constant && only.kind === 'string' ? 'sf_key' : constant && only.kind === 'number' ? 'sf_at' : 'sf_item';
    return { pieces: call(macro, [operand.pieces, index], item.start), next: operand.next + 1, variant: true };
  }
  if (isOp(item, '::')) {
    if (following?.kind !== 'word')
      throw new SqlSyntaxError(following?.start ?? context.sql.trimEnd().length, following?.text ?? '<EOF>');
    const args = items[operand.next + 2];
    const hasArgs = isGroup(args, '(');
    const { pieces, variant } = cast(operand.pieces, following, hasArgs ? args : undefined, false);
    return { pieces, next: operand.next + (hasArgs ? 3 : 2), variant };
  }
  return undefined;
}
