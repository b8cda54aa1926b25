import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands in front of a PostgreSQL and can take it away, in the ways in which a network does. */
export class DatabaseProxy {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private port = 0;

  private constructor(private readonly target: URL) {}

  static async before(url: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(new URL(url));
    await proxy.listen();
    return proxy;
  }

  /** The address of the database through here. */
  get url(): string {
    const through = new URL(this.target);
    through.hostname = '127.0.0.1';
    through.port = String(this.port);
    return through.href;
  }

  /** Breaks every connection and refuses new ones. */
  async refuse(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    this.drop();
    await closed;
    this.server = undefined;
  }

  /** Passes nothing on, in either direction, and says nothing of it. New connections are taken and never answered. */
  hush(): void {
    this.silent = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** The database is there again; connections that were hushed stay as dead as they are. */
  async restore(): Promise<void> {
    this.silent = false;
    if (this.server === undefined) await this.listen();
  }

  async close(): Promise<void> {
    if (this.server !== undefined) await this.refuse();
    this.drop();
  }

  private drop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  private async listen(): Promise<void> {
    const server = createServer((client) => {
      this.keep(client);
      if (this.silent) return void client.pause();
      const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
      this.keep(upstream);
      client.pipe(upstream).pipe(client);
      client.once('close', () => upstream.destroy());
      upstream.once('close', () => client.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as { port: number }).port;
    this.server = server;
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.sockets.delete(socket));
  }
}
