import { namesOf, read, rowOf, rows, settings } from './read-text';

const sum = (letter: string) => `sha512-${letter.repeat(86)}==`;

describe('package-lock.json', () => {
  const entry = {
    version: '4.17.21',
    resolved: 'https://registry.npmjs.org/lodash/-/lodash-4.17.21.tgz',
    integrity: sum('a'),
  };
  const packages = {
    '': {
      name: 'web',
      version: '1.0.0',
      workspaces: ['tools/*'],
      dependencies: { lodash: '^4.17.0', 'left-alias': 'npm:left-pad@^1', forked: 'github:simulated/forked' },
      devDependencies: { esbuild: '0.25.0' },
    },
    'node_modules/lodash': entry,
    'node_modules/left-alias': {
      name: 'left-pad',
      version: '1.3.0',
      resolved: 'https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz',
      integrity: sum('b'),
    },
    'node_modules/esbuild': {
      version: '0.25.0',
      resolved: 'https://registry.npmjs.org/esbuild/-/esbuild-0.25.0.tgz',
      integrity: sum('c'),
      dev: true,
      hasInstallScript: true,
    },
    'node_modules/forked': {
      version: '2.0.0',
      resolved: 'git+ssh://git@github.com/simulated/forked.git#0123456789012345678901234567890123456789',
    },
    'node_modules/lodash/node_modules/@types/node': {
      version: '20.0.0',
      resolved: 'https://npm.simulated.example/@types/node/-/node-20.0.0.tgz',
      integrity: `${sum('d')} sha1-xyz=`,
    },
    'node_modules/bundled': { version: '1.0.0', inBundle: true },
    'node_modules/tool': { resolved: 'tools/tool', link: true },
    'tools/tool': { name: 'tool', version: '0.0.1', dependencies: { ms: '2' } },
    'tools/tool/node_modules/ms': {
      version: '2.1.3',
      resolved: 'https://evil.example/ms.tgz',
      integrity: sum('e'),
    },
  };
  const lock = (version: number, more = {}) =>
    JSON.stringify({ name: 'web', lockfileVersion: version, packages, ...more });
  const expected = [
    ['lodash', '4.17.21', 'registry', entry.resolved, sum('a')],
    ['left-pad', '1.3.0', 'registry', 'https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz', sum('b')],
    ['esbuild', '0.25.0', 'registry', 'https://registry.npmjs.org/esbuild/-/esbuild-0.25.0.tgz', sum('c')],
    [
      'forked',
      '2.0.0',
      'git',
      'git+ssh://git@github.com/simulated/forked.git#0123456789012345678901234567890123456789',
    ],
    [
      '@types/node',
      '20.0.0',
      'registry',
      'https://npm.simulated.example/@types/node/-/node-20.0.0.tgz',
      sum('d'),
      'sha1-xyz=',
    ],
    ['bundled', '1.0.0', 'unknown', null],
    ['ms', '2.1.3', 'http', 'https://evil.example/ms.tgz', sum('e')],
  ];

  test.each(['package-lock.json', 'apps/web/npm-shrinkwrap.json'])('%s, version 3', (path) => {
    expect(rows(path, lock(3))).toEqual(expected);
    expect(namesOf(path, lock(3), ({ isDirect }) => isDirect === true)).toEqual([
      'lodash',
      'left-pad',
      'esbuild',
      'forked',
      'ms',
    ]);
    expect(namesOf(path, lock(3), ({ isDevelopment }) => isDevelopment === true)).toEqual(['esbuild']);
    expect(namesOf(path, lock(3), ({ hasInstallScript }) => hasInstallScript === true)).toEqual(['esbuild']);
    expect(read(path, lock(3)).dependencies[0]?.key).toBe('packages["node_modules/lodash"]');
  });

  test('version 2 has both halves; what the older one has alone, or otherwise, is told too', () => {
    const same = { lodash: { ...entry }, esbuild: packages['node_modules/esbuild'] };
    expect(rows('package-lock.json', lock(2, { dependencies: same }))).toEqual(expected);
    const other = {
      ...same,
      lodash: { ...entry, integrity: sum('z') },
      extra: { version: '1.0.0', resolved: 'https://registry.npmjs.org/extra/-/extra-1.0.0.tgz', integrity: sum('y') },
    };
    expect(rows('package-lock.json', lock(2, { dependencies: other })).slice(expected.length)).toEqual([
      ['lodash', '4.17.21', 'registry', entry.resolved, sum('z')],
      ['extra', '1.0.0', 'registry', 'https://registry.npmjs.org/extra/-/extra-1.0.0.tgz', sum('y')],
    ]);
  });

  test('version 1 nests, and has sources in place of versions', () => {
    const dependencies = {
      lodash: {
        ...entry,
        requires: { ms: '2' },
        dependencies: { ms: { version: '2.1.3', resolved: false, bundled: true } },
      },
      alias: {
        version: 'npm:left-pad@1.3.0',
        resolved: 'https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz',
        integrity: sum('b'),
      },
      forked: { version: 'git+https://github.com/simulated/forked.git#abc', from: 'forked@github:simulated/forked' },
      own: { version: 'file:../own' },
      dev: {
        version: '1.0.0',
        resolved: 'http://registry.npmjs.org/dev/-/dev-1.0.0.tgz',
        integrity: 'sha1-abc=',
        dev: true,
      },
    };
    const text = JSON.stringify({ name: 'web', lockfileVersion: 1, requires: true, dependencies });
    expect(rows('package-lock.json', text)).toEqual([
      ['lodash', '4.17.21', 'registry', entry.resolved, sum('a')],
      ['ms', '2.1.3', 'unknown', null],
      ['left-pad', '1.3.0', 'registry', 'https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz', sum('b')],
      [
        'forked',
        'git+https://github.com/simulated/forked.git#abc',
        'git',
        'git+https://github.com/simulated/forked.git#abc',
      ],
      ['own', 'file:../own', 'file', 'file:../own'],
      ['dev', '1.0.0', 'registry', 'http://registry.npmjs.org/dev/-/dev-1.0.0.tgz', 'sha1-abc='],
    ]);
    expect(read('package-lock.json', text).dependencies[1]?.key).toBe('dependencies["lodash"].dependencies["ms"]');
  });

  test('entries that are none are problems, and the others stand', () => {
    const text = JSON.stringify({
      lockfileVersion: 3,
      packages: { 'node_modules/a': 7, 'node_modules/b': null, 'node_modules/lodash': entry },
    });
    const content = read('package-lock.json', text);
    expect(content.dependencies.map(rowOf)).toEqual([expected[0]]);
    expect(content.problems).toEqual([
      'packages["node_modules/a"] is not an object',
      'packages["node_modules/b"] is not an object',
    ]);
    expect(read('package-lock.json', '[]').problems).toEqual(['it is not a JSON object']);
    expect(read('package-lock.json', '{"lockfileVersion":3,"packages":[]}').problems).not.toEqual([]);
    expect(read('package-lock.json', '{"name":"empty","lockfileVersion":3,"requires":true}').problems).toEqual([]);
  });
});

