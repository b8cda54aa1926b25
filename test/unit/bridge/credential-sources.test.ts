import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type Environment } from '../../../bridge/src/config';
import { CredentialKeeper } from '../../../bridge/src/credentials/credential-keeper';
import { SecretResolver } from '../../../bridge/src/credentials/secret-resolver';
import { HttpPort } from '../../../bridge/src/hosting/http-port';
import { createSecretsManager } from '../../../sandbox/src/aws/secrets-manager';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';

const key = { accessKeyId: 'AKIASIMULATEDREADER1', secretAccessKey: 'simulated-reader-secret' };
const faults = new FaultBoard();
const manager = createSecretsManager({ ...key, clock: () => new Date() });
let aws: RunningService;
let gitlab: RunningService;
/** The token that the service takes at the moment, and what was sent to it. */
let taken = 'first-token';
const sent: string[] = [];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soc-credentials-'));
  aws = await startService('aws', 0, manager.handler, faults);
  gitlab = await startService(
    'gitlab',
    0,
    async (request) => {
      const token = String(request.headers['private-token']);
      sent.push(`${request.method} ${token}`);
      return { status: token === taken ? 200 : 401, body: {} };
    },
    new FaultBoard(),
  );
  // Amazon's own chain of credentials, which is what a machine or a pod gives.
  process.env.AWS_ACCESS_KEY_ID = key.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = key.secretAccessKey;
});
afterAll(async () => {
  delete process.env.AWS_ACCESS_KEY_ID;
  delete process.env.AWS_SECRET_ACCESS_KEY;
  await aws?.close();
  await gitlab?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  manager.reset();
  faults.clear();
  sent.length = 0;
  taken = 'first-token';
});

const fromAws = (more: Environment = {}): Environment => ({
  GITLAB_CREDENTIALS: 'aws',
  GITLAB_URL: gitlab.url,
  SOC_ALLOW_PRIVATE_NETWORK: 'true',
  SOC_AWS_SECRET_ID: 'soc-bridge/{group}',
  SOC_AWS_REGION: 'us-east-1',
  SOC_AWS_SECRETS_ENDPOINT: aws.url,
  ...more,
});
const store = (values: object) => manager.put('soc-bridge/gitlab', JSON.stringify(values));

async function problems(environment: Environment): Promise<string[]> {
  try {
    await new SecretResolver(environment).resolve();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the order of sources', () => {
  it.each<[string, Environment, string]>([
    ['an unknown place', { SOC_CREDENTIALS: 'vault' }, 'SOC_CREDENTIALS is not a list of environment, keychain, aws'],
    ['a place twice', { GITLAB_CREDENTIALS: 'aws,aws' }, 'GITLAB_CREDENTIALS is not a list'],
    ['an empty entry', { SLACK_CREDENTIALS: 'aws,' }, 'SLACK_CREDENTIALS is not a list'],
    ['AWS without a secret', { OKTA_CREDENTIALS: 'aws', SOC_AWS_REGION: 'x' }, 'SOC_AWS_SECRET_ID is missing'],
    ['AWS without a region', { OKTA_CREDENTIALS: 'aws', SOC_AWS_SECRET_ID: 'x' }, 'SOC_AWS_REGION is missing'],
    ['a short cache', { SOC_CREDENTIAL_CACHE_SECONDS: '9' }, 'SOC_CREDENTIAL_CACHE_SECONDS is not a whole number'],
    [
      'a secret where nobody looks',
      { GITLAB_CREDENTIALS: 'keychain', GITLAB_TOKEN: 'left-behind-token' },
      'GITLAB_TOKEN is set, but GITLAB_CREDENTIALS does not take secrets from the environment',
    ],
    [
      'a file where nobody looks',
      { SOC_CREDENTIALS: 'keychain', SLACK_BOT_TOKEN_FILE: '/nowhere' },
      'SLACK_BOT_TOKEN_FILE is set, but SLACK_CREDENTIALS does not',
    ],
  ])('refuses %s by name, without any value', async (_, environment, text) => {
    const found = await problems(environment);
    expect(found).toEqual([expect.stringContaining(text)]);
    expect(found.join()).not.toContain('left-behind-token');
  });

  it('is the environment unless set, and each service may have its own', async () => {
    store({ GITLAB_TOKEN: 'from-aws' });
    const { environment, origin } = await new SecretResolver(
      fromAws({ SLACK_BOT_TOKEN: 'from-environment', GITLAB_CREDENTIALS: 'environment,aws' }),
    ).resolve();
    expect(environment).toMatchObject({ SLACK_BOT_TOKEN: 'from-environment', GITLAB_TOKEN: 'from-aws' });
    expect([...origin]).toEqual(
      expect.arrayContaining([
        ['SLACK_BOT_TOKEN', 'environment'],
        ['GITLAB_TOKEN', 'aws'],
      ]),
    );
  });

  it('the first place that holds a secret wins', async () => {
    store({ GITLAB_TOKEN: 'from-aws' });
    const resolve = async (order: string) =>
      (await new SecretResolver(fromAws({ GITLAB_CREDENTIALS: order, GITLAB_TOKEN: 'mine' })).resolve()).environment
        .GITLAB_TOKEN;
    expect([await resolve('environment,aws'), await resolve('aws,environment')]).toEqual(['mine', 'from-aws']);
  });

  it('a place that cannot be asked ends it; the next does not stand in for it', async () => {
    store({ GITLAB_TOKEN: 'from-aws' });
    faults.add({ service: 'aws', status: 500, times: 10 });
    const found = await problems(fromAws({ GITLAB_CREDENTIALS: 'aws,environment', GITLAB_TOKEN: 'stand-in-token' }));
    expect(found).toEqual([expect.stringContaining('AWS Secrets Manager did not give the secret soc-bridge/gitlab')]);
  });
});

