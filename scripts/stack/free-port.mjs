import { createServer } from 'node:net';
import { PlainError } from './say.mjs';

/** A port on loopback that nobody listens on right now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Throws, with what needs it and how to choose another, when the port is taken. */
export async function requirePort(port, what, option) {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PlainError(
              `${what} needs port ${port}, which is in use. End what listens there, or choose another with ${option} PORT.`,
            )
          : error,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}