describe('pnpm-lock.yaml', () => {
  test('version 5', () => {
    const text = `lockfileVersion: 5.4

specifiers:
  '@babel/core': ^7.0.0
  lodash.merge: ^4.6.2
  react-dom: 17.0.2

dependencies:
  '@babel/core': 7.20.0
  react-dom: 17.0.2_react@17.0.2

devDependencies:
  lodash.merge: 4.6.2

packages:

  /@babel/core/7.20.0:
    resolution: {integrity: ${sum('a')}}
    engines: {node: '>=6.9.0'}
    dev: false

  /esbuild/0.14.0:
    resolution: {integrity: ${sum('b')}}
    hasBin: true
    requiresBuild: true
    dev: true

  /lodash.merge/4.6.2:
    resolution: {integrity: ${sum('c')}}
    dev: true

  /react-dom/17.0.2_react@17.0.2:
    resolution: {integrity: ${sum('d')}}
    peerDependencies:
      react: 17.0.2
    dev: false

  github.com/simulated/forked/0123456789012345678901234567890123456789:
    resolution: {tarball: https://codeload.github.com/simulated/forked/tar.gz/0123456789012345678901234567890123456789}
    name: forked
    version: 2.0.0
    dev: false
`;
    expect(rows('pnpm-lock.yaml', text)).toEqual([
      ['@babel/core', '7.20.0', 'registry', null, sum('a')],
      ['esbuild', '0.14.0', 'registry', null, sum('b')],
      ['lodash.merge', '4.6.2', 'registry', null, sum('c')],
      ['react-dom', '17.0.2', 'registry', null, sum('d')],
      [
        'forked',
        '2.0.0',
        'http',
        'https://codeload.github.com/simulated/forked/tar.gz/0123456789012345678901234567890123456789',
      ],
    ]);
    expect(namesOf('pnpm-lock.yaml', text, ({ isDirect }) => isDirect === true)).toEqual([
      '@babel/core',
      'lodash.merge',
      'react-dom',
    ]);
    expect(namesOf('pnpm-lock.yaml', text, ({ isDevelopment }) => isDevelopment === true)).toEqual([
      'esbuild',
      'lodash.merge',
    ]);
    expect(namesOf('pnpm-lock.yaml', text, ({ hasInstallScript }) => hasInstallScript === true)).toEqual(['esbuild']);
  });

  test('version 6', () => {
    const text = `lockfileVersion: '6.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      '@types/node':
        specifier: ^20.0.0
        version: 20.1.0
      pad:
        specifier: npm:left-pad@^1
        version: /left-pad@1.3.0
      own:
        specifier: workspace:*
        version: link:packages/own
  packages/own:
    devDependencies:
      react-dom:
        specifier: ^18
        version: 18.2.0(react@18.2.0)

packages:

  /@types/node@20.1.0:
    resolution: {integrity: ${sum('a')}}

  /left-pad@1.3.0:
    resolution: {integrity: ${sum('b')}}
    deprecated: use String.prototype.padStart()
    dev: false

  /react-dom@18.2.0(react@18.2.0):
    resolution: {integrity: ${sum('c')}}
    dev: true

  file:vendor/thing.tgz:
    resolution: {integrity: ${sum('d')}, tarball: file:vendor/thing.tgz}
    name: thing
    version: 1.0.0
`;
    expect(rows('pnpm-lock.yaml', text)).toEqual([
      ['@types/node', '20.1.0', 'registry', null, sum('a')],
      ['left-pad', '1.3.0', 'registry', null, sum('b')],
      ['react-dom', '18.2.0', 'registry', null, sum('c')],
      ['thing', '1.0.0', 'file', 'file:vendor/thing.tgz', sum('d')],
    ]);
    expect(namesOf('pnpm-lock.yaml', text, ({ isDirect }) => isDirect === true)).toEqual([
      '@types/node',
      'left-pad',
      'react-dom',
    ]);
  });

  test('version 9, with a document of pnpm itself in front', () => {
    const text = `---
lockfileVersion: '9.0'

importers:

  .:
    packageManagerDependencies:
      pnpm:
        specifier: 11.0.0
        version: 11.0.0

packages:

  pnpm@11.0.0:
    resolution: {integrity: ${sum('p')}}

---
lockfileVersion: '9.0'

overrides:
  semver: 7.5.4

importers:

  .:
    dependencies:
      semver:
        specifier: 7.5.4
        version: 7.5.4
      repo:
        specifier: git+https://git.simulated.example/x/repo.git#v1
        version: https://codeload.github.com/x/repo/tar.gz/abc

packages:

  semver@7.5.4:
    resolution: {integrity: ${sum('a')}}
    engines: {node: '>=10'}
    hasBin: true

  repo@https://codeload.github.com/x/repo/tar.gz/abc:
    resolution: {tarball: https://codeload.github.com/x/repo/tar.gz/abc}
    version: 1.0.0

  scoped@git+https://git.simulated.example/x/scoped.git#abc:
    resolution: {commit: abc, repo: https://git.simulated.example/x/scoped.git, type: git}
    version: 3.0.0

snapshots:

  semver@7.5.4: {}
`;
    expect(rows('pnpm-lock.yaml', text)).toEqual([
      ['pnpm', '11.0.0', 'registry', null, sum('p')],
      ['semver', '7.5.4', 'registry', null, sum('a')],
      ['repo', '1.0.0', 'http', 'https://codeload.github.com/x/repo/tar.gz/abc'],
      ['scoped', '3.0.0', 'git', 'https://git.simulated.example/x/scoped.git#abc'],
    ]);
    expect(namesOf('pnpm-lock.yaml', text, ({ isDirect }) => isDirect === true)).toEqual(['pnpm', 'semver', 'repo']);
    expect(namesOf('pnpm-lock.yaml', text, ({ hasInstallScript }) => hasInstallScript === null)).toHaveLength(4);
    expect(settings('pnpm-lock.yaml', text)).toEqual({ 'override overrides["semver"]': '7.5.4' });
  });

  test('what is no lock is told', () => {
    expect(read('pnpm-lock.yaml', '- a\n').problems).toContain('it is not a YAML mapping');
    expect(
      read('pnpm-lock.yaml', 'importers:\n  .:\n    dependencies:\n      a:\n        version: 1.0.0\n').problems,
    ).toEqual(['it has no packages']);
  });
});

