import { pantherEndpoints } from '../../../operations/panther/base-url';

test.each([
  ['https://acme.runpanther.net', 'https://api.acme.runpanther.net', 'console'],
  ['https://acme.runpanther.net/alerts/0123?x=1#y', 'https://api.acme.runpanther.net', 'a page of the console'],
  ['acme.runpanther.net', 'https://api.acme.runpanther.net', 'console without a scheme'],
  ['https://api.acme.runpanther.net/', 'https://api.acme.runpanther.net', 'API host'],
  ['https://api.acme.runpanther.net/public/graphql', 'https://api.acme.runpanther.net', 'GraphQL address'],
  ['https://api.acme.runpanther.net/mcp', 'https://api.acme.runpanther.net', 'address of the hosted MCP server'],
  ['https://siem.acme.example:8443', 'https://api.siem.acme.example:8443', 'custom domain with a port'],
  [
    'https://x1.execute-api.eu-central-1.amazonaws.com/v1',
    'https://x1.execute-api.eu-central-1.amazonaws.com/v1',
    'API Gateway',
  ],
  [
    'https://x1.execute-api.eu-central-1.amazonaws.com/v1/public/graphql/',
    'https://x1.execute-api.eu-central-1.amazonaws.com/v1',
    'API Gateway, GraphQL',
  ],
  [
    'https://x1.execute-api.eu-central-1.amazonaws.com/',
    'https://x1.execute-api.eu-central-1.amazonaws.com/v1',
    'API Gateway without its stage',
  ],
  ['http://127.0.0.1:4010', 'http://127.0.0.1:4010', 'IP address'],
  ['http://sandbox:4010/v1', 'http://sandbox:4010/v1', 'name without dots'],
  ['http://localhost:4010/', 'http://localhost:4010', 'this machine'],
])('%s leads to %s (%s)', (given, rest) => {
  const endpoints = pantherEndpoints(given);
  expect(endpoints).toEqual({ origin: new URL(rest).origin, rest, graphql: `${rest}/public/graphql` });
  expect(pantherEndpoints(endpoints.graphql)).toEqual(endpoints);
});

test.each(['ftp://acme.runpanther.net', 'https://user:pass@acme.runpanther.net', 'https://', 'javascript:alert(1)'])(
  '%s is refused',
  (given) => {
    expect(() => pantherEndpoints(given)).toThrow(/Panther address/);
  },
);
