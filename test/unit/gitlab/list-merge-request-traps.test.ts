import fc from 'fast-check';
import { InvalidInputError } from '../../../operations/errors';
import { listMergeRequests } from '../../../operations/gitlab/list-merge-requests';
import { cursorOf, isBehind, readCursor } from '../../../operations/gitlab/list-position';
import { runOperation } from '../../../operations/operation';
import type { MergeRequest } from '../../../sandbox/src/gitlab/world';
import { baseTime, failure, type StandIn, startStandIn } from './stand-in';
import { story, world } from './world';

const everything = world.projects.filter((project) => !project.hidden).flatMap((project) => project.mergeRequests);
const daysAgo = (days: number) => new Date(baseTime.getTime() - days * 86_400_000).toISOString();
const month = { from: daysAgo(60), to: baseTime.toISOString(), limit: 1000 };
const names = (list: MergeRequest[]) => list.map((mr) => `${mr.project.path}!${mr.iid}`).sort();
type Result = Awaited<ReturnType<typeof listMergeRequests.run>>;
const read = (result: Result) => result.merge_requests.map(({ project, iid }) => `${project}!${iid}`);

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});
const list = (given: Record<string, unknown>, ports = stand.ports()): Promise<Result> =>
  runOperation(listMergeRequests, ports, { ...month, ...given });

describe('filters', () => {
  test.each<[string, Record<string, unknown>, (mr: MergeRequest) => boolean]>([
    ['who merged', { merged_by: 'Mira.Okafor' }, (mr) => mr.mergedBy?.username === 'mira.okafor'],
    [
      'a reviewer',
      { reviewer_username: '@hana.sato' },
      (mr) => mr.reviewers.some(({ username }) => username === 'hana.sato'),
    ],
    ['drafts', { draft: true }, (mr) => mr.draft],
    ['no drafts', { draft: false }, (mr) => !mr.draft],
    ['a source branch', { source_branch: 'patch-1' }, (mr) => mr.change.branch === 'patch-1'],
    [
      'labels',
      { labels: ['iam', 'terraform'] },
      (mr) => ['iam', 'terraform'].every((l) => mr.change.labels.includes(l)),
    ],
    ['no label', { labels: ['None'] }, (mr) => mr.change.labels.length === 0],
    ['words', { search: 'rotate deploy' }, (mr) => mr.story === 'ci-key-rotation'],
  ])('%s, also when the server ignores the filter', async (_name, given, fits) => {
    const expected = names(everything.filter(fits));
    // `rotate deploy` is two words, which the stand-in looks for as one text.
    const ports = stand.ports();
    const ignoring = {
      ...ports,
      http: (request: Parameters<typeof ports.http>[0]) => {
        const url = new URL(request.url);
        for (const name of [...url.searchParams.keys()])
          if (!/^(page|per_page|scope|order_by|sort|updated_)/.test(name)) url.searchParams.delete(name);
        return ports.http({ ...request, url: url.href });
      },
    };
    expect(expected.length).toBeGreaterThan(0);
    if (given.search === undefined) expect(read(await list(given)).sort()).toEqual(expected);
    expect(read(await list(given, ignoring as typeof ports)).sort()).toEqual(expected);
  });

  test('empty filters are not sent', async () => {
    const ports = stand.ports();
    await list({ author_username: ' ', labels: [' '], search: '', merged_by: '' }, ports);
    expect(ports.requests[0]?.url).not.toMatch(/author|labels|search|merge_user|wip/);
  });

  test('drafts are asked for by the name that every version knows', async () => {
    const old = await startStandIn({ olderServer: true });
    const ports = old.ports();
    const drafts = await list({ draft: true }, ports);
    expect(read(drafts).sort()).toEqual(names(everything.filter((mr) => mr.draft)));
    expect(ports.requests[0]?.url).toMatch(/[?&]wip=yes/);
    await old.close();
  });

  test.each([
    [{ project: '101', group: 'simulated-corp' }, 'group', 'not both'],
    [{ project: '101', whole_instance: true }, 'project', 'leave out one'],
    [{ group: 'simulated-corp', whole_instance: true }, 'group', 'leave out one'],
    [{ time_field: 'merged', state: 'closed' }, 'state', 'time_field "created" or "updated"'],
    [{ merged_by: 'mira.okafor', state: 'opened' }, 'merged_by', 'leave out state'],
    [{ labels: ['a', 'none'] }, 'labels', 'stand alone'],
    [{ labels: ['a,b'] }, 'labels', 'one list entry'],
    [{ cursor: 'page 2' }, 'cursor', 'pass `next`'],
  ])('%j exclude each other: refused before anything is sent, with what to change', async (given, field, fix) => {
    const ports = stand.ports();
    const error = await failure(list(given, ports));
    expect(error).toMatchObject({ code: 'invalid_input', details: { field } });
    expect(error.message).toContain(fix);
    expect(ports.requests).toEqual([]);
  });

  test('the whole instance, whatever the connection has as a default', async () => {
    const ports = stand.ports({ project: '101' });
    const result = await list({ whole_instance: true }, ports);
    expect(result.count).toBe(everything.length);
    expect(ports.requests[0]?.url).toMatch(/\/api\/v4\/merge_requests\?.*scope=all/);
  });

  test('archived projects of a group only when asked for', async () => {
    const archived = (result: Result) =>
      result.merge_requests.some(({ project }) => project.endsWith('/legacy-portal'));
    expect(archived(await list({ group: 'simulated-corp' }))).toBe(false);
    expect(archived(await list({ group: 'simulated-corp', include_archived: true }))).toBe(true);
  });
});

