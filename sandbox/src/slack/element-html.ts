import { escapeHtml } from '../escape-html';
import { isObject } from './block-limits';
import { type Directory, mrkdwnHtml, withEmoji } from './mrkdwn';
import type { Json } from './state';
import { visibleHtml } from './visible-text';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A text object. Plain text is literal but for emoji; mrkdwn is formatted. */
export function textHtml(value: unknown, directory: Directory): string {
  if (!isObject(value)) return '';
  if (value.type === 'mrkdwn') return mrkdwnHtml(text(value.text), directory, value.verbatim !== true);
  const html = visibleHtml(text(value.text)).replace(/\n/g, '<br>');
  return value.emoji === false ? html : withEmoji(html);
}

/** No picture is loaded: the address may be an attacker's. */
export function imageHtml(value: Json): string {
  return `<span class="image">[image: ${visibleHtml(text(value.alt_text) || 'no description')}]</span>`;
}

/**
 * An interactive element. What the page's script needs stands in `data-` attributes: which element it is, and the
 * dialog to show before it acts.
 */
export function elementHtml(element: Json, blockId: unknown, directory: Directory): string {
  if (element.type === 'image') return imageHtml(element);
  const data = `data-action-id="${escapeHtml(text(element.action_id))}" data-block-id="${escapeHtml(text(blockId))}"${confirmData(element.confirm, directory)}`;
  if (element.type === 'button') return buttonHtml(element, data, directory);
  if (element.type === 'overflow') return selectHtml(element, data, '…');
  return inputHtml(element, data);
}

function buttonHtml(element: Json, data: string, directory: Directory): string {
  const label = textHtml(element.text, directory);
  const style = element.style === 'primary' || element.style === 'danger' ? ` ${element.style}` : '';
  const url = text(element.url);
  const spoken = text(element.accessibility_label);
  const aria = spoken === '' ? '' : ` aria-label="${escapeHtml(spoken)}"`;
  if (/^https?:/i.test(url))
    return `<a class="button${style}" href="${escapeHtml(url)}" title="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer"${aria} ${data}>${label}</a>`;
  return `<button type="button" class="button${style}"${aria} ${data}>${label}</button>`;
}

/** The dialog's texts as JSON; its body is HTML that was escaped here. */
function confirmData(confirm: unknown, directory: Directory): string {
  if (!isObject(confirm)) return '';
  const plain = (value: unknown) => (isObject(value) ? text(value.text) : '');
  const dialog = {
    title: plain(confirm.title),
    html: textHtml(confirm.text, directory),
    confirm: plain(confirm.confirm) || 'Yes',
    deny: plain(confirm.deny) || 'Cancel',
    danger: confirm.style === 'danger',
  };
  return ` data-confirm="${escapeHtml(JSON.stringify(dialog))}"`;
}

/** What one fills in: a text, a date, a choice. Kinds that are not drawn are shown as such. */
export function inputHtml(element: Json, data: string): string {
  const placeholder = isObject(element.placeholder) ? text(element.placeholder.text) : '';
  const hint = placeholder === '' ? '' : ` placeholder="${escapeHtml(placeholder)}"`;
  const initial = escapeHtml(text(element.initial_value));
  switch (element.type) {
    case 'plain_text_input': {
      const most = typeof element.max_length === 'number' ? ` maxlength="${element.max_length}"` : '';
      if (element.multiline === true) return `<textarea rows="4" ${data}${hint}${most}>${initial}</textarea>`;
      return `<input type="text" ${data}${hint}${most} value="${initial}">`;
    }
    case 'datepicker':
      return `<input type="date" ${data} value="${escapeHtml(text(element.initial_date))}">`;
    case 'static_select':
      return selectHtml(element, data, placeholder || 'Choose');
    case 'users_select':
      return `<select ${data} data-people="${escapeHtml(text(element.initial_user))}"><option value="">${escapeHtml(placeholder || 'Choose a person')}</option></select>`;
    case 'radio_buttons':
    case 'checkboxes':
      return choicesHtml(element, data);
    default:
      return `<button type="button" class="button" disabled>${visibleHtml(placeholder || text(element.type).replaceAll('_', ' '))} ▾</button>`;
  }
}

const optionValue = (option: unknown): string => (isObject(option) ? text(option.value) : '');
const labelOf = (option: Json): string => (isObject(option.text) ? text(option.text.text) : '');

function selectHtml(element: Json, data: string, prompt: string): string {
  const chosen = optionValue(element.initial_option);
  const groups = list(element.option_groups);
  const options = groups.length > 0 ? groups.flatMap((group) => list(group.options)) : list(element.options);
  const entries = options.map((option) => {
    const value = optionValue(option);
    return `<option value="${escapeHtml(value)}"${value === chosen && chosen !== '' ? ' selected' : ''}>${escapeHtml(labelOf(option))}</option>`;
  });
  return `<select ${data}><option value="">${escapeHtml(prompt)}</option>${entries.join('')}</select>`;
}

let choiceGroups = 0;

function choicesHtml(element: Json, data: string): string {
  choiceGroups += 1;
  const kind = element.type === 'radio_buttons' ? 'radio' : 'checkbox';
  const chosen = [optionValue(element.initial_option), ...list(element.initial_options).map(optionValue)];
  const entries = list(element.options).map((option) => {
    const value = optionValue(option);
    return `<label><input type="${kind}" name="choice${choiceGroups}" value="${escapeHtml(value)}"${chosen.includes(value) ? ' checked' : ''}> ${visibleHtml(labelOf(option))}</label>`;
  });
  return `<span class="choices" ${data}>${entries.join('')}</span>`;
}
