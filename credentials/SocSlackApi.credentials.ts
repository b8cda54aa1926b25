import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

export class SocSlackApi implements ICredentialType {
  name = 'socSlackApi';

  displayName = 'SOC Slack API';

  icon: Icon = { light: 'file:../nodes/SocSlack/soc-slack.svg', dark: 'file:../nodes/SocSlack/soc-slack.dark.svg' };

  documentationUrl = 'https://github.com/n8n-nodes-soc/n8n-nodes-soc/blob/main/docs/credentials.md#soc-slack-api';

  properties: INodeProperties[] = [
    {
      displayName:
        'Use the bot token of a Slack app of its own, best made from the manifest of "soc-bridge slack manifest". To post and escalate it needs the scopes chat:write, channels:read, groups:read, channels:history and groups:history; for incident channels channels:manage, groups:write, pins:write; to look up users users:read, users:read.email, usergroups:read; for reports files:write, files:read. Invite the bot to each channel named below.',
      name: 'permissionsNotice',
      type: 'notice',
      default: '',
    },
    {
      displayName: 'Bot Token',
      name: 'botToken',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      placeholder: 'e.g. xoxb-...',
    },
    {
      displayName: 'Signing Secret',
      name: 'signingSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description:
        'Under Basic Information of the app. Needed for SOC Slack Trigger and for approvals that n8n runs by itself: without it every click is refused.',
    },
    {
      displayName: 'API URL',
      name: 'apiUrl',
      type: 'string',
      default: 'https://slack.com/api',
      description: 'Change it only for GovSlack (https://slack-gov.com/api) or a test server',
    },
    {
      displayName: 'Channel for Critical',
      name: 'channelCritical',
      type: 'string',
      default: '',
      placeholder: 'e.g. #soc-critical',
      description: 'Where cases of severity CRITICAL are escalated to: a channel name or ID',
    },
    {
      displayName: 'Channel for High',
      name: 'channelHigh',
      type: 'string',
      default: '',
      placeholder: 'e.g. #soc-high',
      description: 'Where cases of severity HIGH are escalated to',
    },
    {
      displayName: 'Channel for Medium',
      name: 'channelMedium',
      type: 'string',
      default: '',
      placeholder: 'e.g. #soc-alerts',
      description: 'Where cases of severity MEDIUM are escalated to',
    },
    {
      displayName: 'Channel for Low',
      name: 'channelLow',
      type: 'string',
      default: '',
      placeholder: 'e.g. #soc-low',
      description: 'Where cases of severity LOW are escalated to',
    },
    {
      displayName: 'Default Channel',
      name: 'channelDefault',
      type: 'string',
      default: '',
      placeholder: 'e.g. #soc-alerts',
      description: 'Used where no channel is set for a severity',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { Authorization: '=Bearer {{$credentials.botToken}}' } },
  };

  /** Slack answers 200 whatever happens; `ok` says how it went. */
  test: ICredentialTestRequest = {
    request: {
      baseURL: '={{($credentials.apiUrl || "https://slack.com/api").trim().replace(new RegExp("/+$"), "")}}',
      url: '/auth.test',
      method: 'POST',
    },
    rules: [
      {
        type: 'responseSuccessBody',
        properties: {
          key: 'ok',
          value: false,
          message: 'Slack did not accept the bot token. Copy it again from OAuth & Permissions of the Slack app.',
        },
      },
    ],
  };
}
