import { simulateHistory } from '../../../sandbox/src/gitlab/history';
import { createGitLab } from '../../../sandbox/src/gitlab/server';
import { traceOf } from '../../../sandbox/src/gitlab/traces';
import type { MergeRequest } from '../../../sandbox/src/gitlab/world';
import { ask } from './ask';

const options = { seed: 1, baseTime: new Date('2026-11-20T12:00:00Z'), token: 'glpat-simulated' };
const gitlab = createGitLab({ ...options, publicUrl: () => 'https://gitlab.test' });
const older = createGitLab({ ...options, olderServer: true });
/** The same history, read directly: what the API must agree with. */
const world = simulateHistory(options.seed, options.baseTime);
const visible = world.projects.filter((project) => !project.hidden);
const all = visible.flatMap((project) => project.mergeRequests);
const story = (name: string) => all.find((mr) => mr.story === name) as MergeRequest;

const get = (path: string, headers: Record<string, string> = { 'private-token': options.token }, server = gitlab) =>
  ask(server.handler, `/api/v4/${path}`, { headers });
const of = (mr: MergeRequest) => `projects/${mr.project.id}/merge_requests/${mr.iid}`;

/** Every page, by following the next links. */
async function everything(path: string) {
  const items: { id: number; iid: number; [key: string]: unknown }[] = [];
  for (let next: string | undefined = path; next; ) {
    const answer = await get(next);
    expect(answer.status).toBe(200);
    items.push(...answer.json);
    next = /<https:\/\/gitlab\.test\/api\/v4\/([^>]+)>; rel="next"/.exec(answer.headers.link ?? '')?.[1];
  }
  return items;
}

describe('access', () => {
  it('takes the token both ways and refuses others with GitLab’s body', async () => {
    expect((await get('user')).json.username).toBe('group_10_bot_soc');
    expect((await get('user', { authorization: `Bearer ${options.token}` })).status).toBe(200);
    for (const headers of [{}, { 'private-token': 'wrong' }]) {
      expect(await get('user', headers as Record<string, string>)).toMatchObject({
        status: 401,
        json: { message: '401 Unauthorized' },
      });
    }
  });

  it('names the missing scope', async () => {
    const narrow = { 'private-token': `${options.token}-read-user` };
    expect((await get('user', narrow)).status).toBe(200);
    expect((await get('personal_access_tokens/self', narrow)).json.scopes).toEqual(['read_user']);
    const refused = await get('projects/101', narrow);
    expect(refused).toMatchObject({ status: 403, json: { error: 'insufficient_scope', scope: 'api read_api' } });
  });

  it('answers the same for a project that is missing and one that may not be seen', async () => {
    const answers = await Promise.all(
      ['projects/107', 'projects/simulated-corp%2Fplatform%2Fci-templates', 'projects/9999'].map((path) => get(path)),
    );
    for (const answer of answers)
      expect([answer.status, answer.json]).toEqual([404, { message: '404 Project Not Found' }]);
    expect((await get('projects/simulated-corp/platform/infrastructure')).status).toBe(404);
  });

  it('redirects a moved project to its number', async () => {
    const moved = await get('projects/simulated-corp%2Fpayments-api/merge_requests?state=merged');
    expect([moved.status, moved.headers.location]).toEqual([
      301,
      'https://gitlab.test/api/v4/projects/102/merge_requests?state=merged',
    ]);
  });

  it('only reads, and says how many requests are left', async () => {
    expect(
      (
        await ask(gitlab.handler, '/api/v4/projects/101', {
          method: 'DELETE',
          headers: { 'private-token': options.token },
        })
      ).status,
    ).toBe(405);
    const { headers } = await get('version');
    expect(Number(headers['ratelimit-remaining']) + Number(headers['ratelimit-observed'])).toBe(2000);
  });
});

