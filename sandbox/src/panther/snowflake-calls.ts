import { CompilationError, type Operand, type RewriteContext } from './rewrite-context';
import { cast } from './snowflake-casts';
import { dateUnit, GIVES_VARIANT, ON_TEXT, RENAMED, strftimeFormat, UNIT_ARGUMENT } from './snowflake-functions';
import { bracket, call, interleave, type Piece, sqlString, timestampLiteral } from './sql-pieces';
import {
  type Group,
  type Item,
  isGroup,
  isOp,
  isWord,
  SqlSyntaxError,
  splitByComma,
  stringValue,
  type Token,
} from './sql-tokens';
import { isTimeMacro, readTimeMacro, type TimeBound } from './time-macros';

/** Rewrites a function call; `after` is the index of the item behind its arguments. */
export function readCall(
  name: Token,
  group: Group,
  items: readonly Item[],
  after: number,
  context: RewriteContext,
): Operand {
  const upper = name.text.toUpperCase();
  const args = splitByComma(group.items);
  const done = (pieces: Piece[], next = after): Operand => ({ pieces, next, variant: GIVES_VARIANT.has(upper) });
  if (isTimeMacro(upper)) return done(timeFilter(name, group, context));
  if (upper === 'FLATTEN') return done(flatten(name, group, context));
  if (upper === 'CAST' || upper === 'TRY_CAST') return castCall(name, group, after, context);
  if (upper === 'LISTAGG' || upper === 'ARRAY_AGG') {
    const { pieces, next } = collect(name, group, items, after, context);
    return done(pieces, next);
  }
  if (upper === 'OBJECT_CONSTRUCT' || upper === 'OBJECT_CONSTRUCT_KEEP_NULL') {
    const pairs = args.map((arg, i) =>
      i % 2 === 0 ? context.list(arg).pieces : call('sf_json', [context.list(arg).pieces], name.start),
    );
    const object = call('json_object', pairs, name.start);
    return {
      pieces: call(upper === 'OBJECT_CONSTRUCT' ? 'sf_object' : 'sf_variant', [object], name.start),
      next: after,
      variant: true,
    };
  }
  if (upper === 'ARRAY_CONSTRUCT') {
    return done(
      call(
        'sf_variant',
        [[{ text: '[', at: name.start }, ...listOf(group, context), { text: ']', at: name.start }]],
        name.start,
      ),
    );
  }
  if (upper === 'GET' || upper === 'GET_PATH') return done(getPath(name, args, context));
  const rewritten = args.map((arg, i) => argument(upper, arg, i, context));
  if ((upper === 'TO_VARCHAR' || upper === 'TO_CHAR') && args[1]?.[0]?.kind === 'string') {
    const format = strftimeFormat(stringValue(args[1][0]));
    return done(call('sf_format', [rewritten[0] ?? [], [{ text: sqlString(format), at: name.start }]], name.start));
  }
  const target = RENAMED[upper];
  if (target === undefined)
    return done([{ text: name.text, at: name.start }, ...bracket(group, interleave(rewritten, group.start))]);
  // A format argument of TO_TIMESTAMP and the like is not needed: every format in use is read without one.
  const kept = /^sf_(try_)?(ts|date|int|text)$/.test(target) ? rewritten.slice(0, 1) : rewritten;
  return done(call(target, kept, name.start));
}

function argument(fn: string, arg: readonly Item[], index: number, context: RewriteContext): Piece[] {
  const [only] = arg;
  if (
    UNIT_ARGUMENT[fn] === index &&
    arg.length === 1 &&
    only &&
    !isGroup(only) &&
    (only.kind === 'word' || only.kind === 'string')
  ) {
    return [{ text: `'${dateUnit(only.kind === 'string' ? stringValue(only) : only.text)}'`, at: only.start }];
  }
  const { pieces, variant } = context.list(arg);
  return variant && ON_TEXT.has(fn) ? call('sf_text', [pieces], pieces[0]?.at ?? 0) : pieces;
}

function castCall(name: Token, group: Group, after: number, context: RewriteContext): Operand {
  const as = group.items.findLastIndex((item) => isWord(item, 'AS'));
  const type = group.items[as + 1];
  const args = group.items[as + 2];
  if (as < 1 || type?.kind !== 'word') throw new SqlSyntaxError(type?.start ?? group.end - 1, type?.text ?? ')');
  const value = context.list(group.items.slice(0, as)).pieces;
  const { pieces, variant } = cast(
    value,
    type,
    isGroup(args, '(') ? args : undefined,
    name.text.toUpperCase() === 'TRY_CAST',
  );
  return { pieces, next: after, variant };
}

