import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../store/database';
import type { Finding } from './check';

/** Whether the case store can be opened; nothing is made or brought up to date, which is the bridge's own start. */
export async function checkDatabase(databaseUrl: string): Promise<Finding[]> {
  return databaseUrl.startsWith('sqlite:')
    ? checkFile(databaseUrl.slice('sqlite:'.length))
    : checkPostgres(databaseUrl);
}

function checkFile(path: string): Finding[] {
  if (path === ':memory:')
    return [
      { level: 'warning', text: 'Cases are kept in memory and are gone at the next start. Set SOC_DATABASE_URL.' },
    ];
  const file = resolve(path);
  try {
    accessSync(existsSync(file) ? file : dirname(file), constants.R_OK | constants.W_OK);
    return [
      { level: 'ok', text: `Cases are kept in ${file}${existsSync(file) ? '' : ', which the first start makes'}.` },
    ];
  } catch (error) {
    return [{ level: 'problem', text: `SOC_DATABASE_URL cannot be used: ${(error as Error).message}.` }];
  }
}

async function checkPostgres(url: string): Promise<Finding[]> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; database: string; may: boolean }>(
      `select current_setting('server_version') as version, current_database() as database,
              has_schema_privilege(current_schema(), 'create') as may`,
    );
    const [row] = rows;
    return [
      { level: 'ok', text: `PostgreSQL ${row?.version} answered for the database ${row?.database}.` },
      ...(row?.may
        ? []
        : [
            {
              level: 'problem' as const,
              text: 'Its user may not make tables, which a new version of the bridge needs.',
            },
          ]),
    ];
  } catch (error) {
    return [{ level: 'problem', text: `PostgreSQL cannot be used: ${messageOf(error)}. Check SOC_DATABASE_URL.` }];
  } finally {
    await client.end().catch(() => {});
  }
}
