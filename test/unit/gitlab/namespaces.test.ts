import fc from 'fast-check';
import { readNamespace } from '../../../operations/gitlab/address';
import { listGroups } from '../../../operations/gitlab/list-groups';
import { listMergeRequests } from '../../../operations/gitlab/list-merge-requests';
import { listProjects } from '../../../operations/gitlab/list-projects';
import { runOperation } from '../../../operations/operation';
import { failure, type StandIn, startStandIn } from './stand-in';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn({ subPath: '/tools/gitlab' });
});
afterAll(() => stand.close());
beforeEach(() => stand.gitlab.reset());

const projects = (input: object, defaults: Record<string, string> = {}) =>
  runOperation(listProjects, stand.ports(defaults), input);
const groups = (input: object, defaults: Record<string, string> = {}) =>
  runOperation(listGroups, stand.ports(defaults), input);
const paths = (list: { path: string }[]) => list.map(({ path }) => path);

const platform = ['customer-portal', 'infrastructure', 'payments-api'].map((name) => `simulated-corp/platform/${name}`);
const shop = ['checkout', 'storefront'].map((name) => `simulated-corp/shop/${name}`);
const stranger = 'simulated-community/payments-api';

describe('projects', () => {
  test('of a group come with those of its subgroups, the latest activity first, without archived and hidden ones', async () => {
    const result = await projects({ group: 'simulated-corp' });
    expect(paths(result.projects).sort()).toEqual([
      'simulated-corp/data/ledger-jobs',
      ...platform,
      'simulated-corp/security/detections',
      ...shop,
    ]);
    const times = result.projects.map(({ last_activity_at: at }) => at ?? '');
    expect(times).toEqual([...times].sort().reverse());
    expect(result).toMatchObject({ count: 7, complete: true, next: null });
  });

  test('are told apart from archived ones when those are asked for', async () => {
    const result = await projects({ group: 'simulated-corp', include_archived: true });
    const byPath = new Map(result.projects.map(({ path, archived }) => [path, archived]));
    expect(byPath.get('simulated-corp/platform/legacy-portal')).toBe(true);
    expect(byPath.get('simulated-corp/platform/infrastructure')).toBe(false);
  });

  test.each([
    ['a part of the path', 'platform/pay', ['simulated-corp/platform/payments-api']],
    ['a name', 'Customer portal', ['simulated-corp/platform/customer-portal']],
    ['words in any order and case', 'API payments', ['simulated-corp/platform/payments-api']],
    ['a word of the description', 'accounting', ['simulated-corp/data/ledger-jobs']],
    // GitLab takes texts this short for whole names, so it must not be asked to search for them.
    ['two letters of a name', 'jo', ['simulated-corp/data/ledger-jobs']],
    ['nothing that is there', 'no such thing', []],
  ])('are found by %s', async (_, contains, expected) => {
    expect(paths((await projects({ group: 'simulated-corp', contains })).projects)).toEqual(expected);
    const everywhere = paths((await projects({ contains })).projects);
    expect(everywhere.filter((path) => !path.startsWith('simulated-community/'))).toEqual(expected);
  });

  test('a stranger that is public is listed only when it is asked for', async () => {
    expect(paths((await projects({ contains: 'payments' })).projects)).not.toContain(stranger);
    expect(paths((await projects({ contains: 'payments', all_visible: true })).projects)).toContain(stranger);
    expect(paths((await projects({ contains: 'payments', all_visible: false })).projects)).not.toContain(stranger);
  });

  test('an administrator, who is a member of nothing, sees all of the instance, on every page of one list', async () => {
    stand.gitlab.settings.tokenRole = 'admin';
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 10; page += 1) {
      const result: Awaited<ReturnType<typeof projects>> = await projects({ limit: 2, cursor });
      expect(result.complete).toBe(result.next === null);
      seen.push(...paths(result.projects));
      if (result.next === null) break;
      cursor = result.next;
    }
    expect(seen).toHaveLength(8);
    expect(new Set(seen).size).toBe(8);
    expect(seen).toContain(stranger);
    expect((await projects({ all_visible: false })).projects).toEqual([]);
  });

  test('pages without a match are read on, and the end is still known', async () => {
    const result = await projects({ group: 'simulated-corp', contains: 'jo', limit: 2 });
    expect(paths(result.projects)).toEqual(['simulated-corp/data/ledger-jobs']);
    const none = await projects({ group: 'simulated-corp', contains: 'zz', limit: 2 });
    expect(none).toMatchObject({ count: 0, complete: true });
  });

  test("the connection's group is where to look, unless the whole instance is asked for", async () => {
    const defaults = { group: 'simulated-corp/data' };
    expect(paths((await projects({}, defaults)).projects)).toEqual(['simulated-corp/data/ledger-jobs']);
    expect((await projects({ whole_instance: true }, defaults)).count).toBe(7);
    expect(await failure(projects({ whole_instance: true, group: 'x' }, defaults))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'group' },
    });
  });

  test.each(['groups~2~50~all', 'projects~0~50~all', 'projects~2~5000~all', 'projects~2~50~everything', '2', '../x'])(
    'the cursor %s is refused before anything is sent',
    async (cursor) => {
      expect(await failure(projects({ cursor }))).toMatchObject({
        code: 'invalid_input',
        details: { field: 'cursor' },
      });
      expect(stand.gitlab.requests).toEqual([]);
    },
  );
});

