import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Principal } from '../access/principal';

/** Whoever has the secret for alerts: it opens cases and does nothing else. */
export const alertSource: Principal = { name: 'alert-source', proof: 'token', scopes: ['cases:write'] };

/** The header a webhook sends the secret in, for those that can only send a fixed one. */
export const alertSecretHeader = 'x-alert-secret';

/** Whether a request carries one of the secrets: in its header, once, or as a bearer token. Constant time. */
export function carriesAlertSecret(request: IncomingMessage, secrets: readonly string[]): boolean {
  const own = request.headersDistinct[alertSecretHeader];
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const given = [own?.length === 1 ? own[0] : undefined, bearer].filter((value) => value !== undefined);
  // No early end: the time taken does not tell which secret fitted.
  return secrets
    .flatMap((secret) => given.map((value) => timingSafeEqual(digest(secret), digest(value))))
    .includes(true);
}

/** Equal lengths for the comparison, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
