/** A query in a file of detections as code. */
export interface YamlQuery {
  key: 'Query' | 'SnowflakeQuery' | 'DatabricksQuery';
  /** Where the key stands in the file. */
  offset: number;
  /**
   * The query with blanks for everything before it, so that offsets into it are offsets into the file; line ends that YAML
   * folds are spaces. Undefined when the value is not a block (`|` or `>`).
   */
  sql: string | undefined;
}

/**
 * The queries of a YAML file, as far as they are blocks under a top-level key. This is no YAML parser: it knows the one form that
 * queries are written in.
 */
export function queriesInYaml(content: string): YamlQuery[] {
  const found: YamlQuery[] = [];
  for (const match of content.matchAll(
    /^(["']?)(Query|SnowflakeQuery|DatabricksQuery)\1[ \t]*:(?=\s|$)[ \t]*(.*)$/gm,
  )) {
    const [whole, , key, value = ''] = match;
    const block = /^([|>])[-+]?\s*(?:#.*)?$/.exec(value);
    const start = match.index + whole.length + 1;
    const sql = block === null ? undefined : blockAt(content, start, block[1] === '>');
    found.push({ key: key as YamlQuery['key'], offset: match.index, sql });
  }
  return found;
}

function blockAt(content: string, start: number, folded: boolean): string {
  const lines: string[] = [];
  let indent = 0;
  for (const line of content.slice(start).split('\n')) {
    const blank = line.trim() === '';
    const own = line.length - line.trimStart().length;
    if (!blank && indent === 0) indent = own;
    if (!blank && (own < indent || own === 0)) break;
    lines.push(line);
  }
  let sql = content.slice(0, start).replace(/[^\n]/g, ' ');
  for (const [index, line] of lines.entries())
    sql += line + (folded && joins(line, lines[index + 1], indent) ? ' ' : '\n');
  return sql;
}

/** YAML joins two lines of a folded block when neither is blank or indented further. */
function joins(line: string, next: string | undefined, indent: number): boolean {
  return [line, next ?? ''].every(
    (text) => text.trim() !== '' && /^ */.exec(text)?.[0].length === indent && text.charAt(indent) !== '\t',
  );
}
