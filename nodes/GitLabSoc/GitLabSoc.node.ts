import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { listSearchOf, operationsCalling, operationsOnBridge, parametersOf, runItems } from '../../nodes-host';

/** Its parameters and behaviour follow from the operations of its toolset. Paging, cross-checks between calls, text hygiene and forwarding to the bridge need the programmatic style. */
export class GitLabSoc implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'GitLab SOC',
    name: 'gitLabSoc',
    icon: { light: 'file:gitlab-soc.svg', dark: 'file:gitlab-soc.dark.svg' },
    group: ['transform'],
    version: [1, 1.1],
    subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
    description: 'See what changed in GitLab: merge requests, pipelines, jobs and dependencies, read for security',
    defaults: {
      name: 'GitLab SOC',
    },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'gitLabSocApi',
        required: true,
        displayOptions: { show: { operation: operationsCalling('gitlab', 'gitlab') } },
      },
      {
        name: 'socBridgeApi',
        required: true,
        displayOptions: { show: { operation: operationsOnBridge('gitlab') } },
      },
    ],
    properties: parametersOf('gitlab'),
  };

  methods = { listSearch: listSearchOf('gitlab') };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await runItems(this, 'gitlab', this.continueOnFail())];
  }
}