describe('yarn.lock', () => {
  test('version 1', () => {
    const text = `# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.20.0"
  resolved "https://registry.yarnpkg.com/@babel/core/-/core-7.20.0.tgz#0123456789012345678901234567890123456789"
  integrity ${sum('a')}
  dependencies:
    json5 "^2.2.1"

json5@^2.2.1, "json5@>= 2.0.0 < 3":
  version "2.2.3"
  resolved "https://registry.yarnpkg.com/json5/-/json5-2.2.3.tgz#1123456789012345678901234567890123456789"

"pad@npm:left-pad@^1":
  version "1.3.0"
  resolved "https://registry.yarnpkg.com/left-pad/-/left-pad-1.3.0.tgz#2123456789012345678901234567890123456789"
  integrity ${sum('b')}

"forked@git+ssh://git@github.com/simulated/forked.git":
  version "2.0.0"
  resolved "git+ssh://git@github.com/simulated/forked.git#abc"

"own@file:./own":
  version "0.0.1"
`;
    const babel = 'https://registry.yarnpkg.com/@babel/core/-/core-7.20.0.tgz#0123456789012345678901234567890123456789';
    expect(rows('yarn.lock', text)).toEqual([
      ['@babel/core', '7.20.0', 'registry', babel, sum('a')],
      [
        'json5',
        '2.2.3',
        'registry',
        'https://registry.yarnpkg.com/json5/-/json5-2.2.3.tgz#1123456789012345678901234567890123456789',
        'sha1-1123456789012345678901234567890123456789',
      ],
      [
        'left-pad',
        '1.3.0',
        'registry',
        'https://registry.yarnpkg.com/left-pad/-/left-pad-1.3.0.tgz#2123456789012345678901234567890123456789',
        sum('b'),
      ],
      ['forked', '2.0.0', 'git', 'git+ssh://git@github.com/simulated/forked.git#abc'],
      ['own', '0.0.1', 'file', 'file:./own'],
    ]);
    expect(read('yarn.lock', text).dependencies[1]?.key).toBe('json5@^2.2.1, json5@>= 2.0.0 < 3');
    expect(read('yarn.lock', 'words\nalso words\n').problems).toEqual([
      'line 1: "words" is no entry',
      'line 2: "also words" is no entry',
    ]);
  });

  const berry = (
    version: number,
    range: string,
    checksum: string,
  ) => `# This file is generated by running "yarn install" inside your project.

__metadata:
  version: ${version}

"@types/node@npm:^20.0.0, @types/node@npm:^20.1.0":
  version: 20.1.0
  resolution: "@types/node@npm:20.1.0"
  checksum: ${checksum}
  languageName: node
  linkType: hard

"ms@npm:2.1.3":
  version: 2.1.3
  resolution: "ms@npm:2.1.3::__archiveUrl=https%3A%2F%2Fnpm.simulated.example%2Fms%2F-%2Fms-2.1.3.tgz"
  checksum: ${checksum}
  languageName: node
  linkType: hard

"forked@https://github.com/simulated/forked.git#commit=abc":
  version: 2.0.0
  resolution: "forked@https://github.com/simulated/forked.git#commit=abc"
  languageName: node
  linkType: hard

"typescript@patch:typescript@npm%3A^5#optional!builtin<compat/typescript>":
  version: 5.4.0
  resolution: "typescript@patch:typescript@npm%3A5.4.0#optional!builtin<compat/typescript>::version=5.4.0&hash=abc"
  checksum: ${checksum}
  languageName: node
  linkType: hard

"web@workspace:.":
  version: 0.0.0-use.local
  resolution: "web@workspace:."
  dependencies:
    "@types/node": ${range}
  languageName: unknown
  linkType: soft
`;

  test.each([
    [6, '^20.1.0', 'aabbcc'],
    [8, '"npm:^20.1.0"', '10c0/aabbcc'],
  ])('of later Yarns, version %i', (version, range, checksum) => {
    const text = berry(version, range, checksum);
    expect(rows('yarn.lock', text)).toEqual([
      ['@types/node', '20.1.0', 'registry', null, checksum],
      ['ms', '2.1.3', 'registry', 'https://npm.simulated.example/ms/-/ms-2.1.3.tgz', checksum],
      ['forked', '2.0.0', 'git', 'https://github.com/simulated/forked.git#commit=abc'],
      [
        'typescript',
        '5.4.0',
        'file',
        'patch:typescript@npm%3A5.4.0#optional!builtin<compat/typescript>::version=5.4.0&hash=abc',
        checksum,
      ],
    ]);
    expect(namesOf('yarn.lock', text, ({ isDirect }) => isDirect === true)).toEqual(['@types/node']);
  });
});

