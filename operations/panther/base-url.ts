import { InvalidInputError } from '../errors';

/** Where one tenant's two APIs live. Both are on one origin, so one credential serves both. */
export interface PantherEndpoints {
  origin: string;
  graphql: string;
  /** Without a trailing slash; REST paths such as `/alerts` are appended to it. */
  rest: string;
}

const graphqlSuffix = '/public/graphql';

/** What a pasted address was taken for. */
export const addressForms = ['api', 'graphql', 'gateway', 'mcp', 'console'] as const;
export type AddressForm = (typeof addressForms)[number];

/**
 * The API addresses that belong to what a person pasted: the API address with or without `/public/graphql`, an API
 * Gateway address that ends in `/v1`, the address of the hosted MCP server, or any page of the console, whose API
 * lives on `api.` in front of the same host. An API Gateway address without its stage gets `/v1`. An address with an API path, an `api.` host, an IP
 * address, a name without dots and names of private networks are taken as written.
 * Throws InvalidInputError for what is no http(s) address, or holds a user name or password.
 */
export function pantherEndpoints(baseUrl: string): PantherEndpoints {
  return readAddress(baseUrl).endpoints;
}

/** The API addresses, and what the address that was pasted was taken for. Throws as pantherEndpoints. */
export function readAddress(baseUrl: string): { endpoints: PantherEndpoints; form: AddressForm } {
  const url = parseAddress(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  const withoutSuffix = path.endsWith(graphqlSuffix) ? path.slice(0, -graphqlSuffix.length) : path;
  if (withoutSuffix !== path) return { endpoints: endpoints(url.protocol, url.host, withoutSuffix), form: 'graphql' };
  if (path.endsWith('/v1')) return { endpoints: endpoints(url.protocol, url.host, path), form: 'gateway' };
  if (gatewayHost.test(url.hostname) && path === '') {
    return { endpoints: endpoints(url.protocol, url.host, '/v1'), form: 'gateway' };
  }
  if (isApiHost(url.hostname)) {
    const withoutMcp = path.replace(/\/mcp$/, '');
    return { endpoints: endpoints(url.protocol, url.host, withoutMcp), form: withoutMcp === path ? 'api' : 'mcp' };
  }
  return { endpoints: endpoints(url.protocol, `api.${url.host}`, ''), form: 'console' };
}

/**
 * Where the API may live instead when it does not answer at `first`: the other stage of the same origin. Never another
 * host, because the token goes along.
 */
export function alternatives(first: PantherEndpoints): PantherEndpoints[] {
  const { protocol, host } = new URL(first.origin);
  const path = first.rest.slice(first.origin.length);
  return [endpoints(protocol, host, path.endsWith('/v1') ? path.slice(0, -'/v1'.length) : `${path}/v1`)];
}

const gatewayHost = /\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/;

function endpoints(protocol: string, host: string, path: string): PantherEndpoints {
  const origin = `${protocol}//${host}`;
  const base = `${origin}${path.replace(/\/+$/, '')}`;
  return { origin, graphql: `${base}${graphqlSuffix}`, rest: base };
}

function parseAddress(baseUrl: string): URL {
  const text = baseUrl.trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    throw invalid('not an address; paste the API URL that Panther shows under Settings > API Tokens');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid('only http and https addresses can be used');
  if (url.username !== '' || url.password !== '') {
    throw invalid('holds a user name or password; the API token belongs in the credential, not in the address');
  }
  return url;
}

function isApiHost(host: string): boolean {
  return (
    host.startsWith('api.') ||
    !host.includes('.') ||
    /^\d+(\.\d+){3}$/.test(host) ||
    gatewayHost.test(host) ||
    /\.(localhost|local|internal)$/.test(host)
  );
}

function invalid(problem: string): InvalidInputError {
  return new InvalidInputError('baseUrl', `the Panther address is ${problem}`);
}
