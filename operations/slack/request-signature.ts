import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How far the time of a request may lie from ours, either way, in seconds. Slack asks for it in one direction only. */
export const signatureWindowSeconds = 300;

export interface SignedRequest {
  /** The body as it came in, byte for byte: parsed and written again it has another signature. */
  rawBody: string | Uint8Array;
  /** `X-Slack-Signature`. */
  signature: string | undefined;
  /** `X-Slack-Request-Timestamp`: Unix seconds. */
  timestamp: string | undefined;
}

export type SignatureProblem = 'not_configured' | 'missing' | 'malformed' | 'stale' | 'future' | 'forged';

export type SignatureCheck = { valid: true } | { valid: false; problem: SignatureProblem; message: string };

const messages: Record<SignatureProblem, string> = {
  not_configured: "no signing secret is set up, so nothing can be verified; set the Slack app's Signing Secret",
  missing: 'X-Slack-Signature or X-Slack-Request-Timestamp is missing',
  malformed: 'X-Slack-Signature is not v0= and 64 hex digits, or X-Slack-Request-Timestamp is no number of seconds',
  stale: `the request is older than ${signatureWindowSeconds} s, or this clock is fast`,
  future: `the request is more than ${signatureWindowSeconds} s from the future; this clock may be slow`,
  forged: 'the signature does not fit the body under any of the signing secrets set up',
};

/**
 * Whether a request comes from Slack: HMAC-SHA256 over `v0:<timestamp>:<raw body>` with the app's signing secret
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack), compared in constant time. With several secrets,
 * any of them may fit: that is how a secret is exchanged without losing a click. Without a secret nothing is valid. A valid
 * request can still come twice; whoever acts on it has to count it once. Never throws.
 */
export function verifySlackSignature(request: SignedRequest, secrets: readonly string[], now: Date): SignatureCheck {
  const usable = secrets.filter((secret) => secret !== '');
  if (usable.length === 0) return refused('not_configured');
  const { rawBody, signature, timestamp } = request;
  if (!signature || !timestamp) return refused('missing');
  if (!/^v0=[0-9a-f]{64}$/.test(signature) || !/^\d{1,12}$/.test(timestamp)) return refused('malformed');
  const ageSeconds = now.getTime() / 1000 - Number(timestamp);
  if (ageSeconds > signatureWindowSeconds) return refused('stale');
  if (ageSeconds < -signatureWindowSeconds) return refused('future');
  // No early end: the time taken does not tell which secret fitted.
  const fits = usable.map((secret) => equalTexts(slackSignature(rawBody, timestamp, secret), signature));
  return fits.includes(true) ? { valid: true } : refused('forged');
}

/** The value of `X-Slack-Signature` for a body sent at `timestamp` (Unix seconds). */
export function slackSignature(rawBody: string | Uint8Array, timestamp: string, secret: string): string {
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest('hex');
  return `v0=${digest}`;
}

function refused(problem: SignatureProblem): SignatureCheck {
  return { valid: false, problem, message: messages[problem] };
}

/** Hashes have one length, so that the comparison takes the same time whatever was sent. */
function equalTexts(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(a), digest(b));
}
