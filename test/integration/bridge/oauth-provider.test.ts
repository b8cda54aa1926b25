import {
  Client,
  type OAuthClientProvider,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { freePort } from '../../../scripts/stack/free-port.mjs';
import { AuthorizationServer, signInAndConfirm } from '../../support/bridge/authorization-server';
import { postMcp, toolCall } from '../../support/bridge/raw-request';
import { eventually, type RunningBridge, runBridge } from '../../support/bridge/running-bridge';

/**
 * The bridge as a resource server beside a real authorization server, reached by the SDK's own client: it finds the server by
 * the bridge's metadata, registers itself, uses PKCE, and asks for more when a tool needs more.
 */

let provider: AuthorizationServer;
let running: RunningBridge;

beforeAll(async () => {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  provider = await AuthorizationServer.start(`${publicUrl}/mcp`);
  running = await runBridge({
    SOC_BRIDGE_TOKEN: undefined,
    SOC_BRIDGE_PORT: String(port),
    SOC_PUBLIC_URL: publicUrl,
    SOC_OAUTH_ISSUER: provider.issuer,
    GITLAB_URL: 'https://gitlab.simulated.example',
    GITLAB_TOKEN: 'simulated',
    GITLAB_ALLOW: 'destructive',
  });
});
afterAll(async () => {
  await running?.stop();
  await provider?.stop();
});

/** A client that keeps what it is given in memory, and whose person signs in at once. */
class Person implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1:7777/callback';
  readonly clientMetadata = {
    client_name: 'Test client',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native' as const,
  };
  readonly authorizations: URL[] = [];
  cameBack: URL | undefined;
  private registered: StoredOAuthClientInformation | undefined;
  private kept: StoredOAuthTokens | undefined;
  private verifier = '';
  private discovered: Parameters<NonNullable<OAuthClientProvider['saveDiscoveryState']>>[0] | undefined;

  clientInformation = () => this.registered;
  saveClientInformation = (information: StoredOAuthClientInformation) => {
    this.registered = information;
  };
  tokens = () => this.kept;
  saveTokens = (tokens: StoredOAuthTokens) => {
    this.kept = tokens;
  };
  saveCodeVerifier = (verifier: string) => {
    this.verifier = verifier;
  };
  codeVerifier = () => this.verifier;
  discoveryState = () => this.discovered;
  saveDiscoveryState = (state: NonNullable<typeof this.discovered>) => {
    this.discovered = state;
  };
  redirectToAuthorization = async (url: URL) => {
    this.authorizations.push(url);
    this.cameBack = await signInAndConfirm(url);
  };

  get accessToken(): string {
    return this.kept?.access_token ?? '';
  }

  get scopes(): string[] {
    return String(decodeJwt(this.accessToken).scope).split(' ').sort();
  }
}

const address = () => new URL(`${running.url}/mcp`);
const transport = (person: Person) => new StreamableHTTPClientTransport(address(), { authProvider: person });

/** Runs what needs a token, and once again after the person has signed in. */
async function signedIn<T>(person: Person, work: (open: StreamableHTTPClientTransport) => Promise<T>): Promise<T> {
  const first = transport(person);
  try {
    return await work(first);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await first.finishAuth((person.cameBack as URL).searchParams);
    return await work(transport(person));
  }
}

async function connected(person: Person): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await signedIn(person, (open) => client.connect(open));
  return client;
}