function timeFilter(name: Token, group: Group, context: RewriteContext): Piece[] {
  const range = readTimeMacro(name.text, group.items, context.sql);
  const column = range.alias ? `${range.alias}.${range.column}` : range.column;
  const side = (bound: TimeBound | undefined, operator: string): Piece[][] => {
    if (!bound) return [];
    const base = bound.from
      ? call('sf_ts', [context.list(bound.from).pieces], name.start)
      : [{ text: timestampLiteral(context.now), at: name.start }];
    const shift = bound.shiftSeconds === 0 ? '' : `+ sf_interval('second', ${bound.shiftSeconds})`;
    return [[{ text: `${column} ${operator}`, at: name.start }, ...base, { text: shift, at: name.start }]];
  };
  const sides = [...side(range.lower, '>='), ...side(range.upper, '<=')];
  const joined = sides.flatMap((pieces, i) => (i === 0 ? pieces : [{ text: 'AND', at: name.start }, ...pieces]));
  return [{ text: '(', at: name.start }, ...joined, { text: ')', at: group.end - 1 }];
}

function flatten(name: Token, group: Group, context: RewriteContext): Piece[] {
  const named = new Map<string, Item[]>();
  for (const [i, arg] of splitByComma(group.items).entries()) {
    if (isOp(arg[1], '=>') && arg[0]) named.set(arg[0].text.toLowerCase(), arg.slice(2));
    else if (i === 0) named.set('input', arg);
  }
  const input = named.get('input');
  if (!input) throw new CompilationError('missing required argument INPUT of function FLATTEN');
  let value = context.list(input).pieces;
  const path = named.get('path')?.[0];
  if (path?.kind === 'string')
    for (const key of stringValue(path).split('.'))
      value = call('sf_key', [value, [{ text: sqlString(key), at: path.start }]], path.start);
  const flag = (key: string): boolean => isWord(named.get(key)?.[0], 'TRUE');
  return call(
    flag('outer') ? 'sf_flatten_outer' : flag('recursive') ? 'sf_flatten_tree' : 'sf_flatten',
    [value],
    name.start,
  );
}

/** LISTAGG and ARRAY_AGG: both leave out NULLs, and take their order from WITHIN GROUP. */
function collect(
  name: Token,
  group: Group,
  items: readonly Item[],
  after: number,
  context: RewriteContext,
): { pieces: Piece[]; next: number } {
  const isList = name.text.toUpperCase() === 'LISTAGG';
  const [first = [], separator] = splitByComma(group.items);
  const distinct = isWord(first[0], 'DISTINCT');
  const { pieces: inner, variant } = context.list(distinct ? first.slice(1) : first);
  // DuckDB cannot tell equal VARIANTs apart from different ones inside a DISTINCT aggregate.
  const value = isList
    ? call('sf_text', [inner], name.start)
    : distinct && variant
      ? call('sf_json', [inner], name.start)
      : inner;
  let next = after;
  let order: Piece[] = [];
  let sorted: string | undefined;
  const ordering = items[next + 2];
  if (isWord(items[next], 'WITHIN') && isWord(items[next + 1], 'GROUP') && isGroup(ordering, '(')) {
    // With DISTINCT the order can only be that of the values themselves.
    if (distinct) sorted = isWord(ordering.items.at(-1), 'DESC') ? 'list_reverse_sort' : 'list_sort';
    else order = context.list(ordering.items).pieces;
    next += 3;
  }
  const at = name.start;
  let pieces: Piece[] = [
    { text: distinct ? 'array_agg(DISTINCT' : 'array_agg(', at },
    ...value,
    ...order,
    { text: ') FILTER (WHERE', at },
    ...inner,
    { text: 'IS NOT NULL)', at },
  ];
  const over = items[next + 1];
  if (isWord(items[next], 'OVER') && isGroup(over, '(')) {
    pieces.push({ text: 'OVER', at: items[next]?.start ?? at }, ...bracket(over, context.list(over.items).pieces));
    next += 2;
  }
  if (sorted) pieces = call(sorted, [pieces], at);
  const fallback: Piece[] = isList && separator ? context.list(separator).pieces : [{ text: isList ? "''" : '[]', at }];
  return { pieces: call(isList ? 'sf_join' : 'COALESCE', [pieces, fallback], at), next };
}

function getPath(name: Token, args: readonly Item[][], context: RewriteContext): Piece[] {
  let value = context.list(args[0] ?? []).pieces;
  const key = args[1]?.[0];
  if (args[1]?.length !== 1 || !key || isGroup(key))
    return call('sf_item', [value, context.list(args[1] ?? []).pieces], name.start);
  if (key.kind !== 'string') return call('sf_item', [value, [{ text: key.text, at: key.start }]], name.start);
  const keys = name.text.toUpperCase() === 'GET' ? [stringValue(key)] : stringValue(key).split(/[.:]|(?=\[)/);
  for (const part of keys) {
    const index = /^\[(\d+)\]$/.exec(part)?.[1];
    value = call(
      index === undefined ? 'sf_key' : 'sf_at',
      [value, [{ text: index ?? sqlString(part), at: key.start }]],
      name.start,
    );
  }
  return value;
}

/** The entries of an array literal, each as a VARIANT, with commas between. */
export function listOf(group: Group, context: RewriteContext): Piece[] {
  const parts = splitByComma(group.items).map((arg) => call('sf_variant', [context.list(arg).pieces], group.start));
  return interleave(parts, group.start);
}
