import { connect } from 'node:net';
import { unreachable } from './reachable';

/** Where tests find a Redis; every run keeps to names of its own. */
export const redisUrl = process.env.SOC_TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

export const redisProblem = () => unreachable('Redis', redisUrl, 6379, 'SOC_TEST_REDIS_URL');

/** Takes away what one run left: all keys with its prefix. */
export async function removeKeys(prefix: string): Promise<void> {
  const script = `local n = 0 for _, key in ipairs(redis.call('keys', ARGV[1])) do redis.call('del', key) n = n + 1 end return n`;
  const args = ['EVAL', script, '0', `${prefix}*`];
  const { hostname, port } = new URL(redisUrl);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port || 6379), hostname);
    socket.once('error', reject);
    socket.once('data', () => {
      socket.end();
      resolve();
    });
    socket.write(`*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`);
  });
}
