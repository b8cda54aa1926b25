import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

export class PantherApi implements ICredentialType {
  name = 'pantherApi';

  displayName = 'Panther API';

  icon: Icon = { light: 'file:../nodes/PantherSiem/panther.svg', dark: 'file:../nodes/PantherSiem/panther.dark.svg' };

  documentationUrl = 'https://github.com/n8n-nodes-soc/n8n-nodes-soc/blob/main/docs/credentials.md#panther-api';

  properties: INodeProperties[] = [
    {
      displayName:
        'Create the token in Panther under Settings > API Tokens, with the permission Query Data Lake (DataAnalyticsRead) and no other: the operations only read.',
      name: 'permissionsNotice',
      type: 'notice',
      default: '',
    },
    {
      displayName: 'API URL',
      name: 'apiUrl',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. https://api.acme.runpanther.net/public/graphql',
      description: 'The API URL that Panther shows under Settings > API Tokens, with or without /public/graphql',
    },
    {
      displayName: 'API Token',
      name: 'apiToken',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: 'A new token can take up to a minute to work',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { 'X-API-Key': '={{$credentials.apiToken}}' } },
  };

  /** The calling token's own record: needs no permission. */
  test: ICredentialTestRequest = {
    request: {
      baseURL:
        '={{$credentials.apiUrl.trim().replace(new RegExp("/+$"), "").replace(new RegExp("/public/graphql$"), "")}}',
      url: '/api-tokens/self',
      method: 'GET',
    },
  };
}
