import { InvalidInputError } from '../errors';
import type { Connection } from '../ports';

/** The SQL dialects of the data lakes that Panther runs on. */
export const dialects = ['snowflake', 'databricks'] as const;
export type SqlDialect = (typeof dialects)[number];

/** What a comment may turn a statement into before it runs: a Jinja template, or PantherFlow instead of SQL. */
export const pragmas = ['template', 'pantherflow'] as const;
export type Pragma = (typeof pragmas)[number];

/** What a tenant's owner set beside its address and token, in the n8n credential or the bridge's environment. */
export interface TenantSettings {
  dialect: SqlDialect;
  /** Longest window of time that one query may read, in days. */
  maxWindowDays: number;
  /** Databases that SQL may read besides Panther's own, in lower case. */
  databases: string[];
  /** Pragmas that are let through; none unless set. */
  pragmas: Pragma[];
  /** How long the result of a query is used again for the same SQL, in seconds; 0 switches that off. */
  cacheSeconds: number;
}

export const defaultMaxWindowDays = 92;
export const defaultCacheSeconds = 300;

/**
 * Reads a connection's defaults: `dialect`, `max_window_days` (1 to 3650), `databases` and `pragmas` (with commas),
 * `cache_seconds` (0 to 3600). What is absent keeps its default; what cannot be read is refused, because falling back
 * would widen what somebody meant to narrow. Throws InvalidInputError that names the setting.
 */
export function tenantSettings(connection: Pick<Connection, 'defaults'>): TenantSettings {
  const { defaults } = connection;
  return {
    dialect: choice('dialect', defaults.dialect, dialects) ?? 'snowflake',
    maxWindowDays: whole('max_window_days', defaults.max_window_days, 1, 3650) ?? defaultMaxWindowDays,
    databases: list(defaults.databases).map((name) => name.toLowerCase()),
    pragmas: list(defaults.pragmas).map((name) => choice('pragmas', name, pragmas) as Pragma),
    cacheSeconds: whole('cache_seconds', defaults.cache_seconds, 0, 3600) ?? defaultCacheSeconds,
  };
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function choice<T extends string>(name: string, text: string | undefined, values: readonly T[]): T | undefined {
  const value = text?.trim().toLowerCase();
  if (value === undefined || value === '') return undefined;
  const found = values.find((known) => known === value);
  if (found === undefined) throw new InvalidInputError(name, `is not one of ${values.join(', ')}`);
  return found;
}

function whole(name: string, text: string | undefined, min: number, max: number): number | undefined {
  const value = text?.trim();
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new InvalidInputError(name, `is not a whole number from ${min} to ${max}`);
}
