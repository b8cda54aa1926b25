import { ConfigError, readConfig } from '../../../bridge/src/config';

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('configuration', () => {
  it('needs nothing: loopback, SQLite and no services', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3333,
      databaseUrl: 'sqlite:./soc-bridge.db',
      access: { required: false, bridgeToken: undefined, signingKeys: [], oauth: undefined },
      allowPrivateNetwork: false,
      services: {
        panther: { missing: ['PANTHER_API_URL', 'PANTHER_API_TOKEN'] },
        gitlab: { missing: ['GITLAB_TOKEN'] },
        slack: { missing: ['SLACK_BOT_TOKEN'] },
        okta: { missing: ['OKTA_URL', 'OKTA_API_TOKEN'] },
      },
    });
  });

  it('reads services with their defaults', () => {
    const { services } = readConfig({
      PANTHER_API_URL: 'https://api.simulated.example/public/graphql',
      PANTHER_API_TOKEN: 'p',
      GITLAB_TOKEN: 'g',
      GITLAB_GROUP: 'simulated-group',
      SLACK_BOT_TOKEN: 's',
      SLACK_CHANNEL_CRITICAL: '#soc-critical',
      SLACK_CHANNEL_LOW: '  ',
    });
    expect(services).toEqual({
      panther: {
        baseUrl: 'https://api.simulated.example',
        defaults: {},
        credential: { header: 'x-api-key', value: 'p' },
      },
      gitlab: {
        baseUrl: 'https://gitlab.com',
        defaults: { group: 'simulated-group' },
        credential: { header: 'private-token', value: 'g' },
      },
      slack: {
        baseUrl: 'https://slack.com/api',
        defaults: { channel_critical: '#soc-critical' },
        credential: { header: 'authorization', value: 'Bearer s' },
      },
      okta: { missing: ['OKTA_URL', 'OKTA_API_TOKEN'] },
    });
  });

  it.each<[string, Record<string, string>]>([
    ['SOC_BRIDGE_TOKEN', { SOC_BRIDGE_TOKEN: 'short' }],
    ['SOC_SIGNING_KEYS', { SOC_SIGNING_KEYS: 'n8n=0123456789012345678901234567890123456789' }],
    ['SOC_SIGNING_KEYS', { SOC_SIGNING_KEYS: 'n8n()=0123456789012345678901234567890123456789' }],
    ['SOC_SIGNING_KEYS', { SOC_SIGNING_KEYS: 'n8n(soc:all)=0123456789012345678901234567890123456789' }],
    ['SOC_SIGNING_KEYS', { SOC_SIGNING_KEYS: 'n8n(soc:read)=too-short' }],
    ['SOC_TRUSTED_PROXIES', { SOC_TRUSTED_PROXIES: '10.0.0.0/0' }],
    ['SOC_TRUSTED_PROXIES', { SOC_TRUSTED_PROXIES: 'proxy.simulated.example' }],
    ['SOC_PUBLIC_URL', { SOC_PUBLIC_URL: 'http://soc.simulated.example' }],
    ['SOC_PUBLIC_URL', { SOC_OAUTH_ISSUER: 'https://login.simulated.example' }],
    [
      'SOC_OAUTH_ALGORITHMS',
      {
        SOC_OAUTH_ISSUER: 'https://login.simulated.example',
        SOC_PUBLIC_URL: 'https://soc.simulated.example',
        SOC_OAUTH_ALGORITHMS: 'RS256,none',
      },
    ],
    ['SOC_TLS_KEY_FILE', { SOC_TLS_CERT_FILE: 'cert.pem' }],
    ['SOC_BRIDGE_HOST', { SOC_BRIDGE_HOST: 'soc.example', SOC_BRIDGE_TOKEN: 'long-enough-for-a-token' }],
    ['SOC_BRIDGE_PORT', { SOC_BRIDGE_PORT: '70000' }],
    ['SOC_BRIDGE_PORT', { SOC_BRIDGE_PORT: '33x' }],
    ['SOC_DATABASE_URL', { SOC_DATABASE_URL: 'mysql://x' }],
    ['SOC_DATABASE_URL', { SOC_DATABASE_URL: 'sqlite:' }],
    ['SOC_ALLOW_PRIVATE_NETWORK', { SOC_ALLOW_PRIVATE_NETWORK: 'yes' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['SOC_LEASE_SECONDS', { SOC_LEASE_SECONDS: '0' }],
    ['PANTHER_API_URL', { PANTHER_API_URL: 'ftp://simulated.example', PANTHER_API_TOKEN: 'p' }],
    ['PANTHER_API_TOKEN', { PANTHER_API_URL: 'https://api.simulated.example', PANTHER_API_TOKEN: 'a\r\nb: c' }],
    ['GITLAB_URL', { GITLAB_URL: 'gitlab.simulated.example', GITLAB_TOKEN: 'g' }],
    ['GITLAB_URL', { GITLAB_URL: 'https://user:pass@gitlab.simulated.example', GITLAB_TOKEN: 'g' }],
    ['SLACK_API_URL', { SLACK_API_URL: 'slack', SLACK_BOT_TOKEN: 's' }],
  ])('names %s when it is wrong (%j)', (variable, environment) => {
    const problems = problemsOf(environment);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable} `));
  });

  it('names everything that is wrong, one line each, and repeats no value', () => {
    const problems = problemsOf({
      SOC_BRIDGE_TOKEN: 'hunter2',
      SOC_BRIDGE_PORT: 'secret-port',
      SLACK_BOT_TOKEN: 'xoxb secret',
    });
    expect(problems.map((line) => line.split(' ')[0])).toEqual([
      'SOC_BRIDGE_TOKEN',
      'SLACK_BOT_TOKEN',
      'SOC_BRIDGE_PORT',
    ]);
    expect(problems.join()).not.toMatch(/hunter2|secret/);
    expect(problems.every((line) => !line.includes('\n'))).toBe(true);
  });
});

it('reads several signing keys, each with its scopes; keys of one caller differ behind the dot', () => {
  const secret = (letter: string) => letter.repeat(40);
  const { signingKeys } = readConfig({
    SOC_SIGNING_KEYS: `n8n.a(cases:write, panther:read)=${secret('a')}\nn8n.b(soc:write)=${secret('b')}, laptop(soc:read)=${secret('c')}`,
  }).access;
  expect(signingKeys.map(({ id, principal, scopes }) => [id, principal, scopes])).toEqual([
    ['n8n.a', 'n8n', ['cases:write', 'panther:read']],
    ['n8n.b', 'n8n', ['soc:write']],
    ['laptop', 'laptop', ['soc:read']],
  ]);
});
