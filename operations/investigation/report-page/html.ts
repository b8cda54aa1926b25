import { cleanLine } from '../../text';

/** Markup that is known to be safe: made by `html` and `join` only, so that no text from outside can pass for it. */
export class Html {
  private constructor(readonly markup: string) {}

  /** For markup that this code wrote itself, such as a style sheet. Never for text from outside. */
  static written(markup: string): Html {
    return new Html(markup);
  }
}

type Part = Html | readonly Html[] | string | number;

/**
 * A template whose values are escaped, cleaned of what cannot be seen, and capped at 4000 characters, unless they are Html
 * themselves. Attributes have to be in double quotes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return Html.written(
    strings.reduce(
      (whole, text, index) => whole + text + (index < values.length ? markupOf(values[index] ?? '') : ''),
      '',
    ),
  );
}

function markupOf(value: Part): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(cleanLine(value, 4000));
  return value.map(({ markup }) => markup).join('');
}

/** The five characters that can end a text or an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Several lines as they are, for SQL and JSON: line ends and indentation stay. */
export function preformatted(text: string): Html {
  return Html.written(
    text
      .slice(0, 100_000)
      .split('\n')
      .map((line) => (/^ */.exec(line)?.[0] ?? '').slice(0, 100) + escapeHtml(cleanLine(line, 10_000)))
      .join('\n'),
  );
}

export const nothing = Html.written('');

/** Shown whole where it fits, else its beginning with an ellipsis; counts characters as people do. */
export function shortened(text: string, most: number): string {
  const characters = Array.from(cleanLine(text, most * 8));
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}
