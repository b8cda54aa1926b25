import { getMergeRequestDetails } from '../../../operations/gitlab/get-merge-request-details';
import { runOperation } from '../../../operations/operation';
import { type StandIn, startStandIn } from './stand-in';
import { refTo, story } from './world';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => {
  stand.faults.clear();
  stand.gitlab.reset();
});

type Result = Awaited<ReturnType<typeof getMergeRequestDetails.run>>;
const details = (name: string, more: Record<string, unknown> = {}, ports = stand.ports()): Promise<Result> =>
  runOperation(getMergeRequestDetails, ports, { ...refTo(story(name)), ...more });
const codes = (result: Result) => result.findings.map(({ code }) => code);
const finding = (result: Result, code: string) => result.findings.find((entry) => entry.code === code);
const fault = (path: string, body: unknown, more: Record<string, unknown> = {}) =>
  stand.faults.add({ service: 'gitlab', path, status: 200, body, ...more });

describe('approval before the last push', () => {
  test('is proven by GitLab’s own times of pushes', async () => {
    const mr = story('stale-approval');
    expect(finding(await details('stale-approval'), 'approved_before_last_push')).toMatchObject({
      severity: 'high',
      certainty: 'certain',
      evidence: {
        last_approved_at: mr.approvals[0]?.at.toISOString(),
        last_pushed_at: mr.pushes[1]?.at.toISOString(),
        merged_at: mr.mergedAt?.toISOString(),
        approved_head: mr.commits[0]?.sha,
        last_head: mr.headSha,
      },
    });
  });

  test('without versions it is only possible, from the dates of commits', async () => {
    stand.faults.add({ service: 'gitlab', path: '/versions', status: 404, body: { message: '404 Not found' } });
    const result = await details('stale-approval');
    expect(codes(result)).not.toContain('approved_before_last_push');
    expect(finding(result, 'commit_after_last_approval')).toMatchObject({ certainty: 'possible' });
  });

  test('commit dates do not speak where versions do: an old date on a late push hides nothing, a late date proves nothing', async () => {
    const mr = story('ci-key-rotation');
    const late = mr.commits.map(({ sha }) => ({ id: sha, committed_date: '2026-11-22T11:59:00Z' }));
    fault(`/merge_requests/${mr.iid}/commits`, late);
    expect(codes(await details('ci-key-rotation'))).toEqual([]);
  });

  test('a rebase after the approval, with the same changes, is none', async () => {
    const mr = story('stale-approval');
    const versions = mr.pushes.map(({ at }, index) => ({
      id: index + 1,
      head_commit_sha: String(index).repeat(40),
      created_at: at.toISOString(),
      patch_id_sha: 'same',
    }));
    fault('/versions', versions.toReversed());
    expect(codes(await details('stale-approval'))).toEqual(['self_merged']);
  });

  test('a push after the merge does not count', async () => {
    const mr = story('ci-key-rotation');
    const at = (date: Date | undefined, ms: number) => new Date((date?.getTime() ?? 0) + ms).toISOString();
    fault('/versions', [
      { id: 2, head_commit_sha: 'b'.repeat(40), created_at: at(mr.mergedAt, 60_000) },
      { id: 1, head_commit_sha: 'a'.repeat(40), created_at: at(mr.createdAt, 0) },
    ]);
    expect(codes(await details('ci-key-rotation'))).toEqual([]);
  });
});

