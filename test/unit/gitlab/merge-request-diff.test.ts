import { getMergeRequestDiff } from '../../../operations/gitlab/get-merge-request-diff';
import { runOperation } from '../../../operations/operation';
import { hunks } from '../../../sandbox/src/gitlab/diff';
import { failure, type StandIn, startStandIn } from './stand-in';
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

type Result = Awaited<ReturnType<typeof getMergeRequestDiff.run>>;
const diff = (name: string, more: Record<string, unknown> = {}, ports = stand.ports()): Promise<Result> =>
  runOperation(getMergeRequestDiff, ports, { ...refTo(story(name)), ...more });
const fileOf = (result: Result, path: string) => result.files.find((file) => file.path === path);
/** What really changed, from the simulated repository. */
function realDiff(name: string, path: string, oldPath = path): string {
  const mr = story(name);
  const tree = (sha: string) => mr.project.commits.get(sha)?.tree;
  return hunks(tree(mr.baseSha)?.get(oldPath) ?? '', tree(mr.headSha)?.get(path) ?? '');
}
const changedLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^[+-]/.test(line))
    .sort();

test('small changes come as GitLab gives them, with the commits they are between', async () => {
  const mr = story('self-merged-unapproved');
  const result = await diff('self-merged-unapproved');
  expect(result).toMatchObject({ base_sha: mr.baseSha, head_sha: mr.headSha, complete: true, next: null, count: 3 });
  expect(result.files.map(({ content }) => content)).toEqual(['given', 'given', 'given']);
  expect(fileOf(result, 'audit/cloudtrail.tf')?.diff).toBe(realDiff('self-merged-unapproved', 'audit/cloudtrail.tf'));
});

