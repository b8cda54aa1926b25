import type { OperationError } from '../../../operations/errors';
import { runOperation } from '../../../operations/operation';
import { getPermissions } from '../../../operations/panther/get-permissions';
import { FaultBoard } from '../../../sandbox/src/faults';
import {
  type RunningService,
  type ServiceRequest,
  type ServiceResponse,
  startService,
} from '../../../sandbox/src/service';
import { createTestPorts } from '../../support/ports';

let service: RunningService;
let answer: (request: ServiceRequest) => ServiceResponse;
let asked: string[];
beforeAll(async () => {
  const handler = async (request: ServiceRequest): Promise<ServiceResponse> => {
    asked.push(request.path);
    return answer(request);
  };
  service = await startService('panther', 0, handler, new FaultBoard());
});
beforeEach(() => {
  asked = [];
});
afterAll(() => service.close());

const run = (path = '') =>
  runOperation(
    getPermissions,
    createTestPorts({
      connections: { panther: { baseUrl: `${service.url}${path}`, token: 'secret-token' } },
      speed: 50,
    }),
    {},
  );
const fails = (path = '') => run(path).catch((error: unknown) => error as OperationError);

const token = { id: 't1', name: 'SOC', permissions: ['RuleRead', 'AlertRead'], expiresAt: null };
const page: ServiceResponse = { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>Not here</html>' };

/** An API below `base` and a web site's pages everywhere else. */
function apiAt(base: string, record: object = token, graphql: ServiceResponse = version('v1.2')): void {
  answer = ({ path }) => {
    if (path === `${base}/api-tokens/self`) return { status: 200, body: record };
    return path === `${base}/public/graphql` ? graphql : page;
  };
}
const version = (pantherVersion: string): ServiceResponse => ({
  status: 200,
  body: { data: { generalSettings: { pantherVersion } } },
});

test('says what the token may do, in the names of the token and of the console', async () => {
  apiAt('', { ...token, allowedCIDRBlocks: ['10.0.0.0/8'], expiresAt: '2027-01-01T00:00:00Z' });
  expect(await run()).toMatchObject({
    token: { id: 't1', name: 'SOC', expires_at: '2027-01-01T00:00:00Z', allowed_networks: ['10.0.0.0/8'] },
    permissions: [
      { name: 'AlertRead', title: 'Read Alerts' },
      { name: 'RuleRead', title: 'View Rules' },
    ],
    count: 2,
    address: { form: 'api', api_url: service.url, graphql_answers: true, advice: null },
    panther_version: 'v1.2',
  });
});

test('a permission that is not known here is kept as it is', async () => {
  apiAt('', { ...token, permissions: ['SomethingNewRead', 'constructor', '\u202Eevil'] });
  const { permissions } = await run();
  expect(permissions).toEqual([
    { name: 'SomethingNewRead', title: null },
    { name: 'constructor', title: null },
    { name: 'evil', title: null },
  ]);
});

test.each(['', '/public/graphql', '/v1', '/v1/public/graphql'])(
  'finds an API under /v1 from %s and says so',
  async (path) => {
    apiAt('/v1');
    const { address } = await run(path);
    expect(address.api_url).toBe(`${service.url}/v1`);
    expect(address.graphql_answers).toBe(true);
    expect(address.advice === null).toBe(path.startsWith('/v1'));
    if (address.advice !== null) expect(address.advice).toContain(`${service.url}/v1`);
  },
);

test.each(['/v1', '/v1/public/graphql'])('finds an API without /v1 from %s and says so', async (path) => {
  apiAt('');
  expect((await run(path)).address).toMatchObject({
    api_url: service.url,
    advice: expect.stringContaining(service.url),
  });
});

test("a gateway's refusal of an unknown path is not taken for Panther's", async () => {
  answer = ({ path }) => {
    if (path === '/v1/api-tokens/self') return { status: 200, body: token };
    if (path === '/v1/public/graphql') return version('v1');
    return { status: 403, body: { message: 'Missing Authentication Token' } };
  };
  expect((await run()).address.api_url).toBe(`${service.url}/v1`);
});

test('a token that is refused ends the search: the address was right', async () => {
  answer = () => ({ status: 401, body: { message: 'unauthorized' } });
  expect(await fails()).toMatchObject({ code: 'unauthenticated' });
  expect(asked).toEqual(['/api-tokens/self']);
});

test('an address with a web site and no API names the address to use', async () => {
  answer = () => page;
  expect(await fails()).toMatchObject({
    code: 'not_found_or_no_access',
    message: expect.stringContaining('Settings > API Tokens'),
  });
  expect(asked).toEqual(['/api-tokens/self', '/v1/api-tokens/self']);
});

test('a web site that answers every path with its front page is not taken for an API', async () => {
  answer = () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Console</title>',
  });
  expect(await fails()).toMatchObject({ code: 'bad_response', message: expect.stringContaining('HTML') });
});

test('a 204 without a body is no record of a token', async () => {
  answer = () => ({ status: 204 });
  expect(await fails()).toMatchObject({ code: 'bad_response' });
});

test.each<[string, ServiceResponse, boolean]>([
  ['a refusal of the permission', { status: 403, body: { error: 'forbidden' } }, true],
  [
    'an error of GraphQL',
    { status: 400, body: { errors: [{ message: 'no', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] } },
    true,
  ],
  ['a page of a web site', page, false],
])('%s of the GraphQL address: answers = %#', async (_name, response, answers) => {
  apiAt('', token, response);
  expect(await run()).toMatchObject({ panther_version: null, address: { graphql_answers: answers } });
});

test('nobody listening is said at once, without a second address', async () => {
  const ports = createTestPorts({ connections: { panther: { baseUrl: 'http://127.0.0.1:9', token: 't' } }, speed: 50 });
  const error = await runOperation(getPermissions, ports, {}).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'unavailable', details: { connection: expect.any(String) } });
  expect(new Set(ports.requests.map(({ url }) => url)).size).toBe(1);
});
