import { listMergeRequests } from '../../../operations/gitlab/list-merge-requests';
import { runOperation } from '../../../operations/operation';
import { simulateHistory } from '../../../sandbox/src/gitlab/history';
import type { MergeRequest } from '../../../sandbox/src/gitlab/world';
import { baseTime, failure, type StandIn, seed, startStandIn } from './stand-in';

/** What really happened in the simulated month: the answers are compared with it, not with other answers. */
const world = simulateHistory(seed, baseTime);
const visible = world.projects.filter((project) => !project.hidden);
const everything = visible.flatMap((project) => project.mergeRequests);
const inGroup = visible.filter((project) => !project.archived).flatMap((project) => project.mergeRequests);

const names = (list: MergeRequest[], time: (mr: MergeRequest) => Date | undefined) =>
  [...list]
    .sort((a, b) => (time(b)?.getTime() ?? 0) - (time(a)?.getTime() ?? 0) || b.id - a.id)
    .map((mr) => `${mr.project.path}!${mr.iid}`);
const read = (result: { merge_requests: { project: string; iid: number }[] }) =>
  result.merge_requests.map(({ project, iid }) => `${project}!${iid}`);

const daysAgo = (days: number) => new Date(baseTime.getTime() - days * 86_400_000);
const between = (at: Date | undefined, from: Date, to: Date) => at !== undefined && at >= from && at <= to;
const windowOf = (from: Date, to: Date) => ({ from: from.toISOString(), to: to.toISOString() });

describe.each([
  ['a current server', {}],
  ['a server without merged_after and order_by=merged_at', { olderServer: true }],
  ['a server below a path', { subPath: '/tools/gitlab' }],
])('%s', (_name, options) => {
  let stand: StandIn;
  beforeAll(async () => {
    stand = await startStandIn(options);
  });
  afterAll(() => stand.close());

  test.each([
    ['merged', (mr: MergeRequest) => mr.mergedAt],
    ['created', (mr: MergeRequest) => mr.createdAt],
    ['updated', (mr: MergeRequest) => mr.updatedAt],
  ] as const)('finds every one %s in the window, newest first, and no other', async (field, time) => {
    const [from, to] = [daysAgo(9), daysAgo(2)];
    const expected = names(
      inGroup.filter((mr) => between(time(mr), from, to)),
      time,
    );
    const result = await runOperation(listMergeRequests, stand.ports(), {
      group: 'simulated-corp',
      time_field: field,
      ...windowOf(from, to),
      limit: 500,
    });
    expect(expected.length).toBeGreaterThan(5);
    expect(read(result)).toEqual(expected);
    expect(result).toMatchObject({ count: expected.length, complete: true, next: null });
    expect(result.window).toEqual({ field, from: from.toISOString(), to: to.toISOString() });
  });

  test('a limit is not complete, and following next finds the rest once each', async () => {
    const window = windowOf(daysAgo(20), daysAgo(0));
    const expected = names(
      inGroup.filter((mr) => between(mr.mergedAt, daysAgo(20), baseTime)),
      (mr) => mr.mergedAt,
    );
    const found: string[] = [];
    let cursor: string | null = '';
    for (let calls = 0; cursor !== null && calls < 40; calls += 1) {
      const result: Awaited<ReturnType<typeof listMergeRequests.run>> = await runOperation(
        listMergeRequests,
        stand.ports(),
        {
          group: 'simulated-corp',
          time_field: 'merged',
          ...window,
          cursor,
          limit: 7,
        },
      );
      expect(result.complete).toBe(result.next === null);
      found.push(...read(result));
      cursor = result.next;
    }
    expect(found).toEqual(expected);
  });
});