describe('a diff that GitLab withholds', () => {
  test.each([
    ['lockfile-refresh', 'package-lock.json', true],
    ['diff-too-large', 'public/vendor/charts.js', true],
    ['lockfile-refresh', 'package-lock.json', false],
    ['diff-too-large', 'public/vendor/charts.js', false],
  ])('%s: whole files are compared (flags sent: %3$s)', async (name, path, diffFlags) => {
    Object.assign(stand.gitlab.settings, { diffFlags });
    const result = await diff(name, { max_characters: 200_000 });
    const file = fileOf(result, path);
    expect(file).toMatchObject({
      content: 'computed',
      reason: expect.stringContaining(diffFlags ? 'withheld' : 'no reason'),
    });
    expect(file?.lines_added).toBe(changedLines(realDiff(name, path)).filter((line) => line.startsWith('+')).length);
    const real = realDiff(name, path);
    if (real.length < 190_000) expect(changedLines(file?.diff ?? '')).toEqual(changedLines(real));
    else expect(file?.diff_omitted_characters).toBeGreaterThan(0);
  });

  test('a renamed and rewritten file without flags is not a mere rename', async () => {
    Object.assign(stand.gitlab.settings, { diffFlags: false });
    stand.faults.add({
      service: 'gitlab',
      path: '/diffs',
      status: 200,
      body: [
        {
          old_path: 'src/texts.json',
          new_path: 'src/i18n/en.json',
          a_mode: '100644',
          b_mode: '100644',
          renamed_file: true,
          new_file: false,
          deleted_file: false,
          diff: '',
        },
      ],
    });
    const [file] = (await diff('rename-and-rewrite', { max_characters: 200_000 })).files;
    expect(file).toMatchObject({ change: 'renamed', content: 'computed', old_path: 'src/texts.json' });
    expect(changedLines(file?.diff ?? '')).toEqual(
      changedLines(realDiff('rename-and-rewrite', 'src/i18n/en.json', 'src/texts.json')),
    );
  });

  test('a mere rename is proven: by the flags, or by reading both files', async () => {
    const flagged = stand.ports();
    expect((await diff('rename', {}, flagged)).files).toEqual([
      expect.objectContaining({ change: 'renamed', content: 'unchanged', diff: null, lines_added: 0 }),
    ]);
    expect(flagged.requests.some(({ url }) => url.includes('/repository/files/'))).toBe(false);
    Object.assign(stand.gitlab.settings, { diffFlags: false });
    const reading = stand.ports();
    const result = await diff('rename', {}, reading);
    expect(result.files).toEqual([expect.objectContaining({ content: 'unchanged', diff: null, lines_added: 0 })]);
    expect(result.complete).toBe(true);
    expect(reading.requests.filter(({ url }) => url.includes('/repository/files/')).length).toBe(2);
  });

  test.each([
    [{ status: 404, body: { message: '404 File Not Found' } }, 'Reading the file failed'],
    [{ status: 403, body: { error: 'insufficient_scope', scope: 'read_repository' } }, 'read_repository'],
    [{ status: 500, body: { message: 'gitaly' } }, 'gitaly'],
    [{ status: 200, body: 'x'.repeat(2 * 1024 * 1024 + 1) }, 'larger than 2 MiB'],
  ])('files that cannot be read leave it unavailable, never "no change": %j', async (answer, reason) => {
    stand.faults.add({ service: 'gitlab', path: '/repository/files/package-lock.json', times: 20, ...answer });
    const result = await diff('lockfile-refresh');
    expect(fileOf(result, 'package-lock.json')).toMatchObject({
      content: 'unavailable',
      diff: null,
      lines_added: null,
      reason: expect.stringContaining(reason),
    });
    expect(result.complete).toBe(false);
    expect(result.notes.join()).toContain('They changed');
  });

  test('with read_withheld off it is unavailable', async () => {
    const ports = stand.ports();
    const result = await diff('lockfile-refresh', { read_withheld: false }, ports);
    expect(fileOf(result, 'package-lock.json')?.content).toBe('unavailable');
    expect(ports.requests.some(({ url }) => url.includes('/repository/files/'))).toBe(false);
  });

  test.each([true, false])(
    'of a fork: the head is read through the target project (%s), else from the fork',
    async (inTarget) => {
      Object.assign(stand.gitlab.settings, { forkHeadsInTarget: inTarget });
      const ports = stand.ports();
      const result = await diff('fork-with-lockfile', { max_characters: 200_000 }, ports);
      expect(fileOf(result, 'charts.lock')).toMatchObject({ content: 'computed', lines_added: 600, change: 'added' });
      const projects = ports.requests.flatMap(({ url }) => /projects\/(\d+)\/repository\/files/.exec(url)?.[1] ?? []);
      expect(projects).toEqual(inTarget ? ['103'] : ['103', '9101']);
    },
  );

  test('a path that would lead elsewhere in the API is not asked for', async () => {
    const wire = { old_path: '..', new_path: '..', a_mode: '100644', b_mode: '100644', diff: '', collapsed: true };
    stand.faults.add({ service: 'gitlab', path: '/diffs', status: 200, body: [wire] });
    const ports = stand.ports();
    const result = await diff('rename', {}, ports);
    expect(result.files[0]).toMatchObject({ content: 'unavailable', reason: expect.stringContaining('address') });
    expect(ports.requests.length).toBe(2);
  });
});

test('binary files, modes, links, empty files and submodules are told apart', async () => {
  const result = await diff('not-plain-files');
  expect(fileOf(result, 'assets/logo.png')).toMatchObject({
    kind: 'binary',
    content: 'binary',
    diff: null,
    lines_added: null,
  });
  expect(fileOf(result, 'README.md')).toMatchObject({
    old_mode: '100644',
    new_mode: '100755',
    mode_changed: true,
    content: 'unchanged',
  });
  expect(fileOf(result, 'rules/latest.py')).toMatchObject({ kind: 'symlink', change: 'added', old_mode: null });
  expect(fileOf(result, 'assets/.gitkeep')).toMatchObject({ change: 'added', content: 'unchanged', lines_added: 0 });
  expect(fileOf(result, 'vendor/rule-pack')).toMatchObject({
    kind: 'submodule',
    new_mode: '160000',
    submodule: { before: null, after: '5'.repeat(40) },
  });
  expect((await diff('submodule-bump')).files).toEqual([
    expect.objectContaining({ submodule: { before: '5'.repeat(40), after: '6'.repeat(40) }, mode_changed: false }),
  ]);
  expect(result.complete).toBe(true);
});

