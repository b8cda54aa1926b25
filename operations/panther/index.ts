import type { Operation } from '../operation';
import { addAlertComment } from './add-alert-comment';
import { assignAlerts } from './assign-alerts';
import { cancelQuery } from './cancel-query';
import { disableDetection } from './disable-detection';
import { executeSqlQuery } from './execute-sql-query';
import { explainQuery } from './explain-query';
import { getAlert } from './get-alert';
import { getAlertTriage } from './get-alert-triage';
import { getDetection } from './get-detection';
import { getLogTypeSchema } from './get-log-type-schema';
import { getMetrics } from './get-metrics';
import { getPermissions } from './get-permissions';
import { getQueryResults } from './get-query-results';
import { getSampleLogEvents } from './get-sample-log-events';
import { getTableSchema } from './get-table-schema';
import { listAlertComments } from './list-alert-comments';
import { listAlertEvents } from './list-alert-events';
import { listAlerts } from './list-alerts';
import { listAvailableTables } from './list-available-tables';
import { listDatabases } from './list-databases';
import { listDetections } from './list-detections';
import { listLogSources } from './list-log-sources';
import { listLogTypeSchemas } from './list-log-type-schemas';
import { listQueries } from './list-queries';
import { listUsers } from './list-users';
import { searchAlertActor } from './search-alert-actor';
import { searchIndicators } from './search-indicators';
import { setAlertContextTags } from './set-alert-context-tags';
import { setAlertQuality } from './set-alert-quality';
import { startAlertTriage } from './start-alert-triage';
import { updateAlertStatus } from './update-alert-status';

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
  getSampleLogEvents,
  listLogTypeSchemas,
  getLogTypeSchema,
  searchIndicators,
  searchAlertActor,
  listDetections,
  getDetection,
  disableDetection,
  listLogSources,
  getMetrics,
  listUsers,
  // Alerts.
  listAlerts,
  getAlert,
  listAlertEvents,
  listAlertComments,
  addAlertComment,
  updateAlertStatus,
  assignAlerts,
  setAlertQuality,
  setAlertContextTags,
  startAlertTriage,
  getAlertTriage,
  // The connection itself.
  getPermissions,
];
