import { canonicalJson, genesisHash, sha256Hex } from '../store/event-chain';
import type { AuditEntries } from '../store/tables';

export type AuditEntry = Omit<AuditEntries, 'chain' | 'seq' | 'prev_hash' | 'hash'>;

/** Where a chain stood when a later one was opened. */
export interface ChainHead {
  chain: string;
  seq: number;
  hash: string;
}

/** SHA-256 over the previous hash and the entry as canonical JSON, hex. */
export function entryHash({ hash: _hash, ...entry }: Omit<AuditEntries, 'hash'> & { hash?: string }): string {
  const { prev_hash, ...content } = entry;
  return hashOf(prev_hash, canonicalJson(content));
}

/**
 * A text that every store gives back as it got it: PostgreSQL refuses NUL, and SQLite under Node 22 reads only what stands
 * before one, so that the chain would look tampered with.
 */
function storable<T extends string | null>(text: T): T {
  return (text?.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : (text ?? null)) as T;
}

/** The entry as it follows on `head`. */
export function linked(entry: AuditEntry, head: ChainHead): AuditEntries {
  // Its keys in order, so that its text is the canonical one as it is.
  const content = {
    arguments_sha256: entry.arguments_sha256,
    at: entry.at,
    chain: head.chain,
    code: storable(entry.code),
    credential_id: storable(entry.credential_id),
    detail: storable(entry.detail),
    duration_ms: entry.duration_ms,
    kind: entry.kind,
    outcome: entry.outcome,
    principal: storable(entry.principal),
    proof: entry.proof,
    request_id: storable(entry.request_id),
    seq: head.seq + 1,
    tool: storable(entry.tool),
    trace_id: storable(entry.trace_id),
    transport: entry.transport,
  };
  return { ...content, prev_hash: head.hash, hash: hashOf(head.hash, JSON.stringify(content)) };
}

function hashOf(prevHash: string, content: string): string {
  return sha256Hex(`${prevHash}${content}`);
}

export function startOf(chain: string): ChainHead {
  return { chain, seq: 0, hash: genesisHash };
}

export interface ChainProblem {
  chain: string;
  /** The first entry that does not hold. */
  seq: number;
  problem: string;
}

/**
 * Checks entries as they come, chain after chain and in order. A chain proves its own order and content; that an old chain,
 * or its end, is still there is proved by the later ones, each of which names the heads of all chains before it.
 */
export class ChainVerifier {
  readonly problems: ChainProblem[] = [];
  entries = 0;
  private readonly heads = new Map<string, ChainHead>();
  private readonly broken = new Set<string>();
  private readonly hashes = new Map<string, string>();
  private readonly named: { by: string; head: ChainHead }[] = [];

  add(row: AuditEntries): void {
    this.entries += 1;
    const head = this.heads.get(row.chain) ?? startOf(row.chain);
    if (!this.broken.has(row.chain)) {
      const problem =
        row.seq !== head.seq + 1
          ? `entry ${head.seq + 1} is missing`
          : row.prev_hash !== head.hash
            ? 'it does not follow on the entry before'
            : entryHash(row) !== row.hash
              ? 'its content was changed'
              : undefined;
      if (problem !== undefined) {
        this.problems.push({ chain: row.chain, seq: Math.min(row.seq, head.seq + 1), problem });
        this.broken.add(row.chain);
      }
    }
    this.heads.set(row.chain, { chain: row.chain, seq: row.seq, hash: row.hash });
    this.hashes.set(`${row.chain}/${row.seq}`, row.hash);
    if (row.kind === 'opened') for (const head of headsIn(row.detail)) this.named.push({ by: row.chain, head });
  }

  /** To be called after the last entry. */
  finish(): readonly ChainProblem[] {
    for (const { by, head } of this.named) {
      const there = this.hashes.get(`${head.chain}/${head.seq}`);
      if (there === head.hash || this.broken.has(head.chain)) continue;
      this.broken.add(head.chain);
      this.problems.push({
        chain: head.chain,
        seq: head.seq,
        problem:
          there === undefined
            ? `the chain ${by} saw an entry ${head.seq} here that is gone`
            : `the chain ${by} saw another entry here`,
      });
    }
    return this.problems;
  }

  get chains(): number {
    return this.heads.size;
  }
}

function headsIn(detail: string | null): ChainHead[] {
  try {
    const heads = (JSON.parse(detail ?? '{}') as { heads?: unknown }).heads;
    return Array.isArray(heads) ? (heads as ChainHead[]) : [];
  } catch {
    return [];
  }
}
