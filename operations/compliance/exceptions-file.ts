import { writeTable } from './csv-table';
import { shapeOf } from './populations';
import type { QueryRecord } from './query-record';
import type { Exception } from './rules/rule';

export const exceptionColumns = [
  'id',
  'control',
  'class',
  'kind',
  'at',
  'subject',
  'statement',
  'population_file',
  'query_ids',
  'panther_query_ids',
  'rows',
  'first_row_sha256',
] as const;
const citationColumns = ['exception_id', 'population_file', 'row_sha256'] as const;

/** `E-0001` and so on, in the order of the list. */
export function exceptionId(index: number): string {
  return `E-${String(index + 1).padStart(4, '0')}`;
}

/** The list of exceptions, and which rows each of them rests on: the two files, and nothing but what the rules found. */
export function exceptionFiles(
  found: readonly Exception[],
  queries: readonly QueryRecord[],
): { exceptions: string; citations: string } {
  const cited: Record<string, string>[] = [];
  const listed = found.map((exception, index) => {
    const id = exceptionId(index);
    const { file } = shapeOf(exception.population);
    const asked = queries.filter(({ population }) => population === exception.population);
    for (const { sha256 } of exception.rows)
      cited.push({ exception_id: id, population_file: file, row_sha256: sha256 });
    return {
      id,
      control: exception.control,
      class: exception.class,
      kind: exception.kind,
      at: exception.at,
      subject: exception.subject,
      statement: exception.statement,
      population_file: file,
      query_ids: asked.map(({ id: query }) => query).join('; '),
      panther_query_ids: asked.flatMap(({ query_id: query }) => query ?? []).join('; '),
      rows: String(exception.rows.length),
      first_row_sha256: exception.rows[0]?.sha256 ?? '',
    };
  });
  return { exceptions: writeTable(exceptionColumns, listed).text, citations: writeTable(citationColumns, cited).text };
}
