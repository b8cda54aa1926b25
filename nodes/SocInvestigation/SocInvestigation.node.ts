import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { operationsCalling, parametersOf, runItems } from '../../nodes-host';

/** Its parameters and behaviour follow from the operations of its toolset. Forwarding to the bridge and work over several services need the programmatic style. */
export class SocInvestigation implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'SOC Investigation',
    name: 'socInvestigation',
    icon: { light: 'file:soc-investigation.svg', dark: 'file:soc-investigation.dark.svg' },
    group: ['transform'],
    version: [1, 1.1],
    subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
    description: 'Open cases, correlate evidence, decide, report and respond',
    defaults: {
      name: 'SOC Investigation',
    },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    // None is required by n8n itself: what an operation needs depends on whether it runs on the bridge or here.
    credentials: [
      {
        name: 'socBridgeApi',
        required: false,
      },
      {
        name: 'pantherApi',
        required: false,
        displayOptions: { show: { operation: operationsCalling('investigation', 'panther') } },
      },
      {
        name: 'gitLabSocApi',
        required: false,
        displayOptions: { show: { operation: operationsCalling('investigation', 'gitlab') } },
      },
      {
        name: 'socSlackApi',
        required: false,
        displayOptions: { show: { operation: operationsCalling('investigation', 'slack') } },
      },
    ],
    properties: parametersOf('investigation'),
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await runItems(this, 'investigation', this.continueOnFail())];
  }
}
