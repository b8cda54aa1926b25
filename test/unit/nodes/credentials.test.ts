import type { ICredentialType } from 'n8n-workflow';
import { GitLabSocApi } from '../../../credentials/GitLabSocApi.credentials';
import { PantherApi } from '../../../credentials/PantherApi.credentials';
import { SocBridgeApi } from '../../../credentials/SocBridgeApi.credentials';
import { SocSlackApi } from '../../../credentials/SocSlackApi.credentials';
import { credentialTypes } from '../../../nodes-host/credentials';
import type { Service } from '../../../operations/ports';
import { operations } from '../../../operations/registry';

const byService: Record<Service, ICredentialType> = {
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

  it('hides its secret and nothing else', () => {
    const hidden = fields.filter(({ typeOptions }) => typeOptions?.password === true).map(({ name }) => name);
    expect(hidden).toHaveLength(1);
    expect(hidden[0]).toMatch(/token$/i);
  });

  it('sends its secret in a header, never in an address', () => {
    expect(JSON.stringify(credential.authenticate)).toContain('"headers"');
    expect(JSON.stringify(credential.test)).not.toMatch(/\$credentials\.\w*token/i);
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