describe('lists of merge requests', () => {
  const paged = [
    '',
    '&state=opened',
    '&state=closed',
    '&author_username=mira.okafor',
    '&labels=dependencies',
    '&target_branch=main',
    '&draft=true',
    '&search=hotfix',
    '&in=title&search=update',
    '&order_by=title&sort=asc',
  ];
  it.each(paged)('pages of 7 hold the same as the history: %s', async (query) => {
    const params = new URLSearchParams(query);
    const [state, author, label, search, draft] = ['state', 'author_username', 'labels', 'search', 'draft'].map(
      (name) => params.get(name),
    );
    const expected = all.filter(
      (mr) =>
        (!state || mr.state === state) &&
        (!author || mr.author.username === author) &&
        (!label || mr.change.labels.includes(label)) &&
        (!draft || mr.draft) &&
        (!search ||
          `${mr.change.title}\n${params.get('in') ? '' : mr.change.description}`.toLowerCase().includes(search)),
    );
    const found = await everything(`merge_requests?scope=all&per_page=7${query}`);
    expect(found.map((mr) => mr.id).sort()).toEqual(expected.map((mr) => mr.id).sort());
    const keys = found.map((mr) => (params.get('order_by') ? String(mr.title) : String(mr.created_at)));
    expect(keys).toEqual(params.get('order_by') ? [...keys].sort() : [...keys].sort().reverse());
  });

  it.each(['created', 'updated', 'merged'] as const)(
    'filters by time of being %s, both ends included',
    async (kind) => {
      const stamps = all
        .flatMap((mr) => ({ created: mr.createdAt, updated: mr.updatedAt, merged: mr.mergedAt })[kind] ?? [])
        .sort((a, b) => a.getTime() - b.getTime());
      const [from, to] = [stamps[Math.floor(stamps.length / 3)], stamps[Math.floor(stamps.length / 2)]] as [Date, Date];
      const found = await everything(
        `groups/10/merge_requests?non_archived=false&${kind}_after=${from.toISOString()}&${kind}_before=${to.toISOString()}`,
      );
      expect(found.length).toBe(stamps.filter((at) => at >= from && at <= to).length);
    },
  );

  it('without scope=all the instance-wide list holds only what the token’s own user created: nothing', async () => {
    expect((await get('merge_requests')).json).toEqual([]);
  });

  it('leaves archived projects out of a group, and gives basic entities only', async () => {
    const found = await everything('groups/simulated-corp/merge_requests?per_page=100');
    expect(found.some((mr) => mr.project_id === 106)).toBe(false);
    for (const key of ['changes_count', 'head_pipeline', 'diff_refs', 'first_contribution'])
      expect(found[0]).not.toHaveProperty(key);
  });

  it('ignores parameters it does not know, and refuses what it does know', async () => {
    expect((await get('projects/101/merge_requests?no_such=1&per_page=1000')).headers['x-per-page']).toBe('100');
    expect((await get('projects/101/merge_requests?author_id=&author_username=x')).json.error).toMatch(
      'mutually exclusive',
    );
    for (const query of ['state=odd', 'order_by=odd', 'page=x', 'created_after=soon', 'iids[]=x']) {
      expect((await get(`projects/101/merge_requests?${query}`)).status).toBe(400);
    }
    expect((await get('projects/101/merge_requests?page=600&per_page=100')).status).toBe(405);
  });

  it('an older server ignores merged_after and refuses to sort by merge time', async () => {
    const token = { 'private-token': options.token };
    const ignored = await get(
      'projects/101/merge_requests?state=merged&merged_after=2030-01-01T00:00:00Z',
      token,
      older,
    );
    expect(ignored.json.length).toBeGreaterThan(0);
    expect((await get('projects/101/merge_requests?order_by=merged_at', token, older)).status).toBe(400);
    expect((await get(`${of(story('ci-key-rotation'))}/approval_state`, token, older)).status).toBe(403);
  });
});

describe('one merge request', () => {
  it('has counts, refs and the head pipeline, and links to the public address', async () => {
    const mr = story('ci-key-rotation');
    const { json } = await get(of(mr));
    expect(json).toMatchObject({
      changes_count: '2',
      diff_refs: { base_sha: mr.baseSha, head_sha: mr.headSha },
      head_pipeline: { status: 'success', sha: mr.headSha },
      merge_user: { username: 'mira.okafor' },
      web_url: `https://gitlab.test/simulated-corp/platform/infrastructure/-/merge_requests/${mr.iid}`,
    });
    expect((await get(of(story('preparing')))).json).toMatchObject({
      changes_count: null,
      diff_refs: null,
      prepared_at: null,
    });
  });

  it('gives diffs, empty ones when they are collapsed or too large', async () => {
    const files = async (name: string) => (await get(`${of(story(name))}/diffs`)).json;
    expect((await files('ci-key-rotation')).map((file: { new_path: string }) => file.new_path)).toEqual([
      'README.md',
      'iam/ci.tf',
    ]);
    expect(await files('lockfile-refresh')).toMatchObject([{ diff: '', collapsed: true, too_large: false }]);
    expect(await files('diff-too-large')).toMatchObject([{ diff: '', collapsed: false, too_large: true }]);
    expect(await files('rename')).toMatchObject([
      { renamed_file: true, old_path: 'test/refunds.test.ts', new_path: 'test/refund.test.ts' },
    ]);
    const raw = (ref: string) => get(`projects/103/repository/files/package-lock.json/raw?ref=${ref}`);
    const mr = story('lockfile-refresh');
    expect((await raw(mr.baseSha)).text).not.toBe((await raw(mr.headSha)).text);
  });

  it('gives commits, pipelines, approvals, notes, and finds itself by its commits', async () => {
    const mr = story('ci-key-rotation');
    const [commits, pipelines, approvals, state, notes] = await Promise.all(
      ['commits', 'pipelines', 'approvals', 'approval_state', 'notes'].map(
        async (part) => (await get(`${of(mr)}/${part}`)).json,
      ),
    );
    expect(commits.map((commit: { id: string }) => commit.id)).toEqual(
      mr.commits.map((commit) => commit.sha).reverse(),
    );
    expect(pipelines.map((pipeline: { id: number }) => pipeline.id)).toEqual([mr.pushes[0]?.pipeline?.id]);
    expect(approvals).toMatchObject({
      approved: true,
      approvals_left: 0,
      approved_by: [{ user: { username: 'mira.okafor' } }, { user: { username: 'eva.novak' } }],
    });
    expect(state.rules[0]).toMatchObject({ approved: true, approvals_required: 1 });
    expect(notes.filter((note: { system: boolean }) => note.system).length).toBeGreaterThanOrEqual(3);
    const reverse = await get(`projects/101/repository/commits/${mr.mergeCommitSha}/merge_requests`);
    expect(reverse.json.map((entry: { iid: number }) => entry.iid)).toEqual([mr.iid]);
  });
});

