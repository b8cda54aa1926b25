import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { operationsCalling, operationsOnBridge, parametersOf, runItems } from '../../nodes-host';

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
        name: 'socSlackApi',
        required: true,
        displayOptions: { show: { operation: operationsCalling('slack', 'slack') } },
      },
      {
        name: 'socBridgeApi',
        required: false,
        displayOptions: { show: { operation: operationsOnBridge('slack') } },
      },
    ],
    properties: parametersOf('slack'),
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await runItems(this, 'slack', this.continueOnFail())];
  }
}
