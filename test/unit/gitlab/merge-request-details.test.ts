import fc from 'fast-check';
import { shapeChangedFiles, shareBudget } from '../../../operations/gitlab/changed-files';
import { getMergeRequestDetails } from '../../../operations/gitlab/get-merge-request-details';
import { wireDiff } from '../../../operations/gitlab/wire-types';
import { runOperation } from '../../../operations/operation';
import { failure, type StandIn, startStandIn } from './stand-in';
import { refTo, story } from './world';

let stand: StandIn;
beforeAll(async () => {
  stand = await startStandIn();
});
afterAll(() => stand.close());
afterEach(() => stand.faults.clear());

const details = (name: string, more: Record<string, unknown> = {}, at = stand) =>
  runOperation(getMergeRequestDetails, at.ports(), { ...refTo(story(name)), ...more });
const codes = (result: { findings: { code: string }[] }) => result.findings.map(({ code }) => code);

describe('findings', () => {
  test.each([
    ['ci-key-rotation', []],
    ['self-merged-unapproved', ['self_merged', 'merged_without_approval', 'approval_rules_overwritten']],
    ['self-approved', ['self_merged', 'self_approved']],
    ['merged-indirectly', ['merged_indirectly']],
    ['stale-approval', ['self_merged', 'approved_before_last_push']],
    ['approver-committed', ['approver_is_committer']],
    ['no-pipeline', ['merged_without_pipeline']],
    ['merged-with-failed-pipeline', ['merged_with_failed_pipeline']],
    ['green-after-merge', ['self_merged', 'merged_before_pipeline_finished']],
    ['fork', ['from_fork', 'first_contribution']],
    ['draft', []],
    ['closed', []],
  ])('%s: %j', async (name, expected) => {
    expect(codes(await details(name))).toEqual(expected);
  });

  test('without approval data there is no finding about approvals', async () => {
    for (const status of [402, 403, 404, 500]) {
      stand.faults.add({ service: 'gitlab', path: '/approvals$', status, body: { message: 'no' } });
      const result = await details('self-merged-unapproved');
      expect(result.approvals).toMatchObject({ approval_data: 'unavailable', approved_by: [], approved: null });
      expect(codes(result)).not.toContain('merged_without_approval');
      expect(result.complete).toBe(false);
      expect(result.notes.join()).toContain('Approvals:');
    }
    stand.faults.add({ service: 'gitlab', path: '/approvals$', status: 200, body: { approved: false } });
    expect((await details('self-merged-unapproved')).approvals.approval_data).toBe('unavailable');
  });

  test('a server without approval rules has approvals only, which is no problem', async () => {
    const old = await startStandIn({ olderServer: true });
    const result = await details('ci-key-rotation', {}, old);
    expect(result.approvals).toMatchObject({ approval_data: 'approvals_only', rules: [], rules_overwritten: null });
    expect(result.complete).toBe(true);
    await old.close();
  });

  test('no rules in the answer are not taken for "unapproved"', async () => {
    stand.faults.add({ service: 'gitlab', path: '/approval_state$', status: 200, body: { rules: [] } });
    const result = await details('ci-key-rotation');
    expect(result.approvals).toMatchObject({ approval_data: 'approvals_only', approved: true });
    expect(result.approvals.approved_by).toMatchObject([
      { username: 'mira.okafor', user_id: 201, approved_at: expect.any(String) },
      { username: 'eva.novak', user_id: 209, approved_at: expect.any(String) },
    ]);
  });
});

describe('changed files', () => {
  test('a small change has its diff, counts and paths', async () => {
    const { changed_files: files } = await details('self-merged-unapproved');
    expect(files.map(({ path }) => path)).toEqual([
      'audit/cloudtrail.tf',
      'iam/roles.tf',
      'network/security-groups.tf',
    ]);
    expect(files[0]).toMatchObject({ change: 'modified', content: 'available', lines_added: 1, lines_removed: 1 });
    expect(files[0]?.diff).toContain('+  enable_log_file_validation = false');
  });

  test.each([
    ['lockfile-refresh', 'package-lock.json', 'collapsed', 'modified'],
    ['diff-too-large', 'public/vendor/charts.js', 'too_large', 'added'],
  ])('%s: a diff that GitLab withholds is never "no change"', async (name, path, content, change) => {
    const result = await details(name);
    expect(result.changed_files.find((file) => file.path === path)).toMatchObject({
      content,
      change,
      diff: null,
      lines_added: null,
      lines_removed: null,
    });
    expect(result.complete).toBe(false);
    expect(result.notes.join()).toContain('They did change');
  });

  test('a pure rename has no text', async () => {
    const { changed_files: files, complete } = await details('rename');
    expect(files).toEqual([
      expect.objectContaining({
        path: 'test/refund.test.ts',
        old_path: 'test/refunds.test.ts',
        change: 'renamed',
        content: 'empty',
        diff: null,
      }),
    ]);
    expect(complete).toBe(true);
  });

  test('hidden characters in added lines are counted and not passed on', async () => {
    const [file] = (await details('hostile-text')).changed_files;
    expect(file?.hidden_characters).toBeGreaterThanOrEqual(5);
    expect(file?.diff).not.toMatch(/[\u200b\u202e\u2066\u2069]/);
  });

  test('an empty diff without flags, as older servers send for large files, is not "no change" either', () => {
    const [file] = shapeChangedFiles([wireDiff.parse({ old_path: 'a', new_path: 'a', diff: '' })], 100);
    expect(file).toMatchObject({ change: 'modified', content: 'empty', lines_added: null });
  });

  test('a limit of characters is kept, said, and shared so that small files are whole', async () => {
    const result = await details('ci-key-rotation', { max_diff_characters: 900 });
    const shown = result.changed_files.reduce((sum, file) => sum + (file.diff ?? '').length, 0);
    expect(shown).toBeLessThanOrEqual(900);
    const none = await details('ci-key-rotation', { include_diffs: false });
    expect(none.changed_files.every((file) => file.diff === null && file.lines_added !== null)).toBe(true);
    expect(none.complete).toBe(true);
    const cut = await details('ci-key-rotation', { max_diff_characters: 10 });
    expect(cut.complete).toBe(false);
    expect(cut.notes.join()).toMatch(/characters of diffs left out/);
  });

  test('a budget is never exceeded, never wasted, and small wishes come first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 30 }), fc.nat(20_000), (sizes, total) => {
        const shares = shareBudget(sizes, total);
        const sum = shares.reduce((a, b) => a + b, 0);
        const wish = sizes.reduce((a, b) => a + b, 0);
        expect(sum).toBeLessThanOrEqual(Math.min(total, wish));
        expect(sum).toBeGreaterThan(Math.min(total, wish) - Math.max(1, sizes.length));
        sizes.forEach((size, a) => {
          sizes.forEach((other, b) => {
            if (size <= other && (shares[b] ?? 0) > (shares[a] ?? 0) + 1) expect(shares[a]).toBe(size);
          });
        });
      }),
    );
  });
});