/** An access token as a client without this SDK gets it: registered, with PKCE, for a resource of its choice. */
async function tokenFor(scope: string, resource: string): Promise<string> {
  const person = new Person();
  const sdk = await import('@modelcontextprotocol/client');
  const metadata = await sdk.discoverAuthorizationServerMetadata(provider.issuer);
  if (metadata === undefined) throw new Error('the authorization server says nothing about itself');
  const { clientMetadata } = person;
  const clientInformation = await sdk.registerClient(provider.issuer, { metadata, clientMetadata });
  const { authorizationUrl, codeVerifier } = await sdk.startAuthorization(provider.issuer, {
    metadata,
    clientInformation,
    redirectUrl: person.redirectUrl,
    scope,
    resource: new URL(resource),
  });
  const code = (await signInAndConfirm(authorizationUrl)).searchParams.get('code') ?? '';
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    code_verifier: codeVerifier,
    client_id: clientInformation.client_id,
    redirect_uri: person.redirectUrl,
    resource,
  });
  const answer = await fetch(metadata.token_endpoint, { method: 'POST', body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

const call = (token: string, tool = 'repeat_text', given: unknown = { text: 'x' }) =>
  postMcp(running.url, toolCall(tool, given), { authorization: `Bearer ${token}` });

it('a client that knows only the address finds the server, registers, signs in with PKCE and calls a tool', async () => {
  const person = new Person();
  const client = await connected(person);
  const result = await client.callTool({ name: 'repeat_text', arguments: { text: 'x', times: 3 } });
  expect(result.structuredContent).toMatchObject({ text: 'xxx' });
  await client.close();

  const [asked] = person.authorizations;
  expect(asked?.searchParams.get('code_challenge_method')).toBe('S256');
  expect(asked?.searchParams.get('resource')).toBe(`${running.url}/mcp`);
  expect(decodeJwt(person.accessToken)).toMatchObject({
    iss: provider.issuer,
    aud: `${running.url}/mcp`,
    sub: 'eva.lang',
  });
  // The first token may look around and no more.
  expect(person.scopes).toEqual(['soc:read']);
  // RFC 9207: the answer says who gives it.
  expect(person.cameBack?.searchParams.get('iss')).toBe(provider.issuer);
});

it('a tool beyond the token is refused with what to ask for, and works once the person has agreed', async () => {
  const person = new Person();
  const client = await connected(person);
  const refused = await call(person.accessToken, 'delete_nothing', {});
  expect(refused.status).toBe(403);
  expect(refused.headers.get('www-authenticate')).toContain('scope="soc:read cases:destructive"');

  const open = transport(person);
  const stepping = new Client({ name: 'test', version: '1.0.0' });
  await stepping.connect(open);
  const result = await stepping.callTool({ name: 'delete_nothing', arguments: {} }).catch(async (error: unknown) => {
    if (!(error instanceof UnauthorizedError)) throw error;
    await open.finishAuth((person.cameBack as URL).searchParams);
    return stepping.callTool({ name: 'delete_nothing', arguments: {} });
  });
  expect(result.structuredContent).toMatchObject({ base_url: 'https://gitlab.simulated.example' });
  expect(person.authorizations).toHaveLength(2);
  expect(person.scopes).toEqual(['cases:destructive', 'soc:read']);
  await stepping.close();
  await client.close();
});

it('a token of the same server for another resource does not open the bridge', async () => {
  const token = await tokenFor('soc:read', 'https://another.simulated.example/mcp');
  expect(decodeJwt(token)).toMatchObject({ iss: provider.issuer, aud: 'https://another.simulated.example/mcp' });
  const refused = await call(token);
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
  expect((await call(await tokenFor('soc:read', `${running.url}/mcp`))).status).toBe(200);
});

it('an expired token is exchanged by the client without asking the person again', async () => {
  // Its tokens last five minutes: this one has been over for longer than clocks may differ.
  provider.setClock(-400_000);
  const person = new Person();
  const first = transport(person);
  await expect(new Client({ name: 'test', version: '1.0.0' }).connect(first)).rejects.toThrow(UnauthorizedError);
  await first.finishAuth((person.cameBack as URL).searchParams);
  const expired = person.accessToken;
  const refused = await call(expired);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ message: 'The access token has expired.' });
  provider.setClock(0);

  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(transport(person));
  expect(person.accessToken).not.toBe(expired);
  expect(person.authorizations).toHaveLength(1);
  await client.close();
});

it('after the server has changed its keys, new tokens are taken and old ones are not', async () => {
  const old = [await tokenFor('soc:read', `${running.url}/mcp`), await tokenFor('soc:read', `${running.url}/mcp`)];
  expect((await call(old[0] ?? '')).status).toBe(200);
  await provider.rotateKeys();
  const fresh = await tokenFor('soc:read', `${running.url}/mcp`);
  expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old[1] ?? '').kid);
  // Unknown keys are looked for at most every ten seconds, so that nobody makes the bridge ask all the time.
  const response = await eventually(async () => {
    const answer = await call(fresh);
    return answer.status === 200 ? answer : undefined;
  });
  expect(response.status).toBe(200);
  expect((await call(old[1] ?? '')).status).toBe(401);
});
