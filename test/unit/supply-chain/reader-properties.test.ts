import fc from 'fast-check';
import type { FileContent } from '../../../operations/gitlab/supply-chain/dependency';
import { readerFor } from '../../../operations/gitlab/supply-chain/file-readers';
import { development } from '../../labelled/supply-chain/development';
import { growth, mostGrowth } from './cpu-time';
import { read, rowOf } from './read-text';
import { readerPaths } from './reader-paths';

const paths = readerPaths.filter((path) => readerFor(path) !== undefined);
const all = development.flatMap(({ files }) =>
  files.flatMap(({ path, before, after }) =>
    [before, after].flatMap((text) => (text === undefined ? [] : [{ path, text }])),
  ),
);
/** Real files of the kind that a reader reads, else of any kind. */
const samplesOf = (path: string) => {
  const own = all.filter((file) => readerFor(file.path) === readerFor(path)).map(({ text }) => text);
  return own.length > 0 ? own : all.map(({ text }) => text);
};

/** The reader itself, without the net below it that `readFile` is. */
function readBare(path: string, text: string): FileContent {
  const reader = readerFor(path);
  if (reader === undefined) throw new Error(`nothing reads ${path}`);
  return reader(path, text);
}

const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'a b',
  'a"b',
  "a'b",
  'a\\b',
  'ключ',
  '\u202eevil',
  'a\u200bb',
  '@scope/__proto__',
  '$HOME',
  '$(id)',
  '<script>',
  'a'.repeat(300),
];

describe('every reader', () => {
  test.each(paths)(
    '%s: survives any cut, doubled or foreign piece, and says something of the form it promises',
    (path) => {
      const samples = samplesOf(path);
      const piece = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom(
          ...oddNames,
          '\0',
          '\r',
          '{',
          '}',
          '[',
          ']',
          '"',
          "'",
          ':',
          '#',
          '<',
          '>',
          '&',
          '*',
          '\n\n',
          '---\n',
          '<<EOF\n',
          '\ufeff',
          '\ud800',
        ),
      );
      const spoilt = fc
        .tuple(
          fc.constantFrom(...samples),
          fc.array(fc.tuple(fc.nat(), fc.nat(60), piece), { maxLength: 4 }),
          fc.option(fc.nat()),
        )
        .map(([sample, edits, cut]) => {
          let text = sample;
          for (const [from, length, put] of edits) {
            const start = text.length === 0 ? 0 : from % text.length;
            text = text.slice(0, start) + put + text.slice(start + length);
          }
          return cut === null || text === '' ? text : text.slice(0, cut % text.length);
        });
      fc.assert(
        fc.property(
          fc.oneof(
            { weight: 6, arbitrary: spoilt },
            { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
          ),
          (text) => {
            const content = readBare(path, text);
            expect(content.path).toBe(path);
            for (const { name, version, source, integrity, key, isDirect } of content.dependencies) {
              expect([typeof name, typeof key, typeof source.type]).toEqual(['string', 'string', 'string']);
              expect(version === null || typeof version === 'string').toBe(true);
              expect(source.url === null || typeof source.url === 'string').toBe(true);
              expect(integrity.every((hash) => typeof hash === 'string' && hash !== '')).toBe(true);
              expect([true, false, null]).toContain(isDirect);
            }
            for (const { key, value } of content.settings)
              expect([typeof key, typeof value]).toEqual(['string', 'string']);
            for (const problem of content.problems) expect(problem.length).toBeLessThan(1_000);
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  test.each(paths)('%s: reads the same with CRLF, and with a byte order mark', (path) => {
    for (const text of samplesOf(path).slice(0, 30)) {
      const plain = read(path, text);
      expect(read(path, text.replaceAll('\n', '\r\n'))).toEqual(plain);
      expect(read(path, `\ufeff${text}`)).toEqual(plain);
      expect(read(path, `\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(plain);
    }
  });

  test.each(paths)('%s: takes about twice as long for twice as much', (path) => {
    const sample = samplesOf(path).reduce((longest, text) => (text.length > longest.length ? text : longest), '');
    // The file behind itself again and again: what is no such file any more has to end in time as well.
    expect(
      growth(40, (times) => {
        readBare(path, sample.repeat(times));
      }),
    ).toBeLessThan(mostGrowth);
  });
});

describe('odd names', () => {
  /** Files of one package by name, and what is to come back as its name. */
  const files: Record<string, (name: string) => string> = {
    'package-lock.json': (name) =>
      `{"lockfileVersion":3,"packages":{${JSON.stringify(`node_modules/${name}`)}:{"version":"1.0.0","integrity":"sha512-x"}}}`,
    'package.json': (name) => `{"dependencies":{${JSON.stringify(name)}:"1.0.0"}}`,
    'pnpm-lock.yaml': (name) =>
      `lockfileVersion: '9.0'\n\npackages:\n\n  ${JSON.stringify(`${name}@1.0.0`)}:\n    resolution: {integrity: sha512-x}\n`,
    'Cargo.lock': (name) =>
      `[[package]]\nname = ${JSON.stringify(name)}\nversion = "1.0.0"\nsource = "registry+https://x.example"\n`,
    'composer.lock': (name) => `{"packages":[{"name":${JSON.stringify(name)},"version":"1.0.0"}]}`,
    'packages.lock.json': (name) =>
      `{"version":1,"dependencies":{"net8.0":{${JSON.stringify(name)}:{"type":"Direct","resolved":"1.0.0"}}}}`,
    '.gitmodules': (name) => `[submodule "${name.replace(/["\\]/g, '\\$&')}"]\n\turl = https://x.example/y.git\n`,
  };
  const lowercase = new Set(['composer.lock', 'packages.lock.json']);

  test.each(Object.keys(files))('%s: are names like any other', (path) => {
    // pnpm writes what a package was resolved with in brackets behind it.
    for (const name of oddNames.filter((one) => path !== 'pnpm-lock.yaml' || !one.includes('('))) {
      const { dependencies, problems } = read(path, files[path]?.(name) ?? '');
      expect({ problems, names: dependencies.map((entry) => entry.name) }).toEqual({
        problems: [],
        names: [lowercase.has(path) ? name.toLowerCase() : name],
      });
    }
    expect(({} as { version?: unknown }).version).toBeUndefined();
  });
});

test('of equal keys the last one counts, as for package managers', () => {
  const twice = `{"lockfileVersion":3,"packages":{"node_modules/ms":{"version":"1.0.0"},"node_modules/ms":{"version":"2.0.0"}}}`;
  expect(read('package-lock.json', twice).dependencies.map(rowOf)).toEqual([['ms', '2.0.0', 'unknown', null]]);
  expect(
    read('package.json', '{"dependencies":{"a":"1"},"dependencies":{"b":"2"}}').dependencies.map(({ name }) => name),
  ).toEqual(['b']);
  // Read by GitLab in the same way.
  expect(
    read('.gitlab-ci.yml', 'job:\n  image: a:1\njob:\n  image: b:2\n').dependencies.map(({ name }) => name),
  ).toEqual(['b']);
  // TOML has no such thing: the program refuses the file, and so it is told.
  expect(read('Cargo.lock', '[[package]]\nname = "a"\nname = "b"\n').problems[0]).toMatch(/^it is no TOML/);
});
