import fc from 'fast-check';
import { type INode, type INodeType, type INodeTypes, Workflow } from 'n8n-workflow';
import { PantherApi } from '../../../credentials/PantherApi.credentials';
import { pantherEndpoints } from '../../../operations/panther/base-url';

const { request } = new PantherApi().test;

/** n8n's own evaluation of the address that the test of a credential asks. */
function tested(apiUrl: string): string {
  const node: INode = { id: '1', name: 'Node', type: 'any', typeVersion: 1, position: [0, 0], parameters: {} };
  const type = { description: { properties: [] } } as unknown as INodeType;
  const nodeTypes = { getByNameAndVersion: () => type, getByName: () => type, getKnownTypes: () => ({}) } as INodeTypes;
  const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
  const value = workflow.expression.getSimpleParameterValue(node, request.baseURL, 'internal', {
    $credentials: { apiUrl },
  });
  return `${String(value)}${request.url}`;
}

const asked = (apiUrl: string) => new URL(tested(apiUrl)).href;
const expected = (apiUrl: string) => new URL(`${pantherEndpoints(apiUrl).rest}/api-tokens/self`).href;

describe("the test of Panther's credential", () => {
  it.each([
    ['https://acme.runpanther.net', 'https://api.acme.runpanther.net/api-tokens/self'],
    ['https://acme.runpanther.net/alerts/1?tab=events#top', 'https://api.acme.runpanther.net/api-tokens/self'],
    ['https://api.acme.runpanther.net/', 'https://api.acme.runpanther.net/api-tokens/self'],
    [' https://api.acme.runpanther.net/public/graphql/ ', 'https://api.acme.runpanther.net/api-tokens/self'],
    ['api.acme.runpanther.net', 'https://api.acme.runpanther.net/api-tokens/self'],
    ['https://api.acme.runpanther.net/mcp', 'https://api.acme.runpanther.net/api-tokens/self'],
    [
      'https://x1.execute-api.eu-west-1.amazonaws.com',
      'https://x1.execute-api.eu-west-1.amazonaws.com/v1/api-tokens/self',
    ],
    [
      'https://x1.execute-api.eu-west-1.amazonaws.com/v1/public/graphql',
      'https://x1.execute-api.eu-west-1.amazonaws.com/v1/api-tokens/self',
    ],
    ['https://panther.acme.example/v1', 'https://panther.acme.example/v1/api-tokens/self'],
    ['http://127.0.0.1:8080/v1/public/graphql', 'http://127.0.0.1:8080/v1/api-tokens/self'],
    ['http://localhost:8080', 'http://localhost:8080/api-tokens/self'],
    ['http://[::1]:8080/', 'http://[::1]:8080/api-tokens/self'],
  ])('asks the API of %s', (apiUrl, url) => {
    expect(asked(apiUrl)).toBe(url);
    expect(expected(apiUrl)).toBe(url);
  });

  it('asks where the operations ask, for any address', () => {
    const label = fc.stringMatching(/^[a-zA-Z]([a-zA-Z0-9-]{0,6}[a-zA-Z0-9])?$/);
    const host = fc.oneof(
      fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
      fc.tuple(fc.constantFrom('api.', 'API.', ''), label).map(([api, name]) => `${api}${name}.runpanther.net`),
      label.map((name) => `${name}.execute-api.us-east-1.amazonaws.com`),
      label.map((name) => `${name}.internal`),
      fc.ipV4(),
      fc.ipV6().map((ip) => `[${ip}]`),
    );
    const segment = fc.oneof(
      fc.constantFrom('v1', 'public/graphql', 'mcp', 'alerts', '', 'graphql'),
      fc.stringMatching(/^[a-zA-Z0-9._~%-]{1,8}$/).filter((text) => !/^\.+$|%/.test(text)),
    );
    const address = fc
      .record({
        scheme: fc.constantFrom('https://', 'http://', 'HTTPS://', ''),
        host,
        port: fc.option(
          fc.integer({ min: 1, max: 65535 }).map((port) => `:${port}`),
          { nil: '' },
        ),
        path: fc.array(segment, { maxLength: 4 }).map((segments) => segments.map((text) => `/${text}`).join('')),
        rest: fc.constantFrom('', '?a=b', '#x', '?x=/v1', '/'),
        space: fc.constantFrom('', ' ', '\n'),
      })
      .map((part) => `${part.space}${part.scheme}${part.host}${part.port}${part.path}${part.rest}${part.space}`);
    fc.assert(
      fc.property(address, (apiUrl) => {
        expect(asked(apiUrl)).toBe(expected(apiUrl));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    'https://acme.runpanther.net@attacker.example',
    'https://user:password@api.acme.runpanther.net',
    'https://api.acme.runpanther.net\\@attacker.example',
    'ftp://api.acme.runpanther.net',
    'javascript:alert(1)',
    'not an address',
    '',
  ])('asks nobody for %j', (apiUrl) => {
    expect(tested(apiUrl)).toBe('/api-tokens/self');
    // What the operations take for another address than the test must at least not be taken for a host of ours.
    if (!apiUrl.includes('\\')) expect(() => pantherEndpoints(apiUrl)).toThrow();
  });
});
