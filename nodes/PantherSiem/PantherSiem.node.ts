import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  NodeConnectionTypes,
} from 'n8n-workflow';
import { listSearchOf, parametersOf, runItems } from '../../nodes-host';

/** Its parameters and behaviour follow from the operations of its toolset. GraphQL and long-running queries need the programmatic style. */
export class PantherSiem implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Panther SIEM',
    name: 'pantherSiem',
    icon: { light: 'file:panther.svg', dark: 'file:panther.dark.svg' },
    group: ['transform'],
    version: [1, 1.1],
    subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
    description: 'Query the Panther data lake and work with its alerts, rules and schemas',
    defaults: {
      name: 'Panther SIEM',
    },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    credentials: [
      {
        name: 'pantherApi',
        required: true,
      },
    ],
    properties: parametersOf('panther'),
  };

  methods = { listSearch: listSearchOf('panther') };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    return [await runItems(this, 'panther', this.continueOnFail())];
  }
}
