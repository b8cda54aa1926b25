import fc from 'fast-check';
import { getProjectProtection } from '../../../operations/gitlab/get-project-protection';
import { listCommits } from '../../../operations/gitlab/list-commits';
import { listDeployments } from '../../../operations/gitlab/list-deployments';
import { listVulnerabilities } from '../../../operations/gitlab/list-vulnerabilities';
import { pageCursor, readPageCursor } from '../../../operations/gitlab/page-number-cursor';
import { matchesBranch } from '../../../operations/gitlab/protection-findings';
import { runOperation } from '../../../operations/operation';
import { deploymentsOf, updatedAt } from '../../../sandbox/src/gitlab/deployments';
import { baseTime, failure, type StandIn, startStandIn } from './stand-in';
import { story, world } from './world';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn({ settings: { tokenRole: 'maintainer' } });
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

const daysAgo = (days: number) => new Date(baseTime.getTime() - days * 86_400_000);
const project = (last: string) => {
  const found = world.projects.find(({ path }) => path.endsWith(`/${last}`));
  if (found === undefined) throw new Error(`no project ${last}`);
  return found;
};
const set = (settings: Partial<typeof stand.gitlab.settings>) => Object.assign(stand.gitlab.settings, settings);
const hidden = /[\u200b-\u200f\u202a-\u202e\ufeff\u001b]|\\u00(?:0[0-8]|1[0-9a-f])/;

describe('list_deployments', () => {
  const list = (given: Record<string, unknown>) => runOperation(listDeployments, stand.ports(), given);

  test('every deployment of the window once, newest first, over several pages', async () => {
    const expected = deploymentsOf(project('infrastructure'))
      .filter((deployment) => updatedAt(deployment) >= daysAgo(20))
      .sort((a, b) => updatedAt(b).getTime() - updatedAt(a).getTime() || b.id - a.id)
      .map(({ id }) => id);
    const found: number[] = [];
    let cursor: string | undefined;
    for (let calls = 0; calls < 30; calls += 1) {
      const page: Awaited<ReturnType<typeof listDeployments.run>> = await list({
        project: '101',
        from: daysAgo(20).toISOString(),
        limit: 3,
        cursor,
      });
      found.push(...page.deployments.map(({ id }) => id));
      expect(page.complete).toBe(page.next === null);
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(3);
  });

  test('environment, commit, runner and the merge request that went out with it', async () => {
    const mr = story('ci-key-rotation');
    const result = await list({ project: '101', from: daysAgo(2).toISOString(), include_merge_requests: true });
    const found = result.deployments.find(({ sha }) => sha === mr.postMerge?.sha);
    expect(found).toMatchObject({
      environment: 'production',
      status: 'success',
      job: { name: 'terraform apply', runner: 'simulated-infra-production', runner_type: 'project_type' },
      merge_requests: [{ iid: mr.iid, project: mr.project.path, author: 'jonas.lindqvist', merged_by: 'mira.okafor' }],
    });
  });

  test('filters count here as well, whatever the server does with them', async () => {
    const all = await list({ project: '102', from: daysAgo(20).toISOString(), limit: 100 });
    const some = await list({ project: '102', from: daysAgo(20).toISOString(), limit: 100, status: 'failed' });
    expect(some.deployments.map(({ id }) => id)).toEqual(
      all.deployments.filter(({ status }) => status === 'failed').map(({ id }) => id),
    );
    stand.faults.add({
      service: 'gitlab',
      path: '/deployments',
      status: 200,
      body: [{ id: 1, status: 'success', updated_at: '2001-01-01T00:00:00Z' }],
    });
    expect((await list({ project: '102' })).deployments).toEqual([]);
  });

  test('merge requests that cannot be read are named', async () => {
    stand.faults.add({ service: 'gitlab', path: '/deployments/\\d+/merge_requests', status: 403, body: {} });
    const result = await list({ project: '101', from: daysAgo(9).toISOString(), include_merge_requests: true });
    expect(result.notes).toHaveLength(1);
    expect(result.complete).toBe(false);
    expect(result.deployments.filter(({ merge_requests: found }) => found === null)).toHaveLength(1);
  });

  test('a Guest is not permitted, and a hidden project is not found', async () => {
    set({ tokenRole: 'guest' });
    expect(await list({ project: '101' })).toMatchObject({ availability: 'not_permitted', complete: false });
    expect(await list({ project: '107' })).toMatchObject({ availability: 'not_found', complete: false });
  });
});

describe('get_project_protection', () => {
  const read = (id: string, given: Record<string, unknown> = {}) =>
    runOperation(getProjectProtection, stand.ports(), { project: id, ...given });
  const codes = (result: Awaited<ReturnType<typeof read>>) => result.findings.map(({ code }) => code);

  test('who may push, and who changed that', async () => {
    const result = await read('101');
    expect(result).toMatchObject({
      project: 'simulated-corp/platform/infrastructure',
      default_branch: 'main',
      complete: true,
    });
    expect(result.findings).toContainEqual({
      code: 'developers_may_push',
      branch: 'main',
      statement: 'Anybody with the role Developer may push to main without a merge request.',
    });
    expect(result.changes.events.map(({ change }) => change)).toEqual(['allowed to push']);
    expect(result.push_rule).toMatchObject({ is_set: true, reject_unsigned_commits: true });
  });

  test('approvals: by authors, by committers, kept over a push', async () => {
    expect(codes(await read('105'))).toEqual(
      expect.arrayContaining(['author_may_approve', 'committers_may_approve', 'unsigned_commits_accepted']),
    );
    expect(codes(await read('102'))).toContain('approvals_not_reset_on_push');
    expect(codes(await read('101'))).not.toContain('author_may_approve');
  });

  test('nobody may push, force pushes, no protection, no push rules', async () => {
    expect(codes(await read('102'))).not.toEqual(expect.arrayContaining(['developers_may_push']));
    expect(codes(await read('103'))).toEqual(
      expect.arrayContaining(['force_push_allowed', 'approval_rules_may_be_overridden']),
    );
    expect(codes(await read('104'))).toEqual(expect.arrayContaining(['default_branch_unprotected', 'no_push_rule']));
    expect((await read('104')).push_rule).toMatchObject({
      availability: 'available',
      is_set: false,
      prevent_secrets: null,
    });
  });

  test('Free: what is missing is named part by part, and nothing is concluded from it', async () => {
    set({ edition: 'free' });
    const result = await read('105');
    for (const part of [result.push_rule, result.approval_settings, result.approval_rules, result.changes])
      expect(part.availability).toBe('not_in_this_edition');
    expect(result.protected_branches).toMatchObject({ availability: 'available', complete: true });
    expect(codes(result)).toEqual(['direct_push_allowed']);
    expect(result.complete).toBe(false);
  });

  test('a Reporter: branches, push rules and changes are not permitted, the rest is read', async () => {
    set({ tokenRole: 'reporter' });
    const result = await read('104');
    expect(result.protected_branches).toMatchObject({ availability: 'not_permitted', branches: [], complete: false });
    expect(result.push_rule.availability).toBe('not_permitted');
    expect(result.changes.availability).toBe('not_permitted');
    expect(result.approval_settings.availability).toBe('available');
    expect(codes(result)).not.toContain('default_branch_unprotected');
  });

  test('a project that cannot be read is the error', async () => {
    expect(await failure(read('107'))).toMatchObject({ code: 'not_found_or_no_access' });
  });

  test('patterns of protected branches', () => {
    expect(matchesBranch('release/*', 'release/1.0')).toBe(true);
    expect(matchesBranch('*-stable', 'main')).toBe(false);
    expect(matchesBranch('a*a', 'a')).toBe(false);
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z/]{0,6}$/), { minLength: 1, maxLength: 4 }),
        fc.array(fc.stringMatching(/^[a-z/]{0,3}$/), { minLength: 4, maxLength: 4 }),
        (parts, fill) => {
          const branch = parts.map((part, index) => (index === 0 ? part : `${fill[index]}${part}`)).join('');
          expect(matchesBranch(parts.join('*'), branch)).toBe(true);
        },
      ),
    );
  });
});

