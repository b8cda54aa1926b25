import type {
  ICredentialDataDecryptedObject,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  IHttpRequestOptions,
  INodeProperties,
} from 'n8n-workflow';
import { proveToBridge } from '../nodes-host/bridge-credential';

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
        'The bridge keeps the cases and their approvals. Give n8n a token or a signing key of its own there, with only the scopes your workflows need.',
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
      displayName: 'Authentication',
      name: 'authentication',
      type: 'options',
      options: [
        { name: 'Token', value: 'token', description: 'Sends a token with every request' },
        {
          name: 'Signed Requests',
          value: 'signature',
          description: 'Signs every request with a secret that is never sent',
        },
      ],
      default: 'token',
    },
    {
      displayName: 'Token',
      name: 'token',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      displayOptions: { show: { authentication: ['token'] } },
    },
    {
      displayName: 'Key ID',
      name: 'keyId',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. n8n.a',
      description: 'Name of the key in SOC_SIGNING_KEYS of the bridge',
      displayOptions: { show: { authentication: ['signature'] } },
    },
    {
      displayName: 'Key Secret',
      name: 'keySecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: 'Secret of that key. The clocks of n8n and the bridge may differ by 5 minutes at most.',
      displayOptions: { show: { authentication: ['signature'] } },
    },
  ];

  authenticate = async (
    credentials: ICredentialDataDecryptedObject,
    request: IHttpRequestOptions,
  ): Promise<IHttpRequestOptions> => proveToBridge(credentials, request);

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
