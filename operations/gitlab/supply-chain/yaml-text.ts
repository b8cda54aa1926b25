import { Lexer, parseDocument } from 'yaml';

/** GitLab's own tag: a reference to another part of the file. It stays as the list it is. */
const reference = { tag: '!reference', collection: 'seq' as const };

/**
 * What no person and no program writes, and what costs a parser minutes: everything is counted in one pass of its lexer before
 * anything is built.
 */
const limits = { characters: 256 * 1024, depth: 60, aliases: 500, longKeys: 50 };

export interface YamlText {
  /** Undefined when the text is no YAML at all. */
  value: unknown;
  problems: string[];
}

/** A YAML text as plain values. Never throws: what the parser complains of comes back as problems, in its words. */
export function parseYaml(text: string): YamlText {
  try {
    const refused = refusal(text);
    if (refused !== undefined) return { value: undefined, problems: [refused] };
    const document = parseDocument(text, {
      customTags: [reference],
      logLevel: 'silent',
      uniqueKeys: false,
      // The parser would look for the line of every error anew.
      prettyErrors: false,
    });
    const problems = document.errors.slice(0, 5).map(({ message, pos }) => {
      const line = text.slice(0, pos[0]).split('\n').length;
      return `line ${line}: ${message.split('\n')[0] ?? 'not YAML'}`;
    });
    if (document.errors.length > 0 && document.contents === null) return { value: undefined, problems };
    return { value: document.toJS({ maxAliasCount: limits.aliases }) as unknown, problems };
  } catch (error) {
    return { value: undefined, problems: [error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'not YAML'] };
  }
}

/** Why a text is not parsed; undefined for an ordinary one. */
function refusal(text: string): string | undefined {
  if (text.length > limits.characters) return `it is longer than ${limits.characters / 1024} KiB of YAML`;
  let depth = 0;
  let dashes = 0;
  let aliases = 0;
  let longKeys = 0;
  for (const token of new Lexer().lex(text)) {
    const sign = token[0];
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (sign === '*' || sign === '&') aliases += 1;
    else if (token === '?') longKeys += 1;
    else if (token === '-') dashes += 1;
    else if (sign === '\n' || sign === '\r') dashes = 0;
    if (depth > limits.depth || dashes > limits.depth) return `it is nested deeper than ${limits.depth} levels`;
    if (aliases > limits.aliases) return `it has more than ${limits.aliases} anchors and aliases`;
    if (longKeys > limits.longKeys) return `it has more than ${limits.longKeys} keys of several lines`;
  }
  return undefined;
}
