import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { unreachable } from '../reachable';

/** Where tests find a PostgreSQL whose user may create databases. */
export const postgresUrl = process.env.SOC_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

export const postgresProblem = () => unreachable('PostgreSQL', postgresUrl, 5432, 'SOC_TEST_POSTGRES_URL');

/** An empty database for one run. */
export async function createScratchDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `soc_test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
