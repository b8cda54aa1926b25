import * as t from '../file-texts';
import { at } from '../file-texts';
import { bot, type LabelledChange, newcomer, ordinary, unapproved } from '../labelled-change';

const ranges = { fastify: '^5.4.0', undici: '^7.11.0' };
const entries = [at('avvio@9.1.0'), at('fastify@5.4.0'), at('undici@7.11.0')];

/** Everyday updates; the part that signals are tuned on. */
export const developmentOrdinary: LabelledChange[] = [
  ordinary(
    'npm-patch',
    'npm',
    'One patch version',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, undici: '^7.11.1' })],
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock({ ...ranges, undici: '^7.11.1' }, [...entries.slice(0, 2), at('undici@7.11.1')]),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'npm-many-majors',
    'npm',
    'All majors at once, merged by its author at night',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ fastify: '^6.0.0', undici: '^8.0.0' })],
      'package-lock.json': [
        t.npmLock(ranges, entries),
        t.npmLock({ fastify: '^6.0.0', undici: '^8.0.0' }, [
          at('avvio@10.0.0'),
          at('fastify@6.0.0'),
          at('undici@8.0.0'),
        ]),
      ],
    },
    { facts: unapproved },
  ),
  ordinary('npm-transitive-new-in-refresh', 'npm', 'A refresh raises one package, which brings a new one', {
    'package-lock.json': [
      t.npmLock(ranges, entries),
      t.npmLock(ranges, [at('abstract-logging@2.0.1'), at('avvio@9.2.0'), ...entries.slice(1)]),
    ],
  }),
  ordinary('npm-peer-flags', 'npm', 'A newer npm adds marks and licences to entries', {
    'package-lock.json': [
      t.npmLock(ranges, entries),
      t.npmLock(
        ranges,
        entries.map((entry) => ({ ...entry, more: { license: 'MIT', peer: true } })),
      ),
    ],
  }),
  ordinary(
    'npm-lock-created',
    'npm',
    'A project gets its lockfile',
    {
      'package-lock.json': [
        undefined,
        t.npmLock(ranges, [...entries, at('esbuild@0.25.5', { hasInstallScript: true })]),
      ],
    },
    { may: ['install_script_added', 'lock_without_manifest'] },
  ),
  ordinary(
    'npm-first-lock-of-new-package',
    'npm',
    'A new service with its manifest and lockfile',
    {
      'services/mail/package.json': [undefined, t.packageJson({ nodemailer: '^7.0.4', zod: '^3.25.0' })],
      'services/mail/package-lock.json': [
        undefined,
        t.npmLock({ nodemailer: '^7.0.4', zod: '^3.25.0' }, [at('nodemailer@7.0.4'), at('zod@3.25.1')]),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'registry-mirror-set',
    'npm',
    'The lockfile moves from the mirror of the company to the public registry, nothing else changes',
    {
      'package-lock.json': [
        t.npmLock(
          ranges,
          entries.map((entry) => ({ ...entry, registry: t.ownRegistry })),
        ),
        t.npmLock(ranges, entries),
      ],
    },
    { must: ['registry_changed'], may: ['lock_without_manifest'] },
  ),
  ordinary(
    'yarn-registry-alias',
    'npm',
    "Yarn's name of the public registry becomes the registry's own",
    {
      'yarn.lock': [
        t.yarnLock(entries.map((entry) => ({ ...entry, registry: 'https://registry.yarnpkg.com' }))),
        t.yarnLock(entries),
      ],
    },
    { may: ['registry_changed', 'lock_without_manifest'] },
  ),
  ordinary(
    'renamed-package',
    'npm',
    'A package that moved to a scope',
    {
      'package.json': [
        t.packageJson({ 'babel-eslint': '^10.1.0' }),
        t.packageJson({ '@babel/eslint-parser': '^7.28.0' }),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'types-added',
    'npm',
    'Types of packages that are used',
    {
      'package.json': [
        t.packageJson({ pg: '^8.16.3' }),
        t.packageJson({ pg: '^8.16.3' }, { devDependencies: { '@types/pg': '^8.15.4', '@types/node': '^24.0.0' } }),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'sibling-packages',
    'npm',
    'Packages whose names resemble well-known ones and are well known themselves',
    {
      'package.json': [
        t.packageJson({ react: '^19.1.0' }),
        t.packageJson({
          react: '^19.1.0',
          preact: '^10.26.9',
          'lodash-es': '^4.17.21',
          'react-dom': '^19.1.0',
          chart: '^0.1.2',
          vitest: '^3.2.4',
          'date-fns-tz': '^3.2.0',
        }),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'husky-major',
    'npm',
    'The script that sets up the hooks is written the new way',
    {
      'package.json': [
        t.packageJson(ranges, { scripts: { prepare: 'husky install' } }),
        t.packageJson(ranges, { scripts: { prepare: 'husky' } }),
      ],
    },
    { must: ['install_script_added'] },
  ),
  ordinary(
    'patch-package',
    'npm',
    'A known tool that runs after installing',
    {
      'package.json': [
        t.packageJson(ranges),
        t.packageJson(ranges, {
          scripts: { postinstall: 'patch-package' },
          devDependencies: { 'patch-package': '^8.0.0' },
        }),
      ],
    },
    { must: ['install_script_added', 'new_dependency'] },
  ),
  ordinary('pnpm-added', 'npm', 'A project moves from npm to pnpm', {
    'package.json': [t.packageJson(ranges), t.packageJson(ranges, { packageManager: 'pnpm@10.12.4' })],
    'package-lock.json': [t.npmLock(ranges, entries), undefined],
    'pnpm-lock.yaml': [
      undefined,
      t.pnpmLock(
        { fastify: '5.4.0', undici: '7.11.0' },
        entries.map(({ name, version }) => ({ spec: `${name}@${version}` })),
      ),
    ],
  }),
  ordinary(
    'berry-raise',
    'npm',
    'A raise in a current Yarn',
    {
      'package.json': [t.packageJson(ranges), t.packageJson({ ...ranges, undici: '^7.12.0' })],
      'yarn.lock': [
        t.berryLock([{ spec: 'fastify@5.4.0' }, { spec: 'undici@7.11.0' }]),
        t.berryLock([{ spec: 'fastify@5.4.0' }, { spec: 'undici@7.12.0' }]),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'berry-cache-key',
    'npm',
    'A newer Yarn writes its checksums with another cache key',
    {
      'yarn.lock': [
        t.berryLock([{ spec: 'fastify@5.4.0', checksum: `8/${'1f'.repeat(64)}` }]),
        t.berryLock([{ spec: 'fastify@5.4.0', checksum: `10c0/${'2e'.repeat(64)}` }]),
      ],
    },
    { may: ['lock_without_manifest'] },
  ),
  ordinary(
    'scope-registry-set',
    'npm',
    'The scope of the company gets its registry for the first time',
    { '.npmrc': [undefined, `@simulated-corp:registry=${t.ownRegistry}/\n`] },
    { must: ['registry_changed'] },
  ),
  ordinary(
    'pip-compile',
    'pypi',
    'pip-compile writes its comments in another way, and one version rises',
    {
      'requirements.txt': [
        'boto3==1.39.2\n    # via -r requirements.in\nurllib3==2.5.0\n    # via botocore\n',
        'boto3==1.39.3\n    # via ledger (pyproject.toml)\nurllib3==2.5.0\n    # via\n    #   botocore\n    #   requests\n',
      ],
    },
    { facts: bot },
  ),
  ordinary('poetry-2-form', 'pypi', 'A newer Poetry writes the lockfile in its newer form', {
    'poetry.lock': [
      t.poetryLock([{ spec: 'idna==3.10' }]),
      t
        .poetryLock([{ spec: 'idna==3.10' }], '2.1.3')
        .replace(/optional = false\n/g, 'optional = false\ngroups = ["main"]\n'),
    ],
  }),
  ordinary(
    'poetry-relock-new-files',
    'pypi',
    'Relocking after a raise of one package also finds more files of another',
    {
      'pyproject.toml': [t.poetryProject({ pandas: '^2.2' }), t.poetryProject({ pandas: '^2.3' })],
      'poetry.lock': [
        t.poetryLock([{ spec: 'numpy==2.3.1', files: ['numpy.tar.gz'] }, { spec: 'pandas==2.2.3' }]),
        t.poetryLock([{ spec: 'numpy==2.3.1', files: ['numpy.tar.gz', 'numpy-cp313.whl'] }, { spec: 'pandas==2.3.0' }]),
      ],
    },
  ),
  ordinary(
    'pyproject-extra',
    'pypi',
    'A group for the documentation',
    {
      'pyproject.toml': [
        '[project]\nname = "ledger"\nversion = "1.0.0"\ndependencies = ["boto3>=1.39,<2"]\n',
        '[project]\nname = "ledger"\nversion = "1.0.0"\ndependencies = ["boto3>=1.39,<2"]\n\n[dependency-groups]\ndocs = ["mkdocs>=1.6,<2", "mkdocs-material>=9,<10"]\n',
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary('python-lower-bound', 'pypi', 'A library asks for a lower bound, as libraries do', {
    'pyproject.toml': [
      '[project]\nname = "ledger"\nversion = "1.0.0"\ndependencies = ["httpx>=0.27"]\n',
      '[project]\nname = "ledger"\nversion = "1.0.0"\ndependencies = ["httpx>=0.28"]\n',
    ],
  }),
  ordinary(
    'go-new-module',
    'golang',
    'A well-known module and what it needs',
    {
      'go.mod': [
        t.goMod(['golang.org/x/sys@v0.33.0']),
        t.goMod(['github.com/google/uuid@v1.6.0', 'golang.org/x/sys@v0.33.0']),
      ],
      'go.sum': [
        t.goSum(['golang.org/x/sys@v0.33.0']),
        t.goSum(['github.com/google/uuid@v1.6.0', 'golang.org/x/sys@v0.33.0']),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary('go-tidy-shrinks', 'golang', 'go mod tidy drops checksums', {
    'go.sum': [
      t.goSum(['golang.org/x/net@v0.40.0', 'golang.org/x/net@v0.41.0']),
      t.goSum(['golang.org/x/net@v0.41.0']),
    ],
  }),
  ordinary(
    'go-toolchain',
    'golang',
    'A newer version of Go',
    {
      'go.mod': [
        t.goMod(['golang.org/x/sys@v0.33.0'], '\ntoolchain go1.24.3\n'),
        t.goMod(['golang.org/x/sys@v0.33.0'], '\ntoolchain go1.24.4\n'),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'go-local-replace',
    'golang',
    'A module of the monorepo is taken from its folder',
    {
      'go.mod': [
        t.goMod(['gitlab.simulated-corp.example/platform/log@v0.0.0']),
        t.goMod(
          ['gitlab.simulated-corp.example/platform/log@v0.0.0'],
          '\nreplace gitlab.simulated-corp.example/platform/log => ../log\n',
        ),
      ],
    },
    { must: ['override_added'] },
  ),
  ordinary('cargo-features', 'cargo', 'A dependency gets a feature', {
    'Cargo.toml': [t.cargoToml({ tokio: '1.45' }), t.cargoToml({ tokio: '{ version = "1.45", features = ["full"] }' })],
  }),
  ordinary(
    'cargo-workspace-member',
    'cargo',
    'A crate of the workspace depends on another by its folder',
    {
      'crates/meter/Cargo.toml': [
        t.cargoToml({ serde: '1.0' }),
        t.cargoToml({ serde: '1.0', units: '{ path = "../units" }' }),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'gem-bump',
    'gem',
    'A gem is raised by the bot',
    {
      Gemfile: [t.gemfile(['"rails", "~> 8.0"']), t.gemfile(['"rails", "~> 8.1"'])],
      'Gemfile.lock': [
        t.gemfileLock(['rails@8.0.2'], ['rails (~> 8.0)'], { checksums: true }),
        t.gemfileLock(['rails@8.1.0'], ['rails (~> 8.1)'], { checksums: true }),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'composer-new',
    'composer',
    'A well-known package is added',
    {
      'composer.json': [
        t.composerJson({ 'symfony/console': '^7.3' }),
        t.composerJson({ 'symfony/console': '^7.3', 'monolog/monolog': '^3.9' }),
      ],
      'composer.lock': [
        t.composerLock([{ spec: 'symfony/console@v7.3.0' }]),
        t.composerLock([{ spec: 'monolog/monolog@3.9.0' }, { spec: 'symfony/console@v7.3.0' }]),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary(
    'nuget-bump',
    'nuget',
    'A package is raised',
    {
      'src/Shop/Shop.csproj': [t.csproj(['Serilog@4.2.0']), t.csproj(['Serilog@4.3.0'])],
      'src/Shop/packages.lock.json': [
        t.nugetLock([{ spec: 'Serilog@4.2.0' }]),
        t.nugetLock([{ spec: 'Serilog@4.3.0' }]),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'maven-dependency',
    'maven',
    'A library is added',
    {
      'pom.xml': [
        t.pom(['org.slf4j:slf4j-api:2.0.17']),
        t.pom(['org.slf4j:slf4j-api:2.0.17', 'com.fasterxml.jackson.core:jackson-databind:2.19.1']),
      ],
    },
    { must: ['new_dependency'] },
  ),
  ordinary('gradle-upgrade', 'maven', 'The Gradle wrapper is raised by one major version', {
    'gradle/wrapper/gradle-wrapper.properties': [t.gradleWrapper('8.14.2'), t.gradleWrapper('9.0.0')],
  }),
  ordinary(
    'gradle-google-repository',
    'maven',
    'A library from the public repository of its maker',
    {
      'build.gradle.kts': [
        'repositories {\n    mavenCentral()\n}\n',
        'repositories {\n    mavenCentral()\n    maven { url = uri("https://repo.spring.io/milestone") }\n}\n',
      ],
    },
    { must: ['registry_changed'] },
  ),
  ordinary(
    'image-major',
    'docker',
    'A major version of the base image',
    { Dockerfile: ['FROM postgres:16.9\n', 'FROM postgres:17.5\n'] },
    { facts: bot },
  ),
  ordinary(
    'digest-refresh',
    'docker',
    'The bot refreshes the digest of a tag that moves',
    {
      'compose.yaml': [
        `services:\n  db:\n    image: postgres:17-alpine@sha256:${t.hex256('june')}\n`,
        `services:\n  db:\n    image: postgres:17-alpine@sha256:${t.hex256('july')}\n`,
      ],
    },
    { must: ['image_digest_changed'], facts: bot },
  ),
  ordinary(
    'multi-stage',
    'docker',
    'A build in two stages',
    {
      Dockerfile: [
        'FROM golang:1.24.4\nCOPY . .\nRUN go build -o /app ./cmd\n',
        'FROM golang:1.24.4 AS build\nCOPY . .\nRUN go build -o /app ./cmd\n\nFROM gcr.io/distroless/static-debian12:nonroot\nCOPY --from=build /app /app\n',
      ],
    },
    { must: ['image_unpinned'] },
  ),
  ordinary('ci-cache', 'gitlab_ci', 'A cache and a newer image', {
    '.gitlab-ci.yml': [
      t.ci(t.testJob),
      t.ci(t.testJob.replace('22.16.0', '22.17.0').replace('  script:', '  cache:\n    paths: [.npm]\n  script:')),
    ],
  }),
  ordinary('ci-job-renamed', 'gitlab_ci', 'A scanner gets a better name and keeps its work', {
    '.gitlab-ci.yml': [
      t.ci(t.testJob, t.secretScan),
      t.ci(t.testJob, t.secretScan.replace('secret_detection:', 'secret-detection:')),
    ],
  }),
  ordinary(
    'ci-split-into-files',
    'gitlab_ci',
    'The pipeline is split into files of the repository; the scanner moves with them',
    {
      '.gitlab-ci.yml': [t.ci(t.testJob, t.secretScan), t.ci('include:\n  - local: ci/scan.yml\n', t.testJob)],
      'ci/scan.yml': [undefined, t.secretScan],
    },
    { may: ['image_unpinned'] },
  ),
  ordinary(
    'ci-scan-rules',
    'gitlab_ci',
    'The scanner runs on merge requests too',
    {
      '.gitlab-ci.yml': [
        t.ci(`${t.secretScan}  rules:\n    - if: $CI_COMMIT_BRANCH == "main"\n`),
        t.ci(`${t.secretScan}  rules:\n    - if: $CI_COMMIT_BRANCH == "main"\n    - if: $CI_MERGE_REQUEST_IID\n`),
      ],
    },
    { may: ['guard_weakened'] },
  ),
  ordinary('ci-curl-webhook', 'gitlab_ci', 'A job tells a chat that a release is out', {
    '.gitlab-ci.yml': [
      t.ci('release:\n  stage: deploy\n  script:\n    - make release\n'),
      t.ci(
        'release:\n  stage: deploy\n  script:\n    - make release\n    - \'curl -X POST -H "content-type: application/json" -d "{\\"text\\": \\"$CI_COMMIT_TAG is out\\"}" "$CHAT_WEBHOOK_URL"\'\n',
      ),
    ],
  }),
  ordinary('ci-download-archive', 'gitlab_ci', 'A job downloads an archive, unpacks it and works with it', {
    '.gitlab-ci.yml': [
      t.ci('data:\n  script:\n    - make data\n'),
      t.ci(
        'data:\n  script:\n    - curl -fsSL https://data.simulated-corp.example/set.tar.gz | tar -xz -C data\n    - make data\n',
      ),
    ],
  }),
  ordinary('docs-curl', 'text', 'The read-me describes how a tool is installed', {
    'README.md': ['# Tool\n', '# Tool\n\n    curl -fsSL https://get.simulated-corp.example/tool.sh | sh\n'],
  }),
  ordinary('flags-and-families', 'text', 'Emoji of many parts, and text that is written from right to left', {
    'docs/team.md': ['# Team\n', '# Team\n\n🏴󠁧󠁢󠁥󠁮󠁧󠁿 🧑🏽‍🚀 👩🏻‍🤝‍👩🏿 ☕️ ✔️ 1️⃣ ❤️‍🔥 — نمی‌دانم — ক্‍ষ — 葛󠄀\n'],
  }),
  ordinary('rtl-marks-in-texts', 'text', 'Texts in Hebrew with the marks that keep numbers in place', {
    'locales/he.json': ['{\n  "price": "מחיר"\n}\n', '{\n  "price": "\u200fמחיר: 100 \u200eUSD"\n}\n'],
  }),
  ordinary('soft-hyphens', 'text', 'Words with the places where they may be broken', {
    'docs/de.md': ['# Hilfe\n', '# Hilfe\n\nDonau\u00addampf\u00adschiff\u00adfahrt\n'],
  }),
  ordinary('submodule-raised', 'git_submodule', 'A submodule follows another branch', {
    '.gitmodules': [
      '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n\tbranch = v1\n',
      '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n\tbranch = v2\n',
    ],
  }),
  ordinary(
    'owners-moved',
    'repository',
    'An owner is replaced by their team',
    {
      CODEOWNERS: ['* @mira.okafor @platform\n', '* @platform @jonas.lindqvist\n'],
    },
    { may: ['review_weakened'] },
  ),
  ordinary(
    'generated-marked',
    'repository',
    'Generated clients are hidden from reviews, as is usual',
    { '.gitattributes': ['* text=auto\n', '* text=auto\nsrc/generated/** gitlab-generated\n*.png binary\n'] },
    { must: ['review_weakened'] },
  ),
  ordinary(
    'make-help',
    'make',
    'A target that prints help',
    { Makefile: ['all:\n\tgo build\n', 'all:\n\tgo build\n\nhelp:\n\t@grep -E "^[a-z]+:" Makefile | sort\n'] },
    { must: ['build_hook_changed'], facts: newcomer },
  ),
  ordinary('colour-table', 'source', 'A table of numbers and a picture in a source file', {
    'src/logo.ts': [
      'export {};\n',
      `export const logo = "data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUgAA'.repeat(30)}";\n`,
    ],
  }),
  ordinary(
    'bun-lock',
    'npm',
    'A lockfile that only its own program reads',
    { 'bun.lockb': ['\u0000', '\u0000\u0001'] },
    { must: ['not_readable'], facts: bot },
  ),

  ordinary('ci-json-of-an-api', 'gitlab_ci', 'A job reads a version out of the answer of an API', {
    '.gitlab-ci.yml': [
      t.ci('version:\n  script:\n    - make version\n'),
      t.ci(
        'version:\n  script:\n    - curl -s https://api.simulated-vendor.example/releases | python3 -c "import sys, json; print(json.load(sys.stdin)[0][\'tag\'])" > version.txt\n    - curl -s https://api.simulated-vendor.example/meta | jq -r .name | tee name.txt\n    - make version\n',
      ),
    ],
  }),
  ordinary(
    'ci-vendor-token',
    'gitlab_ci',
    'A job signs in to the API of a vendor with its token, as its documentation says',
    {
      '.gitlab-ci.yml': [
        t.ci('release:\n  stage: deploy\n  script:\n    - make release\n'),
        t.ci(
          'release:\n  stage: deploy\n  script:\n    - make release\n    - \'curl -X POST -H "Authorization: Bearer $SENTRY_AUTH_TOKEN" https://errors.simulated-vendor.example/api/releases -d version=1\'\n',
        ),
      ],
    },
    { may: ['secrets_sent'] },
  ),
  ordinary('ci-verified-tool', 'gitlab_ci', 'A program is downloaded, compared with its signature, and run', {
    '.gitlab-ci.yml': [
      t.ci('sbom:\n  script:\n    - make\n'),
      t.ci(
        'sbom:\n  script:\n    - curl -fsSLO https://get.simulated-vendor.example/syft\n    - cosign verify-blob --key vendor.pub --signature syft.sig syft\n    - chmod +x syft\n    - ./syft dir:.\n',
      ),
    ],
  }),
  ordinary(
    'ci-scanner-exchanged',
    'gitlab_ci',
    'One scanner for secrets takes the place of another',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob, t.secretScan),
        t.ci(
          t.testJob,
          'trufflehog:\n  stage: scan\n  image: registry.simulated-corp.example/security/trufflehog:3.88.0\n  script:\n    - trufflehog git file://. --fail\n',
        ),
      ],
    },
    { may: ['image_unpinned'] },
  ),
  ordinary(
    'new-transitive-family',
    'npm',
    'A raise brings packages whose names differ by a letter from ones that are there',
    {
      'package-lock.json': [
        t.npmLock(ranges, [...entries, at('is-string@1.1.0'), at('es-errors@1.3.0')]),
        t.npmLock(ranges, [
          at('avvio@9.2.0'),
          ...entries.slice(1),
          at('is-string@1.1.1'),
          at('es-errors@1.3.0'),
          at('is-strong@1.0.0'),
        ]),
      ],
    },
    { facts: bot },
  ),
];
