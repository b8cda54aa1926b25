import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type Environment } from '../../../bridge/src/config';
import type { Check, Level } from '../../../bridge/src/doctor/check';
import { clockFindings, expiryFindings } from '../../../bridge/src/doctor/check';
import { checksText, runChecks } from '../../../bridge/src/doctor/doctor-command';
import type { Examinable } from '../../../bridge/src/doctor/examination';
import { operations } from '../../../operations/registry';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox';
import { makeCertificate } from '../../support/bridge/certificate';

let sandbox: Sandbox;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soc-doctor-'));
  sandbox = await startSandbox();
});
afterAll(async () => {
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

const everything = (): Environment => ({
  SOC_ALLOW_PRIVATE_NETWORK: 'true',
  SOC_DATABASE_URL: `sqlite:${join(folder, 'cases.db')}`,
  PANTHER_API_URL: sandbox.panther.graphql,
  PANTHER_API_TOKEN: sandbox.panther.token,
  PANTHER_ALLOW: 'destructive',
  GITLAB_URL: sandbox.gitlab.url,
  GITLAB_TOKEN: sandbox.gitlab.token,
  GITLAB_ALLOW: 'destructive',
  SLACK_BOT_TOKEN: sandbox.slack.token,
  SLACK_API_URL: sandbox.slack.apiUrl,
  SLACK_SIGNING_SECRET: sandbox.slack.signingSecret,
  SLACK_APPROVERS: 'S0SIM0001',
  OKTA_URL: sandbox.okta.url,
  OKTA_API_TOKEN: sandbox.okta.token,
  RESPONSE_ENABLED: 'true',
  RESPONSE_PROTECTED: 'break-glass',
  RESPONSE_AWS_ACCESS_KEY_ID: sandbox.iam.accessKeyId,
  RESPONSE_AWS_SECRET_ACCESS_KEY: sandbox.iam.secretAccessKey,
  RESPONSE_AWS_IAM_ENDPOINT: sandbox.iam.url,
  MODEL_BASE_URL: sandbox.model.baseUrl,
  MODEL_NAME: sandbox.model.name,
  MODEL_API_KEY: sandbox.model.apiKey,
});

async function examine(what: Examinable, over: Environment = {}): Promise<Check> {
  const [check] = await runChecks([what], operations, 'test', { ...everything(), ...over });
  if (check === undefined) throw new Error('nothing was checked');
  return check;
}
const textOf = (check: Check, level: Level) =>
  check.findings.filter((finding) => finding.level === level).map(({ text }) => text);

describe('what is set up and well', () => {
  it.each(['panther', 'gitlab', 'slack', 'okta', 'response', 'model', 'access', 'database'] as const)(
    '%s has no problem',
    async (what) => {
      const check = await examine(what);
      expect(textOf(check, 'problem')).toEqual([]);
      expect(textOf(check, 'ok')).toHaveLength(1);
    },
  );

  it('changes nothing, and makes no database', async () => {
    const control = async (path: string) =>
      (await fetch(`${sandbox.control.url}${path}`)).json() as Promise<{ method: string }[]>;
    const before = (
      await Promise.all(['panther', 'gitlab', 'slack', 'okta'].map((name) => control(`/requests?service=${name}`)))
    ).flat();
    await runChecks(['panther', 'gitlab', 'slack', 'okta', 'database'], operations, 'test', everything());
    const after = (
      await Promise.all(['panther', 'gitlab', 'slack', 'okta'].map((name) => control(`/requests?service=${name}`)))
    ).flat();
    expect(after.length).toBe(before.length + 4);
    expect(new Set(after.map(({ method }) => method))).toEqual(new Set(['GET']));
    const { existsSync } = await import('node:fs');
    expect(existsSync(join(folder, 'cases.db'))).toBe(false);
  });
});

describe('rights', () => {
  it('a scope of GitLab that nothing uses is too much, one that is needed is missing', async () => {
    expect(textOf(await examine('gitlab', { GITLAB_ALLOW: 'read', RESPONSE_ENABLED: 'false' }), 'warning')).toEqual([
      expect.stringContaining('may more than anything here uses: api.'),
    ]);
    const narrow = await examine('gitlab', { GITLAB_TOKEN: `${sandbox.gitlab.token}-read-user` });
    expect(textOf(narrow, 'problem')).toEqual([expect.stringContaining('The token lacks api.')]);
    const reading = await examine('gitlab', {
      GITLAB_TOKEN: `${sandbox.gitlab.token}-read-user`,
      GITLAB_ALLOW: 'read',
      RESPONSE_ENABLED: 'false',
    });
    expect(textOf(reading, 'problem')).toEqual([expect.stringContaining('The token lacks read_api.')]);
  });

  it("Slack's scopes follow what is switched on", async () => {
    const token = (scopes: string[]) => ({ SLACK_BOT_TOKEN: `${sandbox.slack.token}~${scopes.join('~')}` });
    const lacking = await examine(
      'slack',
      token(['chat:write', 'channels:read', 'channels:history', 'groups:read', 'groups:history', 'users:read']),
    );
    expect(textOf(lacking, 'problem')).toEqual([expect.stringContaining('The token lacks usergroups:read.')]);
    expect(textOf(lacking, 'off').join()).toMatch(/Without files:read, files:write there is no uploading reports/);
    const plenty = await examine(
      'slack',
      token([
        'chat:write',
        'channels:read',
        'channels:history',
        'groups:read',
        'groups:history',
        'users:read',
        'usergroups:read',
        'im:history',
      ]),
    );
    expect(textOf(plenty, 'warning')).toEqual([expect.stringContaining('uses: im:history.')]);
  });

  it("Panther's permissions follow what is allowed", async () => {
    const reading = await examine('panther', { PANTHER_ALLOW: 'read' });
    expect(textOf(reading, 'warning').join()).toContain('AlertModify');
    expect(textOf(reading, 'problem')).toEqual([]);
  });
});

describe('what is wrong', () => {
  it.each<[Examinable, Environment, RegExp]>([
    ['panther', { PANTHER_API_TOKEN: 'wrong' }, /^Panther refused the token/],
    ['gitlab', { GITLAB_TOKEN: 'wrong' }, /^GitLab refused the token/],
    ['slack', { SLACK_BOT_TOKEN: 'wrong' }, /^Slack refused the bot token \(invalid_auth\)/],
    ['okta', { OKTA_API_TOKEN: 'wrong' }, /^Okta refused the token/],
    ['response', { RESPONSE_AWS_SECRET_ACCESS_KEY: 'wrong' }, /^AWS refused the key of responses/],
    ['model', { MODEL_API_KEY: 'wrong' }, /^The model's endpoint refused MODEL_API_KEY \(401\)/],
    ['model', { MODEL_NAME: 'no-such-model' }, /has no model no-such-model\. Check MODEL_NAME/],
    ['model', { MODEL_BASE_URL: 'http://127.0.0.1:1/v1' }, /^The model's endpoint cannot be reached: .*ECONNREFUSED/],
    ['access', { SOC_BRIDGE_HOST: '0.0.0.0' }, /^On 0\.0\.0\.0 it does not start without TLS/],
    [
      'access',
      { SOC_TLS_CERT_FILE: '/nowhere/tls.crt', SOC_TLS_KEY_FILE: '/nowhere/tls.key' },
      /^SOC_TLS_CERT_FILE cannot be read: ENOENT/,
    ],
    [
      'access',
      { SOC_OAUTH_ISSUER: 'http://127.0.0.1:1/', SOC_PUBLIC_URL: 'https://soc.example' },
      /^The keys of SOC_OAUTH_ISSUER cannot be read, so that no token of it is taken: \S/,
    ],
    ['database', { SOC_DATABASE_URL: 'sqlite:/nowhere/cases.db' }, /^SOC_DATABASE_URL cannot be used/],
    [
      'database',
      { SOC_DATABASE_URL: 'postgres://user:hidden-word@127.0.0.1:1/x' },
      /^PostgreSQL cannot be used: .*ECONNREFUSED/,
    ],
  ])('%s with %j', async (what, over, text) => {
    const problems = textOf(await examine(what, over), 'problem');
    expect(problems).toEqual([expect.stringMatching(text)]);
    expect(problems.join()).not.toMatch(/hidden-word/);
  });

  it('a certificate that ends soon, or is for another name, is told before clients find out', async () => {
    makeCertificate(folder, 'soc.example');
    const files = { SOC_TLS_CERT_FILE: join(folder, 'tls.crt'), SOC_TLS_KEY_FILE: join(folder, 'tls.key') };
    const soon = await examine('access', { ...files, SOC_PUBLIC_URL: 'https://soc.example' });
    expect(textOf(soon, 'problem')).toEqual([]);
    expect(textOf(soon, 'warning')).toEqual([
      expect.stringMatching(/^The TLS certificate expires on .*, in [01] days\./),
    ]);
    const other = await examine('access', { ...files, SOC_PUBLIC_URL: 'https://other.example' });
    expect(textOf(other, 'problem')).toEqual([expect.stringContaining('is not for other.example')]);
  });

  it("the issuer's keys are read from where it says they are", async () => {
    const server = createHttpServer((request, response) => {
      const { port } = server.address() as { port: number };
      const issuer = `http://127.0.0.1:${port}`;
      const found = (request.url ?? '').startsWith('/.well-known/')
        ? { issuer, jwks_uri: `${issuer}/keys` }
        : { keys: [{ kty: 'EC', crv: 'P-256', kid: 'a', alg: 'ES256', x: 'simulated', y: 'simulated' }] };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(found));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const check = await examine('access', { SOC_OAUTH_ISSUER: issuer, SOC_PUBLIC_URL: 'https://soc.example' });
    await new Promise((resolve) => server.close(resolve));
    expect(textOf(check, 'problem')).toEqual([]);
    expect(textOf(check, 'ok')).toEqual([
      expect.stringContaining('OAuth'),
      `The keys of ${issuer} were read; its tokens count for https://soc.example/mcp.`,
    ]);
  });

  it('an address where something else answers is told from a refused token', async () => {
    const other = await examine('gitlab', { GITLAB_URL: sandbox.okta.url });
    expect(textOf(other, 'problem').join()).toMatch(/GitLab|not as GitLab's API does/);
    const slack = await examine('slack', { SLACK_API_URL: sandbox.panther.url });
    expect(textOf(slack, 'problem').join()).toMatch(/not as Slack does/);
  });

  it('a service that is away is said within the time', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const away = await examine('gitlab', { GITLAB_URL: `http://127.0.0.1:${port}` });
    expect(textOf(away, 'problem')).toEqual([expect.stringContaining('GitLab cannot be reached: 127.0.0.1')]);
  });

  it("what is not set up is nobody's fault", async () => {
    const check = await examine('okta', { OKTA_URL: undefined, OKTA_API_TOKEN: undefined });
    expect(check.findings).toEqual([{ level: 'off', text: 'Not set up: OKTA_URL and OKTA_API_TOKEN.' }]);
  });

  it('a configuration that cannot be read ends it by name', async () => {
    await expect(examine('gitlab', { GITLAB_URL: 'gitlab' })).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('time', () => {
  const now = new Date('2026-05-01T00:10:00Z');
  const at = (date: string) =>
    clockFindings({ status: 200, headers: { date }, body: '' }, now).map(({ level }) => level);
  it('a clock that is off is said before signatures fail', () => {
    expect(at('Fri, 01 May 2026 00:10:59 GMT')).toEqual([]);
    expect(at('Fri, 01 May 2026 00:08:00 GMT')).toEqual(['warning']);
    expect(at('Fri, 01 May 2026 00:15:00 GMT')).toEqual(['problem']);
    expect(at('nonsense')).toEqual([]);
  });

  it.each([
    ['2026-04-30', ['problem']],
    ['2026-05-09', ['warning']],
    ['2026-06-30', []],
    [null, []],
    ['soon', []],
  ])('a token until %s', (until, levels) => {
    expect(expiryFindings(until, now, '').map(({ level }) => level)).toEqual(levels);
  });
});

it('shows what services say without letting it act on the terminal', () => {
  const text = checksText([{ name: 'GitLab', findings: [{ level: 'ok', text: 'took "\u001b[2J\u202ename\n\nx"' }] }]);
  expect(text).not.toMatch(/[\u001b\u202e]/u);
  expect(text.split('\n')).toHaveLength(5);
});
