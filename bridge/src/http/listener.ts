import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AccessSettings } from '../access/access-settings';
import { answerJson } from './exchange';

export interface ListenerLimits {
  /** Time to send the head of a request, and the whole of it; whoever is slower is not sending, but holding a place. */
  headMs: number;
  wholeRequestMs: number;
  /** Time to take an answer that is complete. */
  takeMs: number;
  /** How often is looked who has run out of time. */
  lookMs: number;
}

const usual: ListenerLimits = { headMs: 10_000, wholeRequestMs: 60_000, takeMs: 60_000, lookMs: 2000 };
/** Longer than the 60 s that proxies keep idle connections, so that none is closed while a request is on its way. */
const idleMs = 65_000;
const mostConnections = 4000;
const mostHeaderBytes = 16 * 1024;
const mostHeaders = 100;

/** The server with its limits, over TLS when there is a certificate. Throws Error that names the file it cannot use. */
export function createListener(tls: AccessSettings['tls'], handle: RequestListener, limits = usual): Server {
  const options = {
    maxHeaderSize: mostHeaderBytes,
    headersTimeout: limits.headMs,
    requestTimeout: limits.wholeRequestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: limits.lookMs,
  };
  const limited: RequestListener = (request, response) => {
    // Node's own limit leaves the rest out without a word, and what was left out was never checked.
    if (request.rawHeaders.length > 2 * mostHeaders) {
      answerJson(
        response,
        431,
        { code: 'invalid_input', message: `A request has at most ${mostHeaders} header fields.` },
        { connection: 'close' },
      );
      return;
    }
    endWithoutReader(response, limits.takeMs);
    handle(request, response);
  };
  const server = tls === undefined ? createServer(options, limited) : secureServer(tls, options, limited);
  server.maxConnections = mostConnections;
  server.maxHeadersCount = 0;
  return server;
}

function secureServer(
  tls: NonNullable<AccessSettings['tls']>,
  options: ServerOptions,
  handle: RequestListener,
): Server {
  const cert = pem('SOC_TLS_CERT_FILE', tls.certFile);
  const key = pem('SOC_TLS_KEY_FILE', tls.keyFile);
  try {
    return createSecureServer({ ...options, cert, key, minVersion: 'TLSv1.2' }, handle) as unknown as Server;
  } catch (error) {
    throw new Error(
      `SOC_TLS_CERT_FILE and SOC_TLS_KEY_FILE are no certificate with its key: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** A client that asks and does not read holds its answer in memory: it has so long, and no call runs for it any more. */
function endWithoutReader(response: ServerResponse, takeMs: number): void {
  response.once('prefinish', () => {
    const late = setTimeout(() => response.destroy(), takeMs).unref();
    response.once('close', () => clearTimeout(late));
  });
}

function pem(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${variable} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
