import * as t from '../file-texts';
import { bot, type LabelledChange, ordinary, unapproved } from '../labelled-change';

/** Everyday work on pipelines, images, texts and rules. Written before any signal was tuned. */
export const heldOutOrdinaryRepository: LabelledChange[] = [
  ordinary(
    'base-image-bump',
    'docker',
    'The base image is raised by one patch version',
    { Dockerfile: ['FROM node:22.16.0-bookworm-slim\nCOPY . .\n', 'FROM node:22.17.0-bookworm-slim\nCOPY . .\n'] },
    { facts: bot },
  ),
  ordinary(
    'tag-and-digest-bump',
    'docker',
    'Tag and digest are raised together',
    {
      Dockerfile: [
        `FROM golang:1.24.3@sha256:${t.hex256('go 1.24.3')} AS build\nRUN go build ./...\n`,
        `FROM golang:1.24.4@sha256:${t.hex256('go 1.24.4')} AS build\nRUN go build ./...\n`,
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'digest-of-moving-tag',
    'docker',
    'A tag that moves by its nature has a newer digest',
    {
      Dockerfile: [
        `FROM node:22-slim@sha256:${t.hex256('node may')}\nCOPY . .\n`,
        `FROM node:22-slim@sha256:${t.hex256('node june')}\nCOPY . .\n`,
      ],
    },
    { must: ['image_digest_changed'], facts: bot },
  ),
  ordinary('image-pinned', 'docker', 'An image is pinned by its digest', {
    'compose.yaml': [
      'services:\n  db:\n    image: postgres:17.5\n',
      `services:\n  db:\n    image: postgres:17.5@sha256:${t.hex256('postgres 17.5')}\n`,
    ],
  }),
  ordinary(
    'signed-repository-in-image',
    'docker',
    'A package source with its key is added to an image, as its project describes',
    {
      Dockerfile: [
        'FROM debian:12.11\nRUN apt-get update && apt-get install -y ca-certificates curl gnupg\n',
        'FROM debian:12.11\nRUN apt-get update && apt-get install -y ca-certificates curl gnupg\nRUN curl -fsSL https://packages.simulated-vendor.example/key.asc | gpg --dearmor -o /usr/share/keyrings/vendor.gpg \\\n    && echo "deb [signed-by=/usr/share/keyrings/vendor.gpg] https://packages.simulated-vendor.example/apt stable main" > /etc/apt/sources.list.d/vendor.list \\\n    && apt-get update && apt-get install -y vendor-cli\n',
      ],
    },
    { must: ['build_hook_changed'] },
  ),
  ordinary('include-pinned', 'gitlab_ci', 'An include is pinned to a commit', {
    '.gitlab-ci.yml': [
      t.ci('include:\n  - project: simulated-corp/ci-templates\n    ref: main\n    file: /node.yml\n', t.testJob),
      t.ci(
        `include:\n  - project: simulated-corp/ci-templates\n    ref: ${t.hex1('templates')}\n    file: /node.yml\n`,
        t.testJob,
      ),
    ],
  }),
  ordinary(
    'include-tag-raised',
    'gitlab_ci',
    'An include moves from one version to the next',
    {
      '.gitlab-ci.yml': [
        t.ci('include:\n  - project: simulated-corp/ci-templates\n    ref: v3.1.0\n    file: /node.yml\n', t.testJob),
        t.ci('include:\n  - project: simulated-corp/ci-templates\n    ref: v3.2.0\n    file: /node.yml\n', t.testJob),
      ],
    },
    { facts: bot },
  ),
  ordinary(
    'ci-refactor',
    'gitlab_ci',
    'Jobs share what they have in common; the scanner stays',
    {
      '.gitlab-ci.yml': [
        t.ci(
          t.testJob,
          t.secretScan,
          'lint:\n  stage: lint\n  image: node:22.16.0-bookworm\n  script:\n    - npm ci\n    - npm run lint\n',
        ),
        t.ci(
          '.node:\n  image: node:22.16.0-bookworm\n  before_script:\n    - npm ci\n',
          'unit tests:\n  extends: .node\n  stage: test\n  script:\n    - npm test\n',
          'lint:\n  extends: .node\n  stage: lint\n  script:\n    - npm run lint\n',
          t.secretScan,
        ),
      ],
    },
    { may: ['image_unpinned'] },
  ),
  ordinary('sast-added', 'gitlab_ci', 'Static analysis is switched on', {
    '.gitlab-ci.yml': [t.ci(t.testJob), t.ci('include:\n  - template: Jobs/SAST.gitlab-ci.yml\n', t.testJob)],
  }),
  ordinary('scan-counts-again', 'gitlab_ci', 'A failing scanner stops the pipeline again', {
    '.gitlab-ci.yml': [
      t.ci('dependency_scanning:\n  stage: scan\n  allow_failure: true\n  script:\n    - scan\n'),
      t.ci('dependency_scanning:\n  stage: scan\n  script:\n    - scan\n'),
    ],
  }),
  ordinary('upload-with-job-token', 'gitlab_ci', 'A job uploads its package to the registry of its own project', {
    '.gitlab-ci.yml': [
      t.ci('package:\n  stage: build\n  script:\n    - make dist\n'),
      t.ci(
        `package:\n  stage: build\n  script:\n    - make dist\n    - 'curl --fail --header "JOB-TOKEN: $CI_JOB_TOKEN" --upload-file dist.tgz "\${CI_API_V4_URL}/projects/\${CI_PROJECT_ID}/packages/generic/dist/1.0/dist.tgz"'\n`,
      ),
    ],
  }),
  ordinary('checked-download', 'gitlab_ci', 'A tool is downloaded and compared with its checksum before it runs', {
    '.gitlab-ci.yml': [
      t.ci('lint:\n  stage: lint\n  script:\n    - make lint\n'),
      t.ci(
        `lint:\n  stage: lint\n  script:\n    - curl -fsSLo /tmp/hadolint https://github.com/hadolint/hadolint/releases/download/v2.12.0/hadolint-Linux-x86_64\n    - echo "${t.hex256('hadolint')}  /tmp/hadolint" | sha256sum -c -\n    - install -m 755 /tmp/hadolint /usr/local/bin/hadolint\n    - make lint\n`,
      ),
    ],
  }),
  ordinary('health-check', 'gitlab_ci', 'The deployment asks whether the service answers', {
    '.gitlab-ci.yml': [
      t.ci('deploy:\n  stage: deploy\n  script:\n    - ./deploy.sh\n'),
      t.ci(
        'deploy:\n  stage: deploy\n  script:\n    - ./deploy.sh\n    - curl --retry 5 --fail https://shop.simulated-corp.example/health && echo "healthy"\n',
      ),
    ],
  }),
  ordinary('only-comments', 'gitlab_ci', 'Comments in the pipeline and in the requirements', {
    '.gitlab-ci.yml': [
      t.ci(t.testJob),
      `# Owned by the platform team: curl | sh is not allowed here.\n${t.ci(t.testJob)}`,
    ],
    'requirements.txt': ['boto3==1.39.3\n', '# AWS\nboto3==1.39.3  # pinned, see the runbook\n'],
  }),
  ordinary('read-me-emoji', 'text', 'Emoji with joiners and words of many scripts in the read-me', {
    'README.md': [
      '# Shop\n',
      '# Shop\n\n👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 made with ❤️\n\nשלום עולם, مرحبا بالعالم, می‌خواهم, नमस्ते, こんにちは, Привет мир, Γειά σου Κόσμε, 10 μs, Größe\n',
    ],
  }),
  ordinary('units-with-greek-letters', 'text', 'Greek letters in names and units of the documentation', {
    'docs/limits.md': ['# Limits\n', '# Limits\n\nThe p99 is 350μs and Δt is below 2μs; see α-test and β-carotene.\n'],
  }),
  ordinary('translations', 'text', 'Texts of the product in Russian, Ukrainian and Greek', {
    'src/locales/ru.json': [
      '{\n  "title": "Счета"\n}\n',
      '{\n  "title": "Ваши счета",\n  "api": "Ключи API",\n  "wifi": "Wi-Fi и VPN-сервер"\n}\n',
    ],
  }),
  ordinary(
    'own-submodule',
    'git_submodule',
    'A repository of the company becomes a submodule',
    {
      '.gitmodules': [
        undefined,
        '[submodule "vendor/design"]\n\tpath = vendor/design\n\turl = https://gitlab.simulated-corp.example/web/design.git\n',
      ],
    },
    { may: ['direct_source'] },
  ),
  ordinary('submodule-over-ssh', 'git_submodule', 'The same submodule, fetched over SSH', {
    '.gitmodules': [
      '[submodule "vendor/design"]\n\tpath = vendor/design\n\turl = https://gitlab.simulated-corp.example/web/design.git\n',
      '[submodule "vendor/design"]\n\tpath = vendor/design\n\turl = git@gitlab.simulated-corp.example:web/design.git\n',
    ],
  }),
  ordinary('owners-added', 'repository', 'More owners, and a mark for a generated file that is not there for review', {
    CODEOWNERS: ['* @platform\n', '* @platform @security\n/infra/ @platform @security\n'],
  }),
  ordinary('pre-commit-autoupdate', 'git_submodule', 'pre-commit autoupdate', {
    '.pre-commit-config.yaml': [
      'repos:\n  - repo: https://github.com/psf/black\n    rev: 24.10.0\n    hooks:\n      - id: black\n',
      'repos:\n  - repo: https://github.com/psf/black\n    rev: 25.1.0\n    hooks:\n      - id: black\n',
    ],
  }),
  ordinary(
    'make-target',
    'make',
    'A target that runs the tests in a container',
    {
      Makefile: [
        'build:\n\tgo build ./...\n',
        'build:\n\tgo build ./...\n\ntest:\n\tdocker compose run --rm app go test ./...\n',
      ],
    },
    { must: ['build_hook_changed'], facts: unapproved },
  ),
  ordinary('source-only', 'source', 'Code changes and nothing else', {
    'src/cart.ts': [
      'export const total = 0;\n',
      'export const total = (items) => items.reduce((sum, { price }) => sum + price, 0);\n',
    ],
  }),
];
