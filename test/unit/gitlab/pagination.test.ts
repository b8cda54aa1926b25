import fc from 'fast-check';
import { BadResponseError } from '../../../operations/errors';
import { nextPage } from '../../../operations/gitlab/pagination';

const api = 'https://gitlab.simulated-corp.example/git/api/v4';
const current = `${api}/projects/1/pipelines?page=1&per_page=100`;

const next = (headers: Record<string, string>) => nextPage(api, current, headers);

test('the link with rel "next" is followed, wherever it stands and however it is written', () => {
  const target = `${api}/projects/1/pipelines?page=2&per_page=100&order_by=id`;
  const first = `<${api}/projects/next/pipelines?page=1>; rel="first"`;
  expect(next({ link: `<${target}>; rel="next"` })).toBe(target);
  expect(next({ link: `${first}, <${target}>; rel="next", <${api}/x?a=b,c>; rel="last"` })).toBe(target);
  expect(next({ link: `${first},<${target}>;title="a, b; c";rel=next` })).toBe(target);
  expect(next({ link: '</git/api/v4/projects/1/pipelines?cursor=abc>; rel="next"' })).toBe(
    `${api}/projects/1/pipelines?cursor=abc`,
  );
});

test('a link that merely holds the word next is not a next page', () => {
  expect(next({ link: `<${api}/projects/next/pipelines?page=1>; rel="first"; title="next"` })).toBeUndefined();
});

test('without a link, x-next-page counts; empty or odd values end the list, totals do not matter', () => {
  expect(next({ 'x-next-page': '2', 'x-total-pages': '1' })).toBe(`${api}/projects/1/pipelines?page=2&per_page=100`);
  for (const value of ['', ' ', '0', '-1', '2.5', '1e9', 'two', '99999999999']) {
    expect(next({ 'x-next-page': value, 'x-total-pages': '7' })).toBeUndefined();
  }
});

test.each([
  'https://evil.example/git/api/v4/projects',
  'http://gitlab.simulated-corp.example/git/api/v4/projects',
  'https://gitlab.simulated-corp.example:444/git/api/v4/projects',
  'https://user@gitlab.simulated-corp.example/git/api/v4/projects',
  'https://gitlab.simulated-corp.example/api/v4/projects',
  'https://gitlab.simulated-corp.example/git/api/v4/../../other',
  'https://gitlab.simulated-corp.example/git/api/v4evil/projects',
  '//evil.example/git/api/v4/projects',
  'data:text/plain,x',
  'http://[',
])('a next link to %s is refused', (target) => {
  expect(() => next({ link: `<${target}>; rel="next"` })).toThrow(BadResponseError);
});

test('any header gives nothing, an address within the API, or an error of ours', () => {
  const header = fc.oneof(
    fc.string(),
    fc.webUrl().map((url) => `<${url}>; rel="next"`),
  );
  fc.assert(
    fc.property(header, fc.string(), (link, page) => {
      try {
        const found = next({ link, 'x-next-page': page });
        if (found !== undefined) expect(found.startsWith(`${api}/`)).toBe(true);
      } catch (error) {
        if (!(error instanceof BadResponseError)) throw error;
      }
    }),
  );
});
