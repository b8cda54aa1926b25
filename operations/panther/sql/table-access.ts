import { databaseKey, nameParts } from '../table-names';
import type { TenantSettings } from '../tenant-settings';
import { upperAscii } from './letter-case';
import type { Reading } from './reading';

/** The databases that every tenant has. */
export const pantherDatabases = [
  'panther_logs',
  'panther_views',
  'panther_rule_matches',
  'panther_rule_errors',
  'panther_signals',
  'panther_cloudsecurity',
  'panther_monitor',
  'panther_lookups',
] as const;

/** What a name in FROM stands for. */
export interface TableAccess {
  /** For messages, in lower case. */
  database: string;
  /** Whether it may be read. */
  allowed: boolean;
  /** Whether each block that reads it needs a bound on its time. */
  needsTime: boolean;
  /** Whether it certainly has a column p_event_time. */
  hasEventTime: boolean;
}

/**
 * Tables of panther_monitor that hold a few rows about the pipeline each and have no p_event_time. Its other tables, such as
 * classification_failures with whole payloads, are read like logs.
 */
const smallMonitorTables = new Set(['PIPE_HISTORY', 'LOAD_HISTORY', 'TABLE_HISTORY', 'MONITOR_HISTORY']);

/** Views of information_schema that describe tables, as the catalogue does; the others tell of roles, stages and queries. */
const catalogueViews = new Set(['TABLES', 'COLUMNS', 'SCHEMATA', 'VIEWS']);

const panther: ReadonlySet<string> = new Set(pantherDatabases.map((name) => name.toUpperCase()));

/** The rules for one query: where unqualified names lead, and what may be read. */
export class TableRules {
  private readonly granted: ReadonlySet<string>;
  private readonly here: string[];

  constructor(
    database: string,
    settings: TenantSettings,
    private readonly reading: Reading,
  ) {
    this.granted = new Set(settings.databases.map(upperAscii));
    this.here = nameParts(databaseKey(database, settings.dialect)).map(upperAscii);
  }

  /** `path` is the name as the database compares it, one to three parts (an empty second part is the default schema). */
  access(path: readonly string[]): TableAccess {
    const table = path[path.length - 1] ?? '';
    let before = path.slice(0, -1);
    const owner = before[before.length - 1];
    // Databricks has no schema above its databases: there `public.t` is a table of a database called so.
    const schema = owner === 'INFORMATION_SCHEMA' || (owner === 'PUBLIC' && this.reading.name !== 'databricks');
    const bare = owner === undefined || (before.length === 1 && schema);
    if (bare) before = [...this.here, ...before];
    const last = before[before.length - 1];
    const inCatalogue = last === 'INFORMATION_SCHEMA';
    if (inCatalogue || last === 'PUBLIC' || last === '') before = before.slice(0, -1);
    const home = this.home(before);
    if (inCatalogue) {
      const allowed = home !== undefined && catalogueViews.has(table);
      return { database: named(path.slice(0, -1)), allowed, needsTime: false, hasEventTime: false };
    }
    const database = named(before);
    if (home === undefined) return { database, allowed: false, needsTime: false, hasEventTime: false };
    const small = home === 'PANTHER_LOOKUPS' || (home === 'PANTHER_MONITOR' && smallMonitorTables.has(table));
    return {
      database,
      allowed: true,
      needsTime: !small,
      hasEventTime: panther.has(home) && home !== 'PANTHER_MONITOR',
    };
  }

  /** The database that decides about a table: one of Panther's, or one that the tenant's owner allowed. */
  private home(path: readonly string[]): string | undefined {
    const [first, second] = path;
    if (first === undefined || path.length > 2) return undefined;
    if (second === undefined) return panther.has(first) || this.granted.has(first) ? first : undefined;
    // `catalogue.database` on Databricks, `database.schema` of a database that was allowed.
    const allowed = this.granted.has(`${first}.${second}`) || this.granted.has(first);
    if (!allowed) return undefined;
    return this.reading.name === 'databricks' && panther.has(second) ? second : first;
  }
}

function named(path: readonly string[]): string {
  return path
    .filter((part) => part !== '')
    .join('.')
    .toLowerCase();
}
