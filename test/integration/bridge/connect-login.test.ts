import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromium as browserPath } from '../../../scripts/stack/chromium.mjs';
import { freePort } from '../../../scripts/stack/free-port.mjs';
import { AuthorizationServer } from '../../support/bridge/authorization-server';
import { buildTestMain, Program } from '../../support/bridge/processes';
import { toolCall } from '../../support/bridge/raw-request';
import { eventually, type RunningBridge, runBridge } from '../../support/bridge/running-bridge';

/**
 * `soc-bridge connect` as a client starts it, with a person who signs in at a real authorization server in a real browser.
 */

const executablePath = browserPath();
const test = executablePath ? it : it.skip;

let provider: AuthorizationServer;
let running: RunningBridge;
let main: Awaited<ReturnType<typeof buildTestMain>>;
let browser: Browser | undefined;
let home: string;

beforeAll(async () => {
  if (!executablePath) return;
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  provider = await AuthorizationServer.start(`${publicUrl}/mcp`, { strict: true });
  running = await runBridge({
    SOC_BRIDGE_TOKEN: undefined,
    SOC_BRIDGE_PORT: String(port),
    SOC_PUBLIC_URL: publicUrl,
    SOC_OAUTH_ISSUER: provider.issuer,
    GITLAB_URL: 'https://gitlab.simulated.example',
    GITLAB_TOKEN: 'simulated',
    GITLAB_ALLOW: 'destructive',
  });
  main = await buildTestMain();
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
});
afterAll(async () => {
  await browser?.close();
  main?.remove();
  await running?.stop();
  await provider?.stop();
});

let page: Page;
const programs: Program[] = [];
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'soc-connect-'));
  // What the system would start as the browser notes what it was asked to open.
  writeFileSync(join(home, 'browser'), `#!/bin/sh\nprintf '%s\\n' "$1" >> ${join(home, 'opened')}\n`, { mode: 0o755 });
  if (browser) page = await (await browser.newContext()).newPage();
});
afterEach(async () => {
  await page?.context().close();
  await Promise.all(programs.splice(0).map((program) => program.stop('SIGKILL')));
  rmSync(home, { recursive: true, force: true });
});

function connect(environment: Record<string, string> = {}) {
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: home,
    BROWSER: join(home, 'browser'),
    SOC_CONNECT_LOGIN: 'file',
    ...environment,
  };
  const program = new Program(main.file, ['connect', running.url], { cwd: home, env });
  programs.push(program);
  const send = (message: string) => void program.child.stdin?.write(`${message}\n`);
  const answers = () =>
    program.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map(
        (line) =>
          JSON.parse(line) as { id: number; result?: { structuredContent?: unknown }; error?: { message: string } },
      );
  return {
    program,
    call: (id: number, tool = 'repeat_text', given: unknown = { text: 'x' }) => send(toolCall(tool, given, id)),
    answer: (id: number) => eventually(() => answers().find((one) => one.id === id)),
    end: async () => {
      program.child.stdin?.end();
      return program.ended;
    },
  };
}

/** The addresses that the browser was asked to open, when there are `count`. */
const opened = (count: number) =>
  eventually(() => {
    try {
      const lines = readFileSync(join(home, 'opened'), 'utf8').trim().split('\n');
      return lines.length >= count ? lines.map((line) => new URL(line)) : undefined;
    } catch {
      return undefined;
    }
  });

async function signIn(address: URL): Promise<void> {
  await page.goto(address.href);
  if ((await page.locator('input[name=login]').count()) > 0) {
    await page.fill('input[name=login]', 'eva.lang');
    await page.fill('input[name=password]', 'simulated');
    await page.click('button[type=submit]');
  }
  await page.getByRole('button', { name: 'Continue' }).click();
}

const logins = () => readFileSync(join(home, 'soc-bridge', 'logins.json'), 'utf8');

