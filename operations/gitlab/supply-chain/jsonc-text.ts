/** Quoted texts, the beginnings of comments, and commas with nothing but blanks between them and the bracket that closes. */
const pattern = /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\/\/[^\n]*|\/\*|,(?=\s{0,200}[}\]])/g;

/**
 * A JSON text without the comments and the commas at the end of lists that some programs allow in it. What stands in quotes is left
 * as it is. Linear in the length of the text.
 */
export function withoutComments(text: string): string {
  const kept: string[] = [];
  let from = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { 0: sign, index } = match;
    if (sign.startsWith('"') || sign.startsWith("'")) continue;
    kept.push(text.slice(from, index));
    from = pattern.lastIndex;
    if (sign !== '/*') continue;
    const end = text.indexOf('*/', from);
    from = end === -1 ? text.length : end + 2;
    pattern.lastIndex = from;
  }
  return kept.join('') + text.slice(from);
}
