import { type StandIn, startStandIn } from './stand-in';
import { changeOf, idOf, type Monitored, monitor, shop, signalsOf } from './supply-chain-world';
import { story } from './world';

// Whole groups are read over the wire here.

let stand: StandIn;
let all: Monitored;
beforeAll(async () => {
  stand = await startStandIn();
  all = await monitor(stand.ports());
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

const pathTo = (name: string, rest = '') => {
  const mr = story(name);
  return `/projects/${mr.project.id}/merge_requests/${mr.iid}${rest}`;
};
const others = ({ changes }: Monitored, name: string) => changes.filter(({ id }) => id !== idOf(name));

describe('one change that fails loses nothing else', () => {
  test.each([
    ['/diffs', { status: 403, body: { message: '403 Forbidden' } }, 'missing_permission'],
    ['/diffs', { status: 404, body: { message: '404 Not found' } }, 'not_found_or_no_access'],
    ['/diffs', { status: 500, body: { message: '500 Internal Server Error' } }, 'unavailable'],
    ['/diffs', { status: 200, body: { not: 'a list' } }, 'bad_response'],
    ['(?:\\?|$)', { status: 500, body: { message: 'gitaly' } }, 'unavailable'],
  ])('%s answers %j', async (rest, answer, code) => {
    stand.faults.add({ service: 'gitlab', path: `${pathTo('shop-typosquat')}${rest}`, times: 20, ...answer });
    const result = await monitor(stand.ports());
    expect(changeOf(result, 'shop-typosquat')).toMatchObject({
      status: 'failed',
      level: null,
      score: null,
      findings: [],
      people: null,
      error: { code, message: expect.stringMatching(/!\d+ of simulated-corp\/shop\/storefront|GitLab/) },
    });
    expect(others(result, 'shop-typosquat')).toEqual(others(all, 'shop-typosquat'));
    expect(result.complete).toBe(false);
    expect(result.levels.failed).toBe(1);
    // Nothing is known, so that no minimum hides it.
    const high = await monitor(stand.ports(), { minimum_level: 'critical' });
    expect(high.changes.at(-1)).toMatchObject({ id: idOf('shop-typosquat'), status: 'failed' });
  });
});

describe('what cannot be read is told and never concluded from', () => {
  test.each([
    ['is not there', { status: 404, body: { message: '404 File Not Found' } }, 'GitLab has no file'],
    ['is refused', { status: 403, body: { error: 'insufficient_scope', scope: 'read_repository' } }, 'read_repository'],
    ['fails', { status: 500, body: { message: 'gitaly' } }, 'gitaly'],
    ['is too large', { status: 200, body: 'x'.repeat(8 * 1024 * 1024 + 1) }, 'larger than 8 MiB'],
  ])('a file that %s', async (_how, answer, reason) => {
    stand.faults.add({
      service: 'gitlab',
      path: '/projects/109/repository/files/package-lock.json',
      times: 200,
      ...answer,
    });
    const result = await monitor(stand.ports(), { project: `${shop}/storefront` });
    const change = changeOf(result, 'shop-install-script');
    expect(change.status).toBe('partly_read');
    expect(change.unread).toEqual([
      { path: 'package-lock.json', extent: 'whole', reason: expect.stringContaining(reason) },
    ]);
    expect(signalsOf(change)).toEqual(expect.arrayContaining(['not_readable', 'install_script_added']));
    expect(result.not_fully_read).toBeGreaterThanOrEqual(6);
  });

  test.each([403, 500])('approvals (%d): nobody is said to have missed one', async (status) => {
    stand.faults.add({ service: 'gitlab', path: '/approvals$', times: 100, status, body: { message: 'no' } });
    const change = changeOf(await monitor(stand.ports()), 'shop-integrity-changed');
    expect(signalsOf(change)).not.toContain('missing_approval');
    expect(signalsOf(change)).toContain('integrity_changed');
    expect(change.people).toMatchObject({ approvals_by_others: null, self_merged: true });
    expect(change.review.map(({ code }) => code)).not.toContain('merged_without_approval');
    expect(change.notes.join()).toContain('Approvals could not be read');
    // What was changed was read all the same.
    expect(change.status).toBe('assessed');
  });

  test('pushes of a project: it is named, and nothing says that there were none', async () => {
    stand.faults.add({
      service: 'gitlab',
      path: '/projects/110/events',
      times: 20,
      status: 403,
      body: { message: 'no' },
    });
    const result = await monitor(stand.ports());
    expect(result.problems).toEqual([
      expect.objectContaining({ project: `${shop}/checkout`, code: 'missing_permission' }),
    ]);
    expect(result.complete).toBe(false);
    expect(result.changes).toEqual(all.changes.filter(({ kind }) => kind === 'merge_request'));
  });

  test('which merge request a push belongs to: nobody is said to have gone round the review', async () => {
    stand.faults.add({
      service: 'gitlab',
      path: '/commits/[0-9a-f]+/merge_requests',
      times: 100,
      status: 500,
      body: {},
    });
    const result = await monitor(stand.ports());
    const change = changeOf(result, 'shop-direct-push');
    expect(signalsOf(change)).not.toContain('missing_approval');
    expect(signalsOf(change)).toContain('download_and_run');
    expect(change).toMatchObject({ people: { approvals_by_others: null }, related_merge_requests: null });
    expect(change.notes.join()).toContain('could not say whether a merge request');
    expect(result.problems.map(({ code }) => code)).toEqual(['unavailable', 'unavailable']);
  });

  test('a change that GitLab still prepares', async () => {
    const mr = story('shop-typosquat');
    stand.faults.add({
      service: 'gitlab',
      path: `${pathTo('shop-typosquat')}$`,
      status: 200,
      body: { id: mr.id, iid: mr.iid, state: 'merged', project_id: 109, target_project_id: 109, diff_refs: null },
    });
    const change = changeOf(await monitor(stand.ports()), 'shop-typosquat');
    expect(change).toMatchObject({ status: 'partly_read', base_sha: null });
    expect(change.unread.map(({ path }) => path)).toEqual(['package-lock.json', 'package.json']);
    // Neither an author nor a merger was told.
    expect(change.people).toMatchObject({ first_contribution: null, self_merged: null, approvals_by_others: null });
  });
});

test('whatever was not fully read is returned, though nothing that was read weighs much', async () => {
  const renovate = story('shop-renovate');
  stand.faults.add({
    service: 'gitlab',
    path: `/projects/109/merge_requests/${renovate.iid}/diffs`,
    times: 5,
    status: 200,
    body: [
      { old_path: '.npmrc', new_path: '.npmrc', diff: '@@ -1 +1 @@\n-a\n+b\n', too_large: false, collapsed: false },
      { old_path: 'bundle.js', new_path: 'bundle.js', diff: '', too_large: true, collapsed: false },
    ],
  });
  stand.faults.add({ service: 'gitlab', path: '/files/bundle.js/raw', times: 5, status: 403, body: { message: 'no' } });
  const result = await monitor(stand.ports(), { minimum_level: 'critical' });
  expect(changeOf(result, 'shop-renovate')).toMatchObject({ status: 'partly_read', unsearched: 1, unread: [] });
  expect(result.changes.filter(({ status }) => status !== 'assessed')).toHaveLength(result.not_fully_read);
});

describe('limits', () => {
  test('when GitLab takes no more requests, what was looked at is answered and the rest is left for later', async () => {
    stand.faults.add({
      service: 'gitlab',
      path: '/diffs',
      after: 5,
      times: 100,
      status: 429,
      headers: { 'retry-after': '3600' },
      body: 'Retry later\n',
    });
    const result = await monitor(stand.ports());
    expect(result.complete).toBe(false);
    expect(result.notes.join()).toMatch(/takes no more requests.*3600 s/);
    stand.faults.clear();
    const rest = await monitor(stand.ports(), { cursor: result.next });
    expect([...result.changes, ...rest.changes].map(({ id }) => id).sort()).toEqual(
      all.changes.map(({ id }) => id).sort(),
    );
  });

  test.each([
    { limit: 1 },
    { limit: 3 },
    { max_looked_at: 1 },
    { max_looked_at: 4, limit: 2 },
    { max_requests: 50, max_details: 1 },
    { minimum_level: 'high', limit: 2 },
  ])('page by page, each change comes once, whatever ends a page: %j', async (given) => {
    const seen: string[] = [];
    let looked = 0;
    let cursor: string | undefined;
    for (let page = 0; page < 40; page += 1) {
      const result = await monitor(stand.ports(), { ...given, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...result.changes.map(({ id }) => id));
      looked += result.looked_at.merge_requests + result.looked_at.direct_pushes;
      expect(result.complete).toBe(result.next === null);
      if (result.next === null) break;
      cursor = result.next;
    }
    const wanted = await monitor(stand.ports(), { minimum_level: given.minimum_level ?? 'none' });
    expect(seen.sort()).toEqual(wanted.changes.map(({ id }) => id).sort());
    expect(looked).toBe(14);
  });

  test('the budget of requests ends the work early and says so', async () => {
    const ports = stand.ports();
    const result = await monitor(ports, { group: 'simulated-corp', from: '2026-11-01', max_requests: 50 });
    expect(result.notes.join()).toContain('max_requests is used up');
    expect(result.next).not.toBeNull();
    expect(ports.requests.length).toBeLessThan(150);
  });

  test('an abort ends it', async () => {
    const stop = new AbortController();
    const ports = stand.ports({}, { signal: stop.signal });
    const { http } = ports;
    // While the tenth request is on its way.
    ports.http = (request) => {
      const answer = http(request);
      if (ports.requests.length === 10) stop.abort();
      return answer;
    };
    await expect(monitor(ports)).rejects.toMatchObject({ code: 'cancelled' });
    expect(ports.requests.length).toBeLessThan(30);
  });
});

describe('servers differ', () => {
  test('one without the flags of withheld diffs: the same is found', async () => {
    Object.assign(stand.gitlab.settings, { diffFlags: false });
    expect((await monitor(stand.ports())).changes).toEqual(all.changes);
  });

  test('one that does not give the head of a fork through the target project: it is read from the fork', async () => {
    Object.assign(stand.gitlab.settings, { forkHeadsInTarget: false });
    const ports = stand.ports();
    expect(changeOf(await monitor(ports), 'shop-fork-dependency')).toEqual(changeOf(all, 'shop-fork-dependency'));
    expect(ports.requests.some(({ url }) => url.includes('/projects/9101/repository/files/requirements.txt'))).toBe(
      true,
    );
  });

  test.each(['402', '403', '404', 'empty'] as const)(
    'an edition whose approval rules answer %s',
    async (approvalRules) => {
      Object.assign(stand.gitlab.settings, { approvalRules });
      const result = await monitor(stand.ports());
      expect(result.changes.map(({ score, id }) => [id, score])).toEqual(
        all.changes.map(({ score, id }) => [id, score]),
      );
    },
  );

  test('an older one lists by update, and its answers are filtered here', async () => {
    const older = await startStandIn({ olderServer: true });
    try {
      const result = await monitor(older.ports());
      expect(result.changes.map(({ id }) => id).sort()).toEqual(all.changes.map(({ id }) => id).sort());
    } finally {
      await older.close();
    }
  });

  test('below a sub-path', async () => {
    const below = await startStandIn({ subPath: '/tools/gitlab' });
    try {
      const result = await monitor(below.ports());
      expect(result.changes.map(({ id }) => id)).toEqual(all.changes.map(({ id }) => id));
    } finally {
      await below.close();
    }
  });
});

test('a project that was moved is followed', async () => {
  const result = await monitor(stand.ports(), { project: 'simulated-corp/payments-api' });
  expect(changeOf(result, 'suspicious-dependency')).toMatchObject({
    level: 'critical',
    project: 'simulated-corp/platform/payments-api',
  });
});
