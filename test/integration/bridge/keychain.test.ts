import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTestMain } from '../../support/bridge/processes';

/**
 * The real keychain of Linux: gnome-keyring behind a session bus of its own, with an empty home. scripts/test.mjs installs
 * both where it may.
 */
const haveKeychain = ['/usr/bin/gnome-keyring-daemon', '/usr/bin/dbus-run-session'].every((file) => existsSync(file));
const withKeychain = haveKeychain ? describe : describe.skip;

let main: Awaited<ReturnType<typeof buildTestMain>>;
let home: string;
beforeAll(async () => {
  main = await buildTestMain();
  home = mkdtempSync(join(tmpdir(), 'soc-keychain-'));
});
afterAll(() => {
  main?.remove();
  rmSync(home, { recursive: true, force: true });
});

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Shell lines in a session with an unlocked keychain, or with none; `bridge` is the program. */
function session(script: string, unlocked = true, environment: Record<string, string> = {}): Promise<Ended> {
  const unlock = 'printf simulated-password | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1';
  const define = `bridge() { "${process.execPath}" "${main.file}" "$@"; }`;
  const lines = [define, ...(unlocked ? [unlock] : []), script].join('\n');
  return ended(['dbus-run-session', '--', 'bash', '-c', lines], environment);
}

function ended([command = '', ...args]: string[], environment: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: home,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: home,
        XDG_DATA_HOME: join(home, 'data'),
        XDG_RUNTIME_DIR: home,
        SOC_TEST_MAIN: 'run',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Everything that was written below the home directory. */
function written(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

withKeychain('the keychain', () => {
  it('keeps a secret from a pipe over sessions, says where it is, and gives it up again', async () => {
    const kept = await session('printf glpat-simulated-from-pipe | bridge credentials set GITLAB_TOKEN');
    expect(kept).toMatchObject({ status: 0 });
    expect(kept.stdout).toMatch(/^GITLAB_TOKEN is in the keychain \(service "soc-bridge", 25 characters\)\./);
    expect(kept.stdout).toContain('It is not used yet: set GITLAB_CREDENTIALS=keychain');
    expect(kept.stdout + kept.stderr).not.toContain('glpat-simulated-from-pipe');
    // The keychain encrypts what it keeps; we wrote it nowhere else.
    expect(written(home)).not.toContain('glpat-simulated-from-pipe');

    const environment = { GITLAB_CREDENTIALS: 'keychain' };
    const list = await session('bridge credentials list --json', true, environment);
    const rows = JSON.parse(list.stdout) as { name: string; found_in: string | null }[];
    expect(rows.find(({ name }) => name === 'GITLAB_TOKEN')).toMatchObject({ found_in: 'keychain' });
    expect(rows.find(({ name }) => name === 'SLACK_BOT_TOKEN')).toMatchObject({ found_in: null });
    expect(list.stdout).not.toContain('glpat');

    const gone = await session(
      'bridge credentials delete GITLAB_TOKEN && bridge credentials list --json | grep -c keychain\\",; bridge credentials delete GITLAB_TOKEN',
      true,
      environment,
    );
    expect(gone.status).toBe(1);
    expect(gone.stderr).toContain('GITLAB_TOKEN is not in the keychain');
  });

  it('one service name does not see the entries of another', async () => {
    const found = await session(
      'printf one | bridge credentials set OKTA_API_TOKEN; SOC_KEYCHAIN_SERVICE=other bridge credentials list --json',
      true,
      { SOC_CREDENTIALS: 'keychain' },
    );
    expect(found.stdout).toContain('OKTA_API_TOKEN is in the keychain');
    expect(found.stdout).not.toContain('"found_in": "keychain"');
  });

  it('that is not there ends the start with what to do, and no other place stands in for it', async () => {
    const { status, stdout, stderr } = await session('bridge serve', false, {
      SOC_CREDENTIALS: 'keychain,environment',
      GITLAB_TOKEN: 'stand-in-token',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/The keychain cannot be read for [A-Z_]+: .*take "keychain" out of the order/);
    expect(stderr).not.toContain('stand-in-token');
  });

  it('a secret typed at a terminal is not shown', async () => {
    // `script` gives the program a terminal; what it echoes is what a person would have seen.
    const typed = join(home, 'typed');
    const { stdout } = await session(
      `(sleep 2; printf 'wrong\\025glpat-typed-x\\177\\r'; sleep 3) | script -qec '"${process.execPath}" "${main.file}" credentials set GITLAB_TOKEN' ${typed}`,
    );
    expect(stdout).toContain('GITLAB_TOKEN, not shown');
    expect(stdout).toContain('GITLAB_TOKEN is in the keychain (service "soc-bridge", 12 characters)');
    expect(stdout).not.toMatch(/glpat-typed|wrong/);
  });

  it('nothing is stored when it is interrupted, or empty', async () => {
    const { stdout, stderr } = await session(
      `(sleep 2; printf 'glpat-half\\003'; sleep 2) | script -qec '"${process.execPath}" "${main.file}" credentials set MODEL_API_KEY' /dev/null; printf '' | bridge credentials set MODEL_API_KEY; bridge credentials list --json`,
      true,
      { MODEL_CREDENTIALS: 'keychain' },
    );
    expect(stdout).toContain('Interrupted; nothing was stored.');
    expect(stderr).toContain('Nothing was entered; nothing was stored.');
    const rows = JSON.parse(stdout.slice(stdout.indexOf('\n['))) as { name: string; found_in: string | null }[];
    expect(rows.find(({ name }) => name === 'MODEL_API_KEY')).toMatchObject({ found_in: null });
  });
});
