import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { signRequest } from '../../../operations/request-signature';

/** A JSON-RPC call of 2025-11-25, without a session. */
export function toolCall(name: string, given: unknown = {}, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } });
}

export const jsonHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

export function postMcp(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/mcp`, { method: 'POST', headers: { ...jsonHeaders, ...headers }, body });
}

export const newNonce = () => randomBytes(16).toString('base64url');

/** Headers of a signed POST of `body` to /mcp. */
export function signed(
  body: string,
  key: { id: string; secret: string },
  more: { at?: Date; nonce?: string; target?: string } = {},
): Record<string, string> {
  const { at = new Date(), nonce = newNonce(), target = '/mcp' } = more;
  return signRequest({ method: 'POST', target, body }, key, at, nonce);
}

/** Sends bytes as they are, and resolves to everything that comes back until the connection is closed. */
export function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}
