import { channelScope, pageOf, type SlackCall, SlackError } from './call';
import { channelEntity, messageEntity } from './entities';
import type { MethodTable } from './methods';
import type { SlackMessage } from './state';
import { BOT_USER, type SlackChannel } from './workspace';

function info(call: SlackCall) {
  const channel = call.channel();
  call.needs(channelScope(channel, 'read'));
  return { channel: channelEntity(channel) };
}

const KINDS: Record<string, SlackChannel['kind']> = {
  public_channel: 'public',
  private_channel: 'private',
  im: 'im',
  mpim: 'mpim',
};

function list(call: SlackCall) {
  const types = call.list('types');
  const unknown = types.find((type) => !(type in KINDS));
  if (unknown !== undefined) throw new SlackError('invalid_types');
  for (const type of types) call.needs(channelScope({ kind: KINDS[type] ?? 'public' }, 'read'));
  const kinds = (types.length > 0 ? types : ['public_channel']).map((type) => KINDS[type]);
  const withoutArchived = call.flag('exclude_archived');
  const visible = [...call.state.channels.values()].filter(
    (channel) =>
      kinds.includes(channel.kind) &&
      (channel.kind === 'public' || channel.members.has(BOT_USER.id)) &&
      !(withoutArchived && channel.archived),
  );
  const { items, cursor } = pageOf(call, visible);
  return { channels: items.map(channelEntity), response_metadata: { next_cursor: cursor } };
}

/** Channels whose messages the bot may read: those it is in. */
function readable(call: SlackCall): SlackChannel {
  const channel = call.channel();
  call.needs(channelScope(channel, 'history'));
  if (!channel.members.has(BOT_USER.id)) throw new SlackError('not_in_channel');
  return channel;
}

/** Cuts by time and gives a page of messages that are sorted already. */
function cut(call: SlackCall, messages: SlackMessage[]) {
  const [oldest, latest] = [call.number('oldest') ?? 0, call.number('latest') ?? Number.POSITIVE_INFINITY];
  const inclusive = call.flag('inclusive');
  const inside = messages.filter((message) => {
    const ts = Number(message.ts);
    return (ts > oldest && ts < latest) || (inclusive && (ts === oldest || ts === latest));
  });
  const { items, cursor } = pageOf(call, inside, 999);
  const allMetadata = call.flag('include_all_metadata');
  return {
    messages: items.map((message) => messageEntity(message, call.state, allMetadata)),
    has_more: cursor !== '',
    ...(cursor === '' ? {} : { response_metadata: { next_cursor: cursor } }),
  };
}

function history(call: SlackCall) {
  const channel = readable(call);
  const shown = call.state.messages.filter(
    (message) =>
      message.channel === channel.id &&
      !message.ephemeralFor &&
      (message.threadTs === undefined || message.threadTs === message.ts || message.broadcast),
  );
  return { ...cut(call, shown.toReversed()), pin_count: 0 };
}

function replies(call: SlackCall) {
  const channel = readable(call);
  const found = call.state.find(channel.id, call.required('ts'));
  if (!found) throw new SlackError('thread_not_found');
  const parent = (found.threadTs && call.state.find(channel.id, found.threadTs)) || found;
  const answer = cut(call, call.state.replies(parent));
  // The parent comes first on every page, whatever the window is.
  return {
    ...answer,
    messages: [messageEntity(parent, call.state, call.flag('include_all_metadata')), ...answer.messages],
  };
}

