import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

/**
 * V8's own collection of what was made a moment ago, reached through a context of its own so that no `gc` appears in this
 * one. Undefined where V8 does not give it.
 */
function findCollect(): Collect | undefined {
  try {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
    return typeof collect === 'function' ? (collect as Collect) : undefined;
  } catch {
    return undefined;
  }
}
const collect = findCollect();

/** Bytes of a body after which its pieces are taken away. */
const everyBytes = 1024 * 1024;

/**
 * For bodies that are read through and dropped. Node reads into buffers outside V8's heap, of which V8 sees little: some
 * 60 MB of them gather before it collects. Collecting the young ones takes about a millisecond, and less time in all than
 * asking the machine for new memory again and again.
 */
export class PieceCollector {
  private seen = 0;

  add(piece: Uint8Array): void {
    this.seen += piece.length;
    if (this.seen < everyBytes) return;
    this.seen = 0;
    collect?.({ type: 'minor' });
  }
}
