import { mayBeginSecret, redactSecrets } from '../text';
import type { TraceSection } from './trace';

const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
/** Longest private key, in lines; an RSA key of 16384 bits has about 200. */
const longestKey = 400;

/**
 * Redacts over line ends: a private key fills many lines, which become one mark in the first of them and empty lines
 * after it, so that line numbers and sections stay as they are. Without an end marker only lines that look like key
 * material go, so that a lone BEGIN does not hide the rest of a log.
 */
export function withoutSecrets(
  kept: string[],
  sections: TraceSection[],
): { lines: string[]; sections: TraceSection[] } {
  for (let index = 0; index < kept.length; index += 1) {
    const line = kept[index] ?? '';
    if (!line.includes('-----BEGIN ')) continue;
    const begin = keyBegin.exec(line);
    if (begin === null || keyEnd.test(line.slice(begin.index))) continue;
    const last = endOfKey(kept, index);
    const lastLine = kept[last] ?? '';
    const rest = keyEnd.exec(lastLine);
    kept[index] = `${line.slice(0, begin.index)}[redacted private key]`;
    for (let inside = index + 1; inside <= last; inside += 1) kept[inside] = '';
    if (rest !== null && last > index) kept[last] = lastLine.slice(rest.index + rest[0].length);
    // The rest of the last line may begin another key.
    index = last > index ? last - 1 : index;
  }
  for (let index = 0; index < kept.length; index += 1) {
    if (kept[index]?.includes('-----END ')) redactHeadlessKey(kept, index);
  }
  return redactLines(kept)
    ? { lines: kept, sections }
    : { lines: redactSecrets(kept.join('\n')).split('\n'), sections: [] };
}

const keyMaterial = /^[\s|>]*[A-Za-z0-9+/=]{4,}\s*$/;

/** The end of a key whose beginning is not there: the end of a log is read, and a key may lie across where it was cut. */
function redactHeadlessKey(kept: string[], index: number): void {
  const line = kept[index] ?? '';
  const rest = keyEnd.exec(line);
  if (rest === null) return;
  let first = index;
  while (first > 0 && index - first < longestKey && keyMaterial.test(kept[first - 1] ?? '')) first -= 1;
  for (let inside = first; inside < index; inside += 1) kept[inside] = '';
  kept[index] = line.slice(rest.index + rest[0].length);
  kept[first] = `[redacted private key]${kept[first] ?? ''}`;
}

/** How many lines with text a secret may reach behind the line in which it begins: a name, `:`, `Bearer`, the token. */
const secretReach = 4;

/**
 * Redacts in place, and only where a secret may begin: a line with a sign of one, together with the lines behind it that
 * it may reach. False when a pattern took a line end with it: the lines would no longer fit the sections, and
 * safety goes before structure.
 */
export function redactLines(lines: string[]): boolean {
  for (let from = 0; from < lines.length; from += 1) {
    if (!mayBeginSecret(lines[from] ?? '')) continue;
    let to = from;
    for (let left = secretReach; to + 1 < lines.length && left > 0; ) {
      to += 1;
      if (mayBeginSecret(lines[to] ?? '')) left = secretReach;
      else if ((lines[to] ?? '').trim() !== '') left -= 1;
    }
    const redacted = redactSecrets(lines.slice(from, to + 1).join('\n')).split('\n');
    if (redacted.length !== to + 1 - from) return false;
    for (const [offset, line] of redacted.entries()) lines[from + offset] = line;
    from = to;
  }
  return true;
}

function endOfKey(lines: readonly string[], begin: number): number {
  const limit = Math.min(lines.length - 1, begin + longestKey);
  for (let index = begin + 1; index <= limit; index += 1) {
    if (keyEnd.test(lines[index] ?? '')) return index;
    if (keyBegin.test(lines[index] ?? '')) break;
  }
  let last = begin;
  while (last < limit && /^[\s|>]*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info):.*)?\s*$/.test(lines[last + 1] ?? ''))
    last += 1;
  return last;
}