describe('groups', () => {
  test('below a group come with the group itself, page by page, each once', async () => {
    const all = ['simulated-corp', ...['data', 'platform', 'security', 'shop'].map((name) => `simulated-corp/${name}`)];
    expect(paths((await groups({ group: 'simulated-corp' })).groups)).toEqual(all);
    for (const limit of [1, 2, 3, 4]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page: Awaited<ReturnType<typeof groups>> = await groups({ group: 'simulated-corp', limit, cursor });
        expect(page.count).toBeLessThanOrEqual(limit);
        seen.push(...paths(page.groups));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(all);
    }
  });

  test('of the instance are those the token belongs to, unless told otherwise', async () => {
    expect(paths((await groups({})).groups)).not.toContain('simulated-community');
    expect(paths((await groups({ all_visible: true })).groups)).toContain('simulated-community');
    stand.gitlab.settings.tokenRole = 'admin';
    expect(paths((await groups({})).groups)).toContain('simulated-community');
  });

  // GitLab searches the last part of a path only.
  test('are found by their full path', async () => {
    expect(paths((await groups({ contains: 'corp/platf' })).groups)).toEqual(['simulated-corp/platform']);
    expect(paths((await groups({ group: 'simulated-corp', contains: 'simulated-corp/data' })).groups)).toEqual([
      'simulated-corp/data',
    ]);
  });

  test('a group that is not there or hidden is said to be that', async () => {
    expect(await failure(groups({ group: 'simulated-corp/nothing' }))).toMatchObject({
      code: 'not_found_or_no_access',
    });
  });
});

describe('addresses in place of paths', () => {
  test('operations take the address of a group or project page', async () => {
    const result = await runOperation(listMergeRequests, stand.ports(), {
      group: `${stand.baseUrl}/groups/simulated-corp/-/issues`,
      from: '2026-10-01',
      limit: 1,
    });
    expect(result.count).toBe(1);
    expect(await failure(projects({ group: 'https://elsewhere.example/simulated-corp' }))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'group' },
    });
  });

  const base = 'https://git.example/tools';
  test.each([
    ['project', `${base}/a/b`, 'a/b'],
    ['project', `${base}/a/b/c/`, 'a/b/c'],
    ['project', `${base}/a/b.git`, 'a/b'],
    ['project', `${base}/a/b/-/settings/ci_cd?x=1#y`, 'a/b'],
    ['project', ' a/b ', 'a/b'],
    ['project', '42', '42'],
    ['group', `${base}/groups/a/b`, 'a/b'],
    ['group', `${base}/groups/a/-/settings`, 'a'],
    ['group', `${base}/a`, 'a'],
  ] as const)('%s: %s is %s', (field, text, expected) => {
    expect(readNamespace(base, text, field)).toBe(expected);
  });

  test.each([
    ['project', `${base}/groups/a/b`],
    ['project', `${base}/a`],
    ['project', `${base}`],
    ['group', `${base}/`],
    ['project', 'https://git.example/a/b'],
    ['project', 'https://other.example/tools/a/b'],
    ['project', 'https://user:pw@git.example/tools/a/b'],
    ['project', `${base}/a/%2e%2e/b`],
    ['project', `${base}/a/b%2Fc`],
    ['project', `${base}/a/b%3Fc`],
    ['project', 'ftp://git.example/tools/a/b'],
  ] as const)('%s: %s is refused', (field, text) => {
    expect(() => readNamespace(base, text, field)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  test('whatever is read is a path that cannot leave its place in an address', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string(), (url, tail) => {
        for (const text of [url, `${base}/${tail}`, tail]) {
          let read: string;
          try {
            read = readNamespace(base, text, 'group');
          } catch {
            continue;
          }
          expect(read).toMatch(/^[\p{L}\p{N}_.-]+(\/[\p{L}\p{N}_.-]+)*$/u);
          expect(read.split('/')).not.toContain('..');
        }
      }),
    );
  });
});
