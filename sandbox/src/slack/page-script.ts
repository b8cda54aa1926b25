import { PAGE_ACTING_SCRIPT } from './page-acting-script';

/**
 * Script of the simulated Slack page. It asks for the state every second and draws again only when the version
 * changed, so that a selection or an open thread stays as it is. Message bodies come as escaped HTML from the
 * server; everything else is set as text.
 */
export const PAGE_SCRIPT = `
'use strict';
const at = (id) => document.getElementById(id);
const make = (tag, className, text) => { const node = document.createElement(tag); if (className) node.className = className; if (text !== undefined) node.textContent = text; return node; };
const target = /^\\/archives\\/(\\w+)(?:\\/p(\\d+)(\\d{6}))?$/.exec(location.pathname);
let channel = target ? target[1] : location.hash.slice(1);
let focus = target && target[2] ? target[2] + '.' + target[3] : '';
let version = -1;
let drawn = '';
const seen = new Map();
const known = new Set();
const openThreads = new Set();

function drawChannels(state) {
  const groups = [['Channels', (c) => (c.kind === 'public' || c.kind === 'private') && !c.archived, '#'], ['Direct messages', (c) => c.kind === 'im' || c.kind === 'mpim', '@'], ['Archived', (c) => c.archived, '#']];
  at('channels').replaceChildren(...groups.flatMap(([title, wanted, sign]) => {
    const entries = state.channels.filter(wanted);
    if (entries.length === 0) return [];
    const list = make('ul');
    for (const entry of entries) {
      const button = make('button');
      button.type = 'button';
      const current = entry.id === state.open.id;
      if (current) { seen.set(entry.id, entry.messages); button.setAttribute('aria-current', 'true'); }
      const fresh = entry.messages - (seen.get(entry.id) || 0);
      if (fresh > 0) button.classList.add('fresh');
      if (entry.archived) button.classList.add('archived');
      button.append(make('span', '', entry.kind === 'private' ? '🔒' : sign), make('span', 'name', entry.name));
      if (fresh > 0) button.append(make('span', 'count', String(fresh)));
      button.addEventListener('click', () => { channel = entry.id; focus = ''; version = -1; history.replaceState(null, '', '/#' + entry.id); refresh(); });
      const item = make('li');
      item.append(button);
      list.append(item);
    }
    return [make('h2', '', title), list];
  }));
}

function drawMessage(message, reply) {
  const article = make('article');
  article.id = 'm' + message.ts;
  article.dataset.ts = message.ts;
  if (!known.has(message.ts)) { known.add(message.ts); article.classList.add('arrived'); }
  const avatar = make('div', 'avatar t' + message.tint, message.initials);
  avatar.setAttribute('aria-hidden', 'true');
  const side = make('div');
  const who = make('div', 'who');
  who.append(make('b', '', message.author));
  if (message.app) who.append(make('span', 'app', 'APP'));
  const time = make('time', '', message.clock);
  time.dateTime = message.time;
  time.title = message.time;
  who.append(time);
  const body = make('div', 'body');
  body.innerHTML = message.html;
  wire(body);
  side.append(who);
  if (message.onlyFor) { article.classList.add('private'); side.append(make('div', 'only', 'Only visible to you')); }
  if (message.pinned) side.append(make('div', 'only', '📌 Pinned'));
  side.append(body);
  if (message.warning) { const warning = make('div', 'warning', '⚠️ ' + message.warning); warning.setAttribute('role', 'alert'); side.append(warning); }
  if (message.edited) side.append(make('span', 'edited', '(edited)'));
  if (message.reactions.length > 0) {
    const row = make('div', 'reactions');
    for (const reaction of message.reactions) row.append(make('span', '', reaction.symbol + ' ' + reaction.count));
    side.append(row);
  }
  if (!reply && message.replies.length > 0) side.append(drawThread(message));
  article.append(avatar, side);
  return article;
}

function drawThread(message) {
  const details = make('details');
  details.open = openThreads.has(message.ts) || message.replies.some((entry) => entry.ts === focus);
  details.addEventListener('toggle', () => { details.open ? openThreads.add(message.ts) : openThreads.delete(message.ts); });
  details.append(make('summary', '', message.replies.length === 1 ? '1 reply' : message.replies.length + ' replies'));
  for (const entry of message.replies) details.append(drawMessage(entry, true));
  return details;
}

function drawMessages(state) {
  const pane = at('messages');
  const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 80;
  const changed = drawn !== state.open.id;
  drawn = state.open.id;
  at('title').textContent = (state.open.kind === 'im' || state.open.kind === 'mpim' ? '@' : '#') + state.open.name;
  at('topic').textContent = (state.open.archived ? 'Archived. ' : '') + state.open.topic;
  at('members').textContent = state.open.members + ' members';
  document.title = '#' + state.open.name + ' - Simulated Slack';
  let day = '';
  const nodes = state.messages.flatMap((message) => {
    const date = message.time.slice(0, 10);
    const head = date === day ? [] : [make('div', 'day', date)];
    day = date;
    return [...head, drawMessage(message, false)];
  });
  pane.replaceChildren(...(nodes.length > 0 ? nodes : [make('p', 'empty', 'No messages yet. They appear here as soon as something posts to this channel.')]));
  const wanted = focus && at('m' + focus);
  if (wanted) { wanted.scrollIntoView({ block: 'center' }); focus = ''; }
  else if (atEnd || changed) pane.scrollTop = pane.scrollHeight;
}

async function refresh() {
  try {
    const response = await fetch('/page/state?channel=' + encodeURIComponent(channel) + '&user=' + encodeURIComponent(me) + '&since=' + version, { cache: 'no-store' });
    const state = await response.json();
    at('live').className = '';
    if (state.unchanged) return;
    at('live').textContent = state.interactivity || 'live, but clicks go nowhere yet';
    version = state.version;
    drawMe(state);
    if (!channel) channel = state.open.id;
    drawChannels(state);
    drawMessages(state);
    drawView(state);
  } catch {
    at('live').className = 'off';
    at('live').textContent = 'not connected';
  }
}
${PAGE_ACTING_SCRIPT}
refresh();
setInterval(() => { if (busy === 0) refresh(); }, 1000);
`;
