import { createHash } from 'node:crypto';

/**
 * The name of a credential for `Connection.account`: the same for the same address and secret, another one for any other,
 * and no way back from it to a secret that was made by a machine. Undefined without a secret.
 */
export function accountName(baseUrl: string, secret: string | undefined): string | undefined {
  if (secret === undefined || secret === '') return undefined;
  return createHash('sha256')
    .update(JSON.stringify([baseUrl, secret]))
    .digest('hex')
    .slice(0, 32);
}
