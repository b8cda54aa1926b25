import type { AccessSettings } from './access-settings';
import type { Scope } from './scopes';

/** Where clients find out which authorization server to ask (RFC 9728); one form for each way that they look for it. */
export const metadataPaths: readonly string[] = [
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
];

/** What a client asks for that knows nothing yet: enough to look around. More is asked for when a call needs it. */
export const firstScope: Scope = 'soc:read';

/** The value of `WWW-Authenticate`. Without OAuth it says no more than that a bearer token is needed. */
export function challenge(
  { oauth, publicUrl }: Pick<AccessSettings, 'oauth' | 'publicUrl'>,
  { error, scope = firstScope }: { error?: 'invalid_token' | 'insufficient_scope'; scope?: string },
): string {
  const parts: [string, string | undefined][] = [
    ['error', error],
    ['scope', oauth === undefined && error !== 'insufficient_scope' ? undefined : scope],
    ['resource_metadata', oauth === undefined ? undefined : `${publicUrl}${metadataPaths[1]}`],
  ];
  const shown = parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
  return ['Bearer', shown.join(', ')].join(' ').trim();
}

/** The protected-resource metadata of this bridge; undefined when it trusts no authorization server. */
export function resourceMetadata({ oauth, publicUrl }: AccessSettings): Record<string, unknown> | undefined {
  if (oauth === undefined) return undefined;
  return {
    resource: `${publicUrl}/mcp`,
    authorization_servers: [oauth.issuer],
    scopes_supported: [firstScope],
    bearer_methods_supported: ['header'],
    resource_name: 'soc-bridge',
  };
}
