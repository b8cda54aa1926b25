import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MethodTable } from './methods';
import type { Json, SlackState } from './state';
import { APP_ID } from './workspace';

/** Slack's limit of sockets for one app. */
const MOST_SOCKETS = 10;
const PING_MS = 10_000;
const LINK = '/link/';

export interface SocketOutcome {
  sent: boolean;
  acknowledged: boolean;
  /** What came with the acknowledgement. */
  payload?: Json;
  problem?: string;
}

/**
 * The workspace's side of Socket Mode: `hello`, envelopes that have to be acknowledged by their id, `disconnect`. Every
 * interaction goes to one socket, chosen at random, as at Slack: two owners of one app steal each other's clicks.
 */
export class SocketHub {
  private readonly server = new WebSocketServer({ noServer: true });
  private readonly sockets = new Set<WebSocket>();
  private readonly waiting = new Map<string, (payload: Json) => void>();
  private pings: NodeJS.Timeout | undefined;

  constructor(private readonly state: SlackState) {}

  get count(): number {
    return this.sockets.size;
  }

  /** Takes the connection of an address given out before; refuses every other. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = (request.url ?? '').startsWith(LINK) ? (request.url ?? '').slice(LINK.length) : '';
    if (!this.state.socketTickets.delete(ticket)) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.server.handleUpgrade(request, socket, head, (connection) => this.accept(connection));
  }

  /** Sends one interaction to one socket and waits for its acknowledgement. */
  send(payload: Json, envelopeId: string, ackMs: number): Promise<SocketOutcome> {
    const open = [...this.sockets];
    const socket = open[Math.floor(Math.random() * open.length)];
    if (!socket)
      return Promise.resolve({ sent: false, acknowledged: false, problem: 'the app has no socket open, and no URL' });
    return new Promise((resolve) => {
      const key = `${envelopeId} ${randomUUID()}`;
      const timer = setTimeout(() => {
        this.waiting.delete(key);
        resolve({ sent: true, acknowledged: false, problem: `no acknowledgement within ${ackMs / 1000} s` });
      }, ackMs);
      this.waiting.set(key, (answer) => {
        clearTimeout(timer);
        this.waiting.delete(key);
        resolve({ sent: true, acknowledged: true, payload: answer });
      });
      socket.send(
        JSON.stringify({ envelope_id: envelopeId, type: 'interactive', accepts_response_payload: true, payload }),
      );
    });
  }

  /** Tells every socket to connect again, as Slack does every hour or so. */
  refresh(reason: 'warning' | 'refresh_requested' | 'link_disabled' = 'refresh_requested'): void {
    for (const socket of this.sockets)
      socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'simulated-applink' } }));
  }

  close(): void {
    clearInterval(this.pings);
    for (const socket of this.sockets) socket.terminate();
    this.server.close();
  }

  private accept(socket: WebSocket): void {
    if (this.sockets.size >= MOST_SOCKETS) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      socket.close(1000);
      return;
    }
    this.sockets.add(socket);
    this.state.changed();
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.state.changed();
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => this.acknowledged(String(data)));
    this.pings ??= setInterval(() => {
      for (const entry of this.sockets) entry.ping(`Ping from simulated-applink ${this.state.realNow()}`);
    }, PING_MS).unref();
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.sockets.size,
        debug_info: { host: 'simulated-applink', build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: APP_ID },
      }),
    );
  }

  private acknowledged(text: string): void {
    let answer: { envelope_id?: unknown; payload?: unknown };
    try {
      answer = JSON.parse(text);
    } catch {
      return;
    }
    const id = String(answer.envelope_id);
    const key = [...this.waiting.keys()].find((entry) => entry.startsWith(`${id} `));
    if (key !== undefined) this.waiting.get(key)?.((answer.payload ?? {}) as Json);
  }
}

export const SOCKET_METHODS: MethodTable = {
  'apps.connections.open': {
    json: true,
    scopes: ['connections:write'],
    token: 'app',
    run: (call) => {
      const ticket = `?ticket=${randomUUID()}&app_id=${APP_ID}`;
      call.state.socketTickets.add(ticket);
      return { url: `${call.origin.replace(/^http/, 'ws')}${LINK}${ticket}` };
    },
  },
};
