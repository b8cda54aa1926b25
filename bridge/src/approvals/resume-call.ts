import { InvalidInputError } from '../../../operations/errors';
import { cleanLine } from '../../../operations/text';

const timeoutMs = 10_000;

/**
 * A resume address that may be called: http or https, at one of the origins set up, without user name or password. Anything
 * else could make the bridge call whatever its network reaches. Throws InvalidInputError.
 */
export function checkedResumeUrl(address: string, origins: readonly string[]): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw new InvalidInputError('resume_url', 'is not an address');
  if (url.username !== '' || url.password !== '')
    throw new InvalidInputError('resume_url', 'holds a user name or password');
  if (origins.includes(url.origin)) return url.href;
  throw new InvalidInputError(
    'resume_url',
    `${cleanLine(url.origin, 100)} is not one of the origins that this bridge may call; add it to N8N_RESUME_ORIGINS`,
  );
}

/**
 * Announces an outcome. The body says which approval and is no proof: whoever is called asks the bridge itself. Resolves
 * to undefined when it was taken, else to what went wrong. Follows no redirect.
 */
export async function announce(
  address: string,
  body: { approval_id: string; status: string },
  stop: AbortSignal,
): Promise<string | undefined> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'soc-bridge' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it answered ${response.status}`;
  } catch (error) {
    const cause = (error as { cause?: { code?: unknown } }).cause?.code;
    return typeof cause === 'string' ? cause : error instanceof Error ? error.name : 'no answer';
  }
}