test('opens the browser at the first call, once for all that wait, and goes on when the person has signed in', async () => {
  const client = connect();
  client.call(1);
  client.call(2);
  const [address] = await opened(1);
  if (address === undefined) throw new Error('no address');
  expect(client.program.stderr).toContain(
    `sign in to ${new URL(running.url).host} in the browser; if none opens, open ${address.href}`,
  );
  expect(address.searchParams.get('code_challenge_method')).toBe('S256');
  expect(address.searchParams.get('resource')).toBe(`${running.url}/mcp`);

  // A web page that guesses the port does not end the sign-in, nor take its place.
  const callback = new URL(address.searchParams.get('redirect_uri') ?? '');
  for (const query of ['?code=stolen', `?code=stolen&state=${'A'.repeat(32)}`, '?error=access_denied&state=']) {
    expect((await fetch(`${callback.href}${query}`)).status).toBe(400);
  }
  await signIn(address);
  await page.getByText('You are signed in. You can close this page.').waitFor();
  expect((await client.answer(1)).result?.structuredContent).toMatchObject({ text: 'xx' });
  expect((await client.answer(2)).result?.structuredContent).toMatchObject({ text: 'xx' });
  expect(await opened(1)).toHaveLength(1);

  // More than the first sign-in allows: the person is asked again, for both together.
  client.call(3, 'delete_nothing', {});
  const [, wider] = await opened(2);
  if (wider === undefined) throw new Error('no second address');
  expect(wider.searchParams.get('scope')?.split(' ')).toEqual(
    expect.arrayContaining(['soc:read', 'cases:destructive']),
  );
  await signIn(wider);
  expect((await client.answer(3)).result?.structuredContent).toMatchObject({
    base_url: 'https://gitlab.simulated.example',
  });
  expect((await client.end()).status).toBe(0);
  expect(statSync(join(home, 'soc-bridge', 'logins.json')).mode & 0o777).toBe(0o600);
  // Neither the token nor the code is shown or kept.
  expect(client.program.stderr + logins()).not.toMatch(/eyJ|code=/);

  // Another start needs no browser: the refresh token does.
  const next = connect();
  next.call(4, 'delete_nothing', {});
  expect((await next.answer(4)).result?.structuredContent).toMatchObject({
    base_url: 'https://gitlab.simulated.example',
  });
  expect(await opened(2)).toHaveLength(2);
  await next.end();
});

test('an answer that names another authorization server is not taken', async () => {
  const client = connect();
  client.call(1);
  const [address] = await opened(1);
  const callback = new URL(address?.searchParams.get('redirect_uri') ?? '');
  callback.search = new URLSearchParams({
    code: 'stolen',
    state: address?.searchParams.get('state') ?? '',
    iss: 'https://attacker.example',
  }).toString();
  provider.asked.length = 0;
  await page.goto(callback.href);
  await page.getByText('You are not signed in').waitFor();
  expect((await client.answer(1)).error?.message).toContain('sign-in at');
  expect(provider.asked).not.toContain('POST /token');
  await client.end();
});

test('a refusal in the browser is told to the client, and no second window opens for the same', async () => {
  const client = connect();
  client.call(1);
  const [address] = await opened(1);
  if (address === undefined) throw new Error('no address');
  await page.goto(address.href);
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByText('You are not signed in: it was refused in the browser').waitFor();
  const { error } = await client.answer(1);
  expect(error?.message).toBe(`sign-in at ${new URL(running.url).host}: it was refused in the browser`);
  client.call(2);
  expect((await client.answer(2)).error?.message).toBe(error?.message);
  expect(await opened(1)).toHaveLength(1);
  await client.end();
});

test('the client may go away while somebody signs in', async () => {
  const client = connect();
  client.call(1);
  await opened(1);
  expect((await client.end()).status).toBe(0);
});

test('without a keychain it says what else there is, and keeps nothing in its place', async () => {
  const client = connect({ SOC_CONNECT_LOGIN: 'keychain', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' });
  client.call(1);
  expect((await client.answer(1)).error?.message).toContain('SOC_CONNECT_LOGIN=file');
  expect(() => logins()).toThrow('ENOENT');
  await client.end();
});