describe('approved, which a server may ignore', () => {
  const given = { project: 'simulated-corp/security/detections', time_field: 'merged' };
  const inProject = everything.filter((mr) => mr.project.name === 'Detections' && mr.state === 'merged');

  test.each([true, false])('%s is proven by the approvals themselves', async (approved) => {
    const result = await list({ ...given, approved });
    expect(read(result).sort()).toEqual(names(inProject.filter((mr) => mr.approvals.length > 0 === approved)));
    expect(result.complete).toBe(true);
  });

  test('one whose approvals cannot be read is neither, and the answer not complete', async () => {
    const [first] = inProject;
    stand.faults.add({
      service: 'gitlab',
      path: `/merge_requests/${first?.iid}/approvals$`,
      status: 403,
      body: { message: '403 Forbidden' },
      times: 2,
    });
    const yes = await list({ ...given, approved: true });
    const no = await list({ ...given, approved: false });
    expect([...read(yes), ...read(no)]).not.toContain(`${first?.project.path}!${first?.iid}`);
    for (const result of [yes, no]) {
      expect(result).toMatchObject({ complete: false, window_complete: true, next: null });
      expect(result.notes.join()).toContain('does not mean unapproved');
    }
  });

  test('a limit goes on behind the last one looked at', async () => {
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const result: Result = await list({ ...given, approved: true, limit: 3, cursor });
      found.push(...read(result));
      cursor = result.next;
    }
    expect(found.sort()).toEqual(names(inProject.filter((mr) => mr.approvals.length > 0)));
  });
});

describe('paging', () => {
  const merged = everything.filter((mr) => mr.state === 'merged' && mr.mergedAt !== undefined);
  const given = { time_field: 'merged' };

  test('merge requests of one moment come once each, whatever the limit cuts', async () => {
    const pair = [story('no-pipeline'), story('submodule-bump')];
    expect(pair[0]?.mergedAt).toEqual(pair[1]?.mergedAt);
    const at = pair[0]?.mergedAt as Date;
    const window = { from: new Date(at.getTime() - 86_400_000).toISOString(), to: at.toISOString(), limit: 1 };
    const found: string[] = [];
    let cursor: string | null = '';
    for (let calls = 0; cursor !== null && calls < 50; calls += 1) {
      const result: Result = await list({ ...given, ...window, cursor });
      found.push(...read(result));
      cursor = result.next;
    }
    expect(found.length).toBe(new Set(found).size);
    expect(found.slice(0, 2).sort()).toEqual(names(pair));
  });

  test('behind the offset ceiling the list goes on as a shorter one', async () => {
    Object.assign(stand.gitlab.settings, { maxOffset: 50 });
    for (const time_field of ['merged', 'created', 'updated']) {
      const ports = stand.ports();
      const result = await list({ time_field }, ports);
      expect(read(result).sort()).toEqual(names(time_field === 'merged' ? merged : everything));
      expect(result).toMatchObject({ complete: true, next: null });
      const ends = ports.requests.map(({ url }) => new URL(url).searchParams.get(`${time_field}_before`));
      if (time_field !== 'merged') expect(new Set(ends).size).toBeGreaterThan(1);
    }
  });

  test('on an older server too, which lists merged ones by update', async () => {
    const old = await startStandIn({ olderServer: true, settings: { maxOffset: 50 } });
    expect(read(await list(given, old.ports())).sort()).toEqual(names(merged));
    await old.close();
  });

  test('a ceiling that cannot be passed is said', async () => {
    const error =
      'Offset pagination has a maximum allowed offset of 100 for requests that return objects of this type.';
    stand.faults.add({ service: 'gitlab', path: '[?&]page=2', status: 405, body: { error }, times: 50 });
    const ports = stand.ports();
    const fixed = {
      ...ports,
      http: (request: Parameters<typeof ports.http>[0]) => {
        const url = new URL(request.url);
        url.searchParams.delete('updated_before');
        url.searchParams.set('order_by', 'title');
        return ports.http({ ...request, url: url.href });
      },
    };
    const result = await list({ time_field: 'updated', limit: 1000 }, fixed as typeof ports);
    expect(result).toMatchObject({ complete: false, window_complete: false, next: null });
    expect(result.notes.join()).toContain('shorter window');
  });

  test('lists without totals are read to their end', async () => {
    Object.assign(stand.gitlab.settings, { countedUpTo: 10 });
    const result = await list(given);
    expect(read(result).sort()).toEqual(names(merged));
    expect(result.complete).toBe(true);
  });

  test('an end of "now" is not sent for updates, so that an update in between hides nothing', async () => {
    const ports = stand.ports();
    await runOperation(listMergeRequests, ports, { from: daysAgo(30), limit: 1000 });
    expect(ports.requests[0]?.url).not.toContain('updated_before');
    await runOperation(listMergeRequests, ports, { from: daysAgo(30), to: daysAgo(2), limit: 1000 });
    expect(ports.requests.at(-1)?.url).toContain('updated_before');
  });

  test('a cursor keeps its window, and is refused with another one or for another time', async () => {
    const first = await list({ ...given, limit: 2 });
    const cursor = first.next ?? '';
    const later = stand.ports();
    const next = await runOperation(listMergeRequests, later, { ...given, limit: 2, cursor });
    expect(next.window).toEqual(first.window);
    const refused = (more: Record<string, unknown>) =>
      failure(runOperation(listMergeRequests, stand.ports(), { ...given, cursor, ...more }));
    expect(await refused({ from: daysAgo(3) })).toMatchObject({ details: { field: 'from' } });
    expect(await refused({ time_field: 'created' })).toMatchObject({ details: { field: 'cursor' } });
  });

  test('a cursor is read as it was written, and any other text is refused', () => {
    const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(fc.array(instant, { minLength: 3, maxLength: 3 }), fc.nat(), (times, id) => {
        const [from = 0, time = 0, to = 0] = times.sort((a, b) => a - b);
        const position = { from, to, time, id };
        expect(readCursor('merged', cursorOf('merged', position))).toEqual(position);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => readCursor('merged', text)).toThrow(InvalidInputError);
      }),
    );
    expect(isBehind({ time: 5, id: 3 }, 5, 3)).toBe(false);
    expect(isBehind({ time: 5, id: 3 }, 5, 2)).toBe(true);
    expect(isBehind({ time: 5, id: 3 }, 4, 9)).toBe(true);
  });
});

