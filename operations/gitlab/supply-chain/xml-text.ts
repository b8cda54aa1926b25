export interface XmlBlock {
  body: string;
  attributes: Record<string, string>;
}

/**
 * The innermost elements of a name, with their attributes, in order. For files with a fixed and simple shape: comments are
 * taken out first, and entities are never expanded. Linear in the length of the text.
 */
export function blocksOf(text: string, tag: string): XmlBlock[] {
  const plain = withoutComments(text);
  const blocks: XmlBlock[] = [];
  const opening = new RegExp(`<${tag}(\\s[^<>]*)?>`, 'g');
  const closing = `</${tag}>`;
  for (let match = opening.exec(plain); match !== null; match = opening.exec(plain)) {
    const attributes = attributesOf(match[1] ?? '');
    if ((match[1] ?? '').endsWith('/')) {
      blocks.push({ body: '', attributes });
      continue;
    }
    const end = plain.indexOf(closing, opening.lastIndex);
    if (end === -1) break;
    blocks.push({ body: plain.slice(opening.lastIndex, end), attributes });
  }
  return blocks;
}

/** The text of the first element of a name that has no elements inside; null when there is none. */
export function firstText(text: string, tag: string): string | null {
  const match = new RegExp(`<${tag}(?:\\s[^<>]*)?>([^<]*)</${tag}>`).exec(text);
  const value = match?.[1]?.trim();
  return value === undefined || value === '' ? null : value;
}

function withoutComments(text: string): string {
  let plain = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf('<!--', at);
    if (start === -1) return plain + text.slice(at);
    plain += text.slice(at, start);
    const end = text.indexOf('-->', start + 4);
    if (end === -1) return plain;
    at = end + 3;
  }
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const match of text.matchAll(/([\w.:-]+)\s*=\s*"([^"]*)"/g)) attributes[match[1] ?? ''] = match[2] ?? '';
  return attributes;
}
