import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const PIECE_BYTES = 65_536;

/**
 * A log in pieces, made while it is sent: with `bytes` larger than the log, lines of a script are put in front of its last
 * section marker until it has about that length, in the log's own form. Nothing of it is held.
 */
export function streamTrace(log: string, bytes: number, delayMs: number): Readable {
  return Readable.from(pieces(log, bytes, delayMs), { objectMode: false, highWaterMark: PIECE_BYTES });
}

async function* pieces(log: string, bytes: number, delayMs: number): AsyncGenerator<Buffer> {
  for (const piece of texts(log, bytes)) {
    if (delayMs > 0) await delay(delayMs);
    yield Buffer.from(piece, 'utf8');
  }
}

function* texts(log: string, bytes: number): Generator<string> {
  const own = Buffer.byteLength(log);
  if (bytes <= own) {
    for (let at = 0; at < log.length; at += PIECE_BYTES) yield log.slice(at, at + PIECE_BYTES);
    return;
  }
  const at = insertionPoint(log);
  yield log.slice(0, at);
  const stamp = /(\d{4}-\d\d-\d\dT[\d:.]{15}Z 01O) .*\n$/.exec(log.slice(0, at).slice(-2000))?.[1];
  let written = own;
  for (let number = 1; written < bytes; ) {
    let piece = '';
    while (piece.length < PIECE_BYTES && written + piece.length < bytes) {
      const text = `[${number}] simulated test case ${number % 977} of suite ${number % 31} passed in ${number % 240} ms`;
      piece += stamp === undefined ? `${text}\n` : `${stamp} ${text}\n`;
      number += 1;
    }
    written += piece.length;
    yield piece;
  }
  yield log.slice(at);
}

/** The start of a line of the script, a few lines before its end: what comes behind it is where the job failed. */
function insertionPoint(log: string): number {
  const start = log.indexOf('step_script');
  const lineEnd = log.indexOf('\n', Math.max(start, 0));
  return lineEnd < 0 ? log.length : lineEnd + 1;
}
