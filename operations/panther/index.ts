import type { Operation } from '../operation';
import { cancelQuery } from './cancel-query';
import { disableDetection } from './disable-detection';
import { executeSqlQuery } from './execute-sql-query';
import { explainQuery } from './explain-query';
import { getDetection } from './get-detection';
import { getMetrics } from './get-metrics';
import { getPermissions } from './get-permissions';
import { getQueryResults } from './get-query-results';
import { getTableSchema } from './get-table-schema';
import { listAvailableTables } from './list-available-tables';
import { listDatabases } from './list-databases';
import { listDetections } from './list-detections';
import { listLogSources } from './list-log-sources';
import { listQueries } from './list-queries';
import { listUsers } from './list-users';

/** Panther's operations, in the order people read them. */
export const pantherOperations: Operation[] = [
  executeSqlQuery,
  getQueryResults,
  cancelQuery,
  listQueries,
  explainQuery,
  listDatabases,
  listAvailableTables,
  getTableSchema,
  listDetections,
  getDetection,
  disableDetection,
  listLogSources,
  getMetrics,
  listUsers,
  // The connection itself.
  getPermissions,
];
