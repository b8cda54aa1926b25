import { createGitLab } from '../../../sandbox/src/gitlab/server';
import { ask } from './ask';

const options = { seed: 1, baseTime: new Date('2026-11-20T12:00:00Z'), token: 'glpat-simulated' };
const gitlab = createGitLab({
  ...options,
  publicUrl: () => 'https://gitlab.test',
  settings: { tokenRole: 'admin', tokenScope: 'api' },
});
afterEach(() => gitlab.reset());

const get = (path: string) => ask(gitlab.handler, `/api/v4/${path}`, { headers: { 'private-token': options.token } });
const post = (path: string, body?: unknown) =>
  ask(gitlab.handler, path, {
    method: 'POST',
    headers: { 'private-token': options.token },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
const next = (headers: Record<string, unknown>) =>
  /<https:\/\/gitlab\.test\/api\/v4\/([^>]+)>; rel="next"/.exec(String(headers.link ?? ''))?.[1];

describe('keyset paging of audit events', () => {
  const first = 'audit_events?pagination=keyset&order_by=id&sort=desc&per_page=100';

  it('goes on by a cursor alone, tells no totals, and ends without a link', async () => {
    const ids: number[] = [];
    let last: Record<string, unknown> = {};
    for (let path: string | undefined = first; path; path = next(last)) {
      const answer = await get(path);
      ids.push(...answer.json.map(({ id }: { id: number }) => id));
      last = answer.headers;
      expect(Object.keys(answer.headers).filter((name) => /^x-(total|next-page|page)/.test(name))).toEqual([]);
      expect(next(last) === undefined || next(last)?.includes('cursor=')).toBe(true);
    }
    expect(last.link).toBeUndefined();
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    expect(ids.length).toBeGreaterThan(200);
  });

  it('knows no other order, and no cursor of its own making', async () => {
    expect((await get('audit_events?pagination=keyset&order_by=id&sort=asc')).status).toBe(405);
    expect((await get(`${first}&cursor=nonsense`)).status).toBe(400);
  });

  it('pages by number when not asked for it', async () => {
    const answer = await get('audit_events?per_page=5');
    expect([answer.headers['x-next-page'], Number(answer.headers['x-total']) > 200]).toEqual(['2', true]);
  });

  it('takes a month at most', async () => {
    expect((await get('audit_events?created_after=2026-09-01&created_before=2026-11-01')).status).toBe(400);
  });
});

describe('what an edition or a role does not give', () => {
  it.each([
    ['free', 'maintainer', 'projects/101/audit_events', 403],
    ['free', 'maintainer', 'projects/101/push_rule', 404],
    ['free', 'maintainer', 'projects/101/approval_rules', 404],
    ['premium', 'maintainer', 'projects/101/vulnerabilities', 403],
    ['ultimate', 'reporter', 'projects/101/protected_branches', 403],
    ['ultimate', 'developer', 'projects/101/push_rule', 403],
    ['ultimate', 'owner', 'audit_events', 403],
    ['ultimate', 'maintainer', 'groups/10/audit_events', 200],
    ['free', 'developer', 'projects/101/protected_branches', 200],
  ] as const)('%s, %s: %s is answered with %i', async (edition, tokenRole, path, status) => {
    Object.assign(gitlab.settings, { edition, tokenRole });
    expect((await get(path)).status).toBe(status);
  });

  it('push rules that were never set are null', async () => {
    expect((await get('projects/104/push_rule')).text).toBe('null');
  });

  it('vulnerabilities are an empty list to whoever may not see them', async () => {
    const query = {
      query: 'query { project { vulnerabilities(first: 5) { nodes { id } } } }',
      variables: { fullPath: 'simulated-corp/platform/payments-api' },
    };
    const count = async () => (await post('/api/graphql', query)).json.data.project.vulnerabilities.nodes.length;
    expect(await count()).toBeGreaterThan(0);
    gitlab.settings.edition = 'premium';
    expect(await count()).toBe(0);
    query.variables.fullPath = 'simulated-corp/none';
    expect((await post('/api/graphql', query)).json).toEqual({ data: { project: null } });
  });
});

it('deployments are windowed only in the order of their update', async () => {
  expect((await get('projects/101/deployments?updated_after=2026-11-01')).json.error).toContain('must be paired');
  expect((await get('projects/101/deployments?updated_after=2026-11-01&order_by=updated_at')).status).toBe(200);
});

it('a commit without a signature has none: 404', async () => {
  const { json } = await get('projects/105/repository/commits?per_page=50');
  const statuses = await Promise.all(
    json.map(async ({ id }: { id: string }) => (await get(`projects/105/repository/commits/${id}/signature`)).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200, 404]));
});

it('the latest pipeline of a branch without any is forbidden, not missing', async () => {
  expect((await get('projects/101/pipelines/latest?ref=nothing-here')).status).toBe(403);
});

describe('blocking', () => {
  it('takes effect once, is forgotten by a reset, and needs an administrator who may write', async () => {
    const state = async () => (await get('users/202')).json.state;
    expect([await state(), (await post('/api/v4/users/202/block')).text, await state()]).toEqual([
      'active',
      'true',
      'blocked',
    ]);
    expect((await post('/api/v4/users/202/block')).status).toBe(201);
    gitlab.reset();
    expect(await state()).toBe('active');
    gitlab.settings.tokenScope = 'read_api';
    expect((await post('/api/v4/users/202/block')).json).toMatchObject({ error: 'insufficient_scope', scope: 'api' });
    Object.assign(gitlab.settings, { tokenScope: 'api', tokenRole: 'owner' });
    expect((await post('/api/v4/users/202/block')).status).toBe(403);
    expect(await state()).toBe('active');
  });

  it('only administrators are told who is one', async () => {
    expect((await get('users/201')).json.is_admin).toBe(true);
    gitlab.settings.tokenRole = 'owner';
    expect((await get('users/201')).json.is_admin).toBeUndefined();
  });
});
