import { type INode, type INodeParameters, type INodeType, NodeHelpers } from 'n8n-workflow';
import { GitLabSoc } from '../../../nodes/GitLabSoc/GitLabSoc.node';
import { PantherSiem } from '../../../nodes/PantherSiem/PantherSiem.node';
import { SocInvestigation } from '../../../nodes/SocInvestigation/SocInvestigation.node';
import { SocSlack } from '../../../nodes/SocSlack/SocSlack.node';
import { collectInput } from '../../../nodes-host/collect-input';
import { fieldsOf } from '../../../nodes-host/fields';
import { resourceValue } from '../../../nodes-host/wording';
import { camelCase, type NodeToolset, nodeToolset, type Operation } from '../../../operations/operation';
import { operations } from '../../../operations/registry';
import { nodeParameters } from '../../support/node-parameters';

const nodes: Record<NodeToolset, INodeType> = {
  panther: new PantherSiem(),
  gitlab: new GitLabSoc(),
  slack: new SocSlack(),
  investigation: new SocInvestigation(),
};

/** What n8n leaves of stored parameters when it loads a workflow: it drops what its version of the node does not have. */
function loaded(operation: Operation, stored: Record<string, unknown>, typeVersion: number): Record<string, unknown> {
  const { description } = nodes[nodeToolset(operation.toolset)];
  const parameters = {
    resource: resourceValue(operation.resource),
    operation: camelCase(operation.name),
    ...stored,
  } as INodeParameters;
  const node: INode = { id: '1', name: 'Node', type: description.name, typeVersion, position: [0, 0], parameters };
  return NodeHelpers.getNodeParameters(description.properties, parameters, true, false, node, description) ?? {};
}

/** Everything optional in Options, as version 1 has it. */
function flatParameters(operation: Operation, input: Record<string, unknown>): Record<string, unknown> {
  const { filters, options, ...top } = nodeParameters(operation, input);
  const optional = fieldsOf(operation)
    .filter(({ required, parameter }) => !required && parameter in top)
    .map(({ parameter }) => [parameter, top[parameter]] as const);
  const required = Object.entries(top).filter(([name]) => !optional.some(([moved]) => moved === name));
  return {
    ...Object.fromEntries(required),
    options: { ...Object.fromEntries(optional), ...(options as object), ...(filters as object | undefined) },
  };
}

describe.each(operations.map((operation) => [operation.name, operation] as const))('%s', (_, operation) => {
  it.each([
    [1, flatParameters],
    [1.1, nodeParameters],
  ])('keeps its example through the loading of a workflow with version %d', (version, parametersOf) => {
    const example = operation.example as Record<string, unknown>;
    const kept = loaded(operation, parametersOf(operation, example), version);
    const { input } = collectInput(operation, (name) => kept[name]);
    for (const [name, value] of Object.entries(example)) expect([name, input[name]]).toEqual([name, value]);
  });
});

it('result fields are kept, and only beside the mode that they belong to', () => {
  const operation = operations.find(({ name }) => name === 'list_available_tables') as Operation;
  const stored = (resultMode: string) => ({ options: { resultMode, resultFields: 'name' } });
  expect(loaded(operation, stored('selected'), 1.1).options).toEqual({ resultMode: 'selected', resultFields: 'name' });
  expect(loaded(operation, stored('simplified'), 1.1).options).toEqual({ resultMode: 'simplified' });
});
