import { escapeHtml } from '../escape-html';
import { isObject } from './block-limits';
import { elementHtml, imageHtml, textHtml } from './element-html';
import { type Directory, dateHtml, emoji, linkHtml, mention } from './mrkdwn';
import type { Json } from './state';
import { visibleHtml } from './visible-text';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Renders Block Kit as HTML. The page's script makes interactive elements work. */
export function blocksHtml(blocks: readonly Json[], directory: Directory): string {
  return blocks.map((block) => blockHtml(block, directory)).join('');
}

function blockHtml(block: Json, directory: Directory): string {
  switch (block.type) {
    case 'header':
      return `<h3>${textHtml(block.text, directory)}</h3>`;
    case 'section':
      return sectionHtml(block, directory);
    case 'context':
      return `<div class="context">${list(block.elements)
        .map(
          (element) => `<span>${element.type === 'image' ? imageHtml(element) : textHtml(element, directory)}</span>`,
        )
        .join('')}</div>`;
    case 'divider':
      return '<hr>';
    case 'actions':
      return `<div class="actions">${list(block.elements)
        .map((element) => elementHtml(element, block.block_id, directory))
        .join('')}</div>`;
    // The inside of a modal's field (view-html.ts).
    case 'input_element':
      return isObject(block.element) ? elementHtml(block.element, block.block_id, directory) : '';
    case 'alert':
      return `<div class="alert">${textHtml(block.text, directory)}</div>`;
    case 'rich_text':
      return list(block.elements)
        .map((element) => richHtml(element, directory))
        .join('');
    case 'markdown':
      return `<div class="markdown">${visibleHtml(text(block.text))}</div>`;
    case 'image':
      return imageHtml(block);
    default:
      return `<p class="note">Block of type ${escapeHtml(text(block.type))}, not drawn here.</p>`;
  }
}

function sectionHtml(block: Json, directory: Directory): string {
  const body = isObject(block.text) ? `<div class="text">${textHtml(block.text, directory)}</div>` : '';
  const fields = list(block.fields);
  const grid =
    fields.length > 0
      ? `<div class="fields">${fields.map((field) => `<div>${textHtml(field, directory)}</div>`).join('')}</div>`
      : '';
  if (!isObject(block.accessory)) return `<div class="section">${body}${grid}</div>`;
  return `<div class="section with-accessory"><div>${body}${grid}</div><div>${elementHtml(block.accessory, block.block_id, directory)}</div></div>`;
}

function richHtml(element: Json, directory: Directory): string {
  const inner = () =>
    list(element.elements)
      .map((part) => richPartHtml(part, directory))
      .join('');
  if (element.type === 'rich_text_preformatted') return `<pre>${inner()}</pre>`;
  if (element.type === 'rich_text_quote') return `<blockquote>${inner().replace(/\n/g, '<br>')}</blockquote>`;
  if (element.type === 'rich_text_list') {
    const tag = element.style === 'ordered' ? 'ol' : 'ul';
    return `<${tag}>${list(element.elements)
      .map((item) => `<li>${richHtml(item, directory)}</li>`)
      .join('')}</${tag}>`;
  }
  return `<div class="text">${inner().replace(/\n/g, '<br>')}</div>`;
}

function richPartHtml(part: Json, directory: Directory): string {
  switch (part.type) {
    case 'text':
      return styled(visibleHtml(text(part.text)), part.style);
    case 'link':
      return styled(linkHtml(text(part.url), text(part.text) || text(part.url)), part.style);
    case 'user':
      return mention(`@${directory.user(text(part.user_id)) ?? text(part.user_id)}`);
    case 'channel':
      return mention(`#${directory.channel(text(part.channel_id)) ?? text(part.channel_id)}`);
    case 'usergroup':
      return mention(`@${directory.userGroup(text(part.usergroup_id)) ?? text(part.usergroup_id)}`);
    case 'broadcast':
      return `<span class="mention broadcast">@${escapeHtml(text(part.range))}</span>`;
    case 'emoji':
      return escapeHtml(emoji(text(part.name)));
    case 'date':
      return dateHtml(Number(part.timestamp) || 0, text(part.format));
    default:
      return '';
  }
}

function styled(html: string, style: unknown): string {
  if (!isObject(style)) return html;
  const tags: [string, string][] = [
    ['code', 'code'],
    ['bold', 'b'],
    ['italic', 'i'],
    ['strike', 's'],
  ];
  return tags.reduce((inner, [name, tag]) => (style[name] === true ? `<${tag}>${inner}</${tag}>` : inner), html);
}
