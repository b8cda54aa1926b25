import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../store/tables';
import type { Principal } from './principal';
import { isScope, type Scope } from './scopes';

/** How long a checked token is believed without another look: a revoked one ends within it. */
const believedMs = 10_000;
const mostBelieved = 2000;
/** `last_used_at` is for people; it need not be exact. */
const touchEveryMs = 60_000;

export interface TokenRow {
  id: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
  last_used_at: string | null;
}

export type TokenCheck = { principal: Principal } | { problem: 'unknown' | 'expired' | 'revoked' };

/** Whether a bearer token has the form of ours. */
export function isAccessToken(token: string): boolean {
  return tokenForm.test(token);
}

/** `soc_`, 16 hex digits that name it, and 256 random bits: what scanners for leaked secrets can look for. */
const tokenForm = /^soc_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

/** Named, scoped, expiring bearer tokens. Only their hashes are stored: random 256 bits need no slow one. */
export class AccessTokens {
  private readonly believed = new Map<string, { until: number; check: TokenCheck }>();
  private readonly touched = new Map<string, number>();

  constructor(
    private readonly db: Kysely<Tables>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** The token is in the result and nowhere else, ever. */
  async create(name: string, scopes: readonly Scope[], expiresAt: Date): Promise<{ id: string; token: string }> {
    const id = randomBytes(8).toString('hex');
    const token = `soc_${id}_${randomBytes(32).toString('base64url')}`;
    await this.db
      .insertInto('access_tokens')
      .values({
        id,
        name,
        secret_hash: hashOf(token),
        scopes: scopes.join(' '),
        created_at: this.now().toISOString(),
        expires_at: expiresAt.toISOString(),
        revoked_at: null,
        last_used_at: null,
      })
      .execute();
    return { id, token };
  }

  /** All of them, the newest first. */
  async list(): Promise<TokenRow[]> {
    const rows = await this.db.selectFrom('access_tokens').selectAll().orderBy('created_at', 'desc').execute();
    return rows.map(({ secret_hash: _, scopes, ...row }) => ({ ...row, scopes: scopes.split(' ') }));
  }

  /** How many tokens of this id or name were revoked now. */
  async revoke(idOrName: string): Promise<number> {
    const { numUpdatedRows } = await this.db
      .updateTable('access_tokens')
      .set({ revoked_at: this.now().toISOString() })
      .where((where) => where.or([where('id', '=', idOrName), where('name', '=', idOrName)]))
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }

  /** Whether there was ever one: then nobody comes in without, even when all of them have expired. */
  async any(): Promise<boolean> {
    const row = await this.db.selectFrom('access_tokens').select('id').limit(1).executeTakeFirst();
    return row !== undefined;
  }

  async check(token: string): Promise<TokenCheck> {
    const hashed = hashOf(token);
    const now = this.now().getTime();
    const known = this.believed.get(hashed);
    if (known !== undefined && known.until > now) return this.stillValid(known.check);
    const check = await this.look(token, hashed);
    if (this.believed.size >= mostBelieved) this.believed.clear();
    // A refusal is looked up again each time: whoever has a new token need not wait.
    if ('principal' in check) this.believed.set(hashed, { until: now + believedMs, check });
    else this.believed.delete(hashed);
    return check;
  }

  private async look(token: string, hashed: string): Promise<TokenCheck> {
    const id = tokenForm.exec(token)?.[1];
    if (id === undefined) return { problem: 'unknown' };
    const row = await this.db.selectFrom('access_tokens').selectAll().where('id', '=', id).executeTakeFirst();
    const fits = timingSafeEqual(Buffer.from(row?.secret_hash ?? hashOf(''), 'hex'), Buffer.from(hashed, 'hex'));
    if (row === undefined || !fits) return { problem: 'unknown' };
    if (row.revoked_at !== null) return { problem: 'revoked' };
    const expiresAt = Date.parse(row.expires_at) / 1000;
    const principal: Principal = {
      name: row.name,
      proof: 'token',
      scopes: row.scopes.split(' ').filter(isScope),
      credentialId: id,
      expiresAt,
    };
    const check = this.stillValid({ principal });
    if ('principal' in check) await this.touch(id);
    return check;
  }

  private stillValid(check: TokenCheck): TokenCheck {
    if (!('principal' in check)) return check;
    return (check.principal.expiresAt ?? 0) * 1000 > this.now().getTime() ? check : { problem: 'expired' };
  }

  private async touch(id: string): Promise<void> {
    const now = this.now();
    if (now.getTime() - (this.touched.get(id) ?? 0) < touchEveryMs) return;
    this.touched.set(id, now.getTime());
    await this.db.updateTable('access_tokens').set({ last_used_at: now.toISOString() }).where('id', '=', id).execute();
  }
}

function hashOf(token: string): string {
  return hash('sha256', token, 'hex');
}
