/**
 * A Java properties text as it is read by Java: escapes and lines that go on are undone, so that an address cannot be written in a
 * way that only Java understands. The last of equal keys wins. Linear in the length of the text.
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const end = endOfKey(line);
    const value = line.slice(end).replace(/^[ \t\f]+/, '');
    const plain = /^[=:]/.test(value) ? value.slice(1).replace(/^[ \t\f]+/, '') : value;
    properties.set(unescaped(line.slice(0, end)), unescaped(plain).trimEnd());
  }
  return properties;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const line = raw.replace(/^[ \t\f]+/, '');
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const whole: string = (open ?? '') + line;
    if (endsOpen(line)) open = whole.slice(0, -1);
    else {
      lines.push(whole);
      open = undefined;
    }
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

/** An odd number of backslashes at the end: the line goes on. */
function endsOpen(line: string): boolean {
  let count = 0;
  while (line[line.length - 1 - count] === '\\') count += 1;
  return count % 2 === 1;
}

function endOfKey(line: string): number {
  let at = 0;
  while (at < line.length && !'=: \t\f'.includes(line[at] ?? '')) at += line[at] === '\\' ? 2 : 1;
  return Math.min(at, line.length);
}

const letters: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex?: string, sign = '') =>
    hex === undefined ? (letters[sign] ?? sign) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
