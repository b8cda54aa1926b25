import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/**
 * What the intake benchmark asks of a database beside the bridge: what is in it, and how fast one row of a case goes in.
 * @param {string} url `sqlite:PATH` or `postgres://...`
 */
export async function openBeside(url) {
  return url.startsWith('sqlite:') ? new BesideSqlite(url.slice('sqlite:'.length)) : BesidePostgres.open(url);
}

const newRow = (row, number) => ({ ...row, id: `INV-FLOOR${number}`, dedup_key: `floor ${number}` });

/** Settings of durability as the bridge has them: WAL, and a commit waits for the disk. */
class BesideSqlite {
  constructor(path) {
    this.database = new DatabaseSync(path, { timeout: 5000 });
    this.database.exec('pragma journal_mode = wal');
    this.database.exec('pragma synchronous = full');
  }

  async rows(sql) {
    return this.database.prepare(sql).all();
  }

  /** Seconds for `count` inserts, each a commit of its own. */
  async insertRows(row, count) {
    const columns = Object.keys(row);
    const statement = this.database.prepare(
      `insert into security_investigations (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    );
    const started = performance.now();
    for (let number = 0; number < count; number += 1) statement.run(...Object.values(newRow(row, number)));
    return (performance.now() - started) / 1000;
  }

  async close() {
    this.database.close();
  }
}

/** As many connections as the bridge has. */
class BesidePostgres {
  static async open(url) {
    const beside = new BesidePostgres();
    beside.pool = new pg.Pool({ connectionString: url, max: 10 });
    beside.pool.on('error', () => {});
    return beside;
  }

  async rows(sql) {
    return (await this.pool.query(sql)).rows;
  }

  /** Seconds for `count` inserts, each a commit of its own, on all connections at once. */
  async insertRows(row, count) {
    const columns = Object.keys(row);
    const text = `insert into security_investigations (${columns.join(', ')}) values (${columns.map((_, at) => `$${at + 1}`).join(', ')})`;
    await Promise.all(Array.from({ length: 10 }, () => this.pool.query('select pg_sleep(0.05)')));
    const started = performance.now();
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const number = next++;
        await this.pool.query({ name: 'floor', text, values: Object.values(newRow(row, number)) });
      }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
    return (performance.now() - started) / 1000;
  }

  async close() {
    await this.pool.end();
  }
}
