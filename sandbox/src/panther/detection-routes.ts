import type { ServiceRequest, ServiceResponse } from '../service';
import { paged } from './alert-store';
import { DETECTION_KINDS, type DetectionKind, type DetectionRecord } from './detection-samples';
import { testResults } from './detection-store';
import { apiToken } from './directory';
import { ForbiddenError, HttpError, jsonBody, limit, list } from './rest-answers';
import type { RestContext } from './rest-api';

/** Kinds whose refusals have the other of Panther's two shapes. */
const PLAIN_REFUSALS: readonly DetectionKind[] = ['policies', 'correlation-rules'];

/** The REST calls about detections; undefined for what is none. `call` is the method and the path with `:id`. */
export function detectionRoute(
  call: string,
  id: string | undefined,
  request: ServiceRequest,
  context: RestContext,
  need: (permission: string) => void,
): ServiceResponse | undefined {
  const [method, kind, item] = /^(\w+) ([a-z-]+)(\/:id)?$/.exec(call)?.slice(1) ?? [];
  if (!isKind(kind) || !['GET', 'PUT'].includes(method ?? '') || (method === 'PUT' && item === undefined)) {
    return undefined;
  }
  const subject = kind === 'policies' ? 'Policy' : 'Rule';
  const permission = `${subject}${method === 'GET' ? 'Read' : 'Modify'}`;
  if (PLAIN_REFUSALS.includes(kind) && !context.settings.permissions.includes(permission)) {
    throw new ForbiddenError();
  }
  need(permission);
  if (method === 'PUT') return putDetection(kind, id ?? '', request, context);
  const python = request.query.get('include-python') === 'true';
  if (item !== undefined) return { status: 200, body: shown(context.detections.get(kind, id ?? ''), python) };
  const records = context.detections.list(kind).filter((record) => matches(kind, record, request.query));
  const page = paged(records, limit(request, 100, 1000), request.query.get('cursor'), (record) => record.id);
  return list(
    page.items.map((record) => shown(record, python)),
    page.next,
  );
}

function isKind(text: string | undefined): text is DetectionKind {
  return DETECTION_KINDS.some((kind) => kind === text);
}

function shown({ pythonBody, ...record }: DetectionRecord, python: boolean): object {
  return python && pythonBody !== undefined ? { ...record, pythonBody } : record;
}

/** Filters that a kind does not have are ignored, as unknown parameters are. */
function matches(kind: DetectionKind, record: DetectionRecord, query: URLSearchParams): boolean {
  const lower = (text: unknown): string => String(text ?? '').toLowerCase();
  const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  const oneOf = (parameter: string, held: readonly string[]): boolean => {
    const wanted = query.getAll(parameter).filter((value) => value !== '');
    return wanted.length === 0 || wanted.some((value) => held.includes(value));
  };
  const by = (parameter: string, actor: unknown): boolean =>
    oneOf(parameter, [String((actor as { id?: unknown } | undefined)?.id ?? '')]);
  const state = query.get('state');
  return (
    lower(record.displayName ?? record.id).includes(lower(query.get('name-contains'))) &&
    (!state || (state === 'enabled') === (record.enabled === true)) &&
    oneOf('severity', texts([record.severity])) &&
    (query.getAll('tag').length === 0 ||
      query.getAll('tag').some((tag) => texts(record.tags).map(lower).includes(lower(tag)))) &&
    by('created-by', record.createdBy) &&
    by('last-modified-by', record.lastModifiedBy) &&
    (!['rules', 'simple-rules'].includes(kind) || oneOf('log-type', texts(record.logTypes))) &&
    (kind !== 'scheduled-rules' || oneOf('scheduled-query', texts(record.scheduledQueries))) &&
    (kind !== 'policies' ||
      (oneOf('resource-type', texts(record.resourceTypes)) &&
        oneOf('compliance-status', texts([record.complianceStatus]))))
  );
}

/** A PUT makes or replaces the whole record; it runs the record's unit tests unless it is told not to. */
function putDetection(kind: DetectionKind, id: string, request: ServiceRequest, context: RestContext): ServiceResponse {
  const sent = jsonBody<Record<string, unknown>>(request);
  const code = kind === 'simple-rules' || kind === 'correlation-rules' ? 'detection' : 'body';
  const required = kind === 'correlation-rules' ? ['id', code] : ['id', code, 'severity'];
  const missing = required.find((field) => typeof sent[field] !== 'string' || sent[field] === '');
  if (missing !== undefined) throw new HttpError(400, `${missing} is required`);
  if (sent.id !== id) throw new HttpError(400, 'the id in the body is not the one in the path');
  const only = request.query.get('run-tests-only') === 'true';
  if (only || request.query.get('run-tests-first') !== 'false') {
    const results = testResults(sent);
    if (results.some(({ passed }) => !passed)) {
      return { status: 400, body: { message: 'unit tests failed', testResults: results } };
    }
  }
  if (only) return { status: 204 };
  const isNew = context.detections.put(kind, id, sent, { id: String(apiToken([]).id), type: 'api-token' });
  return { status: isNew ? 201 : 200, body: shown(context.detections.get(kind, id), false) };
}