describe('list_commits', () => {
  const list = (given: Record<string, unknown>) => runOperation(listCommits, stand.ports(), given);

  test('signature states as GitLab gives them; 404 is unsigned', async () => {
    const result = await list({ project: '101', from: daysAgo(20).toISOString(), limit: 100 });
    const bySha = new Map([...project('infrastructure').commits.values()].map((commit) => [commit.sha, commit]));
    const states: Record<string, string> = { 'mira.okafor': 'verified', 'jonas.lindqvist': 'unverified' };
    expect(result.commits.length).toBeGreaterThan(10);
    for (const { sha, signature, remarks } of result.commits) {
      const expected = states[bySha.get(sha)?.committer.username ?? ''] ?? 'unsigned';
      expect(signature?.state).toBe(expected);
      expect(remarks.includes('unsigned')).toBe(expected === 'unsigned');
      expect(remarks.includes('signature_unverified')).toBe(expected === 'unverified');
    }
    expect(result.unsigned).toBe(result.commits.filter(({ signature }) => signature?.state === 'unsigned').length);
  });

  test('a commit that came without a merge request stands out', async () => {
    const mr = story('merged-indirectly');
    const at = mr.mergedAt?.toISOString();
    const result = await list({ project: '102', from: at, to: at });
    expect(result.commits).toHaveLength(1);
    expect(result.commits[0]).toMatchObject({ sha: mr.postMerge?.sha, merge_requests: [] });
    expect(result.commits[0]?.remarks).toEqual(expect.arrayContaining(['without_merge_request', 'merge_commit']));
    expect(result.without_merge_request).toBe(1);
  });

  test('squashed commits: the author is not the committer', async () => {
    const result = await list({ project: '105', from: daysAgo(20).toISOString(), limit: 100 });
    const squashed = result.commits.filter(({ remarks }) => remarks.includes('author_is_not_committer'));
    expect(squashed.length).toBeGreaterThan(0);
    for (const commit of squashed) expect(commit.author_email).not.toBe(commit.committer_email);
  });

  test('pages hold each commit once, and a file narrows them', async () => {
    const given = {
      project: '101',
      from: daysAgo(20).toISOString(),
      include_signatures: false,
      include_merge_requests: false,
    };
    const all = await list({ ...given, limit: 100 });
    const found: string[] = [];
    let cursor: string | undefined;
    for (let calls = 0; calls < 50; calls += 1) {
      const page: Awaited<ReturnType<typeof listCommits.run>> = await list({ ...given, limit: 7, cursor });
      found.push(...page.commits.map(({ sha }) => sha));
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(found).toEqual(all.commits.map(({ sha }) => sha));
    const some = await list({ ...given, limit: 100, path: 'iam/ci.tf' });
    expect(some.count).toBeGreaterThan(0);
    expect(some.count).toBeLessThan(all.count);
  });

  test('no more than four look-ups at once, and a signature that cannot be read is unknown, not missing', async () => {
    const ports = stand.ports();
    let open = 0;
    let most = 0;
    const counting = {
      ...ports,
      http: async (request: Parameters<typeof ports.http>[0]) => {
        open += 1;
        most = Math.max(most, open);
        return ports.http(request).finally(() => {
          open -= 1;
        });
      },
    };
    stand.faults.add({ service: 'gitlab', path: '/signature', status: 403, body: {} });
    const result = await runOperation(listCommits, counting, { project: '101', from: daysAgo(9).toISOString() });
    expect(most).toBeLessThanOrEqual(4);
    expect(result.commits.filter(({ signature }) => signature?.state === 'unknown')).toHaveLength(1);
    expect(result.notes).toHaveLength(1);
    expect(result.complete).toBe(false);
  });
});

describe('list_vulnerabilities', () => {
  const list = (given: Record<string, unknown>) => runOperation(listVulnerabilities, stand.ports(), given);

  test('severity, state, scanner and place; hostile titles stay text', async () => {
    const result = await list({ project: '102' });
    expect(result).toMatchObject({
      availability: 'available',
      complete: true,
      project: 'simulated-corp/platform/payments-api',
    });
    expect(result.vulnerabilities.map(({ severity }) => severity)).toEqual(['critical', 'critical', 'medium']);
    expect(result.vulnerabilities[0]).toMatchObject({
      report_type: 'dependency_scanning',
      scanner: 'Gemnasium',
      identifiers: ['CVE-2026-00001'],
      location: { file: 'package-lock.json', package: 'simulated-merge', version: '1.2.0' },
    });
    expect(result.vulnerabilities[1]?.location).toMatchObject({ file: 'test/fixtures/aws.env', line: 3 });
    expect(JSON.stringify(result)).not.toMatch(hidden);
  });

  test('filters, and pages by cursor', async () => {
    expect((await list({ project: '102', severities: ['medium'] })).count).toBe(1);
    expect((await list({ project: '102', states: ['dismissed'] })).vulnerabilities[0]?.location.url).toBe(
      'https://staging.simulated-corp.example/',
    );
    const first = await list({ project: '102', limit: 2 });
    expect(first).toMatchObject({ count: 2, complete: false });
    const second = await list({ project: '102', limit: 2, cursor: first.next });
    expect(second).toMatchObject({ count: 1, complete: true, next: null });
  });

  test('a former path works: GraphQL is asked by the path of today', async () => {
    expect(await list({ project: 'simulated-corp/payments-api' })).toMatchObject({
      availability: 'available',
      count: 3,
    });
  });

  test('an empty list is only believed when GitLab confirms that it may be read', async () => {
    expect(await list({ project: '101' })).toMatchObject({ availability: 'available', count: 0, complete: true });
    set({ edition: 'premium' });
    expect(await list({ project: '102' })).toMatchObject({ availability: 'not_in_this_edition', complete: false });
    set({ edition: 'ultimate', tokenRole: 'reporter' });
    expect(await list({ project: '102' })).toMatchObject({ availability: 'not_permitted', complete: false });
    set({ tokenRole: 'maintainer' });
    stand.faults.add({ service: 'gitlab', path: '/vulnerabilities', status: 404, body: { error: '404 Not Found' } });
    expect(await list({ project: '101' })).toMatchObject({ availability: 'not_found', complete: false });
  });

  test('the edition without paid code does not know the field', async () => {
    const community = await startStandIn({ olderServer: true });
    expect(await runOperation(listVulnerabilities, community.ports(), { project: '102' })).toMatchObject({
      availability: 'not_in_this_edition',
    });
    await community.close();
  });
});

test('cursors of pages come back as they were, and nothing else is taken for one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2e12 }),
      fc.nat(1e10),
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 100 }),
      (from, more, page, size) => {
        const position = { from, to: from + more, page, size };
        expect(readPageCursor('x', pageCursor('x', position))).toEqual(position);
      },
    ),
  );
  fc.assert(fc.property(fc.string(), (text) => expect(() => readPageCursor('x', text)).toThrow(/cursor/)));
});
