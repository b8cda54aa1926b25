/**
 * Every Web API method we call, with the bot scopes it needs and how Slack meters it. A method that is not here cannot be
 * called (client.ts takes these names only), so the app's manifest can be made from this table and stay exact.
 * Where a method works on public and private channels alike, each kind has a scope of its own.
 * Source: the method pages of Slack's API reference.
 */
export const slackMethods = {
  'auth.test': { scopes: [], meter: 'method' },
  'chat.getPermalink': { scopes: [], meter: 'method' },
  'chat.postEphemeral': { scopes: ['chat:write'], meter: 'method' },
  'chat.postMessage': { scopes: ['chat:write'], meter: 'channel' },
  'chat.update': { scopes: ['chat:write'], meter: 'method' },
  'conversations.create': { scopes: ['channels:manage', 'groups:write'], meter: 'method' },
  'conversations.history': { scopes: ['channels:history', 'groups:history'], meter: 'method' },
  'conversations.invite': { scopes: ['channels:manage', 'groups:write'], meter: 'method' },
  'conversations.list': { scopes: ['channels:read', 'groups:read'], meter: 'method' },
  'conversations.replies': { scopes: ['channels:history', 'groups:history'], meter: 'method' },
  'conversations.setTopic': { scopes: ['channels:manage', 'groups:write'], meter: 'method' },
  'files.completeUploadExternal': { scopes: ['files:write'], meter: 'method' },
  'files.getUploadURLExternal': { scopes: ['files:write'], meter: 'method' },
  'files.info': { scopes: ['files:read'], meter: 'method' },
  'pins.add': { scopes: ['pins:write'], meter: 'method' },
  'usergroups.users.list': { scopes: ['usergroups:read'], meter: 'method' },
  'users.info': { scopes: ['users:read'], meter: 'method' },
  'users.lookupByEmail': { scopes: ['users:read', 'users:read.email'], meter: 'method' },
  'views.open': { scopes: [], meter: 'method' },
} as const satisfies Record<string, { scopes: readonly string[]; meter: 'method' | 'channel' }>;

export type SlackMethod = keyof typeof slackMethods;
