import { type AiStreams, aiFields } from './ai-fields';
import type { AlertStatus, AlertStore, StoredAlert, StoredComment } from './alert-store';
import { paged } from './alert-store';
import { catalogueType, DATABASES, TABLES, type Table } from './catalogue';
import { apiToken, USERS } from './directory';
import type { Lake } from './lake';
import { observabilityFields } from './observability-fields';
import {
  executionTime,
  type LoggedQuery,
  type QueryIssuer,
  type QueryLog,
  type QueryStatus,
  RequestError,
} from './query-log';
import { searchFields } from './search-fields';
import type { PantherSettings } from './token-access';

export interface ResolverContext {
  queries: QueryLog;
  alerts: AlertStore;
  aiStreams: AiStreams;
  settings: PantherSettings;
  lake: Lake;
  clock: () => Date;
  /** Origin of the console, for links. */
  consoleUrl: string;
}

interface PageInput {
  cursor?: string | null;
  pageSize?: number | null;
}

const EMPTY_PAGE = { hasPreviousPage: false, startCursor: null };

/** Root value for graphql-js: one function for each field of Query and Mutation. */
export function rootValue(context: ResolverContext): Record<string, unknown> {
  return {
    ...catalogueFields(context),
    ...queryFields(context),
    ...alertFields(context),
    ...userFields(),
    ...searchFields(context),
    ...observabilityFields(context),
    ...aiFields(context),
    generalSettings: () => ({ pantherVersion: 'v1.124.0-simulated' }),
  };
}

function catalogueFields({ settings }: ResolverContext): Record<string, unknown> {
  const tableNode = (table: Table): object => ({
    name: table.name,
    displayName: table.displayName,
    logType: table.logType ?? null,
    description: table.description,
    numMatches: null,
    columns: table.columns.map(({ name, stored, description }) => ({ name, type: catalogueType(stored), description })),
  });
  const tablesOf = (database: string): Table[] => {
    const name = (database.split('.')[0] ?? '').toLowerCase();
    if (!DATABASES.some((known) => known.name === name)) throw new RequestError(`database not found: ${database}`);
    return TABLES.filter((table) => table.database === name && !settings.deniedLogTypes.includes(table.logType ?? ''));
  };
  const databaseNode = (name: string): object => ({
    ...DATABASES.find((database) => database.name === name),
    tables: () => tablesOf(name).map(tableNode),
  });
  return {
    dataLakeDatabases: () => DATABASES.map(({ name }) => databaseNode(name)),
    dataLakeDatabase: ({ name }: { name: string }) => {
      tablesOf(name);
      return databaseNode(name);
    },
    dataLakeDatabaseTables: ({ input }: { input: PageInput & { databaseName: string } }) => {
      const page = paged(
        tablesOf(input.databaseName),
        positive(input.pageSize, 25, 999),
        input.cursor,
        (table) => table.name,
      );
      return {
        edges: page.items.map((table) => ({ node: tableNode(table) })),
        pageInfo: pageInfo(page.next, input.cursor),
      };
    },
    dataLakeDatabaseTable: ({ input }: { input: { databaseName: string; tableName: string } }) => {
      const table = tablesOf(input.databaseName).find(({ name }) => name === input.tableName.toLowerCase());
      if (!table) throw new RequestError(`table not found: ${input.databaseName}.${input.tableName}`);
      return tableNode(table);
    },
  };
}

