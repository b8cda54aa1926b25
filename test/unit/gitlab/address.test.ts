import fc from 'fast-check';
import { InvalidInputError } from '../../../operations/errors';
import { checkNamespace, parseWebAddress, type WebObject } from '../../../operations/gitlab/address';

const base = 'https://gitlab.simulated-corp.example';
const segments: Record<WebObject, string> = { job: 'jobs', pipeline: 'pipelines', merge_request: 'merge_requests' };

const kind = fc.constantFrom<WebObject>('job', 'pipeline', 'merge_request');
const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,20}$/),
  // Names that are also names of pages.
  fc.constantFrom('jobs', 'pipelines', 'merge_requests', 'builds', '-x', 'next', 'tree'),
);
const namespace = fc.array(name, { minLength: 2, maxLength: 8 });
const id = fc.integer({ min: 1, max: 999_999_999_999 });
const subPath = fc.constantFrom('', '/gitlab', '/foo/bar/git');
const ending = fc.constantFrom(
  '',
  '/',
  '/raw',
  '/diffs',
  '/trace',
  '/artifacts/browse/x',
  '?tab=1',
  '#L12',
  '/raw?a=%2F..#L1',
);

test('an address of any namespace, sub-path and ending is read back to what it was made of', () => {
  fc.assert(
    fc.property(kind, namespace, id, subPath, ending, (kind, path, id, subPath, ending) => {
      const address = `${base}${subPath}/${path.join('/')}/-/${segments[kind]}/${id}${ending}`;
      expect(parseWebAddress(base + subPath, address, kind)).toEqual({ kind, project: path.join('/'), id });
    }),
  );
});

test('so is the form without /-/ of older instances, and /builds/', () => {
  expect(parseWebAddress(base, `${base}/foo/bar/pipelines/47`, 'pipeline')).toEqual({
    kind: 'pipeline',
    project: 'foo/bar',
    id: 47,
  });
  expect(parseWebAddress(base, `${base}/foo/jobs/web/builds/9/raw`, 'job')).toEqual({
    kind: 'job',
    project: 'foo/jobs/web',
    id: 9,
  });
  expect(parseWebAddress(base, `${base}/foo/bar/-/builds/9`, 'job').id).toBe(9);
});

test('a letter of another script in a path stays as it is', () => {
  expect(parseWebAddress(base, `${base}/gruppe/büro/-/jobs/5`, 'job').project).toBe('gruppe/büro');
});

test.each([
  ['another host', 'https://evil.example/a/b/-/jobs/1'],
  ['a host that begins alike', 'https://gitlab.simulated-corp.example.evil.example/a/b/-/jobs/1'],
  ['another port', 'https://gitlab.simulated-corp.example:8443/a/b/-/jobs/1'],
  ['another scheme', 'http://gitlab.simulated-corp.example/a/b/-/jobs/1'],
  ['no web address', 'file:///etc/passwd'],
  ['a script', 'javascript:alert(1)//a/b/-/jobs/1'],
  ['a user name', 'https://root@gitlab.simulated-corp.example/a/b/-/jobs/1'],
  ['a password', 'https://gitlab.simulated-corp.example:x@evil.example/a/b/-/jobs/1'],
  ['two dots', `${base}/a/../b/c/-/jobs/1`],
  ['escaped dots', `${base}/a/%2e%2E/b/c/-/jobs/1`],
  ['a backslash', `${base}/a\\b/-/jobs/1`],
  ['an escaped slash in the path', `${base}/a/b%2Fc/-/jobs/1`],
  ['an escaped slash in the number', `${base}/a/b/-/jobs/1%2F..%2F2`],
  ['a number that is none', `${base}/a/b/-/jobs/1e3`],
  ['no number', `${base}/a/b/-/jobs/`],
  ['number 0', `${base}/a/b/-/jobs/0`],
  ['no project', `${base}/-/jobs/1`],
  ['a group only', `${base}/a/-/jobs/1`],
  ['another page', `${base}/a/b/-/issues/1`],
  ['an inherited name', `${base}/a/b/-/constructor/1`],
  ['a line break', `${base}/a/b/-/jo\nbs/1`],
  ['a zero-width space', `${base}/a/\u200bb/-/jobs/1`],
  ['text', 'job 17'],
])('an address with %s is refused', (_name, address) => {
  expect(() => parseWebAddress(base, address, 'job')).toThrow(InvalidInputError);
});

test('an address outside the sub-path is refused, also when it only begins alike', () => {
  for (const path of ['/a/b/-/jobs/1', '/gitlab-other/a/b/-/jobs/1', '/gitlab/../a/b/-/jobs/1']) {
    expect(() => parseWebAddress(`${base}/gitlab`, base + path, 'job')).toThrow(InvalidInputError);
  }
});

test('the address of something else says what it is of', () => {
  expect(() => parseWebAddress(base, `${base}/a/b/-/pipelines/1`, 'job')).toThrow(
    'url: is the address of a pipeline; this needs a job',
  );
});

test('whatever the text, the answer is an error of ours or an address on this instance', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map((text) => `${base}/${text}`),
      ),
      kind,
      (text, kind) => {
        try {
          const read = parseWebAddress(base, text, kind);
          expect(read.project).toMatch(/^[\p{L}\p{N}_.-]+(\/[\p{L}\p{N}_.-]+)+$/u);
          expect(read.project.split('/')).not.toContain('..');
          expect(read.id).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof InvalidInputError)) throw error;
        }
      },
    ),
  );
});

test('a project is a numeric id or a path with namespace', () => {
  expect(checkNamespace(' /simulated-corp/platform/infrastructure/ ', 'project')).toBe(
    'simulated-corp/platform/infrastructure',
  );
  expect(checkNamespace('101', 'project')).toBe('101');
  expect(checkNamespace('simulated-corp', 'group')).toBe('simulated-corp');
  for (const wrong of [
    'infrastructure',
    'a/../b',
    'a//b',
    'a/b?x=1',
    'a/b%2Fc',
    'https://gitlab.example/a/b',
    'a/-/b',
    '',
  ]) {
    expect(() => checkNamespace(wrong, 'project')).toThrow(InvalidInputError);
  }
});
