import { type StandIn, startStandIn } from './stand-in';
import { changeOf, idOf, type Monitored, monitor, shop, signalsOf } from './supply-chain-world';
import { world } from './world';

// Whole groups are read over the wire here.

let stand: StandIn;
let all: Monitored;
let requests: string[];
beforeAll(async () => {
  stand = await startStandIn();
  const ports = stand.ports();
  all = await monitor(ports);
  requests = ports.requests.map(({ url }) => url);
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

describe('what happened in the shop is found', () => {
  test.each([
    ['shop-integrity-changed', 'critical', ['integrity_changed', 'missing_approval']],
    ['shop-install-script', 'high', ['install_script_added', 'first_contribution']],
    ['shop-registry-changed', 'high', ['registry_changed']],
    ['shop-typosquat', 'high', ['typosquat']],
    ['shop-withheld-diff', 'high', ['registry_changed']],
    ['shop-remote-include', 'high', ['remote_include', 'guard_weakened']],
    ['shop-submodule', 'high', ['submodule_changed']],
    ['shop-fork-dependency', 'critical', ['plain_http_source', 'direct_source', 'from_fork']],
    ['shop-direct-push', 'critical', ['download_and_run', 'image_registry_changed', 'missing_approval']],
  ])('%s: %s', (story, level, signals) => {
    const change = changeOf(all, story);
    expect(signalsOf(change)).toEqual(expect.arrayContaining(signals));
    expect(change).toMatchObject({ level, status: 'assessed', error: null });
    expect(change.techniques.some((id) => id.startsWith('T1195.'))).toBe(true);
    expect(change.recommendations.length).toBeGreaterThan(0);
  });

  test('with the evidence: file, place in it, before and after', () => {
    const [found] = changeOf(all, 'shop-integrity-changed').findings;
    expect(found).toMatchObject({
      signal: 'integrity_changed',
      severity: 'critical',
      file: 'package-lock.json',
      name: 'axios',
      key: expect.stringContaining('node_modules/axios'),
      before: expect.stringMatching(/sha512-/),
      after: expect.stringMatching(/sha512-/),
    });
    expect(found?.before).not.toBe(found?.after);
  });

  test('in a lockfile whose diff GitLab withholds, one entry among many that moved', () => {
    const change = changeOf(all, 'shop-withheld-diff');
    const registry = change.findings.filter(({ signal }) => signal === 'registry_changed');
    expect(registry.map(({ name }) => name)).toEqual(['rollup']);
    expect(change.dependency_counts).toEqual([{ ecosystem: 'npm', added: 0, removed: 0, updated: expect.any(Number) }]);
    expect(change.dependency_changes).toHaveLength(10);
    expect(change.dependency_changes_left_out).toBeGreaterThan(50);
  });

  test('an ordinary update is assessed and weighs nothing', () => {
    const change = changeOf(all, 'shop-renovate');
    expect(change).toMatchObject({ level: 'none', score: 0, people: { bot: true, approvals_by_others: 1 } });
    expect(change.dependency_changes).toEqual([
      expect.objectContaining({
        change: 'updated',
        ecosystem: 'npm',
        name: 'zustand',
        from_version: '5.0.6',
        to_version: '5.0.8',
        package_url: 'pkg:npm/zustand@5.0.8',
      }),
    ]);
  });

  test('a malformed lockfile is told, and the rest of its change is read', () => {
    const change = changeOf(all, 'shop-malformed-lockfile');
    expect(change.status).toBe('partly_read');
    expect(change.unread).toEqual([expect.objectContaining({ path: 'package-lock.json' })]);
    expect(signalsOf(change)).toContain('image_unpinned');
    // That nothing in it could be read does not mean that everything was removed.
    expect(change.dependency_counts.find(({ ecosystem }) => ecosystem === 'npm')).toBeUndefined();
  });

  test('where a submodule is pinned stands in no file, and is told', () => {
    expect(changeOf(all, 'shop-submodule').dependency_changes).toContainEqual(
      expect.objectContaining({
        ecosystem: 'git_submodule',
        name: 'vendor/tax-tables',
        from_version: '7'.repeat(40),
        to_version: '8'.repeat(40),
      }),
    );
  });
});

describe('people', () => {
  test('who merged their own change, unapproved, on a weekend', () => {
    const change = changeOf(all, 'shop-integrity-changed');
    expect(change.people).toMatchObject({ self_merged: true, approvals_by_others: 0, outside_hours: true });
    expect(change.review.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['self_merged', 'merged_without_approval', 'approval_rules_overwritten']),
    );
  });

  test('of a push: whoever was signed in, whatever its commits say', () => {
    const change = changeOf(all, 'shop-direct-push');
    expect(change).toMatchObject({
      kind: 'direct_push',
      iid: null,
      author: 'guido.conti',
      target_branch: 'main',
      people: { approvals_by_others: 0, first_contribution: null },
      related_merge_requests: [],
    });
    expect(change.web_url).toBe(`${stand.baseUrl}/${shop}/checkout/-/commit/${change.head_sha}`);
  });

  test('hours are of the zone given', async () => {
    // Sunday noon in UTC; the newest change was four hours before.
    const story = 'shop-malformed-lockfile';
    const outside = async (given: Record<string, unknown>) =>
      changeOf(await monitor(stand.ports(), given), story).people?.outside_hours;
    expect(await outside({ time_zone: 'Pacific/Kiritimati' })).toBe(true);
    expect(changeOf(all, story).people?.outside_hours).toBe(true);
    const at = changeOf(all, 'shop-registry-changed').merged_at;
    expect(at).toBe('2026-11-21T20:00:00.000Z');
  });
});

describe('what is left out is told', () => {
  test('changes below the level are counted, unread ones stay', async () => {
    const result = await monitor(stand.ports(), { minimum_level: 'critical' });
    expect(new Set(result.changes.map(({ level }) => level))).toEqual(new Set(['critical', 'high', 'medium']));
    for (const { level, unread } of result.changes) expect(level === 'critical' || unread.length > 0).toBe(true);
    expect(result.levels).toEqual(all.levels);
    expect(result.below_minimum + result.count).toBe(all.count);
    expect(result.complete).toBe(true);
  });

  test('worst first, with what is true of all of them', () => {
    const scores = all.changes.map(({ score }) => score ?? -1);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(all).toMatchObject({ complete: true, next: null, problems: [], notes: [], not_fully_read: 2 });
    expect(all.techniques[0]).toMatchObject({ id: 'T1195.001' });
    expect(all.recommendations[0]).toMatchObject({ severity: 'critical', changes: [idOf('shop-integrity-changed')] });
    expect(all.looked_at).toEqual({ merge_requests: 12, direct_pushes: 2, projects: 2 });
    expect(all.untouched).toBe(2);
  });

  test('fewer details leave numbers behind', async () => {
    const result = await monitor(stand.ports(), { max_details: 1 });
    const [before, after] = [changeOf(all, 'shop-direct-push'), changeOf(result, 'shop-direct-push')];
    expect(after.findings).toHaveLength(1);
    expect(after.findings_left_out).toBe(before.findings.length + before.findings_left_out - 1);
    expect(after.signals).toEqual(before.signals);
  });

  test('an answer stays small: a few KB a change', () => {
    for (const change of all.changes) expect(JSON.stringify(change).length).toBeLessThan(9_000);
  });
});

describe('what it costs', () => {
  test('a change that touches nothing watched costs one request, and a merge by GitLab none beside the list of pushes', () => {
    const mr = world.projects
      .flatMap(({ mergeRequests }) => mergeRequests)
      .find(({ story }) => story === 'shop-no-dependencies');
    const own = requests.filter((url) => url.includes(`/merge_requests/${mr?.iid}/`) && url.includes('/projects/110/'));
    expect(own.map((url) => new URL(url).pathname.split('/').at(-1))).toEqual(['diffs']);
    expect(requests.filter((url) => url.includes('/events?'))).toHaveLength(2);
    // Only the two pushes that no merge request accounts for are asked about, and the commit of the one that is read.
    expect(requests.filter((url) => /\/commits\/[0-9a-f]+\/merge_requests/.test(url)).length).toBeLessThanOrEqual(3);
  });

  test('projects without activity are not asked for pushes', async () => {
    const ports = stand.ports();
    await monitor(ports, { from: '2026-11-22T11:59:00Z' });
    expect(ports.requests.filter(({ url }) => url.includes('/events?'))).toHaveLength(0);
  });
});

test('one project alone, by the default of the connection, shows the same of it', async () => {
  const { changes } = await monitor(stand.ports({ project: `${shop}/checkout` }), { project: undefined });
  const expected = all.changes.filter(({ project }) => project === `${shop}/checkout`);
  expect(changes).toEqual(expected);
});

test('open merge requests are looked at when they are asked for, and nothing is said about their merge', async () => {
  const result = await monitor(stand.ports(), {
    time_field: 'created',
    state: 'opened',
    include_direct_pushes: false,
  });
  expect(result.changes.map(({ id }) => id)).toEqual([idOf('shop-open')]);
  const change = changeOf(result, 'shop-open');
  expect(change).toMatchObject({ merged_at: null, people: { self_merged: null, outside_hours: null } });
  expect(signalsOf(change)).not.toContain('missing_approval');
  expect(signalsOf(change)).toContain('registry_changed');
});

test('hosts that are trusted weigh less; checksums never do', async () => {
  const result = await monitor(stand.ports(), { trusted_hosts: ['*.simulated-mirror.example'] });
  expect(changeOf(result, 'shop-registry-changed').level).toBe('low');
  expect(changeOf(result, 'shop-submodule').level).toBe('low');
  expect(changeOf(result, 'shop-integrity-changed').level).toBe('critical');
});

test('progress is told', async () => {
  const ports = stand.ports();
  await monitor(ports);
  expect(ports.reports.some(({ message }) => message === 'Looked at changes')).toBe(true);
  expect(ports.reports.some(({ message }) => message === 'Looked for direct pushes')).toBe(true);
});
