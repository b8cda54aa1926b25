/**
 * The text of a JSON object with one of its own members set to `value` (JSON text), and not a character changed besides:
 * parsing and writing it anew would round the large numbers in it and could drop what a parser does not keep. A name that
 * stands there more than once is set everywhere; one that is missing comes first. `text` has to be valid JSON.
 */
export function withMember(text: string, name: string, value: string): string {
  const open = text.indexOf('{');
  const pieces: string[] = [];
  let copied = 0;
  let members = 0;
  let at = skipSpace(text, open + 1);
  while (text.charAt(at) === '"') {
    members += 1;
    const keyEnd = stringEnd(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    if (key === name) {
      pieces.push(text.slice(copied, start), value);
      copied = end;
    }
    at = skipSpace(text, end);
    if (text.charAt(at) === ',') at = skipSpace(text, at + 1);
  }
  if (pieces.length > 0) return pieces.join('') + text.slice(copied);
  const added = `${JSON.stringify(name)}:${value}${members === 0 ? '' : ','}`;
  return text.slice(0, open + 1) + added + text.slice(open + 1);
}

function skipSpace(text: string, at: number): number {
  let here = at;
  while (here < text.length && ' \t\n\r'.includes(text.charAt(here))) here += 1;
  return here;
}

/** Behind the closing quote of the string that starts here. */
function stringEnd(text: string, at: number): number {
  let here = at + 1;
  while (here < text.length && text.charAt(here) !== '"') here += text.charAt(here) === '\\' ? 2 : 1;
  return here + 1;
}

function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let here = at; here < text.length; ) {
    const char = text.charAt(here);
    if (depth === 0 && (char === ',' || char === '}')) return trimmedEnd(text, at, here);
    if (char === '"') {
      here = stringEnd(text, here);
      continue;
    }
    if (char === '{' || char === '[') depth += 1;
    if (char === '}' || char === ']') depth -= 1;
    here += 1;
  }
  return text.length;
}

/** A value's end without the white space behind it, which stays where it is. */
function trimmedEnd(text: string, start: number, end: number): number {
  let here = end;
  while (here > start && ' \t\n\r'.includes(text.charAt(here - 1))) here -= 1;
  return here;
}
