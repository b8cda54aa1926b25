import * as t from '../file-texts';
import { at } from '../file-texts';
import { bot, type LabelledChange, newcomer, ordinary, unapproved } from '../labelled-change';

const ranges = { express: '^5.1.0', zod: '^3.25.67' };
const entries = [at('accepts@2.0.0'), at('express@5.1.0'), at('mime-types@3.0.1'), at('zod@3.25.67')];
const raised = (by: (version: string) => string) => entries.map((entry) => ({ ...entry, version: by(entry.version) }));
const patch = (version: string) => version.replace(/\d+$/, (last) => String(Number(last) + 1));

/** Everyday updates. Written before any signal was tuned. */
export const heldOutOrdinaryPackages: LabelledChange[] = [
  ordinary(
    'npm-minor-by-bot',
    'npm',
    'One direct dependency, one minor version, by the bot',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, zod: '^3.26.0' })],
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock({ ...ranges, zod: '^3.26.0' }, [...entries.slice(0, 3), at('zod@3.26.0')]),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'npm-major-with-new-transitives',
    'npm',
    'A major version that brings three packages of its own and drops one',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, express: '^6.0.0' })],
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock({ ...ranges, express: '^6.0.0' }, [
          at('accepts@3.0.0'),
          at('body-parser@3.0.0'),
          at('express@6.0.0'),
          at('router@3.0.0'),
          at('send@2.0.0'),
          at('zod@3.25.67'),
        ]),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'npm-lock-maintenance',
    'npm',
    'Every locked package is raised within its range',
    { 'package-lock.json': [t.npmLock(ranges, entries), t.npmLock(ranges, raised(patch))] },
    { facts: bot },
  ),
  ordinary(
    'npm-audit-fix',
    'npm',
    'A person runs npm audit fix: one transitive package is raised and another comes with it',
    {
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock(ranges, [
          at('accepts@2.0.0'),
          at('express@5.1.0'),
          at('mime-db@1.54.0'),
          at('mime-types@3.0.2'),
          at('zod@3.25.67'),
        ]),
      ],
    },
  ),
  ordinary('npm-dedupe', 'npm', 'npm dedupe moves a package to the top and drops its second copy', {
    'package-lock.json': [
      t.npmLock(ranges, [...entries, at('debug@4.4.1', { place: 'node_modules/express/node_modules/debug' })]),
      t.npmLock(ranges, [...entries, at('debug@4.4.1')]),
    ],
  }),
  ordinary('npm-lock-v1-to-v3', 'npm', 'A newer npm writes the lockfile in its newer form', {
    'package-lock.json': [
      t.npmLock1(entries),
      t.npmLock(
        ranges,
        entries.map((entry) => ({ ...entry, more: { license: 'MIT', engines: { node: '>=18' } } })),
      ),
    ],
  }),
  ordinary(
    'yarn1-minor',
    'npm',
    'One dependency is raised in a project with the first Yarn',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, zod: '^3.25.70' })],
      'yarn.lock': [t.yarnLock(entries), t.yarnLock([...entries.slice(0, 3), at('zod@3.25.70')])],
    },
    { facts: bot },
  ),
  ordinary('yarn1-to-berry', 'npm', 'The project moves to a current Yarn: another form, other checksums', {
    'package.json': [t.packageJson(ranges), t.packageJson(ranges, { packageManager: 'yarn@4.9.2' })],
    'yarn.lock': [
      t.yarnLock(entries),
      t.berryLock(entries.map(({ name, version }) => ({ spec: `${name}@${version}` }))),
    ],
    '.yarnrc.yml': [undefined, 'nodeLinker: node-modules\n'],
  }),
  ordinary(
    'pnpm-peers-churn',
    'npm',
    'A raised React changes the peers behind every name in the lockfile',
    {
      'package.json': [
        t.packageJson({ react: '^19.1.0', zustand: '^5.0.6' }),
        t.packageJson({ react: '^19.1.1', zustand: '^5.0.6' }),
      ],
      'pnpm-lock.yaml': [
        t.pnpmLock({ react: '19.1.0', zustand: '5.0.6' }, [
          { spec: 'react@19.1.0' },
          { spec: 'zustand@5.0.6', suffix: '(react@19.1.0)' },
        ]),
        t.pnpmLock({ react: '19.1.1', zustand: '5.0.6' }, [
          { spec: 'react@19.1.1' },
          { spec: 'zustand@5.0.6', suffix: '(react@19.1.1)' },
        ]),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'new-direct-dependency',
    'npm',
    'A well-known package is added with what it needs',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, pino: '^9.7.0' })],
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock({ ...ranges, pino: '^9.7.0' }, [
          ...entries,
          at('atomic-sleep@1.0.0'),
          at('pino@9.7.0'),
          at('sonic-boom@4.2.0'),
          at('thread-stream@3.1.0'),
        ]),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'own-scope-from-own-registry',
    'npm',
    'A package of the company, from its own registry, which the project uses already',
    {
      'package.json': [
        t.packageJson({ ...ranges, '@simulated-corp/log': '^2.0.0' }),
        t.packageJson({ ...ranges, '@simulated-corp/log': '^2.0.0', '@simulated-corp/flags': '^1.1.0' }),
      ],
      'package-lock.json': [
        t.npmLock(ranges, [...entries, at('@simulated-corp/log@2.0.3', { registry: t.ownRegistry })]),
        t.npmLock(ranges, [
          ...entries,
          at('@simulated-corp/flags@1.1.2', { registry: t.ownRegistry }),
          at('@simulated-corp/log@2.0.3', { registry: t.ownRegistry }),
        ]),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'native-package-added',
    'npm',
    'A package with a native part, which has an install script as it always had',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, 'better-sqlite3': '^12.2.0' })],
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock({ ...ranges, 'better-sqlite3': '^12.2.0' }, [
          ...entries,
          at('better-sqlite3@12.2.0', { hasInstallScript: true }),
          at('bindings@1.5.0'),
          at('file-uri-to-path@1.0.0'),
        ]),
      ],
    },
    { must: ['new_dependency', 'install_script_added'] },
  ),
  ordinary(
    'workspace-added',
    'npm',
    'A new folder of the monorepo, which depends on another one',
    {
      'packages/cart/package.json': [
        undefined,
        t.packageJson({ '@simulated-corp/money': 'workspace:*', zod: '^3.25.67' }, { name: '@simulated-corp/cart' }),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'mirror-to-public',
    'npm',
    'The company gives up its mirror: everything comes from the public registry again',
    {
      '.npmrc': ['registry=https://npm.simulated-corp.example/\n', 'registry=https://registry.npmjs.org/\n'],
      'package-lock.json': [
        t.npmLock(
          ranges,
          entries.map((entry) => ({ ...entry, registry: t.ownRegistry })),
        ),
        t.npmLock(ranges, entries),
      ],
    },
    { must: ['registry_changed'] },
  ),
  ordinary(
    'prettier-and-husky',
    'npm',
    'Formatting on commit: a hook, a script that sets it up, and two packages',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson(ranges, {
          scripts: { prepare: 'husky' },
          devDependencies: { husky: '^9.1.7', 'lint-staged': '^16.1.2', prettier: '^3.6.2' },
        }),
      ],
      '.husky/pre-commit': [undefined, 'npx lint-staged\n'],
    },
    { must: ['install_script_added', 'new_dependency', 'build_hook_changed'] },
  ),
  ordinary(
    'override-for-a-fix',
    'npm',
    'A transitive package is held at the version with the fix',
    {
      'package.json': [t.packageJson(ranges), t.packageJson(ranges, { overrides: { 'path-to-regexp': '8.2.0' } })],
      'package-lock.json': [
        t.npmLock(ranges, [...entries, at('path-to-regexp@8.1.0')]),
        t.npmLock(ranges, [...entries, at('path-to-regexp@8.2.0')]),
      ],
    },
    { must: ['override_added'] },
  ),
  ordinary(
    'revert-of-an-update',
    'npm',
    'An update that broke production is taken back',
    {
      'package.json': [t.packageJson({ ...ranges, zod: '^3.26.0' }), t.packageJson(ranges)],
      'package-lock.json': [
        t.npmLock({ ...ranges, zod: '^3.26.0' }, [...entries.slice(0, 3), at('zod@3.26.0')]),
        t.npmLock(ranges, entries),
      ],
    },
    { must: ['downgrade'], facts: unapproved },
  ),
  ordinary(
    'first-contribution',
    'npm',
    'A new colleague raises a version',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, express: '^5.2.0' })],
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock({ ...ranges, express: '^5.2.0' }, [at('accepts@2.0.0'), at('express@5.2.0'), ...entries.slice(2)]),
      ],
    },
    { facts: newcomer },
  ),
  ordinary(
    'poetry-more-wheels',
    'pypi',
    'Relocking finds files that were uploaded for the same version since',
    {
      'poetry.lock': [
        t.poetryLock([{ spec: 'numpy==2.3.1', files: ['numpy-2.3.1.tar.gz', 'numpy-2.3.1-cp311.whl'] }]),
        t.poetryLock([
          { spec: 'numpy==2.3.1', files: ['numpy-2.3.1.tar.gz', 'numpy-2.3.1-cp311.whl', 'numpy-2.3.1-cp314.whl'] },
        ]),
      ],
    },
    { may: ['lock_without_manifest'] },
  ),
  ordinary('poetry-update', 'pypi', 'poetry update, with a newer Poetry', {
    'poetry.lock': [
      t.poetryLock([{ spec: 'certifi==2025.6.15' }, { spec: 'idna==3.9' }]),
      t.poetryLock([{ spec: 'certifi==2025.8.3' }, { spec: 'idna==3.10' }], '2.1.3'),
    ],
  }),
  ordinary(
    'hashed-requirements-bump',
    'pypi',
    'A pinned requirement with checksums is raised by the bot',
    {
      'requirements.txt': [
        t.hashedRequirements(['cryptography==45.0.4', 'idna==3.10']),
        t.hashedRequirements(['cryptography==45.0.5', 'idna==3.10']),
      ],
    },
    { facts: { author: 'dependabot', isBot: true } },
  ),
  ordinary(
    'requirements-new',
    'pypi',
    'A well-known package is added',
    { 'requirements.txt': ['boto3==1.39.3\n', 'boto3==1.39.3\npydantic==2.11.7\n'] },
    { may: ['new_dependency'] },
  ),
  ordinary(
    'uv-upgrade',
    'pypi',
    'uv lock --upgrade',
    {
      'uv.lock': [
        t.uvLock([{ spec: 'anyio==4.8.0' }, { spec: 'httpx==0.28.0' }]),
        t.uvLock([{ spec: 'anyio==4.9.0' }, { spec: 'httpx==0.28.1' }]),
      ],
    },
    { facts: bot },
  ),
  ordinary('go-get-u', 'golang', 'go get -u: go.mod is raised and go.sum grows', {
    'go.mod': [
      t.goMod(['github.com/spf13/cobra@v1.9.0', 'golang.org/x/sys@v0.32.0']),
      t.goMod(['github.com/spf13/cobra@v1.9.1', 'golang.org/x/sys@v0.33.0']),
    ],
    'go.sum': [
      t.goSum(['github.com/spf13/cobra@v1.9.0', 'golang.org/x/sys@v0.32.0']),
      t.goSum([
        'github.com/spf13/cobra@v1.9.0',
        'github.com/spf13/cobra@v1.9.1',
        'golang.org/x/sys@v0.32.0',
        'golang.org/x/sys@v0.33.0',
      ]),
    ],
  }),
  ordinary('go-sum-grows', 'golang', 'go mod tidy adds the checksums of a test dependency of a dependency', {
    'go.sum': [
      t.goSum(['github.com/spf13/cobra@v1.9.1']),
      t.goSum(['github.com/cpuguy83/go-md2man/v2@v2.0.6', 'github.com/spf13/cobra@v1.9.1']),
    ],
  }),
  ordinary(
    'cargo-update',
    'cargo',
    'cargo update',
    {
      'Cargo.lock': [
        t.cargoLock([{ spec: 'libc@0.2.173' }, { spec: 'serde@1.0.218' }]),
        t.cargoLock([{ spec: 'libc@0.2.174' }, { spec: 'serde@1.0.219' }]),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'cargo-two-versions',
    'cargo',
    'A new dependency brings a second version of a crate that is there already',
    {
      'Cargo.toml': [t.cargoToml({ rand: '0.9' }), t.cargoToml({ rand: '0.9', tungstenite: '0.27' })],
      'Cargo.lock': [
        t.cargoLock([{ spec: 'rand@0.9.1' }, { spec: 'rand_core@0.9.3' }]),
        t.cargoLock([
          { spec: 'rand@0.9.1' },
          { spec: 'rand_core@0.6.4' },
          { spec: 'rand_core@0.9.3' },
          { spec: 'tungstenite@0.27.0' },
        ]),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary('bundle-update', 'gem', 'bundle update of one gem', {
    'Gemfile.lock': [
      t.gemfileLock(['rack@3.1.15', 'rails@8.0.2'], ['rails (~> 8.0)']),
      t.gemfileLock(['rack@3.1.16', 'rails@8.0.2'], ['rails (~> 8.0)']),
    ],
  }),
  ordinary(
    'bundle-checksums',
    'gem',
    'A newer Bundler writes checksums',
    {
      'Gemfile.lock': [
        t.gemfileLock(['rack@3.1.16', 'rails@8.0.2'], ['rails (~> 8.0)']),
        t.gemfileLock(['rack@3.1.16', 'rails@8.0.2'], ['rails (~> 8.0)'], { checksums: true }),
      ],
    },
    { may: ['lock_without_manifest'] },
  ),
  ordinary('composer-update', 'composer', 'composer update: other commits for other versions', {
    'composer.lock': [
      t.composerLock([{ spec: 'monolog/monolog@3.8.1' }, { spec: 'psr/log@3.0.2' }]),
      t.composerLock([{ spec: 'monolog/monolog@3.9.0' }, { spec: 'psr/log@3.0.2' }]),
    ],
  }),
  ordinary(
    'nuget-central-versions',
    'nuget',
    'Versions move from the project to one central file',
    {
      'src/Shop/Shop.csproj': [t.csproj(['Dapper@2.1.66', 'Serilog@4.3.0']), t.csproj(['Dapper@', 'Serilog@'])],
      'Directory.Packages.props': [
        undefined,
        '<Project>\n  <PropertyGroup>\n    <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>\n  </PropertyGroup>\n  <ItemGroup>\n    <PackageVersion Include="Dapper" Version="2.1.66" />\n    <PackageVersion Include="Serilog" Version="4.3.0" />\n  </ItemGroup>\n</Project>\n',
      ],
    },
    { may: ['new_dependency'] },
  ),
  ordinary(
    'maven-property-bump',
    'maven',
    'A version is raised in the property that holds it',
    {
      'pom.xml': [
        t.pom(
          [`org.slf4j:slf4j-api:\${slf4j.version}`],
          '  <properties>\n    <slf4j.version>2.0.16</slf4j.version>\n  </properties>\n',
        ),
        t.pom(
          [`org.slf4j:slf4j-api:\${slf4j.version}`],
          '  <properties>\n    <slf4j.version>2.0.17</slf4j.version>\n  </properties>\n',
        ),
      ],
    },
    { facts: bot },
  ),
  ordinary('gradle-wrapper-upgrade', 'maven', 'The Gradle wrapper is raised, with the checksum of the new version', {
    'gradle/wrapper/gradle-wrapper.properties': [t.gradleWrapper('8.14.1'), t.gradleWrapper('8.14.2')],
  }),
  ordinary('gradle-verification-grows', 'maven', 'A raised library gets its checksum', {
    'gradle/libs.versions.toml': [
      '[versions]\nokio = "3.11.0"\n\n[libraries]\nokio = { module = "com.squareup.okio:okio", version.ref = "okio" }\n',
      '[versions]\nokio = "3.12.0"\n\n[libraries]\nokio = { module = "com.squareup.okio:okio", version.ref = "okio" }\n',
    ],
    'gradle/verification-metadata.xml': [
      t.verificationMetadata([{ spec: 'com.squareup.okio:okio:3.11.0' }]),
      t.verificationMetadata([{ spec: 'com.squareup.okio:okio:3.12.0' }]),
    ],
  }),
];
