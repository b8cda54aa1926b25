import type { TableAccess } from './table-access';
import type { Range } from './token-list';

/** Something that one query block reads from. */
export interface Relation {
  /** A table or view of the data lake; rows of a subquery, WITH, VALUES; rows of a table function; a piece of a template. */
  kind: 'table' | 'derived' | 'function' | 'opaque';
  /** Where it stands. */
  index: number;
  /** The name that columns are qualified with, as the database compares it; undefined when there is none. */
  name: string | undefined;
  /** The whole name as the database compares it, for a table without an alias. */
  path: string[];
  /** As written. */
  source: string;
  /** The alias as written. */
  alias: string | undefined;
  access: TableAccess | undefined;
  /** The query or the arguments say what its columns are called, so that it may have a column of any name. */
  namesColumns: boolean;
  /** ON conditions that every row read from it has to meet. */
  filters: Range[];
}

/** The relations of one query block, and what a column name in its conditions belongs to. */
export class BlockScope {
  constructor(
    readonly relations: readonly Relation[],
    /** Names that the SELECT list gives to expressions: some databases let WHERE use them. */
    readonly selectAliases: ReadonlySet<string>,
    /** A query around this one has columns too: a name that no relation here has may be one of those. */
    private readonly correlated: boolean,
  ) {}

  /** Whether a column qualified like this (empty: not qualified) is a column of `relation` and of no other. */
  belongs(qualifier: readonly string[], column: string, relation: Relation): boolean {
    if (qualifier.length === 0) return this.unqualifiedBelongs(column, relation);
    const named = this.relations.filter((other) => isNamed(other, qualifier));
    return named.length === 1 && named[0] === relation;
  }

  private unqualifiedBelongs(column: string, relation: Relation): boolean {
    if (this.relations.filter(({ access }) => access?.needsTime === true).length !== 1) return false;
    if (relation.access?.hasEventTime === true && sureColumns.has(column)) return true;
    // The column may be missing from the table: then it is another relation's, an outer query's, or an alias of the SELECT list.
    const others = this.relations.some(
      (other) => other !== relation && (other.kind !== 'function' || other.namesColumns),
    );
    return !this.correlated && !others && !this.selectAliases.has(column);
  }
}

/** Every table of Panther's logs has them, so that a second one in the same block would be an ambiguity, which is an error. */
const sureColumns = new Set(['P_EVENT_TIME', 'P_PARSE_TIME', 'P_ROW_ID']);

function isNamed(relation: Relation, qualifier: readonly string[]): boolean {
  if (qualifier.length === 1) return relation.name === qualifier[0];
  if (relation.alias !== undefined || relation.path.length < qualifier.length) return false;
  const end = relation.path.slice(-qualifier.length);
  return qualifier.every((part, index) => part === end[index]);
}
