import {
  BadResponseError,
  CancelledError,
  ConflictError,
  DeadlineError,
  InvalidInputError,
  MissingPermissionError,
  NotFoundOrNoAccessError,
  OperationError,
  QueryFailedError,
  RateLimitedError,
  toErrorShape,
  UnauthenticatedError,
  UnavailableError,
} from '../../../operations/errors';
import { ConnectionError } from '../../../operations/ports';

const every: [OperationError, string, Record<string, unknown>, RegExp][] = [
  [new InvalidInputError('a.0.b', 'is no address'), 'invalid_input', { field: 'a.0.b' }, /^a\.0\.b: is no address$/],
  [
    new UnauthenticatedError('Slack', 'Check the token.'),
    'unauthenticated',
    { service: 'Slack' },
    /Slack did not accept.*Check the token/,
  ],
  [
    new MissingPermissionError('Panther', 'AlertRead', 'to read alerts'),
    'missing_permission',
    { service: 'Panther', permission: 'AlertRead' },
    /to read alerts.*lacks AlertRead/,
  ],
  [
    new NotFoundOrNoAccessError('GitLab', 'project x', 'Hint.'),
    'not_found_or_no_access',
    { what: 'project x' },
    /no project x, or.*Hint\./,
  ],
  [new RateLimitedError('Slack', 7), 'rate_limited', { retry_after_seconds: 7 }, /in 7 s/],
  [
    new QueryFailedError('syntax', 'It failed.', 'q1', 'text'),
    'query_failed',
    { kind: 'syntax', query_id: 'q1', text: 'text' },
    /It failed/,
  ],
  [
    new DeadlineError('The query', 45, 'Go on.', { query_id: 'q1' }),
    'timeout',
    { query_id: 'q1' },
    /within 45 s\. Go on\./,
  ],
  [new ConflictError('Closed already.', { version: 2 }), 'conflict', { version: 2 }, /Closed already/],
  [
    new UnavailableError('GitLab', 'it is down', { status: 503 }),
    'unavailable',
    { service: 'GitLab', status: 503 },
    /it is down.*Try again later/,
  ],
  [new BadResponseError('GitLab', 'HTML'), 'bad_response', { service: 'GitLab' }, /cannot be used: HTML/],
  [new CancelledError('The call'), 'cancelled', {}, /cancelled by the caller/],
];

test.each(every)('%s travels with its code, details and text', (error, code, details, text) => {
  const shape = toErrorShape(error);
  expect(shape).toMatchObject({ code, details });
  expect(shape.message).toMatch(text);
  expect(error).toBeInstanceOf(OperationError);
  expect(error.name).toBe(error.constructor.name);
  expect(JSON.parse(JSON.stringify(shape))).toEqual(shape);
});

test('every code has a class, and none is tested twice', () => {
  const codes = every.map(([, code]) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

test.each([
  new Error('secret path /etc/x'),
  'text',
  undefined,
  null,
  { code: 'x' },
  new ConnectionError('lost', 'internal'),
])('what is not ours (%s) travels without its internals', (thrown) => {
  const shape = toErrorShape(thrown);
  expect(shape.code).toBe('unavailable');
  expect(shape.details).toEqual({});
  expect(shape.message).not.toMatch(/secret|internal/);
});
