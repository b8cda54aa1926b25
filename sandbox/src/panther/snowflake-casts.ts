import { CompilationError } from './rewrite-context';
import { call, type Piece } from './sql-pieces';
import type { Group, Token } from './sql-tokens';

const CASTS: [types: RegExp, macro: string, tried: string][] = [
  [/^(VARCHAR|STRING|TEXT|CHAR|CHARACTER|NCHAR|NVARCHAR|NVARCHAR2)$/, 'sf_text', 'sf_text'],
  [/^(VARIANT|OBJECT|ARRAY|MAP)$/, 'sf_variant', 'sf_variant'],
  [/^(NUMBER|DECIMAL|NUMERIC|INT|INTEGER|BIGINT|SMALLINT|TINYINT|BYTEINT)$/, 'sf_int', 'sf_try_int'],
  [/^(FLOAT|FLOAT4|FLOAT8|DOUBLE|REAL)$/, 'sf_double', 'sf_num'],
  [/^BOOLEAN$/, 'sf_boolean', 'sf_bool'],
  [/^DATE$/, 'sf_date', 'sf_try_date'],
  [/^(TIMESTAMP|DATETIME|TIMESTAMP_?(NTZ|LTZ|TZ))$/, 'sf_ts', 'sf_try_ts'],
];

/** A cast to a Snowflake type, as a call of the macro with its meaning. Throws CompilationError for an unknown type. */
export function cast(
  value: Piece[],
  type: Token,
  args: Group | undefined,
  tried: boolean,
): { pieces: Piece[]; variant: boolean } {
  const name = type.text.toUpperCase();
  const scale = args?.items[2];
  if (scale && scale.text !== '0' && /^(NUMBER|DECIMAL|NUMERIC)$/.test(name)) {
    const text = `AS DECIMAL(${args.items.map((item) => item.text).join('')}))`;
    return {
      pieces: [{ text: tried ? 'TRY_CAST(' : 'CAST(', at: type.start }, ...value, { text, at: type.start }],
      variant: false,
    };
  }
  const known = CASTS.find(([types]) => types.test(name));
  if (!known) throw new CompilationError(`Unsupported data type '${name}'.`);
  return { pieces: call(known[tried ? 2 : 1], [value], type.start), variant: known[1] === 'sf_variant' };
}
