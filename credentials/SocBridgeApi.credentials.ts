import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

export class SocBridgeApi implements ICredentialType {
  name = 'socBridgeApi';

  displayName = 'SOC Bridge API';

  icon: Icon = {
    light: 'file:../nodes/SocInvestigation/soc-investigation.svg',
    dark: 'file:../nodes/SocInvestigation/soc-investigation.dark.svg',
  };

  documentationUrl = 'https://github.com/n8n-nodes-soc/n8n-nodes-soc/blob/main/docs/credentials.md#soc-bridge-api';

  properties: INodeProperties[] = [
    {
      displayName:
        'The bridge keeps the cases and their approvals. Give n8n a token of its own there, with only the scopes your workflows need.',
      name: 'permissionsNotice',
      type: 'notice',
      default: '',
    },
    {
      displayName: 'Bridge URL',
      name: 'url',
      type: 'string',
      default: 'http://localhost:3000',
      required: true,
      placeholder: 'e.g. https://soc-bridge.example.com',
      description: 'Address of soc-bridge without /mcp',
    },
    {
      displayName: 'Token',
      name: 'token',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { Authorization: '=Bearer {{$credentials.token}}' } },
  };

  /** Asks the bridge what it speaks: answered only with a token that it accepts, and changes nothing. */
  test: ICredentialTestRequest = {
    request: {
      baseURL: '={{$credentials.url.trim().replace(new RegExp("/+$"), "").replace(new RegExp("/mcp$"), "")}}',
      url: '/mcp',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'server/discover',
      },
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'server/discover',
        params: {
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': {},
            'io.modelcontextprotocol/clientInfo': { name: 'n8n-nodes-soc', version: '0.1.0' },
          },
        },
      },
    },
  };
}
