import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AccessSettings } from '../access/access-settings';
import { answerJson } from './exchange';
import { followPair, readPair, type TellRenewed } from './tls-files';

export interface ListenerLimits {
  /** Time to send the head of a request, and the whole of it; whoever is slower is not sending, but holding a place. */
  headMs: number;
  wholeRequestMs: number;
  /** Time to take an answer that is complete. */
  takeMs: number;
  /** How often is looked who has run out of time. */
  lookMs: number;
  /** How often is looked whether the certificate is another one. */
  certificateMs: number;
}

export const usual: ListenerLimits = {
  headMs: 10_000,
  wholeRequestMs: 60_000,
  takeMs: 60_000,
  lookMs: 2000,
  certificateMs: 5000,
};
/** Longer than the 60 s that proxies keep idle connections, so that none is closed while a request is on its way. */
const idleMs = 65_000;
const mostConnections = 4000;
const mostHeaderBytes = 16 * 1024;
const mostHeaders = 100;

/**
 * The server with its limits, over TLS when there is a certificate, which is taken over anew when it changes; `renewed` is
 * told. Throws Error that names the file it cannot use.
 */
export function createListener(
  tls: AccessSettings['tls'],
  handle: RequestListener,
  limits: ListenerLimits = usual,
  renewed: TellRenewed = () => {},
): Server {
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
  const server =
    tls === undefined
      ? createServer(options, limited)
      : secureServer(tls, options, limited, limits.certificateMs, renewed);
  server.maxConnections = mostConnections;
  server.maxHeadersCount = 0;
  return server;
}

function secureServer(
  files: NonNullable<AccessSettings['tls']>,
  options: ServerOptions,
  handle: RequestListener,
  lookMs: number,
  renewed: TellRenewed,
): Server {
  const server = createSecureServer({ ...options, ...readPair(files) }, handle);
  followPair(files, server, lookMs, renewed);
  return server as unknown as Server;
}

/** A client that asks and does not read holds its answer in memory: it has so long, and no call runs for it any more. */
function endWithoutReader(response: ServerResponse, takeMs: number): void {
  response.once('prefinish', () => {
    const late = setTimeout(() => response.destroy(), takeMs).unref();
    response.once('close', () => clearTimeout(late));
  });
}
