import { BlockList, isIP } from 'node:net';
import type { SettingsReader } from '../approvals/approval-settings';
import { isScope, type Scope } from './scopes';

/** A key that signs requests. Keys of one principal differ behind the dot, so that one can be exchanged for another. */
export interface SigningKey {
  id: string;
  /** The id up to its dot. */
  principal: string;
  secret: string;
  scopes: Scope[];
}

export interface OAuthSettings {
  issuer: string;
  /** What a token has to be issued for. */
  audience: string;
  /** Undefined: as the issuer's metadata say. */
  jwksUrl: string | undefined;
  algorithms: string[];
  /** The claim that names the principal. */
  principalClaim: string;
}

export interface AccessSettings {
  /** True: nobody without a credential, not even on loopback. */
  required: boolean;
  bridgeToken: string | undefined;
  signingKeys: SigningKey[];
  oauth: OAuthSettings | undefined;
  /** Under which clients reach the bridge, without a slash at its end. */
  publicUrl: string | undefined;
  /** Addresses whose word on the client's address counts. */
  trustedProxies: BlockList | undefined;
  /** PEM files. */
  tls: { certFile: string; keyFile: string } | undefined;
  /** Beyond loopback without TLS and without a proxy. */
  allowPlainHttp: boolean;
  /** Requests a minute of one principal, and calls a minute of one tool by one principal; 0 is no limit. */
  rates: { principal: number; tool: number };
}

type Reader = SettingsReader & { flag(variable: string): boolean };

/** What asymmetric signatures people use; never `none`, and never HMAC, whose key would be the public one. */
const knownAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const minSecretLength = 32;

/** Reads who may come in. */
export function readAccessSettings(reader: Reader, bridgeToken: string | undefined): AccessSettings {
  const publicUrl = address(reader, 'SOC_PUBLIC_URL', { path: false });
  return {
    required: reader.flag('SOC_REQUIRE_AUTH'),
    bridgeToken,
    signingKeys: signingKeys(reader),
    oauth: oauth(reader, publicUrl),
    publicUrl,
    trustedProxies: proxies(reader),
    tls: tls(reader),
    allowPlainHttp: reader.flag('SOC_ALLOW_PLAIN_HTTP'),
    rates: {
      principal: reader.integer('SOC_RATE_PER_MINUTE', 6000, 0, 1_000_000),
      tool: reader.integer('SOC_TOOL_RATE_PER_MINUTE', 3000, 0, 1_000_000),
    },
  };
}

/** `n8n.a(cases:write panther:read)=SECRET`, several with white space or commas between them. */
function signingKeys(reader: Reader): SigningKey[] {
  const text = reader.text('SOC_SIGNING_KEYS');
  if (text === undefined) return [];
  const keys: SigningKey[] = [];
  const entry = /\s*([A-Za-z0-9_-]{1,40}(?:\.[A-Za-z0-9_-]{1,20})?)\(([^()]*)\)=([^\s,]+)(?:[\s,]+|$)/y;
  let end = 0;
  for (let match = entry.exec(text); match !== null; match = entry.exec(text)) {
    end = entry.lastIndex;
    const [, id = '', scopeText = '', secret = ''] = match;
    const scopes = scopeText.split(/[\s,]+/).filter((scope) => scope !== '');
    const unknown = scopes.find((scope) => !isScope(scope));
    if (scopes.length === 0) reader.problem('SOC_SIGNING_KEYS', `gives no scope to the key ${id}`);
    else if (unknown !== undefined) reader.problem('SOC_SIGNING_KEYS', `gives the key ${id} an unknown scope`);
    else if (secret.length < minSecretLength) {
      reader.problem('SOC_SIGNING_KEYS', `has a secret under ${minSecretLength} characters for the key ${id}`);
    } else if (keys.some((key) => key.id === id)) reader.problem('SOC_SIGNING_KEYS', `has the key ${id} twice`);
    else keys.push({ id, principal: id.replace(/\..*$/, ''), secret, scopes: scopes.filter(isScope) });
    if (end >= text.length) break;
  }
  if (end < text.length) reader.problem('SOC_SIGNING_KEYS', 'is not a list of ID(SCOPES)=SECRET');
  return keys;
}

function oauth(reader: Reader, publicUrl: string | undefined): OAuthSettings | undefined {
  const issuer = address(reader, 'SOC_OAUTH_ISSUER', { path: true });
  if (issuer === undefined) return undefined;
  const audience = reader.text('SOC_OAUTH_AUDIENCE') ?? (publicUrl === undefined ? undefined : `${publicUrl}/mcp`);
  if (publicUrl === undefined) {
    reader.problem('SOC_PUBLIC_URL', 'is missing; OAuth needs the address that clients know this bridge by');
  }
  const algorithms = (reader.text('SOC_OAUTH_ALGORITHMS') ?? 'RS256,PS256,ES256,EdDSA')
    .split(',')
    .map((name) => name.trim());
  if (!algorithms.every((name) => knownAlgorithms.includes(name))) {
    reader.problem('SOC_OAUTH_ALGORITHMS', `is not a list of ${knownAlgorithms.join(', ')}`);
  }
  return {
    issuer,
    audience: audience ?? '',
    jwksUrl: address(reader, 'SOC_OAUTH_JWKS_URL', { path: true }),
    algorithms,
    principalClaim: reader.text('SOC_OAUTH_PRINCIPAL_CLAIM') ?? 'sub',
  };
}

/** Plain http only on this machine: what is fetched there decides who comes in. */
function address(reader: Reader, variable: string, { path }: { path: boolean }): string | undefined {
  const value = reader.text(variable);
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const here = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && here);
  if (url === undefined || !secure || url.username !== '' || url.search !== '' || url.hash !== '') {
    reader.problem(variable, 'is not an https address without user, query and fragment');
    return undefined;
  }
  if (!path && url.pathname !== '/') reader.problem(variable, 'has a path; write the origin alone');
  // Issuers are compared letter by letter, so one that ends in a slash keeps it.
  return path ? value : url.origin;
}

function proxies(reader: Reader): BlockList | undefined {
  const text = reader.text('SOC_TRUSTED_PROXIES');
  if (text === undefined) return undefined;
  const list = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [ip = '', bits] = entry.split('/');
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    const most = family === 'ipv6' ? 128 : 32;
    if (
      isIP(ip) === 0 ||
      (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most && Number(bits) > 0))
    ) {
      reader.problem('SOC_TRUSTED_PROXIES', 'is not a list of IP addresses and networks (10.0.0.0/8) with commas');
    } else if (bits === undefined) list.addAddress(ip, family);
    else list.addSubnet(ip, Number(bits), family);
  }
  return list;
}

function tls(reader: Reader): AccessSettings['tls'] {
  const certFile = reader.text('SOC_TLS_CERT_FILE');
  const keyFile = reader.text('SOC_TLS_KEY_FILE');
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined) reader.problem('SOC_TLS_CERT_FILE', 'is missing, but there is a key');
  if (keyFile === undefined) reader.problem('SOC_TLS_KEY_FILE', 'is missing, but there is a certificate');
  return { certFile: certFile ?? '', keyFile: keyFile ?? '' };
}