describe('manifests and settings', () => {
  test('package.json', () => {
    const text = JSON.stringify({
      name: 'web',
      packageManager: 'pnpm@9.1.0+sha512.abc',
      scripts: { preinstall: 'node setup.js', build: 'tsc', prepare: 'husky' },
      dependencies: {
        lodash: '^4.17.21',
        pad: 'npm:left-pad@1.3.0',
        fork: 'simulated/fork#semver:^1',
        tar: 'https://files.simulated.example/tar.tgz',
        own: 'workspace:*',
        scoped: 'npm:@scope/real@~2',
        any: '*',
      },
      devDependencies: { typescript: '5.4.0' },
      peerDependencies: { react: '>=18' },
      overrides: { semver: '7.5.4', a: { b: '1' } },
      pnpm: { onlyBuiltDependencies: ['esbuild'], overrides: { ms: '2' } },
      renovate: { extends: ['github>simulated/presets'] },
    });
    expect(rows('package.json', text)).toEqual([
      ['lodash', '^4.17.21', 'registry', null],
      ['left-pad', '1.3.0', 'registry', null],
      ['fork', 'simulated/fork#semver:^1', 'git', 'github:simulated/fork#semver:^1'],
      ['tar', 'https://files.simulated.example/tar.tgz', 'http', 'https://files.simulated.example/tar.tgz'],
      ['own', 'workspace:*', 'file', 'workspace:*'],
      ['@scope/real', '~2', 'registry', null],
      ['any', '*', 'registry', null],
      ['react', '>=18', 'registry', null],
      ['typescript', '5.4.0', 'registry', null],
    ]);
    expect(namesOf('package.json', text, ({ isDevelopment }) => isDevelopment === true)).toEqual(['typescript']);
    expect(settings('package.json', text)).toEqual({
      'verification packageManager': 'pnpm@9.1.0+sha512.abc',
      'install_script preinstall': 'node setup.js',
      'install_script prepare': 'husky',
      'override overrides["semver"]': '7.5.4',
      'override overrides["a"]': '{"b":"1"}',
      'override pnpm.overrides["ms"]': '2',
      'install_script pnpm.onlyBuiltDependencies esbuild': 'esbuild',
      'build_hook renovate.extends github>simulated/presets': 'github>simulated/presets',
    });
    const odd = read('package.json', '{"dependencies":{"a":1,"b":"1"},"devDependencies":[]}');
    expect(odd.problems).toEqual(['dependencies.a has no text as its version', 'devDependencies is no object']);
    expect(odd.dependencies).toHaveLength(1);
  });

  test('pnpm-workspace.yaml', () => {
    const text = `packages:
  - packages/*
catalog:
  react: ^18.2.0
catalogs:
  old:
    react: npm:preact@^10
configDependencies:
  hooks: 1.0.0+${sum('a')}
onlyBuiltDependencies:
  - esbuild
allowBuilds:
  sharp: true
  fsevents: false
registries:
  default: https://npm.simulated.example/
  '@corp': https://corp.simulated.example/
overrides:
  ms: 2.1.3
minimumReleaseAge: 1440
`;
    expect(rows('pnpm-workspace.yaml', text).map(([name, version]) => [name, version])).toEqual([
      ['react', '^18.2.0'],
      ['preact', '^10'],
      ['hooks', `1.0.0+${sum('a')}`],
    ]);
    expect(settings('pnpm-workspace.yaml', text)).toEqual({
      'override overrides["ms"]': '2.1.3',
      'install_script onlyBuiltDependencies esbuild': 'esbuild',
      'install_script allowBuilds sharp': 'sharp',
      'registry registry': 'https://npm.simulated.example/',
      'registry @corp:registry': 'https://corp.simulated.example/',
      'build_hook minimumReleaseAge': '1440',
    });
  });

  test('.npmrc, .yarnrc and .yarnrc.yml', () => {
    expect(
      settings(
        '.npmrc',
        '; note\nregistry = "https://a.example/"\n@corp:registry=https://b.example/\n//a.example/:_authToken=x\nignore-scripts\nstrict-ssl=false # no\nsass_binary_host=https://c.example\n',
      ),
    ).toEqual({
      'registry registry': 'https://a.example/',
      'registry @corp:registry': 'https://b.example/',
      'build_hook ignore-scripts': 'true',
      'build_hook strict-ssl': 'false',
      'distribution sass_binary_host': 'https://c.example',
    });
    expect(
      settings(
        '.yarnrc',
        '# note\nregistry "https://a.example"\n"@corp:registry" "https://b.example"\nyarn-path ".yarn/releases/yarn.js"\n',
      ),
    ).toEqual({
      'registry registry': 'https://a.example',
      'registry @corp:registry': 'https://b.example',
      'build_hook yarn-path': '.yarn/releases/yarn.js',
    });
    expect(
      settings(
        '.yarnrc.yml',
        'npmRegistryServer: "https://a.example"\nnpmScopes:\n  corp:\n    npmRegistryServer: https://b.example\nenableScripts: true\nyarnPath: .yarn/releases/yarn-4.cjs\nplugins:\n  - path: .yarn/plugins/x.cjs\n    spec: https://c.example/x.js\n  - ./local.cjs\npackageExtensions:\n  a@*:\n    dependencies:\n      b: 1\n',
      ),
    ).toEqual({
      'registry npmRegistryServer': 'https://a.example',
      'registry npmScopes.corp': 'https://b.example',
      'build_hook enableScripts': 'true',
      'build_hook yarnPath': '.yarn/releases/yarn-4.cjs',
      'build_hook plugins https://c.example/x.js': 'https://c.example/x.js',
      'build_hook plugins ./local.cjs': './local.cjs',
      'override packageExtensions["a@*"]': '{"dependencies":{"b":"1"}}',
    });
  });
});
