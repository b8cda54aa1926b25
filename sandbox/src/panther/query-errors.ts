import { accessFailure, QueryFailure, syntaxFailure } from './snowflake-sql';
import { isOp, nameOf, SqlSyntaxError, type Token } from './sql-tokens';

const COMPILATION = 'SQL compilation error:\n';

/**
 * What Snowflake would say about a statement that DuckDB refused. `database` is the query's default database, used to
 * spell out the full name of a missing table. Texts without a known counterpart are passed on in a general form.
 */
export function queryFailure(error: Error, sql: string, tokens: readonly Token[], database: string): QueryFailure {
  const text = error.message.replace(/\n\s*\nLINE[\s\S]*$/, '');
  const compile = (message: string): QueryFailure => new QueryFailure(COMPILATION + message);
  const [, table] = /Table with name "?([^"\s!]+)"? does not exist/.exec(text) ?? [];
  if (table !== undefined) {
    if (/because schema/.test(text)) return compile(missingObject(lastPart(table), tokens, database, 'schema'));
    return compile(missingObject(table, tokens, database, 'table'));
  }
  const [, catalog] = /(?:Catalog|Schema) (?:with name )?"?([^"\s]+)"? does not exist/.exec(text) ?? [];
  if (catalog !== undefined) return compile(`Database '${catalog.toUpperCase()}' does not exist or not authorized.`);
  const [, column] = /Referenced column "((?:[^"]|"")+)" (?:was )?not found/.exec(text) ?? [];
  if (column !== undefined) return compile(`invalid identifier '${column.toUpperCase()}'`);
  const [, alias, field] = /Table "([^"]+)" does not have a column named "([^"]+)"/.exec(text) ?? [];
  if (alias !== undefined) return compile(`invalid identifier '${`${alias}.${field}`.toUpperCase()}'`);
  const [, qualifier] = /Referenced table "([^"]+)" not found/.exec(text) ?? [];
  if (qualifier !== undefined) return compile(`invalid identifier '${chainFrom(qualifier, tokens).toUpperCase()}'`);
  const [, fn] = /Function with name "?([^"\s]+)"? does not exist/.exec(text) ?? [];
  if (fn !== undefined) return compile(`Unknown function ${fn.toUpperCase()}`);
  const [, ungrouped] = /column "([^"]+)" must appear in the GROUP BY/.exec(text) ?? [];
  if (ungrouped !== undefined)
    return compile(`'${ungrouped.toUpperCase()}' in select clause is neither an aggregate nor in the group by clause.`);
  const [, near] = /syntax error at or near "([^"]*)"/.exec(text) ?? [];
  if (near !== undefined) return syntaxFailure(sql, placeOf(near, tokens, sql));
  if (/syntax error at end of input/.test(text))
    return syntaxFailure(sql, new SqlSyntaxError(sql.trimEnd().length, '<EOF>'));
  const [, stamp] = /invalid (?:timestamp|date) field format: "([^"]*)"/.exec(text) ?? [];
  if (stamp !== undefined) return new QueryFailure(`Timestamp '${stamp}' is not recognized`);
  const [, number] = /Could not convert string '([^']*)' to (?:U?INT|DOUBLE|DECIMAL|FLOAT|HUGEINT)/.exec(text) ?? [];
  if (number !== undefined) return new QueryFailure(`Numeric value '${number}' is not recognized`);
  if (/Permission Error|disabled by configuration/.test(text)) return accessFailure(tokens);
  if (/INTERRUPT/i.test(text)) return new QueryFailure('SQL execution canceled');
  const [first = ''] = text.split('\n');
  return compile(first.replace(/^[A-Za-z ]+ Error: /, '').replaceAll(/\bsf_/gi, ''));
}

function lastPart(name: string): string {
  return name.split('.').at(-1) ?? name;
}

function missingObject(name: string, tokens: readonly Token[], database: string, missing: 'table' | 'schema'): string {
  const parts = tableChain(name, tokens);
  const [defaultDatabase = 'panther_logs', defaultSchema = 'public'] = database.split('.');
  const full = [defaultDatabase, defaultSchema].slice(0, Math.max(0, 3 - parts.length)).concat(parts);
  if (missing === 'schema')
    return `Schema '${full.slice(0, 2).join('.').toUpperCase()}' does not exist or not authorized.`;
  return `Object '${full.join('.').toUpperCase()}' does not exist or not authorized.`;
}

/** The dotted name in the query that ends with `name`; just the name when there is none. */
function tableChain(name: string, tokens: readonly Token[]): string[] {
  const wanted = lastPart(name).toLowerCase();
  for (const [i, token] of tokens.entries()) {
    if (
      (token.kind !== 'word' && token.kind !== 'quoted') ||
      nameOf(token).toLowerCase() !== wanted ||
      isOp(tokens[i + 1], '.')
    )
      continue;
    const chain = [nameOf(token)];
    for (let at = i; isOp(tokens[at - 1], '.'); at -= 2) {
      const part = tokens[at - 2];
      if (part) chain.unshift(nameOf(part));
    }
    return chain;
  }
  return [name];
}

function chainFrom(qualifier: string, tokens: readonly Token[]): string {
  const at = tokens.findIndex(
    (token, i) => nameOf(token).toLowerCase() === qualifier.toLowerCase() && isOp(tokens[i + 1], '.'),
  );
  const member = tokens[at + 2];
  return at >= 0 && member ? `${qualifier}.${nameOf(member)}` : qualifier;
}

function placeOf(near: string, tokens: readonly Token[], sql: string): SqlSyntaxError {
  const token = tokens.find((candidate) => candidate.text.toLowerCase() === near.toLowerCase());
  return token ? new SqlSyntaxError(token.start, token.text) : new SqlSyntaxError(sql.trimEnd().length, near);
}
