import { redactSecrets, stripHidden } from '../text';

/** Bidirectional controls and zero-width characters: what "Trojan Source" attacks are made of. */
const hidden = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const keyBegins = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;
const keyEnds = /-----END [A-Z0-9 ]*PRIVATE KEY-----/;

/**
 * A diff made safe to show, line by line: hidden characters and secrets go, but every line stays a line with its sign.
 * Cleaning the whole at once would let a carriage return inside a line begin a new one, which could then look added, and
 * a secret's pattern reach over the sign of the next line.
 */
export function cleanDiff(diff: string): string {
  let isInKey = false;
  return diff
    .split('\n')
    .map((line) => {
      const sign = line.slice(0, 1);
      const text = stripHidden(line.slice(1).replace(/[\r\u2028\u2029]/g, ''));
      if (line.startsWith('@@')) isInKey = false;
      if (keyEnds.test(text) && isInKey) {
        isInKey = false;
        return `${sign}[redacted private key]`;
      }
      if (keyBegins.test(text)) isInKey = !keyEnds.test(text);
      else if (isInKey) return `${sign}[redacted private key]`;
      return sign + redactSecrets(text);
    })
    .join('\n');
}

export interface DiffCounts {
  added: number;
  removed: number;
  /** Hidden characters in added lines. */
  hidden: number;
}

/** GitLab's `diff` starts at the first hunk, so every line with a sign is content. */
export function countLines(diff: string): DiffCounts {
  const counts: DiffCounts = { added: 0, removed: 0, hidden: 0 };
  for (const line of diff.split('\n')) {
    if (line.startsWith('-')) counts.removed += 1;
    if (!line.startsWith('+')) continue;
    counts.added += 1;
    counts.hidden += line.match(hidden)?.length ?? 0;
  }
  return counts;
}

/** At most `length` characters, ending with a whole line where there is one. */
export function cutAtLine(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = text.lastIndexOf('\n', length - 1);
  return text.slice(0, end > 0 ? end + 1 : length).replace(/[\ud800-\udbff]$/, '');
}
