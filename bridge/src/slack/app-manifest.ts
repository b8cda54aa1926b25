import { type SlackMethod, slackMethods } from '../../../operations/slack/methods';

/** What the app is for: each brings the methods it calls, and their scopes, and nothing else. */
export const appFeatures = {
  messages: [
    'auth.test',
    'chat.getPermalink',
    'chat.postMessage',
    'chat.update',
    'conversations.history',
    'conversations.list',
    'conversations.replies',
  ],
  /** Buttons on escalations and approvals: who clicked is looked up, and told when the click does not count. */
  buttons: ['chat.postEphemeral', 'users.info', 'views.open'],
  approvals: ['chat.postEphemeral', 'users.info', 'views.open'],
  user_groups: ['usergroups.users.list'],
  users: ['users.info', 'users.lookupByEmail'],
  incident_channels: [
    'conversations.create',
    'conversations.invite',
    'conversations.setTopic',
    'pins.add',
    'users.lookupByEmail',
  ],
  uploads: ['files.completeUploadExternal', 'files.getUploadURLExternal', 'files.info'],
} as const satisfies Record<string, readonly SlackMethod[]>;

export type AppFeature = keyof typeof appFeatures;

export interface ManifestChoices {
  name: string;
  /** Besides messages, which every app of ours sends. */
  features: readonly Exclude<AppFeature, 'messages' | 'buttons'>[];
  /** How clicks come in; without it there are no buttons. */
  transport: { kind: 'http'; requestUrl: string } | { kind: 'socket' } | { kind: 'none' };
}

/** The scopes of the methods that these features call, in alphabetical order, each once. */
export function scopesFor(features: readonly AppFeature[]): string[] {
  const methods = features.flatMap((feature): readonly SlackMethod[] => appFeatures[feature]);
  return [...new Set(methods.flatMap((method): readonly string[] => slackMethods[method].scopes))].sort();
}

/** The app's manifest in Slack's format, with the least scopes for what was chosen. Throws Error for choices that cannot work together. */
export function appManifest({ name, features, transport }: ManifestChoices) {
  if (features.includes('approvals') && transport.kind === 'none') {
    throw new Error('Approvals need a way for clicks to come in: give --request-url or --socket-mode.');
  }
  const buttons: AppFeature[] = transport.kind === 'none' ? [] : ['buttons'];
  return {
    display_information: {
      name,
      description: 'Cases, escalations and approvals of the security operations centre',
      background_color: '#3b1f43',
    },
    features: { bot_user: { display_name: name, always_online: true } },
    oauth_config: { scopes: { bot: scopesFor(['messages', ...buttons, ...features]) } },
    settings: {
      interactivity: {
        is_enabled: transport.kind !== 'none',
        ...(transport.kind === 'http' ? { request_url: transport.requestUrl } : {}),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: transport.kind === 'socket',
      token_rotation_enabled: false,
    },
  };
}