describe('the edges of a window', () => {
  let stand: StandIn;
  beforeAll(async () => {
    stand = await startStandIn();
  });
  afterAll(() => stand.close());
  afterEach(() => stand.faults.clear());

  const from = Date.parse('2026-11-10T08:00:00.000Z');
  const to = Date.parse('2026-11-12T17:30:00.500Z');
  /** Milliseconds against the edge, and whether it is inside: both ends are. */
  const places: readonly [number, boolean][] = [
    [to + 1, false],
    [to, true],
    [to - 1, true],
    [from + 1, true],
    [from, true],
    [from - 1, false],
  ];
  const fields = ['created', 'updated', 'merged'] as const;

  test.each(fields.flatMap((field) => [true, false].map((honest) => [field, honest] as const)))(
    'by %s, from a server that keeps to its parameters: %s',
    async (field, honest) => {
      const other = '2026-11-11T00:00:00.000Z';
      const all = places.map(([time], index) => ({
        ...{ id: 900 - index, iid: 900 - index, project_id: 101, target_project_id: 101, source_project_id: 101 },
        ...{ title: 'edge', state: 'merged', references: { full: `simulated-corp/x!${900 - index}` } },
        // The other times lie within the window, or far outside: only the one that is asked for may count.
        ...{ created_at: '2020-01-01T00:00:00.000Z', updated_at: other, merged_at: other },
        [`${field}_at`]: new Date(time).toISOString(),
      }));
      // As GitLab keeps them, a server takes the parameters as excluded, by the microsecond.
      const kept = all.filter((_, index) => !honest || places[index]?.[1]);
      stand.faults.add({ service: 'gitlab', path: '/projects/101/merge_requests', status: 200, body: kept, times: 5 });
      const ports = stand.ports();
      const result = await runOperation(listMergeRequests, ports, {
        project: '101',
        time_field: field,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
      });
      const inside = all.filter((_, index) => places[index]?.[1]).map(({ iid }) => iid);
      expect(result.merge_requests.map(({ iid }) => iid)).toEqual(inside);
      // What is asked for is wider than the window at both ends, so that neither way of reading an edge loses one.
      const query = new URL(ports.requests[0]?.url ?? '').searchParams;
      expect(Date.parse(query.get(`${field}_after`) ?? '')).toBeLessThan(from);
      expect(Date.parse(query.get(`${field}_before`) ?? '')).toBeGreaterThan(to);
      if (field === 'merged') expect(query.has('updated_before')).toBe(false);
    },
  );

  test.each(fields)('a window of one moment finds what happened in it (%s)', async (field) => {
    const mr = everything.find((one) => one.mergedAt !== undefined && !one.project.archived);
    const at = { created: mr?.createdAt, updated: mr?.updatedAt, merged: mr?.mergedAt }[field]?.toISOString();
    const result = await runOperation(listMergeRequests, stand.ports(), {
      project: String(mr?.project.id),
      time_field: field,
      from: at,
      to: at,
    });
    expect(result.merge_requests.map(({ iid }) => iid)).toContain(mr?.iid);
  });
});
