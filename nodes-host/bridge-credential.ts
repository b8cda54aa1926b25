import { randomBytes } from 'node:crypto';
import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { signRequest } from '../operations/request-signature';
import { isUnder, withoutSlash } from './credential-address';

/** How a credential of type SOC Bridge API says who calls. Credentials from before there was a choice have a token. */
export type BridgeAuthentication = 'token' | 'signature';

/** Where the bridge is, without a slash or `/mcp` at its end. */
export function bridgeAddress({ url }: ICredentialDataDecryptedObject): string {
  return withoutSlash(url).replace(/\/mcp$/, '');
}

/** What the credential proves itself with, as one text. */
export function bridgeSecret(credential: ICredentialDataDecryptedObject): unknown {
  if (authenticationOf(credential) === 'token') return credential.token;
  const { keyId, keySecret } = credential;
  return keySecret === undefined || keySecret === '' ? undefined : `${String(keyId)}=${String(keySecret)}`;
}

/**
 * A request with its proof: the bearer token, or a signature over method, path and body, new for every request. Throws Error for an
 * address that is not the credential's own, because a token, and within minutes a signed request, can be used by whoever gets it.
 */
export function proveToBridge(
  credential: ICredentialDataDecryptedObject,
  request: IHttpRequestOptions,
  now = new Date(),
): IHttpRequestOptions {
  const url = addressOf(request);
  if (!isUnder(bridgeAddress(credential), url)) {
    throw new Error('The SOC Bridge credential goes to the address stored in it and nowhere else.');
  }
  return { ...request, headers: { ...request.headers, ...proof(credential, request, new URL(url), now) } };
}

function proof(
  credential: ICredentialDataDecryptedObject,
  { method = 'GET', body, qs }: IHttpRequestOptions,
  { pathname, search }: URL,
  now: Date,
): Record<string, string> {
  if (authenticationOf(credential) === 'token') return { Authorization: `Bearer ${text(credential.token)}` };
  const [id, secret] = [text(credential.keyId), text(credential.keySecret)];
  if (id === '' || secret === '') {
    throw new Error(
      'The SOC Bridge credential has no Key ID or no Key Secret. Enter both as SOC_SIGNING_KEYS of the bridge has them.',
    );
  }
  if (qs !== undefined && Object.keys(qs).length > 0) {
    throw new Error('A signed request has its query in its address: the signature is made over it.');
  }
  const nonce = randomBytes(16).toString('base64url');
  return signRequest({ method, target: `${pathname}${search}`, body: bodyText(body) }, { id, secret }, now, nonce);
}

/** What n8n's HTTP client sends for a body: a text as it is, anything else as JSON. */
function bodyText(body: IHttpRequestOptions['body']): string {
  if (body === undefined || body === null || body === '') return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** n8n's older helper has the address as `uri`. */
function addressOf({ url, baseURL, uri }: IHttpRequestOptions & { uri?: string }): string {
  const given = url ?? uri ?? '';
  return baseURL === undefined ? given : `${baseURL.replace(/\/+$/, '')}/${given.replace(/^\/+/, '')}`;
}

function authenticationOf({ authentication }: ICredentialDataDecryptedObject): BridgeAuthentication {
  return authentication === 'signature' ? 'signature' : 'token';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
