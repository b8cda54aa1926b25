import { type SlackCall, SlackError } from './call';
import { messageEntity } from './entities';
import { readContent } from './message-content';
import type { MethodTable } from './methods';
import { keepFormer } from './response-url';
import type { SlackMessage } from './state';
import { BOT_USER } from './workspace';

const MAX_UPDATE_TEXT = 4000;

function post(call: SlackCall) {
  const channel = call.postTarget();
  const content = readContent(call);
  const { state } = call;
  const threadTs = parentOf(call, channel.id);
  const message: SlackMessage = {
    channel: channel.id,
    ts: state.nextTs(),
    user: BOT_USER.id,
    ...content,
    threadTs,
    broadcast: threadTs !== undefined && call.flag('reply_broadcast'),
    fileIds: [],
    reactions: new Map(),
  };
  state.add(message);
  return { channel: channel.id, ts: message.ts, message: messageEntity(message, state, true) };
}

/** The timestamp of the thread to post in. A reply's own timestamp leads to the thread it is in. */
function parentOf(call: SlackCall, channel: string): string | undefined {
  const wanted = call.text('thread_ts');
  if (wanted === undefined) return undefined;
  const parent = call.state.find(channel, wanted);
  if (!parent) throw new SlackError('thread_not_found');
  return parent.threadTs ?? parent.ts;
}

function ownMessage(call: SlackCall, refusal: string): SlackMessage {
  const channel = call.channel();
  const message = call.state.find(channel.id, call.required('ts'));
  if (!message || message.tombstone) throw new SlackError('message_not_found');
  if (message.user !== BOT_USER.id) throw new SlackError(refusal);
  return message;
}

function update(call: SlackCall) {
  const message = ownMessage(call, 'cant_update_message');
  const { state } = call;
  const [hasText, hasBlocks] = [call.raw('text') !== undefined, call.raw('blocks') !== undefined];
  if (!hasText && !hasBlocks && !call.has('metadata') && !call.has('attachments') && !call.has('markdown_text'))
    throw new SlackError('no_text');
  if ((call.text('text')?.length ?? 0) > MAX_UPDATE_TEXT) throw new SlackError('msg_too_long');
  if (hasText || hasBlocks || call.has('markdown_text')) {
    const content = readContent(call);
    // Text alone takes the blocks away; blocks alone keep no old text that no longer fits.
    keepFormer(message);
    message.text = content.text;
    message.blocks = content.blocks;
    if (content.metadata) message.metadata = content.metadata;
    if (!content.blocks) message.editedTs = state.nextTs();
  } else if (call.has('metadata')) {
    message.metadata = readContentMetadata(call) ?? message.metadata;
  }
  state.changed();
  return { channel: message.channel, ts: message.ts, text: message.text, message: messageEntity(message, state, true) };
}

function readContentMetadata(call: SlackCall): SlackMessage['metadata'] {
  const value = call.json('metadata', 'invalid_metadata_format') as SlackMessage['metadata'];
  if (typeof value?.event_type !== 'string' || typeof value.event_payload !== 'object')
    throw new SlackError('invalid_metadata_format');
  return value;
}

function remove(call: SlackCall) {
  const message = ownMessage(call, 'cant_delete_message');
  const { state } = call;
  if (state.replies(message).length > 0) Object.assign(message, { tombstone: true, blocks: undefined, text: '' });
  else state.messages = state.messages.filter((entry) => entry !== message);
  state.changed();
  return { channel: message.channel, ts: message.ts };
}

function ephemeral(call: SlackCall) {
  const channel = call.postTarget();
  const user = call.required('user');
  if (!channel.members.has(user)) throw new SlackError('user_not_in_channel');
  const content = readContent(call);
  const ts = call.state.nextTs();
  call.state.add({
    channel: channel.id,
    ts,
    user: BOT_USER.id,
    ...content,
    threadTs: parentOf(call, channel.id),
    ephemeralFor: user,
    fileIds: [],
    reactions: new Map(),
  });
  return { message_ts: ts };
}

function permalink(call: SlackCall) {
  const channel = call.channel();
  const ts = call.required('message_ts');
  const message = call.state.find(channel.id, ts);
  if (!message) throw new SlackError('message_not_found');
  const threadPart = message.threadTs ? `?thread_ts=${message.threadTs}&cid=${channel.id}` : '';
  return {
    channel: channel.id,
    permalink: `${call.origin}/archives/${channel.id}/p${ts.replace('.', '')}${threadPart}`,
  };
}

function react(call: SlackCall) {
  const channel = call.channel();
  const name = call.required('name').replaceAll(':', '');
  if (!/^[a-z0-9_+'-]{1,100}$/.test(name)) throw new SlackError('invalid_name');
  const message = call.state.find(channel.id, call.required('timestamp'));
  if (!message) throw new SlackError('message_not_found');
  const users = message.reactions.get(name) ?? [];
  if (users.includes(BOT_USER.id)) throw new SlackError('already_reacted');
  message.reactions.set(name, [...users, BOT_USER.id]);
  call.state.changed();
  return {};
}

function reactions(call: SlackCall) {
  const channel = call.channel();
  const message = call.state.find(channel.id, call.required('timestamp'));
  if (!message) throw new SlackError('message_not_found');
  return { type: 'message', channel: channel.id, message: messageEntity(message, call.state, false) };
}

function pin(call: SlackCall) {
  const channel = call.channel();
  if (!channel.members.has(BOT_USER.id)) throw new SlackError('not_in_channel');
  const message = call.state.find(channel.id, call.required('timestamp'));
  if (!message) throw new SlackError('message_not_found');
  const pinned = call.state.pins.get(channel.id) ?? [];
  if (pinned.includes(message.ts)) throw new SlackError('already_pinned');
  call.state.pins.set(channel.id, [...pinned, message.ts]);
  call.state.changed();
  return {};
}

function pins(call: SlackCall) {
  const channel = call.channel();
  const items = (call.state.pins.get(channel.id) ?? []).flatMap((ts) => {
    const message = call.state.find(channel.id, ts);
    return message
      ? [
          {
            type: 'message',
            channel: channel.id,
            created_by: BOT_USER.id,
            message: messageEntity(message, call.state, false),
          },
        ]
      : [];
  });
  return { items };
}

export const CHAT_METHODS: MethodTable = {
  'chat.postMessage': { json: true, scopes: ['chat:write'], run: post },
  'chat.update': { json: true, scopes: ['chat:write'], run: update },
  'chat.delete': { json: true, scopes: ['chat:write'], run: remove },
  'chat.postEphemeral': { json: true, scopes: ['chat:write'], run: ephemeral },
  'chat.getPermalink': { json: false, scopes: [], run: permalink },
  'reactions.add': { json: true, scopes: ['reactions:write'], run: react },
  'pins.add': { json: true, scopes: ['pins:write'], run: pin },
  'pins.list': { json: false, scopes: ['pins:read'], run: pins },
  'reactions.get': { json: false, scopes: ['reactions:read'], run: reactions },
};
