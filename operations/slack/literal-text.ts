import { canonicalJson } from '../investigation/canonical-json';
import { stripHidden } from '../text';
import { type PlainText, plainText } from './escape';

/**
 * Text that somebody decides by, so that what is seen is what is meant: characters that cannot be seen, or that turn the
 * order of others round, are written as `\u{202e}` instead of being left out.
 */
export function showHidden(text: string): string {
  let shown = '';
  for (const character of text) {
    // Line feeds and tabs are no part of a line; JSON escapes those inside its strings by itself.
    shown += stripHidden(character) === character ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  }
  return shown;
}

/** One line: as it is when nothing in it could mislead, else as a JSON string. */
export function literalLine(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted === `"${text}"` && text.trim() === text ? showHidden(text) : showHidden(quoted);
}

/** A JSON value over several lines, keys in order; hidden characters are shown. */
export function literalJson(value: unknown): string {
  return showHidden(JSON.stringify(JSON.parse(canonicalJson(value)), null, 2));
}

/** The same as a Slack text, secrets replaced; `exact` is false when something was. */
export function literalPlain(text: string, maxLength: number): { text: PlainText; exact: boolean } {
  const shown = plainText(text, maxLength);
  return { text: shown, exact: shown === text };
}
