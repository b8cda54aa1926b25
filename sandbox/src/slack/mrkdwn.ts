import { escapeHtml } from '../escape-html';
import { visibleHtml } from './visible-text';

/** Names for the ids inside `<…>`; undefined when there is no such id. */
export interface Directory {
  user(id: string): string | undefined;
  channel(id: string): string | undefined;
  userGroup(id: string): string | undefined;
}

const EMOJI: Record<string, string> = {
  rotating_light: '🚨',
  warning: '⚠️',
  white_check_mark: '✅',
  x: '❌',
  eyes: '👀',
  shield: '🛡️',
  mag: '🔍',
  lock: '🔒',
  unlock: '🔓',
  red_circle: '🔴',
  large_orange_circle: '🟠',
  large_yellow_circle: '🟡',
  large_green_circle: '🟢',
  large_blue_circle: '🔵',
  white_circle: '⚪',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  alarm_clock: '⏰',
  bell: '🔔',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  question: '❓',
  information_source: 'ℹ️',
  bulb: '💡',
  fire: '🔥',
  key: '🔑',
  robot_face: '🤖',
  thumbsup: '👍',
  '+1': '👍',
  thumbsdown: '👎',
  '-1': '👎',
  tada: '🎉',
  memo: '📝',
  link: '🔗',
  chart_with_upwards_trend: '📈',
  page_facing_up: '📄',
  heavy_check_mark: '✔️',
  arrow_right: '➡️',
};

export function emoji(name: string): string {
  return EMOJI[name] ?? `:${name}:`;
}

/** Replaces `:name:` by the character, in text that is HTML already. */
export function withEmoji(html: string): string {
  return html.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => EMOJI[name] ?? whole);
}

export const mention = (text: string) => `<span class="mention">${visibleHtml(text)}</span>`;

/** A link whose real host is shown when its text does not say it. */
export function linkHtml(url: string, text: string): string {
  if (!/^(https?:|mailto:)/i.test(url)) return visibleHtml(text);
  return `<a href="${escapeHtml(url)}" title="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${visibleHtml(text)}</a>`;
}

/**
 * Renders Slack's mrkdwn as HTML. Only control syntax that really stands between `<` and `>` becomes a mention or a
 * link; `&lt;!channel&gt;` is text, and so is every other character, however hostile. `autolink` makes bare
 * addresses clickable, which Slack does unless `verbatim` is set.
 */
export function mrkdwnHtml(source: string, directory: Directory, autolink = false): string {
  // Parts that must not be formatted any further are kept aside and put back at the end.
  const kept: string[] = [];
  const keep = (html: string) => `\uE000${kept.push(html) - 1}\uE001`;
  const clean = source.replace(/[\uE000\uE001]/g, '\uFFFD');

  let text = clean.replace(/```\n?([\s\S]+?)\n?```/g, (_, code: string) => keep(`<pre>${literal(code)}</pre>`));
  text = text.replace(/`([^`\n]+)`/g, (_, code: string) => keep(`<code>${literal(code)}</code>`));
  text = text.replace(/<([^<>\n]+)>/g, (whole, inner: string) => {
    const html = control(inner, directory);
    return keep(html ?? visibleHtml(whole));
  });
  if (autolink)
    text = text.replace(/https?:\/\/[^\s<>\uE000]+[^\s<>\uE000.,;:!?)'"]/g, (url) =>
      keep(linkHtml(decode(url), decode(url))),
    );
  let html = visibleHtml(decode(text));
  html = html.replace(/(^|[\s(])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?=$|[\s).,;:!?])/gm, '$1<b>$2</b>');
  html = html.replace(/(^|[\s(])_([^\s_](?:[^_\n]*[^\s_])?)_(?=$|[\s).,;:!?])/gm, '$1<i>$2</i>');
  html = html.replace(/(^|[\s(])~([^\s~](?:[^~\n]*[^\s~])?)~(?=$|[\s).,;:!?])/gm, '$1<s>$2</s>');
  html = html.replace(
    /(?:^&#62; ?.*(?:\n|$))+/gm,
    (block) => `<blockquote>${block.replace(/^&#62; ?/gm, '').trimEnd()}</blockquote>`,
  );
  html = withEmoji(html).replace(/\n/g, '<br>');
  return restore(html, kept);
}

function restore(html: string, kept: string[]): string {
  return html.replace(/\uE000(\d+)\uE001/g, (_, index: string) => restore(kept[Number(index)] ?? '', kept));
}

/** Slack's three entities, and no others. */
export function decode(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

/** Code is shown as it is; control syntax inside it is shown, not followed. */
function literal(text: string): string {
  return visibleHtml(decode(text));
}

function control(inner: string, directory: Directory): string | undefined {
  const [target = '', label] = split(inner);
  if (/^@[UW][A-Z0-9]+$/.test(target))
    return mention(`@${directory.user(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (/^#C[A-Z0-9]+$/.test(target))
    return mention(`#${directory.channel(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (/^!(here|channel|everyone)$/.test(target)) return `<span class="mention broadcast">@${target.slice(1)}</span>`;
  const group = /^!subteam\^(S[A-Z0-9]+)$/.exec(target)?.[1];
  if (group) return mention(`@${directory.userGroup(group) ?? label ?? group}`);
  const date = /^!date\^(\d+)\^([^^]+)(?:\^(.+))?$/.exec(target);
  if (date) return dateHtml(Number(date[1]), decode(date[2] ?? ''), date[3]);
  if (/^(https?:\/\/|mailto:)/i.test(target))
    return linkHtml(decode(target), label === undefined ? decode(target) : decode(label));
  return undefined;
}

function split(inner: string): [string, string | undefined] {
  const at = inner.indexOf('|');
  return at < 0 ? [inner, undefined] : [inner.slice(0, at), inner.slice(at + 1)];
}

/** `<!date^…>` with its tokens, in UTC; Slack would use the reader's own zone. */
export function dateHtml(seconds: number, format: string, link?: string): string {
  const iso = new Date(seconds * 1000).toISOString();
  const [date, time] = [iso.slice(0, 10), `${iso.slice(11, 16)} UTC`];
  const text = format
    .replace(/\{date[a-z_]*\}/g, date)
    .replace(/\{time_secs\}/g, `${iso.slice(11, 19)} UTC`)
    .replace(/\{time\}/g, time)
    .replace(/\{ago\}/g, `${date} ${time}`);
  return `<time datetime="${iso}">${link ? linkHtml(link, text) : visibleHtml(text)}</time>`;
}