test('a text file that GitLab withholds and that is binary after all is said to be binary', async () => {
  const wire = {
    old_path: 'assets/logo.png',
    new_path: 'assets/logo.png',
    new_file: true,
    diff: '',
    too_large: true,
    collapsed: false,
  };
  stand.faults.add({ service: 'gitlab', path: '/diffs', status: 200, body: [wire] });
  expect((await diff('not-plain-files')).files).toEqual([
    expect.objectContaining({ kind: 'binary', content: 'binary' }),
  ]);
});

test('hostile text keeps its lines and loses its hidden characters', async () => {
  const [file] = (await diff('hostile-text')).files;
  expect(file?.hidden_characters).toBeGreaterThanOrEqual(5);
  expect(file?.diff).not.toMatch(/[\u200b\u202e\u2066\u2069\r]/);
  const path = file?.path ?? '';
  expect(file?.diff?.split('\n').length).toBe(realDiff('hostile-text', path).split('\n').length);
});

describe('paging', () => {
  test('a thousand files come once each, in order, within the budget of every answer', async () => {
    const found: string[] = [];
    let cursor: string | null = '';
    let last: Result | undefined;
    for (let calls = 0; cursor !== null && calls < 40; calls += 1) {
      const result: Result = await diff('thousand-files', { limit: 100, max_characters: 1_000, cursor });
      expect(result.files.reduce((sum, file) => sum + (file.diff ?? '').length, 0)).toBeLessThanOrEqual(1_000);
      expect(result.changes_count).toBe('1000+');
      found.push(...result.files.map(({ path }) => path));
      cursor = result.next;
      last = result;
    }
    expect(found).toEqual(Array.from({ length: 1_000 }, (_, n) => `pages/${String(n).padStart(4, '0')}.html`));
    // GitLab dropped the other 20.
    expect(last).toMatchObject({ complete: false, notes: [expect.stringContaining('there are more')] });
  });

  test('a diff that alone is longer than the answer is cut at a line, and said', async () => {
    const result = await diff('lockfile-refresh', { max_characters: 1_000, paths: ['package-lock.json'] });
    const [file] = result.files;
    expect(file?.diff?.length).toBeLessThanOrEqual(1_000);
    expect(file?.diff?.endsWith('\n')).toBe(true);
    expect(file?.diff_omitted_characters).toBeGreaterThan(10_000);
    expect(result).toMatchObject({ complete: false, count: 1 });
    expect(result.notes.join()).toContain('Cut by max_characters');
  });

  test('only the paths asked for; what did not change is named', async () => {
    const result = await diff('thousand-files', { paths: ['pages/0950.html', 'README.md'] });
    expect(result.files.map(({ path }) => path)).toEqual(['pages/0950.html']);
    expect(result.notes.join()).toContain('Not among the changed files: README.md');
  });

  test('a push between two pages is a conflict, not a mixture', async () => {
    const { next } = await diff('thousand-files', { limit: 1 });
    const other = `${'0'.repeat(40)}~1`;
    expect(await failure(diff('thousand-files', { cursor: other }))).toMatchObject({ code: 'conflict' });
    expect(await failure(diff('thousand-files', { cursor: 'x' }))).toMatchObject({
      code: 'invalid_input',
      details: { field: 'cursor' },
    });
    expect((await diff('thousand-files', { limit: 1, cursor: next ?? '' })).files[0]?.path).toBe('pages/0001.html');
  });
});

test('a merge request that is still prepared has no files yet, and says so', async () => {
  const result = await diff('preparing');
  expect(result).toMatchObject({ base_sha: null, files: [], complete: false, next: null });
  expect(result.notes.join()).toContain('still preparing');
});
