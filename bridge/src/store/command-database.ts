import { existsSync } from 'node:fs';
import { findDatabaseUrl } from '../credentials/secret-resolver';
import { type Database, openDatabase } from './database';

/** The database of the settings, for one command; made where there is none. */
export async function withDatabase(use: (database: Database) => Promise<void>): Promise<void> {
  await useAndClose(await findDatabaseUrl(process.env), use);
}

/** The same for a command that only reads: it does not make a database where none is. */
export async function withExistingDatabase(use: (database: Database) => Promise<void>): Promise<void> {
  const url = await findDatabaseUrl(process.env);
  const path = /^sqlite:(.*)$/.exec(url)?.[1];
  if (path !== undefined && !existsSync(path))
    throw new Error(`There is no database ${path}; set SOC_DATABASE_URL to the one that soc-bridge serve uses.`);
  await useAndClose(url, use);
}

async function useAndClose(url: string, use: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase(url);
  try {
    await use(database);
  } finally {
    await database.close();
  }
}
