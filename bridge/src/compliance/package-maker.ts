import { userInfo } from 'node:os';
import type { PackagesPort } from '../../../operations/compliance/packages-port';

/** Who makes a package: whom the transport authenticated, else the account that this process runs under. */
export function packageMaker(version: string, principal?: string): PackagesPort['maker'] {
  const who = principal === undefined ? `user ${accountName()} of the machine` : `caller ${principal}`;
  return { program: 'soc-bridge', version, who, zone_data: process.versions.tz ?? null };
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry, as in some containers.
    return String(process.getuid?.() ?? 'unknown');
  }
}
