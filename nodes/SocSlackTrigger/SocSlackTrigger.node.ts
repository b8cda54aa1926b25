import type {
  IHookFunctions,
  INodeType,
  INodeTypeDescription,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { assertReadyForInteractions, receiveInteraction, triggerSettings } from '../../nodes-host';

/** A Slack app has one Request URL for everything that people click, and this is it for an app whose approvals n8n runs. */
export class SocSlackTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SOC Slack Trigger',
    name: 'socSlackTrigger',
    icon: { light: 'file:soc-slack-trigger.svg', dark: 'file:soc-slack-trigger.dark.svg' },
    group: ['trigger'],
    version: [1],
    subtitle: 'On interaction',
    description: 'Takes the clicks of a Slack app: hands decisions to workflows that wait, and starts on others',
    defaults: {
      name: 'SOC Slack Trigger',
    },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'socSlackApi',
        required: true,
      },
    ],
    webhooks: [
      {
        name: 'default',
        httpMethod: 'POST',
        path: 'slack',
        // n8n answers only when it has stored the execution, with what the node gives as its answer.
        responseMode: 'onReceived',
        responseData: '',
      },
    ],
    properties: [
      {
        displayName:
          'In Slack, open the app, switch Interactivity on and enter the production URL above as Request URL. The credential needs the Signing Secret of the app. Publish this workflow: one for the whole n8n is enough.',
        name: 'setupNotice',
        type: 'notice',
        default: '',
      },
      {
        // Tells n8n to leave the body to this node: its signature is over the bytes that came in.
        displayName: 'Body',
        name: 'options',
        type: 'hidden',
        default: { binaryData: true },
      },
      {
        displayName: 'Start On',
        name: 'startOn',
        type: 'string',
        default: '',
        placeholder: 'e.g. isolate_host, note_form',
        description:
          'Action IDs of buttons and callback IDs of modals that start this workflow, with commas between them. Decisions on approvals reach the workflows that wait for them whatever is entered here.',
      },
      {
        displayName: 'Options',
        name: 'settings',
        type: 'collection',
        placeholder: 'Add Option',
        default: {},
        options: [
          {
            displayName: 'Internal URL',
            name: 'internalUrl',
            type: 'string',
            default: '',
            placeholder: 'e.g. http://localhost:5678',
            description:
              'Where n8n reaches itself, when its public address does not lead back to it. Clicks are forwarded inside n8n alone.',
          },
        ],
      },
    ],
  };

  /** The Request URL is entered by a person in Slack; here is only looked whether the node can take requests. */
  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        await assertReadyForInteractions(this);
        return true;
      },
      async create(this: IHookFunctions): Promise<boolean> {
        return true;
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return true;
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return receiveInteraction(
      this,
      triggerSettings((name, fallback) => this.getNodeParameter(name, fallback)),
    );
  }
}
