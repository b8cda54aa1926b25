import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** How often is looked whether everybody has gone. */
const lookEveryMs = 50;

/**
 * Ends a server without breaking a call off. Nothing new is accepted at once, so that a proxy goes to the next pod. A kept
 * connection that a proxy uses once more is still answered, and told to close; it has `drainMs` for that, and calls that are
 * under way have them too. Without them (0) idle connections are closed at once.
 */
export class Drain {
  private draining = false;

  constructor(private readonly server: Server) {}

  /** To be told of every request before it is answered. */
  mark(response: ServerResponse): void {
    if (this.draining) response.setHeader('connection', 'close');
  }

  /** `breakOff` ends what is still going on after that. */
  async run(drainMs: number, breakOff: () => Promise<void>): Promise<void> {
    this.draining = true;
    // Not http's own close, which closes idle connections at once, while a request may already be on its way on one.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(this.server, () => resolve()));
    const until = Date.now() + drainMs;
    while (Date.now() < until && (await connectionsOf(this.server)) > 0)
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    await breakOff();
    this.server.closeIdleConnections();
    const hard = setTimeout(() => this.server.closeAllConnections(), 2000);
    await closed;
    clearTimeout(hard);
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error === null ? count : 0)));
}