function create(call: SlackCall) {
  const name = call.required('name').replace(/^#/, '');
  call.needs(call.flag('is_private') ? 'groups:write' : 'channels:manage');
  if (name.length > 80) throw new SlackError('invalid_name_maxlength');
  if (/^[-_.]+$/.test(name)) throw new SlackError('invalid_name_punctuation');
  if (!/^[a-z0-9_-]+$/.test(name)) throw new SlackError('invalid_name_specials');
  if ([...call.state.channels.values()].some((channel) => channel.name === name)) throw new SlackError('name_taken');
  const channel: SlackChannel = {
    id: call.state.nextId('C'),
    name,
    kind: call.flag('is_private') ? 'private' : 'public',
    archived: false,
    topic: '',
    purpose: '',
    creator: BOT_USER.id,
    created: call.state.now(),
    members: new Set([BOT_USER.id]),
  };
  call.state.channels.set(channel.id, channel);
  call.state.changed();
  return { channel: channelEntity(channel) };
}

/** A channel that the bot can change: seen, not archived, and joined. */
function changeable(call: SlackCall, narrow?: 'invites' | 'topic'): SlackChannel {
  const channel = call.channel();
  const kind = channel.kind === 'public' ? 'channels' : 'groups';
  if (narrow === undefined || !call.may(`${kind}:write.${narrow}`)) call.needs(channelScope(channel, 'manage'));
  if (channel.archived) throw new SlackError('is_archived');
  if (!channel.members.has(BOT_USER.id)) throw new SlackError('not_in_channel');
  return channel;
}

function invite(call: SlackCall) {
  const channel = changeable(call, 'invites');
  const users = call.list('users');
  if (users.length === 0) throw new SlackError('no_user');
  if (users.length > 100) throw new SlackError('too_many_users');
  const errors = users.flatMap((user) => {
    const error = inviteError(call, channel, user);
    return error ? [{ user, ok: false, error }] : [];
  });
  const good = users.filter((user) => !errors.some((entry) => entry.user === user));
  const first = errors[0]?.error;
  if (first && !(call.flag('force') && good.length > 0)) throw new SlackError(first, { errors });
  for (const user of good) channel.members.add(user);
  call.state.changed();
  return { channel: channelEntity(channel), ...(errors.length > 0 ? { errors } : {}) };
}

function inviteError(call: SlackCall, channel: SlackChannel, id: string): string | undefined {
  const user = call.state.users.get(id);
  if (!user) return 'user_not_found';
  if (id === BOT_USER.id) return 'cant_invite_self';
  if (user.deleted) return 'cant_invite';
  if (user.restricted) return 'user_is_restricted';
  return channel.members.has(id) ? 'already_in_channel' : undefined;
}

function setTopic(call: SlackCall) {
  const channel = changeable(call, 'topic');
  const topic = call.required('topic');
  if (topic.length > 250) throw new SlackError('too_long');
  channel.topic = topic;
  call.state.changed();
  return { channel: channelEntity(channel) };
}

function open(call: SlackCall) {
  if (call.has('channel')) return { channel: { id: call.channel().id }, already_open: true, no_op: true };
  const users = call.list('users');
  if (users.length === 0) throw new SlackError('users_list_not_supplied');
  if (users.length > 8) throw new SlackError('too_many_users');
  for (const id of users) {
    const user = call.state.users.get(id);
    if (!user) throw new SlackError('user_not_found');
    if (user.deleted) throw new SlackError('user_disabled');
  }
  const { channel, alreadyOpen } = call.state.openDirect(users);
  const shown = call.flag('return_im') ? channelEntity(channel) : { id: channel.id };
  return { channel: shown, ...(alreadyOpen ? { already_open: true, no_op: true } : {}) };
}

function join(call: SlackCall) {
  const channel = call.channel();
  if (channel.archived) throw new SlackError('is_archived');
  if (channel.kind !== 'public') throw new SlackError('method_not_supported_for_channel_type');
  if (channel.members.has(BOT_USER.id)) call.warnings.push('already_in_channel');
  channel.members.add(BOT_USER.id);
  call.state.changed();
  return { channel: channelEntity(channel) };
}

function archive(call: SlackCall) {
  const channel = call.channel();
  if (channel.archived) throw new SlackError('already_archived');
  if (channel.name === 'general') throw new SlackError('cant_archive_general');
  if (!channel.members.has(BOT_USER.id)) throw new SlackError('not_in_channel');
  channel.archived = true;
  call.state.changed();
  return {};
}

function members(call: SlackCall) {
  const channel = call.channel();
  call.needs(channelScope(channel, 'read'));
  const { items, cursor } = pageOf(call, [...channel.members]);
  return { members: items, response_metadata: { next_cursor: cursor } };
}

const READ = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];
const HISTORY = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

export const CONVERSATION_METHODS: MethodTable = {
  'conversations.info': { json: false, scopes: READ, run: info },
  'conversations.list': { json: false, scopes: READ, run: list },
  'conversations.members': { json: false, scopes: READ, run: members },
  'conversations.history': { json: false, scopes: HISTORY, run: history },
  'conversations.replies': { json: false, scopes: HISTORY, run: replies },
  'conversations.create': { json: true, scopes: ['channels:manage', 'groups:write'], run: create },
  'conversations.invite': {
    json: true,
    scopes: ['channels:manage', 'channels:write.invites', 'groups:write', 'groups:write.invites'],
    run: invite,
  },
  'conversations.setTopic': {
    json: true,
    scopes: ['channels:manage', 'channels:write.topic', 'groups:write', 'groups:write.topic'],
    run: setTopic,
  },
  'conversations.archive': { json: true, scopes: ['channels:manage', 'groups:write'], run: archive },
  'conversations.open': { json: true, scopes: ['im:write', 'mpim:write'], run: open },
  'conversations.join': { json: true, scopes: ['channels:join'], run: join },
};
