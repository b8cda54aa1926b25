import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { nodeExecutable } from '../../../scripts/stack/node-runtime.mjs';
import { ensureBuilt } from '../../../scripts/stack/package-build.mjs';

/** The program as it is published: a bundler sits between it and the sources that the other tests run. */
const root = resolve(__dirname, '../../..');
const program = join(root, 'bridge/dist/soc-bridge.js');
let folder: string;

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'soc-built-'));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
    const environment = { PATH: process.env.PATH, HOME: folder, SOC_DATABASE_URL: 'sqlite:cases.db', ...env };
    execFile(nodeExecutable(), [program, ...args], { cwd: folder, env: environment }, (error, stdout, stderr) => {
      done({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

interface Shown {
  page: string;
  words: string[];
  options: string[];
}

/** What the documents show of the command line: words up to the first that is no name of a command, and the options. */
function shownCommands(): Shown[] {
  const docs = join(root, 'docs');
  const pages = ['README.md', 'SECURITY.md', ...readdirSync(docs).map((name) => `docs/${name}`)].filter((page) =>
    page.endsWith('.md'),
  );
  return pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/soc-bridge(?:\.js)? ([a-z]+(?: [^`\n#]*)?)/g)].flatMap(
      ([, text = '']) => {
        const all = text.split(/[\s.,;:)]+/);
        const end = all.findIndex((word) => !/^[a-z]+$/.test(word));
        const options = [...text.matchAll(/(?<=[\s[])--[a-z-]+/g)].map(([option]) => option);
        return [{ page, words: all.slice(0, end === -1 ? undefined : end), options }];
      },
    ),
  );
}

it('every command that the documents show is one, with the options they show', async () => {
  const groups = (await run(['--help'])).stdout;
  const commands = [...groups.slice(groups.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)[ |]/gm)].map(
    ([, name]) => name,
  );
  expect(commands).toEqual(expect.arrayContaining(['serve', 'stdio', 'tools', 'doctor', 'tokens', 'audit', 'connect']));
  const helps = new Map<string, string>();
  const help = async (...words: string[]) => {
    const name = words.join(' ');
    if (!helps.has(name)) helps.set(name, (await run([...words, '--help'])).stdout);
    return helps.get(name) ?? '';
  };
  const shown = shownCommands().filter(({ words: [first] }) => commands.includes(first));
  expect(shown.length).toBeGreaterThan(20);
  for (const { page, words, options } of shown) {
    const [group = '', ...rest] = words;
    const text = await help(group);
    const isGroup = /^ {2}help \[command\]/m.test(text);
    const sub = isGroup ? rest[0] : undefined;
    if (sub !== undefined)
      expect({ page, words, text }).toMatchObject({ text: expect.stringMatching(`\n  ${sub}\\b`) });
    const its = sub === undefined ? text : await help(group, sub);
    for (const option of options) expect({ page, words, its }).toMatchObject({ its: expect.stringContaining(option) });
  }
}, 300_000);

it('runs what needs no service, each to its end', async () => {
  const manifest = await run(['slack', 'manifest', '--socket-mode', '--approvals', '--user-groups']);
  expect(manifest.status).toBe(0);
  expect(parse(manifest.stdout)).toMatchObject({ settings: { socket_mode_enabled: true } });
  const json = await run(['slack', 'manifest', '--all', '--request-url', 'https://soc.example/x', '--format', 'json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ settings: { socket_mode_enabled: false } });
  expect((await run(['tools'])).stdout).toMatch(/tools\/list: \d+ tools, about \d+ tokens \(at most 25 and 9000\)/);
  writeFileSync(
    join(folder, 'query.sql'),
    "select 1 from panther_logs.public.aws_cloudtrail where p_occurs_since('1 d')",
  );
  expect(await run(['sql', 'check', 'query.sql'])).toMatchObject({ status: 0 });
  expect((await run(['credentials', 'list'])).stdout).toMatch(/^GITLAB_TOKEN /m);
  expect(await run(['doctor'])).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing is wrong') });
}, 120_000);

it('a slip in the address of the store is told, and no store is made for it', async () => {
  for (const args of [
    ['tokens', 'list'],
    ['tokens', 'revoke', 'somebody'],
    ['audit', 'verify'],
    ['cases', 'list'],
  ])
    expect(await run(args, { SOC_DATABASE_URL: 'sqlite:slip.db' })).toMatchObject({
      status: 1,
      stderr: 'soc-bridge: There is no database slip.db; set SOC_DATABASE_URL to the one that soc-bridge serve uses.\n',
    });
  expect(readdirSync(folder)).not.toContain('slip.db');
}, 60_000);

it('a name in the lists of tools that is none is told by the list of tools, too', async () => {
  const { status, stdout, stderr } = await run(['tools'], { SOC_TOOLS_DENY: 'lst_alerts' });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'soc-bridge: SOC_TOOLS_DENY holds "lst_alerts", which is no tool; `soc-bridge tools` lists them.\n',
  });
  expect(stdout).toMatch(/^\+ list_alerts /m);
}, 60_000);

it('keeps stderr to lines of its own on every Node that it runs on', async () => {
  const made = await run(['tokens', 'create', 'somebody', '--scopes', 'soc:read', '--days', '1']);
  expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/^soc_[0-9a-f]{16}_\S{43}\n$/) });
  expect(made.stderr).toMatch(/^Token [0-9a-f]{16} of somebody, until \S+ It is shown this once:\n$/);
  const listed = await run(['tokens', 'list']);
  expect(listed).toMatchObject({ status: 0, stderr: '' });
  expect(listed.stdout).toMatch(/somebody .* never used {2}soc:read/);
}, 60_000);
