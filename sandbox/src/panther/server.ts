import { timingSafeEqual } from 'node:crypto';
import { type DocumentNode, type ExecutionResult, execute, type GraphQLError, Kind, parse, validate } from 'graphql';
import { type RecordedRequest, RequestRecorder } from '../recorded-request';
import type { ServiceHandler, ServiceRequest, ServiceResponse } from '../service';
import { AiStreams } from './ai-fields';
import { AlertStore, type RaisedAlert, type Rule, type StoredAlert } from './alert-store';
import { DetectionStore } from './detection-store';
import { rootValue } from './graphql-resolvers';
import { pantherSchema } from './graphql-schema';
import type { Lake } from './lake';
import { QueryLog } from './query-log';
import { handleRest } from './rest-api';
import { type WebhookBody, webhookBody } from './sample-alerts';
import { defaultSettings, FIELD_PERMISSIONS, type PantherSettings } from './token-access';

export interface PantherOptions {
  lake: Lake;
  seed: number;
  token: string;
  /** What time it is in the tenant. */
  clock: () => Date;
  alerts: readonly StoredAlert[];
  rules: readonly Rule[];
}

export interface Panther {
  handler: ServiceHandler;
  requests: PantherRequest[];
  settings: PantherSettings;
  /** For queries that somebody else started. */
  queries: Pick<QueryLog, 'start'>;
  /** Raises an alert, and gives what the custom webhook destination would post. */
  raiseAlert(given: RaisedAlert): WebhookBody;
  /** Forgets queries, requests, comments and alert changes, and brings back the default settings. The lake stays. */
  reset(): void;
}

/** A recorded request, with the SQL of a query that was started. */
export interface PantherRequest extends RecordedRequest {
  sql?: string;
}

interface GraphQLBody {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** The Panther stand-in: GraphQL at `/public/graphql` and REST at `/`, and both again below `/v1`. */
export function createPanther(options: PantherOptions): Panther {
  const schema = pantherSchema();
  const recorder = new RequestRecorder();
  const settings = defaultSettings();
  const alerts = new AlertStore(options.alerts, options.clock);
  const queries = new QueryLog(options.lake, options.seed, () => settings, options.clock);
  const aiStreams = new AiStreams();
  const detections = new DetectionStore(options.rules, options.clock);
  const { lake, clock } = options;
  const root = rootValue({
    queries,
    alerts,
    aiStreams,
    settings,
    lake,
    clock,
    consoleUrl: 'https://simulated.panther.example',
  });

  const graphql = async (request: ServiceRequest, body: GraphQLBody | undefined): Promise<ServiceResponse> => {
    if (request.method !== 'POST')
      return { status: 405, headers: { allow: 'POST' }, body: { message: 'method not allowed' } };
    if (!body) return { status: 400, body: { errors: [{ message: 'the body is not a GraphQL request' }] } };
    let document: DocumentNode;
    try {
      document = parse(body.query);
    } catch (error) {
      return refused([error as GraphQLError], 'GRAPHQL_PARSE_FAILED');
    }
    const errors = validate(schema, document);
    if (errors.length > 0) return refused(errors, 'GRAPHQL_VALIDATION_FAILED');
    const missing = topLevelFields(document, body.operationName).find((field) => {
      const permission = FIELD_PERMISSIONS[field];
      return permission !== undefined && !settings.permissions.includes(permission);
    });
    if (missing !== undefined) return { status: 403, body: { error: 'forbidden' } };
    const result: ExecutionResult = await execute({
      schema,
      document,
      rootValue: root,
      variableValues: body.variables,
      operationName: body.operationName,
    });
    // A missing or wrong variable is found before anything runs, and answered as a bad request.
    const status = !result.errors ? 200 : result.data === undefined ? 400 : settings.graphqlErrorStatus;
    return { status, body: result };
  };

  const handler: ServiceHandler = async (request) => {
    const path = request.path.replace(/^\/v1(?=\/|$)/, '').replace(/\/$/, '');
    const isGraphql = path === '/public/graphql';
    const body = isGraphql ? graphqlBody(request) : undefined;
    const entry: PantherRequest = recorder.record(request, body && operationOf(body));
    const sql = (body?.variables?.input as { sql?: unknown } | undefined)?.sql;
    if (typeof sql === 'string') entry.sql = sql;
    if (!isToken(request.headers['x-api-key'], options.token))
      return { status: 401, body: { message: 'unauthorized' } };
    if (isGraphql) return graphql(request, body);
    return handleRest(path, request, { alerts, detections, settings, lake, clock });
  };

  return {
    handler,
    requests: recorder.requests,
    settings,
    queries,
    raiseAlert: (given) => webhookBody(alerts.raise(given)),
    reset: () => {
      recorder.clear();
      queries.reset();
      alerts.reset();
      aiStreams.reset();
      detections.reset();
      Object.assign(settings, defaultSettings());
    },
  };
}

function refused(errors: readonly GraphQLError[], code: string): ServiceResponse {
  return {
    status: 400,
    body: {
      errors: errors.map((error) => ({ message: error.message, locations: error.locations, extensions: { code } })),
    },
  };
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  const bytes = Buffer.from(typeof given === 'string' ? given : '');
  const expected = Buffer.from(token);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

function graphqlBody(request: ServiceRequest): GraphQLBody | undefined {
  try {
    const body = JSON.parse(request.body.toString('utf8')) as GraphQLBody | null;
    return typeof body?.query === 'string' ? body : undefined;
  } catch {
    return undefined;
  }
}

/** The operation's name as sent, else the name in the document, else its first field. */
function operationOf(body: GraphQLBody): string | undefined {
  if (body.operationName) return body.operationName;
  return /\b(?:query|mutation)\s+(\w+)/.exec(body.query)?.[1] ?? /\{\s*(\w+)/.exec(body.query)?.[1];
}

function topLevelFields(document: DocumentNode, operationName: string | undefined): string[] {
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    if (operationName && definition.name?.value !== operationName) return [];
    return definition.selectionSet.selections.flatMap((selection) =>
      selection.kind === Kind.FIELD ? [selection.name.value] : [],
    );
  });
}
