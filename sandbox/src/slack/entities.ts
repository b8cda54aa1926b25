import type { Json, SlackFile, SlackMessage, SlackState } from './state';
import { APP_ID, BOT_ID, BOT_USER, FOREIGN_USER, type SlackChannel, type SlackUser, TEAM } from './workspace';

export function messageEntity(message: SlackMessage, state: SlackState, allMetadata: boolean): Json {
  const replies = message.threadTs && message.threadTs !== message.ts ? [] : state.replies(message);
  const own = message.user === BOT_USER.id;
  if (message.tombstone) {
    return {
      type: 'message',
      subtype: 'tombstone',
      user: 'USLACKBOT',
      hidden: true,
      text: 'This message was deleted.',
      ts: message.ts,
      ...thread(message, replies),
    };
  }
  return {
    type: 'message',
    ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: TEAM.id,
    ...(own
      ? {
          bot_id: BOT_ID,
          app_id: APP_ID,
          bot_profile: {
            id: BOT_ID,
            app_id: APP_ID,
            user_id: BOT_USER.id,
            name: BOT_USER.name,
            deleted: false,
            team_id: TEAM.id,
          },
        }
      : {}),
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.attachments ? { attachments: message.attachments } : {}),
    ...(message.editedTs ? { edited: { user: message.user, ts: message.editedTs } } : {}),
    // Without include_all_metadata only the type of the event is given.
    ...(message.metadata
      ? { metadata: allMetadata ? message.metadata : { event_type: message.metadata.event_type } }
      : {}),
    ...(message.fileIds.length > 0 ? { files: message.fileIds.flatMap((id) => fileOf(state, id)) } : {}),
    ...(message.reactions.size > 0
      ? { reactions: [...message.reactions].map(([name, users]) => ({ name, users, count: users.length })) }
      : {}),
    ...thread(message, replies),
  };
}

function thread(message: SlackMessage, replies: SlackMessage[]): Json {
  if (message.threadTs && message.threadTs !== message.ts) return { thread_ts: message.threadTs };
  if (replies.length === 0) return {};
  const users = [...new Set(replies.map((reply) => reply.user))];
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    reply_users: users,
    latest_reply: replies.at(-1)?.ts,
    is_locked: false,
    subscribed: true,
  };
}

export function channelEntity(channel: SlackChannel): Json {
  const direct = channel.kind === 'im';
  const shared = {
    id: channel.id,
    created: channel.created,
    is_archived: channel.archived,
    is_im: direct,
    is_mpim: channel.kind === 'mpim',
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_private: channel.kind !== 'public',
    is_org_shared: false,
    context_team_id: TEAM.id,
  };
  if (direct)
    return {
      ...shared,
      user: [...channel.members].find((id) => id !== BOT_USER.id),
      is_user_deleted: false,
      is_open: true,
    };
  return {
    ...shared,
    name: channel.name,
    name_normalized: channel.name,
    creator: channel.creator,
    is_general: channel.name === 'general',
    is_member: channel.members.has(BOT_USER.id),
    is_shared: isShared(channel),
    is_ext_shared: isShared(channel),
    topic: { value: channel.topic, creator: channel.creator, last_set: channel.created },
    purpose: { value: channel.purpose, creator: channel.creator, last_set: channel.created },
    previous_names: [],
    num_members: channel.members.size,
  };
}

/** Whether somebody of another company is in it. */
function isShared(channel: SlackChannel): boolean {
  return channel.members.has(FOREIGN_USER.id);
}

export function userEntity(user: SlackUser): Json {
  return {
    id: user.id,
    team_id: user.teamId ?? TEAM.id,
    name: user.name,
    deleted: user.deleted,
    real_name: user.realName,
    tz: 'Europe/Dublin',
    tz_label: 'Greenwich Mean Time',
    tz_offset: 0,
    profile: {
      title: user.title,
      real_name: user.realName,
      real_name_normalized: user.realName,
      display_name: user.displayName,
      display_name_normalized: user.displayName,
      ...(user.email ? { email: user.email } : {}),
      team: user.teamId ?? TEAM.id,
    },
    is_admin: false,
    is_owner: false,
    is_restricted: user.restricted,
    is_ultra_restricted: user.restricted,
    is_bot: user.bot,
    is_app_user: false,
    ...(user.teamId && user.teamId !== TEAM.id ? { is_stranger: true } : {}),
    updated: 1_780_000_000,
  };
}

export function fileEntity(file: SlackFile): Json {
  const shares = Object.fromEntries(
    file.shares.map((share) => [share.channel, [{ ts: share.ts, channel_name: share.channel }]]),
  );
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    size: file.length,
    mode: 'hosted',
    user: BOT_USER.id,
    is_external: false,
    channels: file.shares.map((share) => share.channel),
    shares: file.shares.length > 0 ? { public: shares } : {},
  };
}

function fileOf(state: SlackState, id: string): Json[] {
  const file = state.files.get(id);
  return file ? [fileEntity(file)] : [];
}
