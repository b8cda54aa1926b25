import * as t from '../../labelled/supply-chain/file-texts';
import { at } from '../../labelled/supply-chain/file-texts';
import { assess } from './assess-files';
import { cpuMs, growth, mostGrowth } from './cpu-time';
import { readerPaths } from './reader-paths';

describe('long files', () => {
  const sum = `sha512-${'a'.repeat(86)}==`;
  const names = (count: number) => Array.from({ length: count }, (_, index) => `package-${index.toString(36)}`);
  const long: Record<string, (count: number, patch: number) => string> = {
    'package-lock.json': (count, patch) =>
      t.npmLock(
        {},
        names(count).map((name) => at(`${name}@1.0.${patch}`, { integrity: sum })),
      ),
    'yarn.lock': (count, patch) =>
      t.berryLock(names(count).map((name) => ({ spec: `${name}@1.0.${patch}`, checksum: `10c0/${'a'.repeat(128)}` }))),
    'pnpm-lock.yaml': (count, patch) =>
      t.pnpmLock(
        {},
        names(count).map((name) => ({ spec: `${name}@1.0.${patch}`, resolution: `{integrity: ${sum}}` })),
      ),
    'go.sum': (count, patch) =>
      names(count)
        .map((name) => `github.com/x/${name} v1.0.${patch} h1:${'a'.repeat(43)}=\n`)
        .join(''),
    'Cargo.lock': (count, patch) =>
      t.cargoLock(names(count).map((name) => ({ spec: `${name}@1.0.${patch}`, checksum: 'ab'.repeat(32) }))),
    'poetry.lock': (count, patch) => t.poetryLock(names(count).map((name) => ({ spec: `${name}==1.0.${patch}` }))),
    'requirements.txt': (count, patch) => t.hashedRequirements(names(count).map((name) => `${name}==1.0.${patch}`)),
    'Gemfile.lock': (count, patch) =>
      t.gemfileLock(
        names(count).map((name) => `${name} (1.0.${patch})`),
        [],
      ),
  };

  it.each(Object.keys(long))('%s: twice the packages, all of them raised, take about twice the time', (path) => {
    const write = long[path] ?? (() => '');
    expect(
      growth(3_000, (count) => {
        const { changes } = assess({ path, before: write(count, 1), after: write(count, 2), added: [] });
        if ((changes[0]?.dependencies.length ?? 0) < count) throw new Error('not all of them were read');
      }),
    ).toBeLessThan(mostGrowth);
  });

  it('tens of thousands of entries, all of them odd, are counted and not all listed', () => {
    const entries = (host: string) =>
      Array.from(
        { length: 20_000 },
        (_, index) =>
          `p${index}@^1:\n  version "1.0.0"\n  resolved "https://${host}/p${index}/-/p${index}-1.0.0.tgz"\n`,
      ).join('\n');
    const { findings } = assess({
      path: 'yarn.lock',
      before: entries('a.example'),
      after: entries('b.example'),
      added: [],
    });
    const moved = findings.filter(({ signal }) => signal === 'registry_changed');
    expect(moved).toHaveLength(25);
    expect(moved.at(-1)?.statement).toContain('And 19975 more like this');
  });

  it('the same name tens of thousands of times over is compared in time that grows with their number', () => {
    const same = (count: number, start: number) =>
      Array.from({ length: count }, (_, index) => `same@^${start + index}:\n  version "${start + index}.0.0"\n`).join(
        '\n',
      );
    expect(
      growth(10_000, (count) => {
        assess({ path: 'yarn.lock', before: same(count, 0), after: same(count, 200_000), added: [] });
      }),
    ).toBeLessThan(mostGrowth);
  });
});

describe('long lines', () => {
  const units = [
    ' ',
    '\t',
    '"',
    "'",
    '/',
    '\\',
    'a',
    '-',
    '@',
    '#',
    '<',
    '(',
    '{',
    '$(',
    '${',
    'curl ',
    'curl|',
    'sudo ',
    'env -a ',
    'eval ',
    '\\x41',
    '_0x1 ',
    'A1',
    'http://',
    'git@',
    '<!--',
    '<dependency>',
    '[[',
    '=',
    '~',
    'FROM ',
    '\u200d',
    '\u0430',
    'ab\u0430',
    '|| true ',
    '`',
    '@npm:',
    '%2f',
    '/-/',
    ' --hash=',
    "gem 'a', git: ",
    'https://a/b;',
    ' -H "',
    '; exit 0 ',
    '$TOKEN',
    '/home/a',
  ];

  /** Anything quadratic in this many characters takes longer. */
  const suspicious = 25;

  it.each(readerPaths)('%s of any repeated piece is read in time that grows with its length', (path) => {
    for (const unit of units) {
      for (const start of ['', 'script:\n  - ', '{"a":"']) {
        const run = (length: number) => {
          assess({ path, before: '', after: `${start}${unit.repeat(Math.ceil(length / unit.length))}x` });
        };
        if (cpuMs(() => run(8_000)) < suspicious) continue;
        expect({ unit, start, growth: growth(8_000, run) < mostGrowth }).toEqual({ unit, start, growth: true });
      }
    }
  });
});
