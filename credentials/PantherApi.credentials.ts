import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

/** What an address may look like: scheme, host, port, path; a query or fragment is ignored, a user name is refused. */
const addressPattern = String.raw`^(?:(https?):\/\/)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?(\/[^?#\s\\]*)?(?:[?#].*)?$`;
const gatewayPattern = String.raw`\.execute-api\.[a-z0-9-]+\.amazonaws\.com$`;
const apiHostPattern = String.raw`^api\.|^[^.]+$|^\[|^\d+(\.\d+){3}$|${gatewayPattern}|\.(localhost|local|internal)$`;

/**
 * Where the API of a pasted address is, as operations/panther/base-url.ts works it out, in an n8n expression: the test of a
 * credential is a request, so no code of ours runs in it. A test holds the two to each other. Gives nothing for what is no
 * address, so that nothing is sent.
 */
const apiAddress = [
  '={{ ((parts) => !parts ? "" : ((scheme, host, port, path) =>',
  `  path.endsWith("/public/graphql") ? scheme + host + port + path.slice(0, -15).replace(/\\/+$/, "")`,
  `  : path.endsWith("/v1") ? scheme + host + port + path`,
  `  : path === "" && /${gatewayPattern}/.test(host) ? scheme + host + port + "/v1"`,
  `  : /${apiHostPattern}/.test(host) ? scheme + host + port + path.replace(/\\/mcp$/, "").replace(/\\/+$/, "")`,
  `  : scheme + "api." + host + port`,
  ')((parts[1] || "https").toLowerCase() + "://", parts[2].toLowerCase(), parts[3] || "", (parts[4] || "").replace(/\\/+$/, "")))',
  `($credentials.apiUrl.trim().match(/${addressPattern}/i)) }}`,
].join('\n');

const notTheApi =
  "A web page answered instead of Panther's API. Enter the API URL that Panther shows under Settings > API Tokens.";

export class PantherApi implements ICredentialType {
  name = 'pantherApi';

  displayName = 'Panther API';

  icon: Icon = { light: 'file:../nodes/PantherSiem/panther.svg', dark: 'file:../nodes/PantherSiem/panther.dark.svg' };

  documentationUrl = 'https://github.com/n8n-nodes-soc/n8n-nodes-soc/blob/main/docs/credentials.md#panther-api';

  properties: INodeProperties[] = [
    {
      displayName:
        'Create the token in Panther under Settings > API Tokens, with the permissions of what you use: Query Data Lake (DataAnalyticsRead) for SQL, tables and schemas; AlertRead; RuleRead and PolicyRead for detections; LogSourceRead; SummaryRead for metrics; UserRead; RunPantherAI for triage. Only AlertModify, and RuleModify with PolicyModify, let a node change what is in Panther.',
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
      description:
        "The API URL that Panther shows under Settings > API Tokens. The console's address works too, except for self-hosted Panther.",
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
      baseURL: apiAddress,
      url: '/api-tokens/self',
      method: 'GET',
      headers: { accept: 'application/json' },
      // The console answers what it does not know with a redirect to its own pages; the token goes nowhere else.
      disableFollowRedirect: true,
    },
    // n8n reads rules of both kinds; its type knows lists of one kind.
    rules: [
      {
        type: 'responseCode',
        properties: {
          value: 401,
          message:
            'Panther did not accept the token. Check it for missing characters; a new token can take up to a minute to work.',
        },
      },
      {
        type: 'responseCode',
        properties: {
          value: 403,
          message:
            'Panther refused the token. It may have expired, or may only be used from other networks: see its allowed CIDR blocks under Settings > API Tokens.',
        },
      },
      { type: 'responseCode', properties: { value: 404, message: notTheApi.replace('A web page', 'Something else') } },
      // Panther answers with an object; a body that begins like a web page is text.
      { type: 'responseSuccessBody', properties: { key: '0', value: '<', message: notTheApi } },
      { type: 'responseSuccessBody', properties: { key: '0', value: '\n', message: notTheApi } },
    ] as ICredentialTestRequest['rules'],
  };
}
