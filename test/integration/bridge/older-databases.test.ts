import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { NodeSqliteDialect } from '../../../bridge/src/store/node-sqlite';
import { migrationSuite } from '../../support/bridge/migration-suite';
import { createScratchDatabase, postgresProblem } from '../../support/bridge/scratch-postgres';

describe('a database of an older version, on SQLite', () => {
  migrationSuite('sqlite', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soc-older-'));
    const path = join(folder, 'cases.db');
    return {
      url: `sqlite:${path}`,
      dialect: async () => new NodeSqliteDialect(path),
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  });
});

const problem = postgresProblem();
if (problem !== undefined) it.skip(`a database of an older version, on PostgreSQL: ${problem}`, () => {});
else
  describe('a database of an older version, on PostgreSQL', () => {
    migrationSuite('postgres', async () => {
      const { url, drop } = await createScratchDatabase();
      return {
        url,
        dialect: async () => new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 2 }) }),
        drop,
      };
    });
  });