describe('a file', () => {
  it('holds a secret as Docker and Kubernetes mount it, with or without a line end', async () => {
    const file = join(folder, 'gitlab-token');
    writeFileSync(file, 'from-file\n');
    expect((await new SecretResolver({ GITLAB_TOKEN_FILE: file }).resolve()).environment.GITLAB_TOKEN).toBe(
      'from-file',
    );
    writeFileSync(file, '\n');
    expect(await problems({ GITLAB_TOKEN_FILE: file })).toEqual([expect.stringContaining('names an empty file')]);
    expect(await problems({ GITLAB_TOKEN_FILE: join(folder, 'none') })).toEqual([expect.stringContaining('ENOENT')]);
    expect(await problems({ GITLAB_TOKEN_FILE: file, GITLAB_TOKEN: 'x' })).toEqual([
      expect.stringContaining('both set'),
    ]);
  });
});

describe('AWS Secrets Manager', () => {
  it('is asked once for all secrets of a service, until the time is over', async () => {
    manager.put('soc-bridge/slack', JSON.stringify({ SLACK_BOT_TOKEN: 'a', SLACK_SIGNING_SECRET: 'b' }));
    const resolver = new SecretResolver(fromAws({ GITLAB_CREDENTIALS: 'environment', SLACK_CREDENTIALS: 'aws' }));
    const { environment } = await resolver.resolve();
    await resolver.resolve();
    expect(environment).toMatchObject({ SLACK_BOT_TOKEN: 'a', SLACK_SIGNING_SECRET: 'b' });
    expect(manager.requests.map(({ secret }) => secret)).toEqual(['soc-bridge/slack']);
    resolver.forget();
    await resolver.resolve();
    expect(manager.requests).toHaveLength(2);
  });

  it.each<[string, string | undefined, string]>([
    ['is not there', undefined, 'there is none of this name in this region'],
    ['is no JSON', 'glpat-not-json', 'is not a JSON object of texts'],
    ['is a list', '["glpat-listed"]', 'is not a JSON object of texts'],
    ['holds more than texts', '{"GITLAB_TOKEN": {"value": "glpat-nested"}}', 'is not a JSON object of texts'],
  ])('a secret that %s is said, without what it holds', async (_, text, expected) => {
    manager.put('soc-bridge/gitlab', text);
    const found = await problems(fromAws());
    expect(found).toEqual([expect.stringContaining(expected)]);
    expect(found.join()).not.toContain('glpat');
  });

  it('a key that the secret does not hold is missing, also when its name is one of every object', async () => {
    store({ toString: 'x' });
    expect((await new SecretResolver(fromAws()).resolve()).environment.GITLAB_TOKEN).toBeUndefined();
  });
});

describe('rotation', () => {
  const request = { service: 'gitlab', method: 'POST', timeoutMs: 5000, body: '{}' } as const;

  it('a refused credential is asked for again, and the call is sent once more with the new one', async () => {
    store({ GITLAB_TOKEN: 'first-token' });
    let clock = 0;
    const { config } = await CredentialKeeper.open(fromAws(), () => clock);
    const http = new HttpPort(config, 'test');
    const send = async () => (await http.send({ ...request, url: `${gitlab.url}/api/v4/x` })).status;
    expect(await send()).toBe(200);
    store({ GITLAB_TOKEN: 'second-token' });
    taken = 'second-token';
    clock += 60_000;
    expect(await send()).toBe(200);
    expect(sent).toEqual(['POST first-token', 'POST first-token', 'POST second-token']);
    http.close();
  });

  it('a credential that stays refused is not asked for with every call, nor sent twice', async () => {
    store({ GITLAB_TOKEN: 'wrong-token' });
    let clock = 0;
    const { config } = await CredentialKeeper.open(fromAws(), () => clock);
    const http = new HttpPort(config, 'test');
    const before = manager.requests.length;
    for (let call = 0; call < 5; call += 1) {
      expect((await http.send({ ...request, url: `${gitlab.url}/api/v4/x` })).status).toBe(401);
      clock += 1000;
    }
    expect(manager.requests.length - before).toBe(1);
    expect(sent).toHaveLength(5);
    http.close();
  });

  it('a source that is away leaves what is in use', async () => {
    store({ GITLAB_TOKEN: 'first-token' });
    let clock = 0;
    const keeper = await CredentialKeeper.open(fromAws(), () => clock);
    manager.reset();
    clock += 60_000;
    expect([...(await keeper.renew())]).toEqual([]);
    expect(keeper.config.services.gitlab).toMatchObject({ credential: { value: 'first-token' } });
  });

  it('nothing that cannot change is asked for again', async () => {
    const { config } = await CredentialKeeper.open({ GITLAB_TOKEN: 'first-token' });
    expect(config.services.gitlab).not.toHaveProperty('renew');
  });
});
