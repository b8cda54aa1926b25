import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from '../http/exchange';

const path = '/callback';

/** What the authorization server sent the browser back with, and how the browser is told what became of it. */
export interface CameBack {
  parameters: URLSearchParams;
  /** Ends the person's page. `problem` undefined: all is well. */
  tell(problem: string | undefined): void;
}

/**
 * The address on this machine that a browser comes back to after signing in (RFC 8252 7.3). One answer with the right state is
 * taken; whatever else asks, a web page that guesses the port for one, changes nothing.
 */
export class LoopbackRedirect {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** `port` 0 is any. Rejects with the system's EADDRINUSE when it is taken. */
  static async open(port: number): Promise<LoopbackRedirect> {
    const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new LoopbackRedirect(server, (server.address() as AddressInfo).port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Resolves when the browser is back with `state`; rejects when `signal` ends the wait. */
  cameBack(state: string, signal: AbortSignal): Promise<CameBack> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (signal.aborted) reject(signal.reason);
      let taken = false;
      this.server.on('request', (request, response) => {
        const address = new URL(request.url ?? '/', this.url);
        if (address.pathname !== path || request.headers.host !== `127.0.0.1:${this.port}`) {
          return page(response, 404, 'Nothing is here.');
        }
        if (request.method !== 'GET') return page(response, 405, 'Only GET.');
        if (taken || !isSame(address.searchParams.get('state') ?? '', state)) {
          return page(
            response,
            400,
            'This does not belong to the sign-in that is under way. Start again in the client.',
          );
        }
        taken = true;
        resolve({
          parameters: address.searchParams,
          tell: (problem) =>
            problem === undefined
              ? page(response, 200, 'You are signed in. You can close this page.')
              : page(response, 400, `You are not signed in: ${problem}`),
        });
      });
    });
  }

  close(): void {
    this.server.close();
    this.server.closeIdleConnections();
  }
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function page(response: ServerResponse, status: number, text: string): void {
  const safe = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  answer(
    response,
    status,
    'text/html; charset=utf-8',
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>soc-bridge</title><p>${safe}</p></html>`,
    // The address holds a code; nobody is told where this page was.
    { 'content-security-policy': "default-src 'none'", 'referrer-policy': 'no-referrer', connection: 'close' },
  );
}
