import { cleanLine } from '../text';

/**
 * Foreign text inside a Markdown sentence or table cell: one line, no tags, no links, no images, no mentions. Addresses
 * are defanged so that no renderer turns them into links.
 */
export function plain(text: string, maxLength = 1000): string {
  return cleanLine(text, maxLength)
    .replace(/\b(https?|ftp):\/\//gi, (scheme) => scheme.replace(/t/i, 'x').replace('://', '[:]//'))
    .replace(/\bwww\./gi, 'www[.]')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/[\\`*_[\]{}|~#!$^]/g, '\\$&');
}

/** A foreign id or name as code: nothing in it is read as Markdown. */
export function code(text: string | null | undefined, maxLength = 400): string {
  const line = cleanLine(text ?? '', maxLength)
    .replace(/`/g, "'")
    .replace(/</g, '‹')
    .replace(/>/g, '›')
    .replace(/\|/g, '¦');
  return line === '' ? '–' : `\`${line.replace(/\b(https?|ftp):\/\//gi, (scheme) => scheme.replace(/t/i, 'x'))}\``;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function bullets(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${item}`).join('\n');
}
