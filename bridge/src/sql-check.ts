import { checkSql, type SqlGuardOptions, type SqlProblem } from '../../operations/panther/sql/guard';
import type { SqlDialect } from '../../operations/panther/tenant-settings';
import { cleanLine } from '../../operations/text';
import { queriesInYaml, type YamlQuery } from './yaml-query';

export interface CheckedFile {
  /** As it was given; `-` is standard input. */
  file: string;
  /** The key of a query in a .yml file; null for a file that is SQL. */
  key: string | null;
  problems: SqlProblem[];
  /** The whole text of the file, which the places of the problems refer to. */
  sql: string;
}

const dialectOf: Partial<Record<YamlQuery['key'], SqlDialect>> = {
  SnowflakeQuery: 'snowflake',
  DatabricksQuery: 'databricks',
};

/**
 * What is wrong with the queries of one file. A .yml or .yaml file may hold several under different keys, or none; a query that
 * cannot be taken out of it is a problem too. Places are those of the file.
 */
export function checkedFile(file: string, content: string, options: SqlGuardOptions): CheckedFile[] {
  if (!/\.ya?ml$/i.test(file)) return [{ file, key: null, problems: checkSql(content, options), sql: content }];
  return queriesInYaml(content).map(({ key, offset, sql }) => {
    const entry = { file, key, sql: content };
    if (sql === undefined) return { ...entry, problems: [unreadable(content, offset, key)] };
    const dialect = dialectOf[key] ?? options.settings.dialect;
    const settings = { ...options.settings, dialect };
    return {
      ...entry,
      // Folding has turned some line ends into spaces: the place is taken from the file.
      problems: checkSql(sql, { ...options, settings }).map((problem) => ({
        ...problem,
        ...place(content, problem.offset),
      })),
    };
  });
}

/** One block for each problem, like a linter's, and a line with the sum. */
export function checkText(checked: readonly CheckedFile[]): string {
  const lines: string[] = [];
  for (const { file, key, problems, sql } of checked) {
    for (const problem of problems) {
      const { line, column, message, rule, fix } = problem;
      lines.push(`${cleanLine(file)}:${line}:${column}  ${message}  [${rule}${key === null ? '' : `, ${key}`}]`);
      lines.push(...excerpt(sql, problem));
      if (fix !== '') lines.push(`    fix: ${fix}`);
      lines.push('');
    }
  }
  const refused = checked.filter(({ problems }) => problems.length > 0).length;
  const count = checked.reduce((sum, { problems }) => sum + problems.length, 0);
  const total = `${checked.length} ${checked.length === 1 ? 'query' : 'queries'}`;
  lines.push(
    refused === 0
      ? `${total}, no problems`
      : `${total}, ${refused} refused, ${count} ${count === 1 ? 'problem' : 'problems'}`,
  );
  return lines.join('\n');
}

/** A JSON list with one entry for each query. */
export function checkJson(checked: readonly CheckedFile[]): string {
  const entries = checked.map(({ sql: _, ...entry }) => entry);
  // A token stands here as it was written; JSON lets signs through that a terminal obeys.
  return JSON.stringify(entries, null, 2).replace(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, (sign) =>
    sign
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

const width = 110;

/** The line with a caret under the token; of a long line the part around it. */
function excerpt(sql: string, { offset, column, token }: SqlProblem): string[] {
  const start = offset - (column - 1);
  const end = sql.indexOf('\n', offset);
  // One character for one, so that the caret stays where it belongs.
  const line = sql.slice(start, end === -1 ? sql.length : end).replace(/[\p{C}\u2028\u2029]/gu, ' ');
  const from = Math.max(0, Math.min(column - 1 - 40, line.length - width));
  const shown = line.slice(from, from + width);
  const at = column - 1 - from;
  const first = token.split('\n')[0] ?? '';
  const carets = '^'.repeat(Math.max(1, Math.min(first.length, shown.length - at)));
  return [`    ${shown}`.trimEnd(), `    ${' '.repeat(at)}${carets}`];
}

function unreadable(content: string, offset: number, key: string): SqlProblem {
  return {
    rule: 'unreadable',
    message: `the query under ${key} is not written as a block`,
    fix: `write "${key}: |" and the query below it, indented`,
    token: key,
    offset,
    ...place(content, offset),
  };
}

function place(content: string, offset: number): { line: number; column: number } {
  const before = content.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