function queryFields(context: ResolverContext): Record<string, unknown> {
  const { queries, settings } = context;
  const node = (query: LoggedQuery, status: QueryStatus): object => ({
    id: query.id,
    sql: query.sql,
    name: query.name ?? null,
    status,
    message: status === 'running' ? '' : query.message,
    startedAt: query.startedAt,
    completedAt: status === 'running' ? null : (query.completedAt ?? null),
    isScheduled: query.isScheduled,
    issuedBy: issuerOf(query),
    children: [],
    results: ({ input }: { input?: PageInput }) => (status === 'succeeded' ? results(query, input) : null),
  });
  const issuerOf = (query: LoggedQuery): ReturnType<typeof apiToken> | QueryIssuer =>
    query.issuedBy ?? apiToken(settings.permissions);
  const results = (query: LoggedQuery, input: PageInput | undefined): object | null => {
    const { result } = query;
    if (!result) return null;
    const tryAgain = settings.tryAgainOnce;
    settings.tryAgainOnce = false;
    const page = queries.page(query, input?.pageSize ?? 999, input?.cursor);
    return {
      actorProfiles: [],
      columnInfo: {
        order: result.columns.map(({ name }) => name),
        types: Object.fromEntries(result.columns.map(({ name, type }) => [name, type])),
      },
      edges: tryAgain ? [] : page.rows,
      pageInfo: tryAgain
        ? { ...EMPTY_PAGE, endCursor: null, hasNextPage: false }
        : {
            startCursor: page.startCursor,
            endCursor: page.endCursor,
            hasNextPage: page.hasNextPage,
            hasPreviousPage: page.hasPreviousPage,
          },
      stats: { bytesScanned: result.scanned.bytes, executionTime: executionTime(result), rowCount: result.rowCount },
      tryAgain,
    };
  };
  interface QueriesInput extends PageInput {
    contains?: string | null;
    status?: QueryStatus[] | null;
    isScheduled?: boolean | null;
    issuedBy?: string[] | null;
    sortDir?: 'ascending' | 'descending' | null;
    startedAtAfter?: string | null;
    startedAtBefore?: string | null;
  }
  return {
    executeDataLakeQuery: ({ input }: { input: { sql: string; databaseName: string | null } }) => ({
      id: queries.start(input.sql, input.databaseName ?? 'panther_logs').id,
    }),
    cancelDataLakeQuery: ({ input }: { input: { id: string } }) => ({ id: queries.cancel(input.id).id }),
    dataLakeQuery: async ({ id }: { id: string }) => {
      const { query, status } = await queries.poll(id);
      return node(query, status);
    },
    dataLakeQueries: ({ input }: { input?: QueriesInput | null }) => {
      const after = input?.startedAtAfter ? Date.parse(input.startedAtAfter) : Number.NEGATIVE_INFINITY;
      const before = input?.startedAtBefore ? Date.parse(input.startedAtBefore) : Number.POSITIVE_INFINITY;
      const shown = (query: LoggedQuery): QueryStatus =>
        query.pollsLeft > 0 && query.status !== 'cancelled' ? 'running' : query.status;
      const matching = queries
        .list()
        .filter(
          (query) =>
            (input?.isScheduled == null || input.isScheduled === query.isScheduled) &&
            (!input?.issuedBy || input.issuedBy.includes(String(issuerOf(query).id))) &&
            (!input?.contains || query.sql.includes(input.contains)) &&
            (!input?.status || input.status.includes(shown(query))) &&
            Date.parse(query.startedAt) >= after &&
            Date.parse(query.startedAt) <= before,
        );
      if (input?.sortDir === 'ascending') matching.reverse();
      const page = paged(matching, positive(input?.pageSize, 25, 999), input?.cursor, (query) => query.id);
      return {
        edges: page.items.map((query) => ({ node: node(query, shown(query)) })),
        pageInfo: pageInfo(page.next, input?.cursor),
      };
    },
  };
}

