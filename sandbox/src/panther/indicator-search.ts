import { INDICATORS, TABLES, type Table } from './catalogue';
import { RequestError } from './query-log';

export interface IndicatorInput {
  indicators: string[];
  startTime: string;
  endTime: string;
  indicatorName?: string | null;
  databases?: string[] | null;
  tables?: string[] | null;
}

const COLUMNS = ['p_log_type', 'p_event_time', 'p_row_id', 'p_source_label', ...INDICATORS.map(({ name }) => name)];

/**
 * Indicator search as SQL: rows with any of the indicators in the named list, or in any list. Over the view of all logs,
 * unless databases or tables are named, with or without schema and database in front.
 */
export function indicatorSql(input: IndicatorInput): string {
  const known = INDICATORS.map(({ name }) => name);
  const { indicatorName: kind = 'AutoDetectType' } = input;
  // Lists that no table of the lake has, such as hashes, hold nothing; the other kinds look into all of them.
  const lists = kind?.startsWith('p_any_') ? known.filter((name) => name === kind) : known;
  const tests = lists.flatMap((list) =>
    input.indicators.map((indicator) => `ARRAY_CONTAINS(${quoted(indicator)}::VARIANT, ${list})`),
  );
  const where = `p_occurs_between(${quoted(input.startTime)}, ${quoted(input.endTime)}) AND (${tests.join(' OR ') || 'FALSE'})`;
  const parts = sources(input).map((source) => `SELECT ${COLUMNS.join(', ')} FROM ${source} WHERE ${where}`);
  return `${parts.join(' UNION ALL ')} ORDER BY p_event_time DESC LIMIT 1000`;
}

function sources({ databases, tables }: IndicatorInput): string[] {
  if (!databases?.length && !tables?.length) return ['panther_views.public.all_logs'];
  const bare = (name: string): string => name.toLowerCase().replace(/\.public$/, '');
  const inDatabase = (table: Table): boolean =>
    databases?.length ? databases.some((name) => bare(name) === table.database) : table.database !== 'panther_views';
  const isNamed = ({ database, name }: Table): boolean =>
    !tables?.length ||
    tables.some((asked) => [name, `${database}.${name}`, `${database}.public.${name}`].includes(asked.toLowerCase()));
  const found = TABLES.filter(
    (table) => inDatabase(table) && isNamed(table) && table.columns.some(({ name }) => name === 'p_any_ip_addresses'),
  );
  if (found.length === 0) throw new RequestError('no table to search');
  return found.map(({ database, name }) => `${database}.public.${name}`);
}

/** A text as a SQL literal. */
export function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