describe('who merged and approved', () => {
  test('merging one’s own is less when somebody else approved it', async () => {
    expect(finding(await details('stale-approval'), 'self_merged')).toMatchObject({
      severity: 'low',
      evidence: { author: 'kwame.abadi', merged_by: 'kwame.abadi', approved_by_others: ['lucia.rossi'] },
    });
    expect(finding(await details('self-approved'), 'self_merged')).toMatchObject({ severity: 'medium' });
    expect(finding(await details('self-approved'), 'self_approved')).toMatchObject({
      severity: 'high',
      certainty: 'certain',
    });
  });

  test('an approver who committed is likely by name and address, and possible by one of them', async () => {
    const [own, theirs] = story('approver-committed').commits;
    expect(finding(await details('approver-committed'), 'approver_is_committer')).toMatchObject({
      certainty: 'likely',
      evidence: { approved_by: 'lucia.rossi', commits: [theirs?.sha], matched_by: ['name_and_email'] },
    });
    const commitBy = (name: string, email: string) => {
      fault('/commits', [{ id: own?.sha, committer_name: name, committer_email: email }]);
      return details('approver-committed');
    };
    const id = 200 + (story('approver-committed').approvals[0]?.by.number ?? 0);
    expect(finding(await commitBy('Lucia Rossi (simulated)', 'a@b.example'), 'approver_is_committer')).toMatchObject({
      certainty: 'possible',
      evidence: { matched_by: ['name'] },
    });
    expect(
      finding(await commitBy('x', `${id}-lucia@users.noreply.gitlab.example`), 'approver_is_committer'),
    ).toMatchObject({ certainty: 'likely', evidence: { matched_by: ['noreply_address'] } });
    expect(codes(await commitBy('x', '999-lucia@users.noreply.gitlab.example'))).not.toContain('approver_is_committer');
  });

  test('lowered rules are named with both numbers', async () => {
    expect(finding(await details('self-merged-unapproved'), 'approval_rules_overwritten')).toMatchObject({
      severity: 'high',
      evidence: { lowered: ['Maintainers: 1 -> 0'] },
    });
  });

  test('fewer approvals than the rules of today require', async () => {
    fault('/approvals$', {
      approved: false,
      approvals_required: 3,
      approvals_left: 1,
      approved_by: [{ user: { id: 1, username: 'a' } }, { user: { id: 2, username: 'b' } }],
    });
    expect(finding(await details('ci-key-rotation'), 'merged_below_required_approvals')).toMatchObject({
      severity: 'high',
      certainty: 'likely',
      evidence: { approvals: 2, required: 3 },
    });
  });

  test.each(['402', '403', '404', 'empty'] as const)(
    'a server that answers %s for rules has approvals only',
    async (approvalRules) => {
      Object.assign(stand.gitlab.settings, { approvalRules });
      const result = await details('self-merged-unapproved');
      expect(result.approvals.approval_data).toBe('approvals_only');
      expect(codes(result)).toContain('merged_without_approval');
      expect(codes(result)).not.toContain('approval_rules_overwritten');
    },
  );
});

describe('merged without being merged by anybody', () => {
  test('is one low finding with what GitLab recorded, instead of "without approval"', async () => {
    const mr = story('merged-indirectly');
    const result = await details('merged-indirectly');
    expect(codes(result)).toEqual(['merged_indirectly']);
    expect(finding(result, 'merged_indirectly')).toMatchObject({
      severity: 'low',
      certainty: 'certain',
      evidence: { merge_user: null, source_commit: mr.postMerge?.sha, by: 'priya.nair' },
    });
  });

  test('names the merge requests that brought the same commits', async () => {
    fault('/repository/commits/[0-9a-f]+/merge_requests', [
      { id: 99_999, iid: 77 },
      { id: story('merged-indirectly').id, iid: story('merged-indirectly').iid },
    ]);
    expect(finding(await details('merged-indirectly'), 'merged_indirectly')?.evidence.other_merge_requests).toEqual([
      '!77',
    ]);
  });

  test('when the events cannot be read it is likely, and nothing more is claimed', async () => {
    for (const path of ['/resource_state_events', '/repository/commits/'])
      stand.faults.add({ service: 'gitlab', path, status: 403, body: { message: '403 Forbidden' } });
    expect(finding(await details('merged-indirectly'), 'merged_indirectly')).toMatchObject({
      certainty: 'likely',
      evidence: { source_commit: null, by: null },
    });
  });
});

describe('the pipeline at the time of the merge', () => {
  test('none at all is said only when the list of pipelines is empty, not when it is refused', async () => {
    expect(finding(await details('no-pipeline'), 'merged_without_pipeline')).toMatchObject({ certainty: 'likely' });
    stand.faults.add({ service: 'gitlab', path: '/pipelines', status: 403, body: { message: '403 Forbidden' } });
    expect(codes(await details('no-pipeline'))).toEqual([]);
  });

  test.each([
    [{ status: 'failed', finished_at: -1 }, 'merged_with_failed_pipeline'],
    [{ status: 'canceled', finished_at: -1 }, 'merged_with_failed_pipeline'],
    [{ status: 'success', finished_at: -1 }, undefined],
    [{ status: 'success', finished_at: 1 }, 'merged_before_pipeline_finished'],
    [{ status: 'failed', finished_at: 1 }, 'merged_before_pipeline_finished'],
    [{ status: 'running' }, 'merged_before_pipeline_finished'],
    [{ status: 'skipped' }, 'merged_without_pipeline'],
    [{ status: 'manual' }, undefined],
    [{ status: 'success', created_at: 1, finished_at: 2 }, 'merged_without_pipeline'],
  ])('%j (minutes from the merge): %s', async (given, code) => {
    const mr = story('approver-committed');
    const at = (minutes: number | undefined) =>
      minutes === undefined ? null : new Date((mr.mergedAt?.getTime() ?? 0) + minutes * 60_000).toISOString();
    const times = given as { status: string; created_at?: number; finished_at?: number };
    fault(`/merge_requests/${mr.iid}$`, {
      id: mr.id,
      iid: mr.iid,
      state: 'merged',
      merged_at: at(0),
      merge_user: { id: 1, username: 'somebody' },
      author: { id: 2, username: 'author' },
      source_project_id: 104,
      target_project_id: 104,
      head_pipeline: {
        id: 5,
        status: times.status,
        created_at: at(times.created_at ?? -10),
        finished_at: at(times.finished_at),
      },
    });
    const found = codes(await details('approver-committed')).filter((entry) => entry.includes('pipeline'));
    expect(found).toEqual(code === undefined ? [] : [code]);
  });
});