function alertFields(context: ResolverContext): Record<string, unknown> {
  const { alerts } = context;
  const node = (alert: StoredAlert): object => alertNode(alert, context);
  const many = (changed: StoredAlert[]): object => ({ alerts: changed.map(node) });
  const userIdOf = (email: string | null | undefined): string | undefined => {
    if (!email) return undefined;
    const user = USERS.find((candidate) => candidate.email === email);
    if (!user) throw new RequestError(`user not found: ${email}`);
    return user.id;
  };
  const knownUserId = (id: string | null | undefined): string | undefined => {
    if (!id) return undefined;
    if (!USERS.some((user) => user.id === id)) throw new RequestError(`user not found: ${id}`);
    return id;
  };
  interface AlertsInput extends PageInput {
    createdAtAfter?: string | null;
    createdAtBefore?: string | null;
    sortDir?: 'ascending' | 'descending' | null;
    [filter: string]: unknown;
  }
  return {
    alert: ({ id }: { id: string }) => node(alerts.get(id)),
    alerts: ({ input }: { input: AlertsInput }) => {
      // The schema lets both be null; the service does not.
      if (!input.detectionId && (!input.createdAtAfter || !input.createdAtBefore)) {
        throw new RequestError('createdAtAfter and createdAtBefore are required');
      }
      const filter = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
      const page = alerts.list(
        { ...filter, ascending: input.sortDir === 'ascending' },
        positive(input.pageSize, 25, 999),
        input.cursor,
      );
      return { edges: page.items.map((alert) => ({ node: node(alert) })), pageInfo: pageInfo(page.next, input.cursor) };
    },
    updateAlertStatusById: ({ input }: { input: { ids: string[]; status: AlertStatus } }) =>
      many(alerts.update(input.ids, { status: input.status })),
    updateAlertsAssigneeById: ({ input }: { input: { ids: string[]; assigneeId?: string | null } }) =>
      many(alerts.update(input.ids, { assigneeId: knownUserId(input.assigneeId) })),
    updateAlertsAssigneeByEmail: ({ input }: { input: { ids: string[]; assigneeEmail?: string | null } }) =>
      many(alerts.update(input.ids, { assigneeId: userIdOf(input.assigneeEmail) })),
    createAlertComment: ({ input }: { input: { alertId: string; body: string; format?: StoredComment['format'] } }) => {
      const comment = alerts.comment(input.alertId, input.body, input.format ?? 'PLAIN_TEXT');
      return {
        comment: {
          ...comment,
          createdBy: apiToken(context.settings.permissions),
          entity: node(alerts.get(input.alertId)),
        },
      };
    },
  };
}

function alertNode(alert: StoredAlert, { consoleUrl, settings }: ResolverContext): object {
  const times = alert.events.map((event) => String(event.p_event_time)).sort();
  return {
    __typename: 'Alert',
    id: alert.id,
    title: alert.title,
    severity: alert.severity,
    status: alert.status,
    type: alert.type ?? 'RULE',
    createdAt: alert.createdAt,
    updatedAt: alert.updatedAt ?? null,
    updatedBy: alert.updatedAt ? apiToken(settings.permissions) : null,
    firstEventOccurredAt: times[0] ?? null,
    lastReceivedEventAt: times.at(-1) ?? alert.createdAt,
    description: alert.rule.description,
    runbook: alert.rule.runbook,
    reference: `${consoleUrl}/alerts/${alert.id}`,
    assignee: USERS.find(({ id }) => id === alert.assigneeId) ?? null,
    deliveries: alert.deliveries ?? [],
    origin: {
      __typename: 'Detection',
      id: alert.rule.id,
      name: alert.rule.name,
      type: 'RULE',
      description: alert.rule.description,
      createdAt: '2025-01-15T09:00:00.000Z',
      createdBy: null,
      updatedAt: null,
      updatedBy: null,
    },
    events: ({ input }: { input?: PageInput | null }) => {
      const page = paged(alert.events, positive(input?.pageSize, 25, 999), input?.cursor, (event) =>
        String(event.p_row_id),
      );
      return { edges: page.items.map((event) => ({ node: event })), pageInfo: pageInfo(page.next, input?.cursor) };
    },
  };
}

function userFields(): Record<string, unknown> {
  const find = (test: (user: (typeof USERS)[number]) => boolean, what: string): object => {
    const user = USERS.find(test);
    if (!user) throw new RequestError(`user not found: ${what}`);
    return user;
  };
  return {
    users: () => USERS,
    userById: ({ id }: { id: string }) => find((user) => user.id === id, id),
    userByEmail: ({ email }: { email: string }) => find((user) => user.email === email, email),
  };
}

function positive(value: number | null | undefined, fallback: number, max: number): number {
  const size = value ?? fallback;
  if (!Number.isInteger(size) || size < 1 || size > max)
    throw new RequestError(`pageSize must be between 1 and ${max}, got ${size}`);
  return size;
}

function pageInfo(next: string | undefined, cursor: string | null | undefined): object {
  return {
    hasNextPage: next !== undefined,
    hasPreviousPage: Boolean(cursor),
    startCursor: cursor ?? null,
    endCursor: next ?? null,
  };
}
