import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ServiceRequest } from '../service';

/** The key that requests have to be signed with. */
export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** A request without a good signature; each of AWS's protocols wraps it in its own way. */
export class SignatureError extends Error {
  readonly status = 403;

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text, 'utf8').digest();
const hash = (text: Buffer | string) => createHash('sha256').update(text).digest('hex');

/** Signature Version 4 as AWS documents it: over method, path, query, the signed headers, and the hash of the body. */
export function verifySignature(request: ServiceRequest, { accessKeyId, secretAccessKey }: AwsKey, now: Date): void {
  const header = request.headers.authorization ?? '';
  const [, id, scope, signed, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(header) ??
    [];
  if (id === undefined || scope === undefined || signed === undefined || signature === undefined)
    throw new SignatureError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  if (id !== accessKeyId)
    throw new SignatureError('InvalidClientTokenId', 'The security token included in the request is invalid.');
  const at = String(request.headers['x-amz-date'] ?? '');
  const time = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(time - now.getTime()) <= 15 * 60_000))
    throw new SignatureError('SignatureDoesNotMatch', 'Signature expired.');
  const headers = signed
    .split(';')
    .map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`)
    .join('');
  const query = [...request.query]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .sort();
  const canonical = [request.method, request.path, query.join('&'), headers, signed, hash(request.body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', at, scope, hash(canonical)].join('\n');
  const key = scope.split('/').reduce<Buffer | string>((last, part) => hmac(last, part), `AWS4${secretAccessKey}`);
  const expected = hmac(key, toSign);
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
    throw new SignatureError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    );
}
