import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from './tables';

/** Long enough to read on within a conversation. */
const keptMs = 30 * 60_000;
/** Pages kept for one caller, and for all; the oldest go first. */
const mostOfCaller = 1000;
const mostOfAll = 10_000;
/** Rows in one statement. */
const batch = 50;
const cursorShape = /^[A-Za-z0-9_-]{32}\.\d{1,5}$/;

export interface KeptPage {
  /** The tool whose result it belongs to. */
  tool: string;
  body: string;
  expiresAt: string;
}

/**
 * Pages of results that were too long for one answer, for every process on one database. A cursor names a page to the caller
 * who got the result, for half an hour, and to nobody else.
 */
export class ToolResults {
  constructor(
    private readonly db: Kysely<Tables>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Keeps pages; the first of them is number 2, because the first of a result is its answer. Resolves to the cursor of page 2. */
  async keep(caller: string, tool: string, pages: readonly string[]): Promise<{ cursor: string; expiresAt: string }> {
    const handle = randomBytes(24).toString('base64url');
    const expires_at = new Date(this.now().getTime() + keptMs).toISOString();
    const rows = pages.map((body, index) => ({
      id: `${handle}.${index + 2}`,
      principal: caller,
      tool,
      body,
      expires_at,
    }));
    await this.db.transaction().execute(async (transaction) => {
      for (let at = 0; at < rows.length; at += batch) {
        await transaction
          .insertInto('tool_results')
          .values(rows.slice(at, at + batch))
          .execute();
      }
    });
    await this.makeRoom(caller);
    return { cursor: `${handle}.2`, expiresAt: expires_at };
  }

  /** Undefined for a cursor that was never given, has expired, or belongs to somebody else: which of them is not told. */
  async read(caller: string, cursor: string): Promise<KeptPage | undefined> {
    if (!cursorShape.test(cursor)) return undefined;
    const row = await this.db
      .selectFrom('tool_results')
      .select(['tool', 'body', 'expires_at'])
      .where('id', '=', cursor)
      .where('principal', '=', caller)
      .where('expires_at', '>', this.now().toISOString())
      .executeTakeFirst();
    return row && { tool: row.tool, body: row.body, expiresAt: row.expires_at };
  }

  /** Removes what has expired. */
  async tidy(): Promise<void> {
    await this.db.deleteFrom('tool_results').where('expires_at', '<=', this.now().toISOString()).execute();
  }

  private async makeRoom(caller: string): Promise<void> {
    await this.tidy();
    const newest = this.db
      .selectFrom('tool_results')
      .select('id')
      .orderBy('expires_at', 'desc')
      .orderBy('id')
      .limit(mostOfAll);
    const beyond = (most: number) => newest.offset(most);
    await this.db
      .deleteFrom('tool_results')
      .where('id', 'in', beyond(mostOfCaller).where('principal', '=', caller))
      .execute();
    await this.db.deleteFrom('tool_results').where('id', 'in', beyond(mostOfAll)).execute();
  }
}

/** The cursor of the page behind this one. */
export function cursorAfter(cursor: string): string {
  const dot = cursor.lastIndexOf('.');
  return `${cursor.slice(0, dot)}.${Number(cursor.slice(dot + 1)) + 1}`;
}
