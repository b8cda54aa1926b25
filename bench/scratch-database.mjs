import { randomBytes } from 'node:crypto';
import pg from 'pg';

/**
 * Runs `measure` with the address of an empty PostgreSQL database, which is dropped afterwards. Undefined, and `say` tells why,
 * when there is no server at SOC_TEST_POSTGRES_URL (default postgres://postgres@127.0.0.1:5432/postgres).
 * @template T
 * @param {(text: string) => void} say
 * @param {(url: string) => Promise<T>} measure
 * @returns {Promise<T | undefined>}
 */
export async function onScratchDatabase(say, measure) {
  const address = process.env.SOC_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  const administer = async (statement) => {
    const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 3000 });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const name = `soc_bench_${randomBytes(6).toString('hex')}`;
  try {
    await administer(`create database ${name}`);
  } catch (error) {
    say(`PostgreSQL: ${error.message || error.code}`);
    return undefined;
  }
  try {
    const url = new URL(address);
    url.pathname = `/${name}`;
    return await measure(url.href);
  } finally {
    await administer(`drop database if exists ${name} with (force)`);
  }
}