describe('pipelines, jobs and logs', () => {
  const project = visible[0]?.id;

  it('hides child pipelines until they are asked for', async () => {
    const shown = await everything(`projects/${project}/pipelines?per_page=100`);
    const children = await everything(`projects/${project}/pipelines?per_page=100&source=parent_pipeline`);
    expect(shown.some((pipeline) => pipeline.source === 'parent_pipeline')).toBe(false);
    expect(children.length).toBeGreaterThan(0);
    expect(shown.length + children.length).toBe(visible[0]?.pipelines.length);
  });

  it('shows the latest attempt of each job unless all are wanted, without totals', async () => {
    const pipeline = visible.flatMap((entry) => entry.pipelines).find((entry) => entry.jobs.some((job) => job.retried));
    const path = `projects/${pipeline?.project.id}/pipelines/${pipeline?.id}/jobs`;
    const [short, long] = [await get(path), await get(`${path}?include_retried=true`)];
    expect(long.json.length).toBe(short.json.length + 1);
    expect(short.headers['x-total']).toBeUndefined();
    expect(short.headers.link).not.toContain('rel="last"');
    const failed = await get(`${path}?scope[]=failed&include_retried=true`);
    expect(failed.json.map((job: { status: string }) => job.status)).toEqual(['failed']);
    expect((await get(`${path}?scope[]=odd`)).status).toBe(400);
  });

  it('shows bridges apart, with no downstream pipeline where it may not be seen', async () => {
    const pipeline = story('child-pipeline-failed').postMerge;
    const { json } = await get(`projects/102/pipelines/${pipeline?.id}/bridges`);
    const downstream = Object.fromEntries(
      json.map((bridge: { name: string; downstream_pipeline: { status: string } | null }) => [
        bridge.name,
        bridge.downstream_pipeline?.status ?? null,
      ]),
    );
    expect(downstream).toEqual({ 'deploy staging': 'failed', 'register image': null });
  });

  it('gives logs as text: empty when there is none, a part when asked, none with debug tracing', async () => {
    const jobOf = (name: string) => story(name).pushes[0]?.pipeline?.jobs.find((job) => job.flavour !== undefined);
    const log = jobOf('secret-in-log');
    const path = `projects/104/jobs/${log?.id}`;
    const whole = await get(`${path}/trace`);
    expect(whole.headers['content-type']).toBe('text/plain');
    expect(whole.text).toBe(log && traceOf(log));
    expect((await get(path)).json.artifacts[0]).toMatchObject({
      file_type: 'trace',
      size: Buffer.byteLength(whole.text),
    });
    expect((await get(`${path}/trace?byte_offset=10&byte_limit=20`)).text).toBe(
      Buffer.from(whole.text).subarray(10, 30).toString(),
    );
    const manual = visible
      .flatMap((entry) => entry.pipelines.flatMap((pipeline) => pipeline.jobs))
      .find((job) => job.status === 'manual');
    expect(await get(`projects/${manual?.pipeline.project.id}/jobs/${manual?.id}/trace`)).toMatchObject({
      status: 200,
      text: '',
    });
    expect((await get(`projects/104/jobs/${jobOf('erased-log')?.id}/trace`)).text).toBe('');
    expect((await get(`projects/105/jobs/${jobOf('debug-trace')?.id}/trace`)).status).toBe(403);
    expect((await get(`projects/105/jobs/${jobOf('debug-trace')?.id}`)).status).toBe(200);
  });
});

it('records what it was asked, and forgets it on reset', async () => {
  gitlab.reset();
  await get('projects/101?statistics=true');
  expect(gitlab.requests).toMatchObject([{ method: 'GET', path: '/api/v4/projects/101', query: 'statistics=true' }]);
  expect(JSON.stringify(gitlab.requests)).not.toContain(options.token);
  gitlab.reset();
  expect(gitlab.requests).toEqual([]);
});

it('shows a page for its links, with hostile titles escaped', async () => {
  const mr = story('hostile-text');
  const page = await ask(gitlab.handler, `/simulated-corp/platform/customer-portal/-/merge_requests/${mr.iid}`);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(page.text).not.toContain('</evidence>');
  expect(page.text).toContain('Simulated GitLab');
});