describe('choosing and reading', () => {
  test('by address, also of a page below it', async () => {
    const mr = story('ci-key-rotation');
    const url = `${stand.baseUrl}/${mr.project.path}/-/merge_requests/${mr.iid}/diffs#note_1`;
    const result = await runOperation(getMergeRequestDetails, stand.ports(), { url });
    expect(result.merge_request).toMatchObject({ iid: mr.iid, project: mr.project.path, merged_by: 'mira.okafor' });
    expect(result.commits.map(({ title }) => title)).toEqual(mr.commits.toReversed().map(({ message }) => message));
  });

  test('by iid in the project of the connection', async () => {
    const ports = stand.ports({ project: 'simulated-corp/platform/infrastructure' });
    const result = await runOperation(getMergeRequestDetails, ports, { iid: story('draft').iid });
    expect(result.merge_request).toMatchObject({ draft: true, state: 'opened', merged_by: null, merged_at: null });
  });

  test.each([
    [{}, 'iid'],
    [{ iid: 3 }, 'project'],
    [{ url: 'https://evil.example/a/b/-/merge_requests/1' }, 'url'],
    [{ url: 'http://127.0.0.1:1/a/b/-/merge_requests/1' }, 'url'],
  ])('%j is refused before anything is sent', async (given, field) => {
    const ports = stand.ports();
    expect(await failure(runOperation(getMergeRequestDetails, ports, given))).toMatchObject({
      code: 'invalid_input',
      details: { field },
    });
    expect(ports.requests).toEqual([]);
  });

  test('a merge request that is still prepared says so instead of having no changes', async () => {
    const result = await details('preparing');
    expect(result.merge_request).toMatchObject({ changes_count: null, base_sha: null });
    expect(result.complete).toBe(false);
    expect(result.notes.join()).toContain('still preparing');
  });

  test('names and states of other versions: merged_by alone, a merge status that is new, a count that is not there yet', async () => {
    const mr = story('ci-key-rotation');
    const path = `/projects/${encodeURIComponent(mr.project.path)}/merge_requests/${mr.iid}`;
    const answer = await fetch(`${stand.baseUrl}/api/v4${path}`, { headers: { 'private-token': 'simulated-token' } });
    const body = (await answer.json()) as Record<string, unknown>;
    const { merge_user: merger, ...old } = body;
    stand.faults.add({
      service: 'gitlab',
      path: `${path}$`,
      status: 200,
      body: { ...old, merged_by: merger, detailed_merge_status: 'checking_something_new', changes_count: '' },
    });
    const result = await details('ci-key-rotation');
    expect(result.merge_request).toMatchObject({
      merged_by: (merger as { username: string }).username,
      detailed_merge_status: 'checking_something_new',
      changes_count: null,
    });
  });

  test('more commits and files than asked for are said', async () => {
    const result = await details('suspicious-dependency', { max_commits: 1, max_files: 1 });
    expect(result.commits.length).toBe(1);
    expect(result.changed_files.length).toBe(1);
    expect(result.notes).toEqual(
      expect.arrayContaining([expect.stringContaining('max_commits'), expect.stringContaining('max_files')]),
    );
  });

  test('when the changed files cannot be read, the rest is answered', async () => {
    stand.faults.add({ service: 'gitlab', path: '/diffs', status: 500, body: { message: 'gitaly' } });
    const result = await details('ci-key-rotation');
    expect(result.changed_files).toEqual([]);
    expect(result.commits.length).toBe(2);
    expect(result.notes.join()).toMatch(/Changed files: .*gitaly/);
    expect(result.complete).toBe(false);
  });

  test('what does not exist is named', async () => {
    const call = runOperation(getMergeRequestDetails, stand.ports(), { project: '101', iid: 9999 });
    expect(await failure(call)).toMatchObject({
      code: 'not_found_or_no_access',
      message: expect.stringContaining('!9999 of 101'),
    });
  });
});
