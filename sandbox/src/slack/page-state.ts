import { blocksHtml } from './block-html';
import { warningKey } from './interactions';
import { type Directory, decode, emoji, mrkdwnHtml } from './mrkdwn';
import { type ListedPerson, peopleOf } from './people-list';
import type { SlackMessage, SlackState } from './state';
import { type PageView, pageView } from './view-html';
import { visibleHtml } from './visible-text';
import { BOT_USER, type SlackChannel, TEAM } from './workspace';

interface PageMessage {
  ts: string;
  /** ISO time, for the tooltip and for assistive technology. */
  time: string;
  clock: string;
  author: string;
  initials: string;
  /** 0-7, picks the avatar's colour. */
  tint: number;
  app: boolean;
  /** Ready-made HTML; everything in it is escaped. */
  html: string;
  edited: boolean;
  onlyFor?: string;
  /** What the chosen person sees when the app did not take the click. */
  warning?: string;
  pinned: boolean;
  reactions: { symbol: string; count: number }[];
  replies: PageMessage[];
}

/** What the page draws for one person: channels, the messages of the one that is open, and a modal. */
export interface PageState {
  version: number;
  team: string;
  people: ListedPerson[];
  /** The person the page is used by. */
  me: string;
  /** Whether clicks have somewhere to go: the request URL, a number of sockets, or nowhere. */
  interactivity: string;
  view?: PageView;
  channels: { id: string; name: string; kind: SlackChannel['kind']; archived: boolean; messages: number }[];
  open: { id: string; name: string; kind: SlackChannel['kind']; topic: string; members: number; archived: boolean };
  messages: PageMessage[];
}

export function directoryOf(state: SlackState): Directory {
  return {
    user: (id) => state.users.get(id)?.displayName,
    channel: (id) => state.channels.get(id)?.name,
    userGroup: (id) => state.userGroups.find((group) => group.id === id)?.handle,
  };
}

/**
 * What one person sees of one channel; the first channel and person where an id is unknown. The private channel is
 * left out, like for the bot.
 */
export function pageState(
  state: SlackState,
  channelId: string | undefined,
  person: string | undefined,
  interactivity: string,
): PageState {
  const people = peopleOf(state);
  const me = people.find(({ id }) => id === person)?.id ?? people[0]?.id ?? '';
  const top = state.topView(me);
  const visible = [...state.channels.values()].filter(
    (channel) => channel.kind === 'public' || channel.members.has(BOT_USER.id),
  );
  const busiest = visible.find((channel) => state.messages.some((message) => message.channel === channel.id));
  const open = visible.find((channel) => channel.id === channelId) ?? busiest ?? (visible[0] as SlackChannel);
  const directory = directoryOf(state);
  const shown = state.messages.filter(({ ephemeralFor }) => ephemeralFor === undefined || ephemeralFor === me);
  const inOpen = shown.filter((message) => message.channel === open.id);
  const isReply = (message: SlackMessage) => message.threadTs !== undefined && message.threadTs !== message.ts;
  const draw = (message: SlackMessage): PageMessage => ({
    ...drawMessage(message, state, directory),
    warning: state.warnings.get(warningKey(me, message)),
  });
  return {
    version: state.version,
    team: TEAM.name,
    people,
    me,
    interactivity,
    ...(top ? { view: pageView(top, directory) } : {}),
    channels: visible.map((channel) => ({
      id: channel.id,
      name: channel.name,
      kind: channel.kind,
      archived: channel.archived,
      messages: shown.filter((message) => message.channel === channel.id).length,
    })),
    open: {
      id: open.id,
      name: open.name,
      kind: open.kind,
      topic: decode(open.topic),
      members: open.members.size,
      archived: open.archived,
    },
    messages: inOpen
      .filter((message) => !isReply(message))
      .map((message) => ({
        ...draw(message),
        replies: inOpen.filter((reply) => isReply(reply) && reply.threadTs === message.ts).map(draw),
      })),
  };
}

function drawMessage(message: SlackMessage, state: SlackState, directory: Directory): PageMessage {
  const user = state.users.get(message.user);
  const author = user?.displayName ?? message.user;
  const time = new Date(Number(message.ts) * 1000).toISOString();
  return {
    ts: message.ts,
    time,
    clock: time.slice(11, 16),
    author,
    initials: author
      .split(' ')
      .map((part) => part.charAt(0))
      .join('')
      .slice(0, 2),
    tint: [...author].reduce((sum, character) => sum + character.charCodeAt(0), 0) % 8,
    app: user?.bot ?? false,
    html: contentHtml(message, state, directory),
    edited: message.editedTs !== undefined,
    onlyFor: message.ephemeralFor && (directory.user(message.ephemeralFor) ?? message.ephemeralFor),
    pinned: state.pins.get(message.channel)?.includes(message.ts) ?? false,
    reactions: [...message.reactions].map(([name, users]) => ({ symbol: emoji(name), count: users.length })),
    replies: [],
  };
}

function contentHtml(message: SlackMessage, state: SlackState, directory: Directory): string {
  if (message.tombstone) return '<p class="note">This message was deleted.</p>';
  const body = message.blocks?.length
    ? blocksHtml(message.blocks, directory)
    : `<div class="text">${mrkdwnHtml(message.text, directory, true)}</div>`;
  const files = message.fileIds.map((id) => {
    const file = state.files.get(id);
    return `<div class="file">📄 ${visibleHtml(file?.title ?? id)} <small>${file?.length ?? 0} bytes</small></div>`;
  });
  return body + files.join('');
}
