import { stripHidden } from '../text';

/** Elements that only shape text. None of them loads, runs or hides anything. */
const element = '(?:p|br|hr|b|strong|i|em|u|s|code|pre|blockquote|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td)';
/** An allowed tag exactly: no attributes, except the address of a link. */
const allowedTag = new RegExp(`^<(?:/?${element}\\s?/?|/a|a href="https?://[^"<>\\s]{1,2000}")>`, 'i');

/**
 * HTML for a comment: tags that shape text and links stay, every other `<` is shown as written. What a caller put
 * into its markup from logs can therefore not become a script, a form, an image or a style.
 */
export function safeCommentHtml(html: string): string {
  const text = stripHidden(html);
  let result = '';
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('<', at);
    if (open === -1) return result + text.slice(at);
    const tag = allowedTag.exec(text.slice(open, open + 2100))?.[0];
    result += text.slice(at, open) + (tag ?? '&lt;');
    at = open + (tag?.length ?? 1);
  }
  return result;
}
