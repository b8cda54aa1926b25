import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How far the time of a signed request may lie from the verifier's, either way, in seconds. */
export const requestWindowSeconds = 300;

/** The headers of a signed request, in lower case. */
export const signatureHeaders = {
  signature: 'x-signature',
  timestamp: 'x-timestamp',
  nonce: 'x-nonce',
  key: 'x-key-id',
} as const;

/** What is signed of a request: everything that decides what it does. */
export interface SignedParts {
  /** Upper case. */
  method: string;
  /** Path with query, as it stands in the request line. A proxy in between must not rewrite it. */
  target: string;
  /** The body, byte for byte; empty when there is none. */
  body: string | Uint8Array;
  /** Unix seconds. */
  timestamp: string;
  /** 16 to 64 of A-Z a-z 0-9 _ -, used once: two equal requests in one second are two requests. */
  nonce: string;
}

/** The value of X-Signature: `v1=` and HMAC-SHA256, in hex, over the lines v1, timestamp, nonce, method, target, SHA-256 of the body. */
export function requestSignature(parts: SignedParts, secret: string): string {
  const { method, target, body, timestamp, nonce } = parts;
  const bodyDigest = createHash('sha256').update(body).digest('hex');
  const text = ['v1', timestamp, nonce, method, target, bodyDigest].join('\n');
  return `v1=${createHmac('sha256', secret).update(text, 'utf8').digest('hex')}`;
}

/** The headers to add to a request so that its receiver knows who sent it, and that nobody changed it on the way. */
export function signRequest(
  request: { method: string; target: string; body: string | Uint8Array },
  key: { id: string; secret: string },
  now: Date,
  nonce: string,
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = requestSignature({ ...request, timestamp, nonce }, key.secret);
  return {
    [signatureHeaders.key]: key.id,
    [signatureHeaders.timestamp]: timestamp,
    [signatureHeaders.nonce]: nonce,
    [signatureHeaders.signature]: signature,
  };
}

export type HeaderProblem = 'missing' | 'malformed' | 'stale' | 'future';

/** What can be said without the body: it is read only for who may be somebody. Undefined when nothing is wrong. */
export function headerProblem(
  { signature, timestamp, nonce }: Partial<Record<'signature' | 'timestamp' | 'nonce', string>>,
  now: Date,
): HeaderProblem | undefined {
  if (!signature || !timestamp || !nonce) return 'missing';
  const wellFormed =
    /^v1=[0-9a-f]{64}$/.test(signature) && /^\d{1,12}$/.test(timestamp) && /^[A-Za-z0-9_-]{16,64}$/.test(nonce);
  if (!wellFormed) return 'malformed';
  const ageSeconds = now.getTime() / 1000 - Number(timestamp);
  if (ageSeconds > requestWindowSeconds) return 'stale';
  return ageSeconds < -requestWindowSeconds ? 'future' : undefined;
}

/** Compared in constant time, whatever was sent. */
export function isRequestSignature(parts: SignedParts, secret: string, signature: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(requestSignature(parts, secret)), digest(signature));
}
