import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type IWebhookFunctions,
  type IWebhookResponseData,
  NodeConnectionTypes,
  SEND_AND_WAIT_OPERATION,
} from 'n8n-workflow';
import {
  answerApproval,
  approvalWebhooks,
  closeUnanswered,
  closeUnansweredOperation,
  operationsCalling,
  operationsOnBridge,
  parametersOf,
  runItems,
  sendAndWait,
  withSendAndWait,
} from '../../nodes-host';

/** Operations that are n8n's own, since they are about an execution that waits. */
const ownOperations = [SEND_AND_WAIT_OPERATION, closeUnansweredOperation];

/** Its parameters and behaviour follow from the operations of its toolset. Choosing a channel by severity and forwarding to the bridge need the programmatic style. */
export class SocSlack implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SOC Slack',
    name: 'socSlack',
    icon: { light: 'file:soc-slack.svg', dark: 'file:soc-slack.dark.svg' },
    group: ['transform'],
    version: [1, 1.1],
    subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
    description: 'Escalate cases to the security team in Slack and ask analysts for approval',
    defaults: {
      name: 'SOC Slack',
    },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        // Not asked for by n8n: with the bridge's credential the bridge asks in Slack, with its own. Where it is missing the
        // operation says so. n8n looks at the first entry of a type alone, so there cannot be one for each operation.
        name: 'socSlackApi',
        required: false,
        displayOptions: { show: { operation: [...operationsCalling('slack', 'slack'), ...ownOperations] } },
      },
      {
        name: 'socBridgeApi',
        required: false,
        displayOptions: { show: { operation: [...operationsOnBridge('slack'), ...ownOperations] } },
      },
    ],
    // Where the decision on an approval comes in while the workflow waits for it.
    webhooks: approvalWebhooks,
    waitingNodeTooltip: 'Waiting for somebody in Slack to decide',
    properties: withSendAndWait(parametersOf('slack')),
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const operation = this.getNodeParameter('operation', 0, '');
    if (operation === SEND_AND_WAIT_OPERATION) return [await sendAndWait(this)];
    if (operation === closeUnansweredOperation) return [await closeUnanswered(this)];
    return [await runItems(this, 'slack', this.continueOnFail())];
  }

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return answerApproval(this);
  }
}
