import fc from 'fast-check';
import type { ChangedFile } from '../../../operations/gitlab/supply-chain/assess-change';
import { readerFor, readFile } from '../../../operations/gitlab/supply-chain/file-readers';
import { development } from '../../labelled/supply-chain/development';
import * as t from '../../labelled/supply-chain/file-texts';
import { assess } from './assess-files';
import { cpuMs } from './cpu-time';
import { readerPaths } from './reader-paths';

const signals = (file: Partial<ChangedFile> & { path: string }) => assess(file).findings.map(({ signal }) => signal);

/** Real files with something cut out, doubled, or put in. */
const texts = development.flatMap(({ files }) => files.flatMap(({ before, after }) => [before ?? '', after ?? '']));
const spoilt = fc
  .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(200), fc.string({ unit: 'binary', maxLength: 40 }))
  .map(([text, from, length, put]) => {
    const start = text.length === 0 ? 0 : from % text.length;
    return text.slice(0, start) + put + text.slice(start + length);
  });
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), spoilt);

describe('an assessment', () => {
  it.each(readerPaths)('of %s survives any text', (path) => {
    fc.assert(
      fc.property(fc.option(anyText, { nil: undefined }), fc.option(anyText, { nil: undefined }), (before, after) => {
        const { score, findings, unread } = assess({ path, before, after });
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(10);
        for (const { statement } of findings) expect(typeof statement).toBe('string');
        for (const { reason } of unread) expect(reason).not.toBe('');
      }),
      { numRuns: 60 },
    );
  });

  it('has nothing to say about a file that did not change', () => {
    fc.assert(
      fc.property(fc.constantFrom(...readerPaths), anyText, (path, text) => {
        expect(assess({ path, before: text, after: text, added: [] }).findings).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('is as much as before when a file that cannot be read comes along', () => {
    const bad: ChangedFile = { path: 'poetry.lock', before: '', after: '[[package', added: [] };
    for (const { files } of development.slice(0, 40)) {
      const good = files.map(({ path, before, after }) => ({ path, before, after, added: [] }));
      const alone = assess(...good);
      const together = assess(...good, bad);
      expect(together.findings.filter(({ file }) => file !== bad.path)).toEqual(alone.findings);
      expect(together.unread.some(({ path }) => path === bad.path)).toBe(true);
    }
  });

  it('tells a file that is not there from one that could not be read', () => {
    expect(assess({ path: 'yarn.lock', before: null, after: '', reason: 'larger than 8 MiB' }).unread).toEqual([
      { path: 'yarn.lock', reason: 'larger than 8 MiB', extent: 'whole' },
    ]);
    expect(assess({ path: 'yarn.lock', before: undefined, after: '# yarn lockfile v1\n' }).unread).toEqual([]);
  });
});

describe('a lockfile that is not understood at all', () => {
  const pages = {
    'a page of a proxy': '<html><body>502 Bad Gateway</body></html>\n',
    'a conflict': '<<<<<<< HEAD\nleft\n=======\nright\n>>>>>>> branch\n',
    'a list': '[1, 2]\n',
    'another object': '{"a": 1}\n',
    bytes: '\u0001\u0002%%{{{\n',
  };
  const locks: [path: string, text: string][] = [
    ['package-lock.json', '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"}}}'],
    ['yarn.lock', 'a@^1.0.0:\n  version "1.0.0"\n'],
    ['pnpm-lock.yaml', "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n"],
    ['poetry.lock', '[[package]]\nname = "a"\nversion = "1.0.0"\n'],
    ['uv.lock', 'version = 1\n[[package]]\nname = "a"\nversion = "1.0.0"\n'],
    ['Pipfile.lock', '{"_meta":{},"default":{"a":{"version":"==1.0.0"}}}'],
    ['go.sum', 'example.com/a v1.0.0 h1:aaaa=\n'],
    [
      'Cargo.lock',
      '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n',
    ],
    ['Gemfile.lock', 'GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0.0)\n'],
    ['gradle.lockfile', 'com.example:a:1.0.0=runtimeClasspath\n'],
    ['composer.lock', '{"packages":[{"name":"a/b","version":"1.0.0"}]}'],
    ['packages.lock.json', '{"version":1,"dependencies":{"net8.0":{"A":{"type":"Direct","resolved":"1.0.0"}}}}'],
    ['packages.config', '<packages><package id="A" version="1.0.0" /></packages>'],
  ];

  it.each(locks)('%s is unread as a whole, and nothing seems to be gone from it', (path, before) => {
    expect(assess({ path, before: undefined, after: before }).changes[0]?.dependencies).toHaveLength(1);
    for (const [what, after] of Object.entries(pages)) {
      const { unread, changes, findings } = assess({ path, before, after });
      expect([what, unread.map(({ extent }) => extent)]).toEqual([what, unread.map(() => 'whole')]);
      expect([what, unread.length]).not.toEqual([what, 0]);
      expect(changes.flatMap(({ dependencies }) => dependencies)).toEqual([]);
      expect(findings.map(({ signal }) => signal)).toContain('not_readable');
    }
  });

  it('is one that ends in the middle, too', () => {
    const half = '{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.';
    expect(assess({ path: 'package-lock.json', before: locks[0]?.[1], after: half }).unread).toEqual([
      { path: 'package-lock.json', reason: 'it is not a JSON object', extent: 'whole' },
    ]);
  });

  it('is told from one of which an entry is not understood, and from an empty one', () => {
    const lock = '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"},"node_modules/b":5}}';
    expect(assess({ path: 'package-lock.json', before: undefined, after: lock }).unread).toEqual([
      { path: 'package-lock.json', reason: 'packages["node_modules/b"] is not an object', extent: 'part' },
    ]);
    const emptied = assess({ path: 'yarn.lock', before: 'a@^1.0.0:\n  version "1.0.0"\n', after: '\n' });
    expect(emptied.unread).toEqual([]);
    expect(emptied.changes[0]?.dependencies).toHaveLength(1);
  });
});

describe('every reader', () => {
  it.each(readerPaths.filter((path) => readerFor(path) !== undefined))(
    '%s reads the same with CRLF and with a byte order mark',
    (path) => {
      const sample = development.flatMap(({ files }) =>
        files.filter((file) => readerFor(file.path) === readerFor(path)),
      );
      for (const { after } of sample.slice(0, 6)) {
        if (after === undefined) continue;
        const plain = readFile(path, after);
        const names = (content: typeof plain) =>
          content?.dependencies.map(({ name, version, integrity }) => [name, version, integrity]);
        expect(names(readFile(path, after.replaceAll('\n', '\r\n')))).toEqual(names(plain));
        expect(names(readFile(path, `\ufeff${after}`))).toEqual(names(plain));
      }
    },
  );

  it('takes keys of prototypes for names like any other', () => {
    const lock = (version: string) =>
      `{"lockfileVersion":3,"packages":{"":{"dependencies":{"__proto__":"1"}},"node_modules/__proto__":{"version":"${version}","integrity":"${t.sha512(version)}"},"node_modules/constructor":{"version":"1.0.0","integrity":"${t.sha512(version)}"}}}`;
    const { findings } = assess({ path: 'package-lock.json', before: lock('1.0.0'), after: lock('1.0.1') });
    expect(findings.map(({ signal, name }) => [signal, name])).toContainEqual(['integrity_changed', 'constructor']);
    for (const text of [
      '__proto__:\n  a: 1\n',
      'packages:\n  __proto__@1.0.0:\n    resolution: {integrity: sha512-x}\n',
    ]) {
      expect(() => assess({ path: 'pnpm-lock.yaml', after: text })).not.toThrow();
    }
    expect(
      assess({ path: 'pyproject.toml', after: '[project]\ndependencies = ["constructor==1"]\n' }).changes[0]
        ?.dependencies,
    ).toHaveLength(1);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it('takes the last of doubled keys, as package managers do', () => {
    const twice = (hash: string) =>
      `{"lockfileVersion":3,"packages":{"node_modules/ms":{"version":"2.1.3","integrity":"${t.sha512('ms')}"},"node_modules/ms":{"version":"2.1.3","integrity":"${hash}"}}}`;
    expect(
      signals({ path: 'package-lock.json', before: twice(t.sha512('ms')), after: twice(t.sha512('swapped')) }),
    ).toContain('integrity_changed');
  });

  it('is not stopped by a bomb of aliases, a deep nest or keys of several lines, and says what it refused', () => {
    const bomb = `a0: &a0 [x,x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n},*a${n},*a${n},*a${n}]\n`).join('')}`;
    const hostile = [
      bomb,
      `a: ${'{'.repeat(5_000)}`,
      `${'- '.repeat(5_000)}x`,
      '? '.repeat(5_000),
      '&a a: *a\n'.repeat(5_000),
      `x: ${'a'.repeat(300_000)}`,
    ];
    for (const path of ['.gitlab-ci.yml', 'compose.yaml', '.pre-commit-config.yaml', 'pnpm-lock.yaml']) {
      for (const text of hostile) {
        let content: ReturnType<typeof readFile>;
        // A bomb that goes off takes minutes.
        expect(
          cpuMs(() => {
            content = readFile(path, text);
          }),
        ).toBeLessThan(5_000);
        // An alias is the same object again and a long text is a text: neither holds anything to refuse.
        const isHarmless = text === bomb || text.startsWith('x: ');
        if (path !== 'pnpm-lock.yaml' && !isHarmless) expect(content?.problems).not.toEqual([]);
      }
    }
  });
});
