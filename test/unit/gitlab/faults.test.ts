import { GitLab } from '../../../operations/gitlab/client';
import { readProblem } from '../../../operations/gitlab/gitlab-error';
import { listMergeRequests } from '../../../operations/gitlab/list-merge-requests';
import { listPipelineFailures } from '../../../operations/gitlab/list-pipeline-failures';
import { runOperation } from '../../../operations/operation';
import { failure, type StandIn, startStandIn } from './stand-in';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => stand.faults.clear());

const given = { project: 'simulated-corp/platform/infrastructure', from: '2026-11-01', limit: 3 };
const list = (over: Parameters<StandIn['ports']>[1] = {}) =>
  runOperation(listMergeRequests, stand.ports({}, over), given);

test('429 is waited out for as long as GitLab asks', async () => {
  stand.faults.add({ service: 'gitlab', status: 429, headers: { 'retry-after': '1' }, body: 'Retry later\n' });
  const ports = stand.ports();
  expect((await runOperation(listMergeRequests, ports, given)).count).toBe(3);
  expect(ports.waits).toEqual([1000]);
});

test('the reset time counts when nothing remains; with requests left, the cause is another and the wait is short', async () => {
  const inAnHour = String(Math.floor(Date.parse('2026-11-22T13:00:00Z') / 1000));
  const date = new Date('2026-11-22T12:00:00Z').toUTCString();
  const headers = { 'ratelimit-reset': inAnHour, 'ratelimit-remaining': '0', date };
  stand.faults.add({ service: 'gitlab', status: 429, headers, body: '' });
  const error = await failure(list());
  expect(error.code).toBe('rate_limited');
  expect(Number(error.details.retry_after_seconds)).toBeGreaterThan(3500);
  stand.faults.add({
    service: 'gitlab',
    status: 502,
    headers: { ...headers, 'ratelimit-remaining': '1999' },
    body: '',
  });
  expect((await list()).count).toBe(3);
});

