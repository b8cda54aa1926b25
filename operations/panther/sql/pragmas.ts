import type { Pragma, TenantSettings } from '../tenant-settings';
import type { Lexed, Token } from './lexer';
import type { Problems } from './problem';
import { verbs } from './statement';

/**
 * Whether the text asks Panther for a pragma, in whatever spelling and wherever: Panther looks for it in the text, and how
 * exactly is not known, so that quotes and the kind of comment make no difference here.
 */
export function pragmasIn(sql: string): { pragma: Pragma; offset: number; end: number }[] {
  const found: { pragma: Pragma; offset: number; end: number }[] = [];
  for (const match of sql.matchAll(/pragma[\s:=*/"'`-]*(template|panther[\s_-]{0,3}flow)/gi)) {
    const pragma = /^template$/i.test(match[1] ?? '') ? 'template' : 'pantherflow';
    found.push({ pragma, offset: match.index, end: match.index + match[0].length });
  }
  return found;
}

/** Pragmas that only change what Panther reports about a query. */
const harmless = /pragma\s*:\s*show\s+macro\s+expanded/i;

/** Reports pragmas that the tenant's settings do not allow, and in comments those that are not known. */
export function checkPragmas(sql: string, lexed: Lexed, settings: TenantSettings, problems: Problems): void {
  for (const { pragma, offset, end } of pragmasIn(sql)) {
    if (settings.pragmas.includes(pragma)) continue;
    problems.add(
      'pragma',
      offset,
      end,
      `the pragma ${pragma} turns the text into something else before it runs`,
      `write plain SQL, or have ${pragma} added to the credential's list of pragmas`,
    );
  }
  for (const { offset, end } of lexed.comments) {
    const text = sql.slice(offset, end);
    const at = text.search(/pragma\s*[:=]/i);
    if (at === -1 || harmless.test(text) || pragmasIn(text).length > 0) continue;
    problems.add(
      'pragma',
      offset + at,
      end,
      'a pragma that is not known may change what the text means',
      'leave the comment out',
    );
  }
}

/** Reports a piece of a Jinja template in a text that is not run as one; in a string it is only text. */
export function checkTemplate(tokens: readonly Token[], problems: Problems): void {
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.text !== '{' || next?.offset !== token.end || !['{', '%', '#'].includes(next.text)) continue;
    problems.add(
      'template',
      token.offset,
      next.end,
      'pieces of a template are only understood under the pragma template',
      'write plain SQL, or "-- pragma: template" where the settings allow it',
    );
    return;
  }
}

const pantherFlow = /^\s*--[ \t]*pragma:[ \t]*pantherflow[ \t]*\r?\n/i;

/** Whether the text is PantherFlow: its first line is the pragma, spelt as Panther spells it. */
export function isPantherFlow(sql: string): boolean {
  return pantherFlow.test(sql);
}

/**
 * PantherFlow is no SQL, and none of the rules for tables and time can be applied to it: who allows the pragma lets its
 * writers read whatever the token may read, over any time. What is still refused is SQL behind the pragma, in case Panther
 * does not take the text for PantherFlow.
 */
export function checkPantherFlow(sql: string, problems: Problems): void {
  let offset = pantherFlow.exec(sql)?.[0].length ?? 0;
  for (const part of sql.slice(offset).split(';')) {
    const bare = part.replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\/[^\n]*(?:\n|$)|\(|\/\*[\s\S]*?\*\/)+/, '');
    const word = /^[a-z]+/i.exec(bare)?.[0].toLowerCase() ?? '';
    if ((verbs.has(word) && word !== 'let') || word === 'select' || word === 'with') {
      const at = offset + part.length - bare.length;
      problems.add(
        'pragma',
        at,
        at + word.length,
        `${word.toUpperCase()} is SQL, and the text is marked as PantherFlow`,
        'leave the pragma out',
      );
    }
    offset += part.length + 1;
  }
}