describe('filters and scopes', () => {
  let stand: StandIn;
  beforeAll(async () => {
    stand = await startStandIn();
  });
  afterAll(() => stand.close());
  afterEach(() => stand.faults.clear());
  const all = { ...windowOf(daysAgo(60), baseTime), limit: 500 };

  test('state, author in any case, target branch', async () => {
    const result = await runOperation(listMergeRequests, stand.ports(), {
      ...all,
      project: 'simulated-corp/platform/infrastructure',
      state: 'merged',
      author_username: 'JONAS.lindqvist',
      target_branch: 'main',
    });
    const expected = everything.filter(
      (mr) => mr.project.id === 101 && mr.state === 'merged' && mr.author.username === 'jonas.lindqvist',
    );
    expect(expected.length).toBeGreaterThan(1);
    expect(read(result)).toEqual(names(expected, (mr) => mr.updatedAt));
    const none = await runOperation(listMergeRequests, stand.ports(), { ...all, target_branch: 'release' });
    expect(none.count).toBe(0);
  });

  test('filters hold although the server ignores them', async () => {
    // Every parameter but paging is dropped on the way, and the order is another than the one asked for.
    const ports = stand.ports();
    const stripped = {
      ...ports,
      http: (request: Parameters<typeof ports.http>[0]) => {
        const url = new URL(request.url);
        for (const name of [...url.searchParams.keys()]) {
          if (!['page', 'per_page', 'scope'].includes(name)) url.searchParams.delete(name);
        }
        url.searchParams.set('per_page', '4');
        url.searchParams.set('order_by', 'title');
        return ports.http({ ...request, url: url.href });
      },
    };
    const [from, to] = [daysAgo(12), daysAgo(3)];
    const given = { ...windowOf(from, to), time_field: 'merged', limit: 500 };
    const inWindow = everything.filter((mr) => between(mr.mergedAt, from, to));
    for (const author_username of [undefined, 'tomas.becker']) {
      const expected = inWindow.filter((mr) => author_username === undefined || mr.author.username === author_username);
      const result = await runOperation(listMergeRequests, stripped, { ...given, author_username });
      expect(read(result)).toEqual(names(expected, (mr) => mr.mergedAt));
      expect(expected.length).toBeGreaterThan(0);
      expect(result.complete).toBe(true);
    }
  });

  test('without project and group: the connection’s project, else its group, else the whole instance', async () => {
    const count = async (defaults: Record<string, string>) =>
      (await runOperation(listMergeRequests, stand.ports(defaults), all)).count;
    const ofProject = everything.filter((mr) => mr.project.id === 101).length;
    expect(await count({ project: '101', group: 'simulated-corp' })).toBe(ofProject);
    expect(await count({ group: 'simulated-corp/data' })).toBe(
      inGroup.filter((mr) => mr.project.path.includes('/data/')).length,
    );
    expect(await count({})).toBe(everything.length);
  });

  test('a moved project is followed', async () => {
    const result = await runOperation(listMergeRequests, stand.ports(), {
      ...all,
      project: 'simulated-corp/payments-api',
    });
    expect(result.merge_requests[0]?.project).toBe('simulated-corp/platform/payments-api');
  });

  test('the default window is the last 24 hours', async () => {
    const result = await runOperation(listMergeRequests, stand.ports(), {});
    expect(Date.parse(result.window.to) - Date.parse(result.window.from)).toBe(24 * 3_600_000);
    expect(read(result).sort()).toEqual(
      names(
        everything.filter((mr) => mr.updatedAt >= daysAgo(1)),
        () => undefined,
      ).sort(),
    );
  });

  test('texts arrive without hidden characters; forks and drafts are marked', async () => {
    const { merge_requests: list } = await runOperation(listMergeRequests, stand.ports(), all);
    expect(JSON.stringify(list)).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\\u00(?:0[0-8]|1)/);
    expect(everything.some((mr) => /[\u200b-\u202e]/.test(mr.change.title + mr.change.description))).toBe(true);
    const marked = list.filter((mr) => mr.from_fork).map((mr) => mr.title);
    expect(marked).toEqual(['Newer chart library', 'Newer httpx', 'Typo in the invoice list']);
    expect(list.filter((mr) => mr.draft).length).toBe(everything.filter((mr) => mr.draft).length);
  });

  test.each([
    [{ project: 'a/b', group: 'c' }, 'group'],
    [{ project: 'infrastructure' }, 'project'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-11-22', to: '2026-11-21' }, 'from'],
    [{ time_field: 'merged', state: 'opened' }, 'state'],
    [{ limit: 1001 }, 'limit'],
  ])('%j is refused and the field named', async (given, field) => {
    expect(await failure(runOperation(listMergeRequests, stand.ports(), given))).toMatchObject({
      code: 'invalid_input',
      details: { field },
    });
  });

  test('a time without an offset is UTC, whatever the time zone of the host', async () => {
    const result = await runOperation(listMergeRequests, stand.ports(), {
      from: '2026-11-01 06:00',
      to: '2026-11-02T06:00:00+02:00',
    });
    expect(result.window).toMatchObject({ from: '2026-11-01T06:00:00.000Z', to: '2026-11-02T04:00:00.000Z' });
  });
});
