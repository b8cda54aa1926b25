import type { AuthInfo } from '@modelcontextprotocol/server';
import { everyScope } from './scopes';

/** How a caller proved who it is. */
export type Proof =
  /** The process that started this one. */
  | 'stdio'
  /** Loopback without any credential set up. */
  | 'loopback'
  /** SOC_BRIDGE_TOKEN, which belongs to nobody in particular. */
  | 'bridge_token'
  /** A named token out of the store. */
  | 'token'
  | 'oauth'
  | 'signature';

/** Whom a transport made sure of; nothing that a caller says about itself. */
export interface Principal {
  /** Undefined when the credential names nobody. */
  name: string | undefined;
  proof: Proof;
  /** What it may do at most; see scopes.ts. */
  scopes: readonly string[];
  /** Which of several credentials of the same name it was, for logs and for revoking: never the secret. */
  credentialId?: string;
  /** Unix seconds. */
  expiresAt?: number;
}

export const localProcess: Principal = { name: undefined, proof: 'stdio', scopes: everyScope };

const key = 'soc.principal';

/** As the SDK carries it to the handlers. The token itself goes no further than the check. */
export function toAuthInfo(principal: Principal): AuthInfo {
  return {
    token: '',
    clientId: principal.name ?? 'soc-bridge',
    scopes: [...principal.scopes],
    expiresAt: principal.expiresAt,
    extra: { [key]: principal },
  };
}

/** The caller of a request: over HTTP what the transport attached, and nobody without any scope when it attached nothing. */
export function principalOf(http: { authInfo?: AuthInfo } | undefined): Principal {
  if (http === undefined) return localProcess;
  const attached = http.authInfo?.extra?.[key] as Principal | undefined;
  return attached ?? { name: http.authInfo?.clientId, proof: 'loopback', scopes: http.authInfo?.scopes ?? [] };
}

/** One caller, for counting and for what belongs to it. */
export function callerKey({ name, proof }: Principal): string {
  return `${proof}:${name ?? ''}`;
}
