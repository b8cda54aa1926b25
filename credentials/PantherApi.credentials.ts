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
    {
      displayName: 'SQL Dialect',
      name: 'dialect',
      type: 'options',
      options: [
        { name: 'Databricks', value: 'databricks' },
        { name: 'Snowflake', value: 'snowflake' },
      ],
      default: 'snowflake',
      description: 'What the data lake runs on. Panther hosts it on Snowflake unless you were told otherwise.',
    },
    {
      displayName: 'Longest Time Window (Days)',
      name: 'maxWindowDays',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 3650, numberPrecision: 0 },
      default: 92,
      description:
        'Queries that read more than this are refused before they are sent. Scanning is billed by the data lake.',
    },
    {
      displayName: 'Further Databases',
      name: 'databases',
      type: 'string',
      default: '',
      placeholder: 'e.g. corporate_assets',
      description: "Databases that SQL may read besides Panther's own. Separate several with commas.",
    },
    {
      displayName: 'Allowed Pragmas',
      name: 'pragmas',
      type: 'multiOptions',
      options: [
        { name: 'PantherFlow', value: 'pantherflow' },
        { name: 'Template', value: 'template' },
      ],
      default: [],
      description:
        'A comment such as "-- pragma: template" changes what Panther executes. Such queries are refused unless allowed here.',
    },
    {
      displayName: 'Reuse Results For (Seconds)',
      name: 'cacheSeconds',
      type: 'number',
      typeOptions: { minValue: 0, maxValue: 3600, numberPrecision: 0 },
      default: 300,
      description:
        'How long the result of a query is used again for the same SQL instead of running, and paying, a second time. 0 switches it off.',
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
