import { escapeHtml } from '../escape-html';
import { isObject } from './block-limits';
import { type Directory, dateHtml, emoji, linkHtml, mention, mrkdwnHtml, withEmoji } from './mrkdwn';
import type { Json } from './state';
import { visibleHtml } from './visible-text';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Renders Block Kit as HTML. Interactive elements are shown but cannot be used from here. */
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
        .map((element) => elementHtml(element, directory))
        .join('')}</div>${noteFor(list(block.elements))}`;
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
  const note = noteFor([block.accessory]);
  return `<div class="section with-accessory"><div>${body}${grid}</div><div>${elementHtml(block.accessory, directory)}</div></div>${note}`;
}

/** A text object. Plain text is literal but for emoji; mrkdwn is formatted. */
function textHtml(value: unknown, directory: Directory): string {
  if (!isObject(value)) return '';
  if (value.type === 'mrkdwn') return mrkdwnHtml(text(value.text), directory, value.verbatim !== true);
  const html = visibleHtml(text(value.text)).replace(/\n/g, '<br>');
  return value.emoji === false ? html : withEmoji(html);
}

/** No picture is loaded: the address may be an attacker's. */
function imageHtml(value: Json): string {
  return `<span class="image">[image: ${visibleHtml(text(value.alt_text) || 'no description')}]</span>`;
}

function elementHtml(element: Json, directory: Directory): string {
  if (element.type === 'image') return imageHtml(element);
  if (element.type === 'button') {
    const label = textHtml(element.text, directory);
    const style = element.style === 'primary' || element.style === 'danger' ? ` ${element.style}` : '';
    const url = text(element.url);
    if (/^https?:/i.test(url))
      return `<a class="button${style}" href="${escapeHtml(url)}" title="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${label}</a>`;
    return `<button type="button" class="button${style}" disabled data-action-id="${escapeHtml(text(element.action_id))}">${label}</button>`;
  }
  const placeholder = isObject(element.placeholder)
    ? text(element.placeholder.text)
    : text(element.type).replaceAll('_', ' ');
  return `<button type="button" class="button" disabled>${visibleHtml(placeholder)} ▾</button>`;
}

function noteFor(elements: Json[]): string {
  const dead = elements.some(
    (element) => element.type !== 'image' && !(element.type === 'button' && /^https?:/i.test(text(element.url))),
  );
  return dead ? '<p class="note">Shown only: clicking comes with approvals.</p>' : '';
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
