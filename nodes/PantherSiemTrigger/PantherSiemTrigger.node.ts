import type {
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  IHookFunctions,
  INodeCredentialTestResult,
  INodeType,
  INodeTypeDescription,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { assertReadyForAlerts, receiveAlert, receiveSettings, testWebhookSecret } from '../../nodes-host';

/**
 * Panther's custom webhook destination calls it. Polling is a node of its own: in the editor n8n runs a node's poll
 * instead of passing on what its webhook received, so one node cannot be both.
 */
export class PantherSiemTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Panther SIEM Trigger',
    name: 'pantherSiemTrigger',
    icon: { light: 'file:panther-trigger.svg', dark: 'file:panther-trigger.dark.svg' },
    group: ['trigger'],
    version: [1],
    subtitle: 'On new alert',
    description: 'Starts the workflow when Panther raises an alert and sends it to the webhook',
    defaults: {
      name: 'Panther SIEM Trigger',
    },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'pantherWebhookApi',
        required: true,
        testedBy: 'pantherWebhookSecret',
      },
      {
        name: 'socBridgeApi',
        required: true,
        displayOptions: { show: { handOver: [true] } },
      },
    ],
    webhooks: [
      {
        name: 'default',
        httpMethod: 'POST',
        path: 'panther',
        // n8n answers only when it has stored the execution, with what the node gives as its answer.
        responseMode: 'onReceived',
        responseCode: '={{202}}',
        responseData: '',
      },
    ],
    properties: [
      {
        displayName:
          'In Panther, add a destination of type Custom Webhook with the URL above, and a custom header with the name and value of the credential',
        name: 'destinationNotice',
        type: 'notice',
        default: '',
      },
      {
        // Tells n8n to leave the body to this node, which reads it only after it has checked the header.
        displayName: 'Body',
        name: 'options',
        type: 'hidden',
        default: { binaryData: true },
      },
      {
        displayName: 'Hand Over to the SOC Bridge',
        name: 'handOver',
        type: 'boolean',
        default: false,
        description:
          'Whether the alert is stored as a case on the SOC bridge before Panther gets its answer. The bridge finishes the case even if n8n stops.',
      },
      {
        displayName: 'Options',
        name: 'settings',
        type: 'collection',
        placeholder: 'Add Option',
        default: {},
        options: [
          {
            displayName: 'Start on Repeated Deliveries',
            name: 'startOnRepeats',
            type: 'boolean',
            default: false,
            description: 'Whether an alert that was accepted in the last 24 hours starts the workflow again',
          },
          {
            displayName: 'Start on Test Alerts',
            name: 'startOnTests',
            type: 'boolean',
            default: false,
            description:
              "Whether the test alert of Panther's destination starts the workflow. It is answered in any case.",
          },
        ],
      },
    ],
  };

  methods = {
    credentialTest: {
      async pantherWebhookSecret(
        this: ICredentialTestFunctions,
        credential: ICredentialsDecrypted,
      ): Promise<INodeCredentialTestResult> {
        return testWebhookSecret(credential);
      },
    },
  };

  /** The destination is made by a person in Panther, which has no API for it that a token may use; here is only looked whether the node can take alerts. */
  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        await assertReadyForAlerts(this);
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
    return receiveAlert(
      this,
      receiveSettings((name, fallback) => this.getNodeParameter(name, fallback)),
    );
  }
}
