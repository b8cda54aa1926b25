import type { Group, Token } from './sql-tokens';
import { stringValue } from './sql-tokens';

/** A run of rewritten text and the source offset it stands for, so that an error in it can be placed. */
export interface Piece {
  text: string;
  at: number;
}

/** Joins runs with commas. */
export function interleave(parts: readonly Piece[][], at: number): Piece[] {
  return parts.flatMap((part, i) => (i === 0 ? part : [{ text: ',', at }, ...part]));
}

/** A call of `name`. */
export function call(name: string, args: readonly Piece[][], at: number): Piece[] {
  return [{ text: `${name}(`, at }, ...interleave(args, at), { text: ')', at }];
}

const CLOSING = { '(': ')', '[': ']', '{': '}' } as const;

/** Puts the group's own brackets around its rewritten contents. */
export function bracket(group: Group, inner: readonly Piece[]): Piece[] {
  return [{ text: group.text, at: group.start }, ...inner, { text: CLOSING[group.text], at: group.end - 1 }];
}

/** A string or number for the dialect translation. */
export function literal(token: Token): string {
  return token.kind === 'string' ? sqlString(stringValue(token)) : token.text;
}

/** A Snowflake string literal: the dialect translation reads backslashes as escapes. */
export function sqlString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A quoted name. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A moment as a literal, UTC, in milliseconds. */
export function timestampLiteral(at: Date): string {
  return `TIMESTAMP '${at.toISOString().replace('T', ' ').slice(0, -1)}'`;
}
