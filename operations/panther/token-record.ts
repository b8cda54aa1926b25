import { z } from 'zod';
import { BadResponseError } from '../errors';
import type { PantherClient } from './client';

/**
 * The calling token's own record. Permissions are open texts: Panther adds new ones, and a name that is not known here is
 * kept as it is.
 */
const tokenRecord = z.object({
  id: z.string(),
  name: z.string().nullish(),
  permissions: z.array(z.string()),
  allowedCIDRBlocks: z.array(z.string()).nullish(),
  createdAt: z.string().nullish(),
  expiresAt: z.string().nullish(),
  lastUsedAt: z.string().nullish(),
  rotatedAt: z.string().nullish(),
});
export type TokenRecord = z.infer<typeof tokenRecord>;

/** `GET /api-tokens/self`, which needs no permission. Throws the typed errors of rest.ts. */
export async function readOwnToken(client: PantherClient): Promise<TokenRecord> {
  const record = await client.rest({
    method: 'GET',
    path: '/api-tokens/self',
    answer: tokenRecord,
    safeToRepeat: true,
    permission: 'any permission',
    what: "to read the token's own record",
    object: 'record of this token',
  });
  if (record === undefined) throw new BadResponseError('Panther', "the token's own record came without a body");
  return record;
}
