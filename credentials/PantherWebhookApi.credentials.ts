import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

/** The secret that Panther sends with each alert. Nothing is called with it; the trigger node checks what it is made of. */
export class PantherWebhookApi implements ICredentialType {
  name = 'pantherWebhookApi';

  displayName = 'Panther Webhook API';

  icon: Icon = {
    light: 'file:../nodes/PantherSiemTrigger/panther-trigger.svg',
    dark: 'file:../nodes/PantherSiemTrigger/panther-trigger.dark.svg',
  };

  documentationUrl = 'https://github.com/n8n-nodes-soc/n8n-nodes-soc/blob/main/docs/credentials.md#panther-webhook-api';

  properties: INodeProperties[] = [
    {
      displayName:
        'Make up a long random value, and enter the same header name and value in the Custom Webhook destination in Panther. Calls without it are refused.',
      name: 'setupNotice',
      type: 'notice',
      default: '',
    },
    {
      displayName: 'Header Name',
      name: 'headerName',
      type: 'string',
      default: 'Authorization',
      required: true,
    },
    {
      displayName: 'Header Value',
      name: 'secret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      placeholder: 'e.g. Bearer 7f3c…',
      description: 'The whole value as Panther sends it, at least 16 random characters',
    },
  ];
}
