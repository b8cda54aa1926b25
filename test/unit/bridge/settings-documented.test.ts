import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../../../bridge/src/cli';
import { readConfig } from '../../../bridge/src/config';

const root = join(__dirname, '..', '..', '..');
const groups = ['SOC', 'PANTHER', 'GITLAB', 'SLACK', 'MODEL', 'OKTA', 'RESPONSE', 'HUNT', 'N8N', 'LOG'];
const name = new RegExp(`^(?:${groups.join('|')})_[A-Z0-9_]+$`);

/** Every variable that reading the settings asks the environment for, whatever the others are set to. */
async function asked(given: Record<string, string>): Promise<Set<string>> {
  const seen = new Set<string>();
  const environment = new Proxy<Record<string, string | undefined>>(given, {
    get: (target, key) => {
      if (typeof key === 'string') seen.add(key);
      return typeof key === 'string' ? target[key] : undefined;
    },
  });
  readConfig(environment);
  return new Set([...seen].filter((variable) => name.test(variable)));
}

const full = {
  PANTHER_API_URL: 'https://api.example.runpanther.net',
  PANTHER_API_TOKEN: 'simulated-panther-token',
  GITLAB_TOKEN: 'simulated-gitlab-token',
  SLACK_BOT_TOKEN: 'xoxb-simulated',
  SOC_BRIDGE_TOKEN: 'simulated-bridge-token',
  SOC_OAUTH_ISSUER: 'https://issuer.example.com',
  SOC_PUBLIC_URL: 'https://soc.example.com',
  SOC_METRICS_PORT: '9464',
  SOC_AUDIT_HTTP_URL: 'https://audit.example.com',
  SOC_AUDIT_HTTP_VALUE: 'Bearer simulated-value',
  MODEL_BASE_URL: 'https://model.example.com/v1',
  MODEL_NAME: 'simulated',
};

/** Names in quotes anywhere in the bridge: those that are read by other ways than the settings. */
function quoted(): Set<string> {
  const folder = join(root, 'bridge', 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const found = files.flatMap((file) => [
    ...readFileSync(join(folder, file), 'utf8').matchAll(
      /['"]([A-Z0-9]+_[A-Z0-9_]+)['"]|\benv(?:ironment)?\.([A-Z0-9_]+)|[{,] ([A-Z0-9_]+): \w+ =/g,
    ),
  ]);
  return new Set(
    found.map(([, text, member, taken]) => text ?? member ?? taken ?? '').filter((variable) => name.test(variable)),
  );
}

/** The names of a text, with `NAME_CRITICAL, _HIGH` written out. */
function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, first = '', rest = ''] of text.matchAll(/([A-Z0-9]+_[A-Z0-9_]+)((?:`?,\s+`?_[A-Z]+\b)*)/g)) {
    names.add(first);
    const stem = first.replace(/_[A-Z]+$/, '');
    for (const [ending] of rest.matchAll(/_[A-Z]+/g)) names.add(`${stem}${ending}`);
  }
  return names;
}

const docs = () =>
  readdirSync(join(root, 'docs'))
    // What was decided and measured is no place to look a setting up.
    .filter((file) => file.endsWith('.md') && !['decisions.md', 'benchmarks.md'].includes(file))
    .map((file) => readFileSync(join(root, 'docs', file), 'utf8'))
    .join('\n');

test('every variable that the bridge reads is in the documents and in its help', async () => {
  const variables = new Set([...(await asked({})), ...(await asked(full)), ...quoted()]);
  expect(variables.size).toBeGreaterThan(90);
  const documented = namesIn(docs());
  expect([...variables].filter((variable) => !documented.has(variable)).sort()).toEqual([]);
  const help: string[] = [];
  const program = createProgram({ operations: [], open: unused, resume: unused }, '0.0.0-test');
  program.configureOutput({ writeOut: (text) => help.push(text) }).outputHelp();
  const helped = namesIn(help.join(''));
  expect([...variables].filter((variable) => !helped.has(variable)).sort()).toEqual([]);
});

test("the bridge's own page has all of what begins with SOC_, and names nothing that is not read", async () => {
  const read = new Set([...(await asked({})), ...(await asked(full)), ...quoted()]);
  const page = namesIn(readFileSync(join(root, 'docs', 'bridge.md'), 'utf8'));
  expect([...read].filter((variable) => variable.startsWith('SOC_') && !page.has(variable)).sort()).toEqual([]);
  expect([...page].filter((variable) => name.test(variable) && !read.has(variable)).sort()).toEqual([]);
});

async function unused(): Promise<never> {
  throw new Error('nothing is run here');
}
