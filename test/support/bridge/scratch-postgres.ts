import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Where tests find a PostgreSQL whose user may create databases. */
export const postgresUrl = process.env.SOC_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** Why PostgreSQL cannot be used; undefined when it can. Synchronous, because jest collects tests synchronously. */
export function postgresProblem(): string | undefined {
  const { hostname, port } = new URL(postgresUrl);
  const script = `const s=require('node:net').connect(${port || 5432},${JSON.stringify(hostname)});s.setTimeout(2000);s.on('connect',()=>process.exit(0));s.on('error',()=>process.exit(1));s.on('timeout',()=>process.exit(1))`;
  return spawnSync(process.execPath, ['-e', script]).status === 0
    ? undefined
    : `skipped, PostgreSQL is not reachable at ${hostname}:${port || 5432} (SOC_TEST_POSTGRES_URL)`;
}

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
