import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server as SecureServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { AccessSettings } from '../access/access-settings';

type Files = NonNullable<AccessSettings['tls']>;

/** What a server needs of a certificate. */
export interface Pair {
  cert: Buffer;
  key: Buffer;
  minVersion: 'TLSv1.2';
}

/** What became of files that changed: taken over, or why not. */
export type TellRenewed = (problem: Error | undefined) => void;

/** The certificate and its key. Throws Error that names the file it cannot use. */
export function readPair({ certFile, keyFile }: Files): Pair {
  const pair = {
    cert: pem('SOC_TLS_CERT_FILE', certFile),
    key: pem('SOC_TLS_KEY_FILE', keyFile),
    minVersion: 'TLSv1.2' as const,
  };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new Error(
      `SOC_TLS_CERT_FILE and SOC_TLS_KEY_FILE are no certificate with its key: ${(error as Error).message}`,
      { cause: error },
    );
  }
  return pair;
}

/**
 * Takes a renewed certificate over while the server runs; connections that are open stay as they are. The two files are
 * written one after the other: while they do not fit each other, the old pair stays in use.
 */
export function followPair(files: Files, server: SecureServer, everyMs: number, tell: TellRenewed): void {
  const renew = (): void => {
    try {
      server.setSecureContext(readPair(files));
      tell(undefined);
    } catch (error) {
      tell(error as Error);
    }
  };
  const changed = (now: { mtimeMs: number; ino: number }, before: { mtimeMs: number; ino: number }): void => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) renew();
  };
  // Looked at by their paths: what Kubernetes and ACME clients change is often a link, of which the system tells nothing.
  const paths = [...new Set([files.certFile, files.keyFile])];
  for (const path of paths) watchFile(path, { persistent: false, interval: everyMs }, changed);
  server.once('close', () => {
    for (const path of paths) unwatchFile(path, changed);
  });
}

function pem(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${variable} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