test('a wait longer than the call may take is told at once, in seconds', async () => {
  stand.faults.add({
    service: 'gitlab',
    status: 429,
    headers: { 'retry-after': '86400' },
    body: { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
  });
  expect(await failure(list())).toMatchObject({ code: 'rate_limited', details: { retry_after_seconds: 86_400 } });
});

test.each([
  [{ status: 502, body: '<html>Bad gateway</html>' }],
  [{ reset: 'before' as const }],
  [{ reset: 'after' as const }],
])('a passing %j does not show', async (fault) => {
  stand.faults.add({ service: 'gitlab', ...fault });
  expect((await list()).count).toBe(3);
});

test.each([
  [{ status: 500, body: { message: '500 Internal Server Error' } }, 'unavailable', '500 Internal Server Error'],
  [
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Sign in</title>' },
    'bad_response',
    'HTML',
  ],
  [{ status: 200, body: '[{"id": 1, "iid"' }, 'bad_response', 'not JSON'],
  [{ status: 200, body: { merge_requests: [] } }, 'bad_response', 'other than a list'],
  [{ status: 200, body: [{ iid: 4 }] }, 'bad_response', 'usable id'],
  [{ status: 401, body: { message: '401 Unauthorized' } }, 'unauthenticated', 'expired, revoked'],
  [
    { status: 403, body: { error: 'insufficient_scope', scope: 'api read_api' } },
    'missing_permission',
    'the scope api read_api',
  ],
  [{ status: 403, body: { message: '403 Forbidden' } }, 'missing_permission', '403 Forbidden'],
  [{ status: 402, body: '' }, 'missing_permission', 'licence'],
  [{ status: 404, body: { message: '404 Project Not Found' } }, 'not_found_or_no_access', '%2F'],
  [{ status: 301, headers: { location: 'https://evil.example/api/v4/x' }, body: '' }, 'bad_response', 'another host'],
  [
    { status: 200, headers: { link: '<https://evil.example/api/v4/x>; rel="next"' }, body: [] },
    'bad_response',
    'evil.example',
  ],
])('%j is the error %s', async (answer, code, text) => {
  stand.faults.add({ service: 'gitlab', ...answer, times: 5 });
  const error = await failure(list());
  expect(error.code).toBe(code);
  expect(error.message).toContain(text);
});

test.each([
  [{ message: '401 Unauthorized' }, '401 Unauthorized'],
  [
    { message: { title: ["can't be blank", 'is too short'], base: [{ ref: ['is gone'] }] } },
    "title can't be blank, is too short; base ref is gone",
  ],
  [{ message: { error: 'Your request was taken for spam.' } }, 'error Your request was taken for spam.'],
  [{ error: 'insufficient_scope', error_description: 'More is needed.', scope: 'api' }, 'More is needed.'],
  [{ error: 'author_id, author_username are mutually exclusive' }, 'author_id, author_username are mutually exclusive'],
  [{ message: '', error_description: '', error: 'last' }, 'last'],
  [{ message: null, error: { code: 7 } }, 'code'],
  [[], ''],
  ['Retry later\n', 'Retry later'],
  ['<!DOCTYPE html><html><title>Rate\nlimited</title><body><p>Ray ID</p></body></html>', 'Rate limited Ray ID'],
  ['', ''],
])('the text of the error body %j', (body, text) => {
  expect(readProblem(typeof body === 'string' ? body : JSON.stringify(body)).message).toBe(text);
});

test('a real 404 on a path names it with the hint, and on a numeric id without', async () => {
  const read = (project: string) => failure(runOperation(listMergeRequests, stand.ports(), { ...given, project }));
  expect((await read('simulated-corp/nothing')).message).toMatch(/project simulated-corp\/nothing.*numeric id/);
  expect((await read('999')).message).not.toContain('%2F');
});

test('wrong tokens: not accepted at all, and accepted without the scope', async () => {
  expect(await failure(list({ token: 'wrong' }))).toMatchObject({ code: 'unauthenticated' });
  const narrow = await failure(list({ token: 'simulated-token-read-user' }));
  expect(narrow).toMatchObject({ code: 'missing_permission', details: { permission: 'the scope api read_api' } });
});

test('hidden characters and secrets of an error text do not travel', async () => {
  stand.faults.add({
    service: 'gitlab',
    status: 400,
    body: { message: { token: ['glpat-simulated0123456789 \u202eno\u0007'] } },
  });
  const error = await failure(list());
  expect(error.message).toContain('token [redacted GitLab token] no');
});

test('a list that never ends stops, and says that it is not complete', async () => {
  const page = { service: 'gitlab', status: 200, times: 1000 };
  const mr = {
    id: 1,
    iid: 1,
    state: 'merged',
    updated_at: '2026-11-20T00:00:00Z',
    source_project_id: 1,
    target_project_id: 1,
  };
  const next = `<${stand.baseUrl}/api/v4/projects/1/merge_requests?page=1>; rel="next"`;
  stand.faults.add({ ...page, headers: { link: next }, body: [mr] });
  const ports = stand.ports();
  const result = await runOperation(listMergeRequests, ports, given);
  expect(result.complete).toBe(false);
  // Asked for the rest, it finds that there is no getting on.
  const rest = await runOperation(listMergeRequests, ports, { ...given, cursor: result.next ?? '' });
  expect(rest).toMatchObject({ count: 1, complete: false, next: null });
  expect(ports.requests.length).toBeLessThan(8);
});

test('a cancelled call ends as cancelled', async () => {
  const abort = new AbortController();
  stand.faults.add({ service: 'gitlab', status: 503, times: 10, body: '' });
  const ports = stand.ports({}, { signal: abort.signal });
  const { sleep } = ports;
  // In the middle of the wait before the second try.
  ports.sleep = (ms, until) => {
    const wait = sleep(ms + 60_000, until);
    abort.abort();
    return wait;
  };
  expect(await failure(runOperation(listMergeRequests, ports, given))).toMatchObject({ code: 'cancelled' });
  expect(ports.requests).toHaveLength(1);
});

test('an unreachable server is unavailable', async () => {
  const gone = await startStandIn();
  await gone.close();
  const ports = { ...stand.ports({}, { baseUrl: gone.baseUrl }), sleep: async () => {} };
  expect(await failure(runOperation(listMergeRequests, ports, given))).toMatchObject({ code: 'unavailable' });
});

test('one project of a group that fails is named and the others are searched', async () => {
  stand.faults.add({
    service: 'gitlab',
    path: '/projects/104/pipelines',
    status: 500,
    body: { message: 'broken' },
    times: 50,
  });
  const result = await runOperation(listPipelineFailures, stand.ports(), {
    group: 'simulated-corp',
    from: '2026-11-10',
    limit: 5,
  });
  expect(result.problems).toEqual([
    {
      project: expect.stringContaining('simulated-corp/'),
      code: 'unavailable',
      message: expect.stringContaining('broken'),
    },
  ]);
  expect(result).toMatchObject({ complete: false, count: 5, projects_searched: 6 });
});

test('empty parameters are not sent, lists are sent with brackets, times without a plus sign', async () => {
  const ports = stand.ports();
  const gitlab = await GitLab.open(ports, 10_000);
  await gitlab.page(
    '/projects/101/pipelines',
    { ref: '', sha: undefined, status: null, scope: 'finished' },
    'x',
    (item) => item,
  );
  expect(ports.requests[0]?.url).toMatch(/pipelines\?per_page=100&scope=finished$/);
  await gitlab.list('/projects/101/pipelines/70001/jobs', { scope: ['failed', 'success'] }, 'x', 1, (item) => item);
  expect(decodeURIComponent(ports.requests[1]?.url ?? '')).toContain('scope[]=failed&scope[]=success');
  await list();
  expect(ports.requests.every(({ url }) => !url.includes('+'))).toBe(true);
});

test('a list is read over all its pages, and no further than its limit', async () => {
  const gitlab = await GitLab.open(stand.ports(), 30_000);
  const read = (limit: number) =>
    gitlab.list(
      '/projects/102/pipelines',
      { per_page: 30, sort: 'asc' },
      'x',
      limit,
      (item) => (item as { id: number }).id,
    );
  const all = await read(10_000);
  expect(all.complete).toBe(true);
  expect(all.items.length).toBeGreaterThan(60);
  expect(all.items).toEqual([...new Set(all.items)].sort((a, b) => a - b));
  expect(await read(45)).toMatchObject({ items: all.items.slice(0, 45), complete: false });
  expect(await read(all.items.length)).toMatchObject({ complete: true, next: null });
});

test('an address given with /api/v4 is understood', async () => {
  expect((await list({ baseUrl: `${stand.baseUrl}/api/v4/` })).count).toBe(3);
});