describe('commits', () => {
  test('unsigned ones are a finding where the project refuses them', async () => {
    Object.assign(stand.gitlab.settings, { tokenRole: 'maintainer' });
    const mr = story('self-merged-unapproved');
    // Signed by its committer with a key that GitLab does not know: it is not unsigned.
    const signed = await details('self-merged-unapproved');
    expect(signed.commits.map(({ signature }) => signature?.state)).toEqual(mr.commits.map(() => 'unverified'));
    expect(codes(signed)).not.toContain('unsigned_commits');
    const unsignedAnswer = { status: 404, body: { message: '404 Signature Not Found' }, times: 20 };
    stand.faults.add({ service: 'gitlab', path: '/signature$', ...unsignedAnswer });
    const result = await details('self-merged-unapproved');
    const unsigned = finding(result, 'unsigned_commits');
    const states = result.commits.map(({ signature }) => signature?.state);
    expect(states).toEqual(mr.commits.map(() => 'unsigned'));
    expect(unsigned).toMatchObject({
      certainty: 'likely',
      evidence: { reject_unsigned_commits: true, unsigned: mr.commits.toReversed().map(({ sha }) => sha) },
    });
  });

  test('are no finding where the rule or the signatures cannot be read', async () => {
    Object.assign(stand.gitlab.settings, { edition: 'free', tokenRole: 'maintainer' });
    expect(codes(await details('self-merged-unapproved'))).not.toContain('unsigned_commits');
    Object.assign(stand.gitlab.settings, { edition: 'ultimate' });
    stand.faults.add({ service: 'gitlab', path: '/signature$', status: 500, body: { message: 'no' }, times: 50 });
    const result = await details('self-merged-unapproved');
    expect(codes(result)).not.toContain('unsigned_commits');
    expect(result.commits[0]?.signature?.state).toBe('unknown');
  });

  test('signatures are read when asked for, and otherwise cost nothing', async () => {
    const count = async (include_signatures: boolean) => {
      const ports = stand.ports();
      await details('approver-committed', { include_signatures }, ports);
      return ports.requests.filter(({ url }) => url.endsWith('/signature')).length;
    };
    expect(await count(false)).toBe(0);
    expect(await count(true)).toBe(2);
  });

  test('another author than committer, but not a commit that GitLab itself made', async () => {
    const commit = (id: string, committer_name: string, committer_email: string) => ({
      id: id.repeat(40),
      author_name: 'A',
      author_email: 'a@simulated-corp.example',
      committer_name,
      committer_email,
    });
    fault('/commits', [
      commit('1', 'B', 'b@simulated-corp.example'),
      commit('2', 'A', 'A@simulated-corp.example'),
      commit('3', 'GitLab', 'noreply@gitlab.example'),
    ]);
    expect(finding(await details('ci-key-rotation'), 'author_is_not_committer')?.evidence).toEqual({
      commits: ['1'.repeat(40)],
      authors: ['a@simulated-corp.example'],
      committers: ['b@simulated-corp.example'],
    });
  });
});

test('hostile names do not travel in statements or evidence', async () => {
  fault('/approvals$', {
    approved: true,
    approvals_required: 0,
    approved_by: [
      { user: { id: 7, username: 'evil\u202e\u001b[31mname', name: 'x\u200b' }, approved_at: '2026-11-01T00:00:00Z' },
    ],
  });
  const text = JSON.stringify((await details('approver-committed')).findings);
  expect(text).not.toMatch(/\\u001b|[\u200b\u202e]/);
});

test('changes are counted as GitLab counts them, and prepared_at tells when they were ready', async () => {
  expect((await details('thousand-files', { max_files: 1 })).merge_request).toMatchObject({
    changes_count: '1000+',
    prepared_at: expect.any(String),
  });
  expect((await details('preparing')).merge_request).toMatchObject({ prepared_at: null, start_sha: null });
});
