import { assertSingleSelect } from '../sql-statement';
import type { TenantSettings } from '../tenant-settings';

export interface SqlGuardOptions {
  /** Database for table names without one; with or without its schema. */
  database: string;
  settings: TenantSettings;
  /** What `current_timestamp` is taken for. */
  now: Date;
}

/** Throws InvalidInputError on the field `sql` for whatever is not one reading statement. */
export function assertAllowedSql(sql: string, _options: SqlGuardOptions): void {
  assertSingleSelect(sql);
}
