import type { ICredentialType } from 'n8n-workflow';
import { GitLabSocApi } from '../../../credentials/GitLabSocApi.credentials';
import { PantherApi } from '../../../credentials/PantherApi.credentials';
import { SocBridgeApi } from '../../../credentials/SocBridgeApi.credentials';
import { SocSlackApi } from '../../../credentials/SocSlackApi.credentials';
import { credentialTypes } from '../../../nodes-host/credentials';
import type { Service } from '../../../operations/ports';
import { operations } from '../../../operations/registry';

const byService: Record<Exclude<Service, 'okta'>, ICredentialType> = {
  panther: new PantherApi(),
  gitlab: new GitLabSocApi(),
  slack: new SocSlackApi(),
};
const all = [...Object.values(byService), new SocBridgeApi()];

it('every credential is the one that the nodes ask for', () => {
  expect(all.map(({ name }) => name).sort()).toEqual(Object.values(credentialTypes).sort());
});

describe.each(all.map((credential) => [credential.displayName, credential] as const))('%s', (_, credential) => {
  const fields = credential.properties.filter(({ type }) => type !== 'notice');

  it('hides its secrets and nothing else', () => {
    const hidden = fields.filter(({ typeOptions }) => typeOptions?.password === true).map(({ name }) => name);
    expect(hidden[0]).toMatch(/token$/i);
    const others = ['signingSecret', 'keySecret'].filter((secret) => fields.some(({ name }) => name === secret));
    expect(hidden.slice(1)).toEqual(others);
  });

  it('sends nothing that it only verifies with', () => {
    expect(JSON.stringify([credential.authenticate, credential.test])).not.toContain('signingSecret');
  });

  it('sends its secret in a header, never in an address', async () => {
    const { authenticate } = credential;
    if (typeof authenticate === 'function') {
      const url = 'https://bridge.simulated.example/mcp';
      const sent = await authenticate({ url, token: 'simulated-token' }, { url, method: 'POST', body: '{}' });
      expect(sent).toEqual({ url, method: 'POST', body: '{}', headers: { Authorization: 'Bearer simulated-token' } });
    } else expect(JSON.stringify(authenticate)).toContain('"headers"');
    expect(JSON.stringify(credential.test)).not.toMatch(/\$credentials\.\w*(token|secret)/i);
  });

  it('can be tested', () => {
    expect(credential.test?.request.url).toMatch(/^\//);
    expect(credential.test?.request.baseURL).toMatch(/\$credentials\.(url|apiUrl)/);
  });
});

it.each(Object.entries(byService))(
  'the notice of %s names every permission that its operations need',
  (service, credential) => {
    const notice = credential.properties.find(({ type }) => type === 'notice')?.displayName ?? '';
    const needed = operations
      .filter(({ services }) => services.length === 1 && services[0] === service)
      .flatMap(({ permissions }) => permissions);
    expect(needed.length).toBeGreaterThan(0);
    for (const permission of needed) expect(notice).toContain(permission);
  },
);
