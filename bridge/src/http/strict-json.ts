/** Why a text is not taken, in words for whoever sent it. */
export class JsonProblem extends Error {}

/** Deeper than anything that means something, and far from what would end a recursive reader. */
const maxDepth = 64;

/**
 * Parses JSON that means one thing only. A name that stands twice in an object is read differently by different readers,
 * so that what was checked would not be what is done; nesting without end is for breaking readers. Throws JsonProblem.
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonProblem('the body is not JSON');
  }
  scan(text);
  return value;
}

/** The text is known to be JSON: only names and nesting are looked at. */
function scan(text: string): void {
  const names: (Set<string> | undefined)[] = [];
  /** Whether the next string is a name; for the innermost object. */
  let expectsName = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        names.push(new Set());
        expectsName = true;
        break;
      case 0x5b: // [
        names.push(undefined);
        expectsName = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        names.pop();
        expectsName = false;
        break;
      case 0x2c: // ,
        expectsName = names[names.length - 1] !== undefined;
        break;
      case 0x22: {
        const end = endOfString(text, at);
        if (expectsName) {
          const seen = names[names.length - 1];
          const name = JSON.parse(text.slice(at, end + 1)) as string;
          if (seen?.has(name))
            throw new JsonProblem(`the name ${JSON.stringify(name.slice(0, 40))} stands twice in one object`);
          seen?.add(name);
          expectsName = false;
        }
        at = end;
        break;
      }
    }
    if (names.length > maxDepth) throw new JsonProblem(`it is nested deeper than ${maxDepth} levels`);
  }
}

/** Index of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
}
