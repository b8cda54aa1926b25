import { escapeHtml } from '../escape-html';

/** Characters that change how text reads without being seen: controls, bidi marks, zero-width ones outside emoji. */
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|(?<!\p{Extended_Pictographic}|\ufe0f)\u200d/gu;

/** Text as HTML, with every unseen character spelled out, so that nobody reading the page can be deceived by one. */
export function visibleHtml(text: string): string {
  return escapeHtml(text).replace(UNSEEN, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `<span class="unseen">U+${code}</span>`;
  });
}
