import type { Dependency, FileContent } from '../../../operations/gitlab/supply-chain/dependency';
import { readFile } from '../../../operations/gitlab/supply-chain/file-readers';

/** What a file says, as its reader has it. Throws when no reader takes a file of this name. */
export function read(path: string, text: string): FileContent {
  const content = readFile(path, text);
  if (content === undefined) throw new Error(`nothing reads ${path}`);
  return content;
}

/** name, version, source, where it comes from, checksums. */
export type Row = [string, string | null, string, string | null, ...string[]];

export function rowOf({ name, version, source, integrity }: Dependency): Row {
  return [name, version, source.type, source.url, ...integrity];
}

/** Rows of a file that has to be read whole. */
export function rows(path: string, text: string): Row[] {
  const { problems, dependencies } = read(path, text);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return dependencies.map(rowOf);
}

/** Settings by kind and key. */
export function settings(path: string, text: string): Record<string, string> {
  return Object.fromEntries(read(path, text).settings.map(({ kind, key, value }) => [`${kind} ${key}`, value]));
}

/** Names of the entries for which something holds. */
export function namesOf(path: string, text: string, holds: (entry: Dependency) => boolean): string[] {
  return read(path, text)
    .dependencies.filter(holds)
    .map(({ name }) => name);
}
