import { createHash, timingSafeEqual } from 'node:crypto';
import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

/** The header that Panther has to send, as its destination sends it. */
export interface WebhookSecret {
  /** Lower case, as Node names headers. */
  header: string;
  value: string;
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
/** Shorter values can be guessed over the network. */
const shortest = 16;

/** The secret in a credential; undefined when there is none to compare with, and then nobody may come in. */
export function webhookSecretOf(data: ICredentialDataDecryptedObject | undefined): WebhookSecret | undefined {
  const header = text(data?.headerName).toLowerCase();
  const value = text(data?.secret);
  return headerName.test(header) && withoutScheme(value) !== '' ? { header, value } : undefined;
}

/**
 * Whether the headers carry the secret, compared in constant time over hashes, so that neither its length nor how much
 * of it was right shows in the time. False without a secret.
 */
export function carriesSecret(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  secret: WebhookSecret | undefined,
): boolean {
  if (secret === undefined) return false;
  const given = headers[secret.header];
  if (typeof given !== 'string') return false;
  return timingSafeEqual(digest(given.trim()), digest(secret.value));
}

/** What is wrong with the credential, in words for its form; undefined when it will do. */
export function secretProblem(data: ICredentialDataDecryptedObject | undefined): string | undefined {
  const header = text(data?.headerName);
  if (!headerName.test(header))
    return `"${header}" is no name of an HTTP header. Use Authorization, or a name such as X-Panther-Secret.`;
  const value = text(data?.secret);
  const secret = withoutScheme(value);
  if (secret === '') return 'There is no secret in Header Value. Every alert would be refused.';
  if (!/^[\x20-\x7e]*$/.test(value))
    return 'Header Value has characters that HTTP headers cannot carry. Use letters, digits and ASCII signs.';
  if (secret.length < shortest) return `The secret is too short to be one. Use at least ${shortest} random characters.`;
  return undefined;
}

function withoutScheme(value: string): string {
  return value.replace(/^(?:bearer|basic|token)(?:\s+|$)/i, '').trim();
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value, 'utf8').digest();
}
