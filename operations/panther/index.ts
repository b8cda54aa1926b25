import type { Operation } from '../operation';
import { executeSqlQuery } from './execute-sql-query';
import { getPermissions } from './get-permissions';
import { getTableSchema } from './get-table-schema';
import { listAvailableTables } from './list-available-tables';
import { listDatabases } from './list-databases';

/** Panther's operations, in the order people read them. */
export const pantherOperations: Operation[] = [
  executeSqlQuery,
  listDatabases,
  listAvailableTables,
  getTableSchema,
  // The connection itself.
  getPermissions,
];
