import * as t from '../../labelled/supply-chain/file-texts';
import { at } from '../../labelled/supply-chain/file-texts';
import { assess } from './assess-files';
import { readerPaths } from './reader-paths';

describe('long files', () => {
  /** About 5 MB each. */
  const sum = `sha512-${'a'.repeat(86)}==`;
  const names = Array.from({ length: 18_000 }, (_, index) => `package-${index.toString(36)}`);
  const long: Record<string, (patch: number) => string> = {
    'package-lock.json': (patch) =>
      t.npmLock(
        {},
        names.map((name) => at(`${name}@1.0.${patch}`, { integrity: sum })),
      ),
    'yarn.lock': (patch) =>
      t.berryLock(names.map((name) => ({ spec: `${name}@1.0.${patch}`, checksum: `10c0/${'a'.repeat(128)}` }))),
    'pnpm-lock.yaml': (patch) =>
      t.pnpmLock(
        {},
        names.map((name) => ({ spec: `${name}@1.0.${patch}`, resolution: `{integrity: ${sum}}` })),
      ),
    'go.sum': (patch) =>
      names.map((name) => `github.com/x/${name} v1.0.${patch} h1:${'a'.repeat(43)}=\n`.repeat(1)).join(''),
    'Cargo.lock': (patch) =>
      t.cargoLock(names.map((name) => ({ spec: `${name}@1.0.${patch}`, checksum: 'ab'.repeat(32) }))),
  };

  it.each(Object.keys(long))('%s of every package raised takes less than two seconds', (path) => {
    const [before, after] = [long[path]?.(1), long[path]?.(2)];
    const started = performance.now();
    const { changes } = assess({ path, before, after, added: [] });
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(changes[0]?.dependencies).toHaveLength(names.length);
  });

  it('a hundred thousand entries, all of them odd, are counted and not all listed', () => {
    const entries = (host: string) =>
      Array.from(
        { length: 100_000 },
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
    expect(moved.at(-1)?.statement).toContain('And 99975 more like this');
  });

  it('the same name a hundred thousand times over is compared in time', () => {
    const same = (start: number) =>
      Array.from({ length: 100_000 }, (_, index) => `same@^${start + index}:\n  version "${start + index}.0.0"\n`).join(
        '\n',
      );
    const started = performance.now();
    assess({ path: 'yarn.lock', before: same(0), after: same(200_000), added: [] });
    expect(performance.now() - started).toBeLessThan(3_000);
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

  it.each(readerPaths)('%s of any repeated piece is read in time', (path) => {
    for (const unit of units) {
      for (const start of ['', 'script:\n  - ', '{"a":"']) {
        const text = start + unit.repeat(Math.ceil(8_000 / unit.length));
        const started = performance.now();
        assess({ path, before: '', after: text });
        expect({ unit, start, inTime: performance.now() - started < 300 }).toEqual({ unit, start, inTime: true });
      }
    }
  });
});
