/** The part of a body that was kept, as text. */
export interface KeptBody {
  body: string;
  /** Set when something of the body was left out. */
  truncated?: true;
  /** Bytes of the whole body; absent when reading ended early. */
  totalBytes?: number;
}

/**
 * Takes a body piece by piece and keeps at most `maxBytes` of it: its beginning, or with `end` its end, in a buffer of
 * that size that is written round and round. However long the body, no more than that is in memory. Characters that the cut
 * went through are dropped.
 */
export class BodyReader {
  private ring: Uint8Array = new Uint8Array(0);
  private seen = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly keep: 'start' | 'end',
  ) {}

  /** False when no more pieces are wanted. */
  add(piece: Uint8Array): boolean {
    if (this.keep === 'start') {
      this.write(piece.subarray(0, Math.max(0, this.maxBytes - this.seen)), this.seen);
      this.seen += piece.length;
      return this.seen <= this.maxBytes;
    }
    const wanted = piece.subarray(Math.max(0, piece.length - this.maxBytes));
    this.write(wanted, this.seen + piece.length - wanted.length);
    this.seen += piece.length;
    return true;
  }

  finish(): KeptBody {
    const kept = Math.min(this.seen, this.maxBytes);
    if (this.keep === 'start' || this.seen <= this.maxBytes) {
      const truncated = this.seen > this.maxBytes;
      // `stream` holds back a character that the cut went through.
      const body = new TextDecoder().decode(this.ring.subarray(0, kept), { stream: truncated });
      return truncated ? { body, truncated } : { body, totalBytes: this.seen };
    }
    const from = this.seen % this.maxBytes;
    const parts = [this.ring.subarray(from, this.maxBytes), this.ring.subarray(0, from)];
    let half = bytesOfHalfCharacter(parts);
    const decoder = new TextDecoder();
    let body = '';
    for (const part of parts) {
      body += decoder.decode(part.subarray(half), { stream: true });
      half = Math.max(0, half - part.length);
    }
    return { body: body + decoder.decode(), truncated: true, totalBytes: this.seen };
  }

  private write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    this.makeRoom(Math.min(this.maxBytes, position + bytes.length));
    const at = position % this.maxBytes;
    const first = bytes.subarray(0, this.maxBytes - at);
    this.ring.set(first, at);
    this.ring.set(bytes.subarray(first.length), 0);
  }

  /** Grows by doubling, so that a short body does not take the space of the longest. */
  private makeRoom(size: number): void {
    if (this.ring.length >= size) return;
    const larger = new Uint8Array(Math.min(this.maxBytes, Math.max(size, this.ring.length * 2, 65_536)));
    larger.set(this.ring);
    this.ring = larger;
  }
}

/** UTF-8 continues a character with bytes of the form 10xxxxxx: in front of all others they belong to one that is gone. */
function bytesOfHalfCharacter(parts: readonly Uint8Array[]): number {
  let count = 0;
  for (const part of parts) {
    for (const byte of part.subarray(0, 3)) {
      if (count === 3 || (byte & 0xc0) !== 0x80) return count;
      count += 1;
    }
  }
  return count;
}
