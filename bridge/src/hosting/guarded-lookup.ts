import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { OperationError } from '../../../operations/errors';
import { isPublicAddress } from './private-address';

/** A name or address that leads into a private network. Not a ConnectionError: trying again cannot help. */
export class PrivateAddressError extends OperationError {
  constructor(host: string) {
    super(
      'unavailable',
      `${host} is an address of a private network, and the bridge connects to public addresses only. ` +
        'If this service really is in your own network, set SOC_ALLOW_PRIVATE_NETWORK=true.',
      { host },
    );
  }
}

/** Refuses a literal private address; `lookup` is not called for literals. `host` may have IPv6 brackets. */
export function refusePrivateLiteral(host: string): void {
  const plain = host.replace(/^\[|\]$/g, '');
  if (isIP(plain) !== 0 && !isPublicAddress(plain)) throw new PrivateAddressError(plain);
}

/**
 * Resolves like the system does, and fails when any answer is not a public address: the addresses that were checked are
 * the ones that are dialled, so a name cannot change between check and use.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...(options as LookupOptions), all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '', 0);
    if (!addresses.every(({ address }) => isPublicAddress(address))) {
      return callback(new PrivateAddressError(hostname) as NodeJS.ErrnoException, '', 0);
    }
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    return callback(null, first?.address ?? '', first?.family ?? 4);
  });
};
