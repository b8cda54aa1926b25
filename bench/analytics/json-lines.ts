import { readFileSync } from 'node:fs';

/** Is told of lines that are no record, once for each file; throws where none may be left out. */
export type LeaveOut = (text: string) => void;

/** For training and fitting, which have to be exact. */
export const refuse: LeaveOut = (text) => {
  throw new Error(text);
};

/**
 * The records of a file of NDJSON for which `isRecord` holds; further fields of a record do no harm. Empty lines are none;
 * lines that are no JSON or no record are left out and told, with the number of the first.
 */
export function jsonLines<T>(
  path: string,
  isRecord: (value: unknown) => value is T,
  leaveOut: LeaveOut = refuse,
  name = path,
): T[] {
  const records: T[] = [];
  const bad: number[] = [];
  for (const [index, line] of readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (isRecord(value)) records.push(value);
    else bad.push(index + 1);
  }
  if (bad.length > 0)
    leaveOut(
      `${name}: ${bad.length} ${bad.length === 1 ? 'line is' : 'lines are'} no record, the first is line ${bad[0]}`,
    );
  return records;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The fields of an object; of anything else none. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
