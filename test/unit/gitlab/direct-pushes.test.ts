import { type StandIn, startStandIn } from './stand-in';
import { changeOf, idOf, monitor, shop, signalsOf } from './supply-chain-world';
import { story, world } from './world';

// Whole groups are read over the wire here.

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

const month = { from: '2026-10-20', max_looked_at: 2000 };

test('of a month of merges, squashed, merged by a commit and from forks, none is taken for a direct push', async () => {
  const all = world.projects.flatMap(({ branchPushes, hidden, archived, open }) =>
    hidden || archived || open ? [] : branchPushes,
  );
  expect(all.length).toBeGreaterThan(70);
  const result = await monitor(stand.ports(), { group: 'simulated-corp', ...month });
  // Two pushes of the shop, and the branch that somebody merged by hand.
  expect(result.looked_at.direct_pushes).toBe(3);
});

test('a branch merged by hand is a push, and names the merge request that holds its commits', async () => {
  const indirect = story('merged-indirectly');
  const push = indirect.project.branchPushes.find(({ to }) => to.message.includes(`!${indirect.iid}`));
  const at = push?.at.toISOString();
  stand.faults.add({
    service: 'gitlab',
    path: '/repository/compare',
    status: 200,
    body: {
      commits: indirect.commits.map(({ sha }) => ({ id: sha, parent_ids: ['x'] })),
      diffs: [{ old_path: 'Dockerfile', new_path: 'Dockerfile', diff: '@@ -1 +1 @@\n-a\n+b\n' }],
      compare_timeout: true,
    },
  });
  const result = await monitor(stand.ports(), { project: indirect.project.path, from: at, to: at });
  const [change] = result.changes.filter(({ kind }) => kind === 'direct_push');
  expect(change).toMatchObject({ related_merge_requests: [indirect.iid], status: 'partly_read' });
  expect(change?.notes.join()).toContain('did not compare all of it');
});

test('the merge request of a merge outside the window is asked for', async () => {
  const renovate = story('shop-renovate');
  const push = renovate.project.branchPushes[0];
  const ports = stand.ports();
  // Merged in the window, but not among those into another branch that are asked for.
  const result = await monitor(ports, { project: renovate.project.path, target_branch: 'release' });
  expect(result.looked_at).toMatchObject({ merge_requests: 0, direct_pushes: 0 });
  expect(ports.requests.some(({ url }) => url.includes(`/commits/${push?.to.sha}/merge_requests`))).toBe(true);
});

test('a commit that is in an unmerged merge request, or in one into another branch, came by a push', async () => {
  const push = world.projects
    .flatMap(({ branchPushes }) => branchPushes)
    .find((entry) => entry.story === 'shop-direct-push');
  const sha = push?.to.sha;
  const holder = { id: 1, iid: 7, project_id: 110, target_project_id: 110, sha, merge_commit_sha: sha };
  for (const other of [
    { ...holder, state: 'opened', target_branch: 'main' },
    { ...holder, state: 'merged', target_branch: 'scratch' },
  ]) {
    stand.faults.add({
      service: 'gitlab',
      path: `/commits/${sha}/merge_requests`,
      times: 4,
      status: 200,
      body: [other],
    });
    const change = changeOf(await monitor(stand.ports()), 'shop-direct-push');
    expect(change.related_merge_requests).toEqual([7]);
    stand.faults.clear();
  }
});

const event = (id: number, data: object, at = '2026-11-22T10:00:00Z') => ({
  id,
  created_at: at,
  author_username: 'guido.conti',
  push_data: {
    action: 'pushed',
    ref_type: 'branch',
    ref: 'main',
    commit_from: 'a'.repeat(40),
    commit_to: 'b'.repeat(40),
    ...data,
  },
});
const answerEvents = (events: object[]) =>
  stand.faults.add({ service: 'gitlab', path: '/projects/110/events', status: 200, body: events });
const checkout = { project: `${shop}/checkout`, include_direct_pushes: true };

test('a push that made the branch has nothing before it: it failed, and says why', async () => {
  stand.faults.add({ service: 'gitlab', path: '/commits/b+/merge_requests', status: 200, body: [] });
  answerEvents([event(1, { action: 'created', commit_from: null })]);
  const result = await monitor(stand.ports(), checkout);
  expect(result.changes.at(-1)).toMatchObject({
    kind: 'direct_push',
    status: 'failed',
    error: { message: expect.stringContaining('made the default branch') },
  });
  expect(result.complete).toBe(false);
});

test('pushes to many branches at once are named as what nobody can tell', async () => {
  answerEvents([event(1, { ref: null, ref_count: 12, commit_from: null, commit_to: null })]);
  const result = await monitor(stand.ports(), checkout);
  expect(result.notes.join()).toContain('1 pushes to many branches at once');
  expect(result.complete).toBe(false);
});

test('other branches, tags, removals, other days and broken events are passed over', async () => {
  answerEvents([
    event(1, { ref: 'feature' }),
    event(2, { ref_type: 'tag' }),
    event(3, { action: 'removed', commit_to: null }),
    event(4, {}, '2026-11-20T10:00:00Z'),
    event(5, {}, 'yesterday'),
    { id: 6, created_at: '2026-11-22T10:00:00Z' },
  ]);
  const result = await monitor(stand.ports(), checkout);
  expect(result.looked_at.direct_pushes).toBe(0);
  expect(result.complete).toBe(true);
});

test('a push whose comparison fails is in the answer, and the other is read', async () => {
  const push = world.projects
    .flatMap(({ branchPushes }) => branchPushes)
    .find((entry) => entry.story === 'shop-direct-push');
  stand.faults.add({
    service: 'gitlab',
    path: `compare\\?.*to=${push?.to.sha}`,
    status: 404,
    body: { message: '404 Ref' },
  });
  const result = await monitor(stand.ports(), checkout);
  expect(changeOf(result, 'shop-direct-push')).toMatchObject({ status: 'failed', title: 'Update base image' });
  expect(result.looked_at.direct_pushes).toBe(2);
});

test('hosts of one’s own and people’s hours count for pushes too', async () => {
  const result = await monitor(stand.ports(), { ...checkout, trusted_hosts: ['simulated-mirror.example'] });
  const change = changeOf(result, 'shop-direct-push');
  expect(change.people).toMatchObject({ self_merged: true, outside_hours: true, bot: false });
  expect(change.findings.find(({ signal }) => signal === 'image_registry_changed')?.severity).toBe('low');
  expect(signalsOf(change)).toContain('download_and_run');
  expect(result.changes.map(({ id }) => id)).not.toContain(idOf('shop-direct-push-harmless'));
});
