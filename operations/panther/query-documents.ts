import { z } from 'zod';

/**
 * The GraphQL documents of the data lake and the parts of their answers that are read. Names and nullability follow
 * Panther's published schema; values are checked on arrival because the live schema is newer than any public copy.
 */

export const executeQuery = /* GraphQL */ `
  mutation ExecuteDataLakeQuery($input: ExecuteDataLakeQueryInput!) {
    executeDataLakeQuery(input: $input) { id }
  }
`;
export const executeQueryAnswer = z.object({ executeDataLakeQuery: z.object({ id: z.string().min(1) }) });

export const cancelQuery = /* GraphQL */ `
  mutation CancelDataLakeQuery($input: CancelDataLakeQueryInput!) {
    cancelDataLakeQuery(input: $input) { id }
  }
`;
export const cancelQueryAnswer = z.object({ cancelDataLakeQuery: z.object({ id: z.string() }) });

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });

export const getQuery = /* GraphQL */ `
  query GetDataLakeQuery($id: ID!, $page: DataLakeQueryResultsInput) {
    dataLakeQuery(id: $id) {
      id
      sql
      status
      message
      startedAt
      results(input: $page) {
        tryAgain
        edges { node }
        pageInfo { hasNextPage endCursor }
        columnInfo { order }
        stats { bytesScanned executionTime rowCount }
      }
    }
  }
`;

/** Only looked at: zod would copy every row of a page, which costs more than all other checks together. */
const rowEdges = z.custom<{ node: Record<string, unknown> }[]>(
  (value) =>
    Array.isArray(value) &&
    value.every((edge) => typeof edge?.node === 'object' && edge.node !== null && !Array.isArray(edge.node)),
  'edges are not a list of rows',
);

export const queryResults = z.object({
  tryAgain: z.boolean().nullish(),
  edges: rowEdges,
  pageInfo,
  columnInfo: z.object({ order: z.array(z.string()) }),
  stats: z.object({ bytesScanned: z.number(), executionTime: z.number(), rowCount: z.number() }),
});
export type QueryResults = z.infer<typeof queryResults>;

export const getQueryAnswer = z.object({
  dataLakeQuery: z.object({
    id: z.string(),
    sql: z.string().nullish(),
    status: z.string(),
    message: z.string().nullish(),
    startedAt: z.string().nullish(),
    results: queryResults.nullish(),
  }),
});

/** Reading who issued a query may need a permission of its own; Panther then answers with the rest. */
const queryFacts = /* GraphQL */ `
  id
  name
  sql
  status
  message
  startedAt
  completedAt
  isScheduled
  issuedBy {
    __typename
    ... on APIToken { id name }
    ... on User { id email givenName familyName }
  }
`;

const queryFactsAnswer = z.object({
  id: z.string(),
  name: z.string().nullish(),
  sql: z.string(),
  status: z.string(),
  message: z.string().nullish(),
  startedAt: z.string(),
  completedAt: z.string().nullish(),
  isScheduled: z.boolean().nullish(),
  issuedBy: z
    .object({
      __typename: z.string(),
      id: z.string().nullish(),
      name: z.string().nullish(),
      email: z.string().nullish(),
      givenName: z.string().nullish(),
      familyName: z.string().nullish(),
    })
    .nullish(),
});
/** A query without its rows. */
export type QueryFacts = z.infer<typeof queryFactsAnswer>;

export const getQueryFacts = /* GraphQL */ `
  query GetDataLakeQueryFacts($id: ID!) {
    dataLakeQuery(id: $id) { ${queryFacts} }
  }
`;
export const getQueryFactsAnswer = z.object({ dataLakeQuery: queryFactsAnswer });

export const listQueries = /* GraphQL */ `
  query ListDataLakeQueries($input: DataLakeQueriesInput) {
    dataLakeQueries(input: $input) {
      edges { node { ${queryFacts} } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
export const listQueriesAnswer = z.object({
  dataLakeQueries: z.object({ edges: z.array(z.object({ node: queryFactsAnswer })), pageInfo }),
});

export const listDatabases = /* GraphQL */ `
  query ListDatabases {
    dataLakeDatabases { name description }
  }
`;
export const listDatabasesAnswer = z.object({
  dataLakeDatabases: z.array(z.object({ name: z.string(), description: z.string().nullish() })),
});

export const listTables = /* GraphQL */ `
  query ListTables($input: DataLakeDatabaseTablesInput!) {
    dataLakeDatabaseTables(input: $input) {
      edges { node { name displayName description logType } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const tableNode = z.object({
  name: z.string(),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  logType: z.string().nullish(),
});
export type TableNode = z.infer<typeof tableNode>;

export const listTablesAnswer = z.object({
  dataLakeDatabaseTables: z.object({ edges: z.array(z.object({ node: tableNode })), pageInfo }),
});

export const getTable = /* GraphQL */ `
  query GetTable($input: DataLakeDatabaseTableInput!) {
    dataLakeDatabaseTable(input: $input) {
      name
      displayName
      description
      logType
      columns { name type description }
    }
  }
`;
export const getTableAnswer = z.object({
  dataLakeDatabaseTable: tableNode.extend({
    columns: z.array(z.object({ name: z.string(), type: z.string().nullish(), description: z.string().nullish() })),
  }),
});
