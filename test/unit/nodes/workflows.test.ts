import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { GitLabSoc } from '../../../nodes/GitLabSoc/GitLabSoc.node';
import { PantherSiem } from '../../../nodes/PantherSiem/PantherSiem.node';
import { SocInvestigation } from '../../../nodes/SocInvestigation/SocInvestigation.node';
import { SocSlack } from '../../../nodes/SocSlack/SocSlack.node';

const folder = resolve(__dirname, '../../../workflows');
const descriptions = [new PantherSiem(), new GitLabSoc(), new SocSlack(), new SocInvestigation()].map(
  ({ description }) => description,
);

interface StoredNode {
  name: string;
  type: string;
  typeVersion: number;
  parameters: Record<string, unknown>;
  credentials?: Record<string, unknown>;
}

const stored = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((file) => {
    const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { nodes: StoredNode[] };
    return nodes
      .filter(({ type }) => type.startsWith('n8n-nodes-soc.'))
      .map((node) => [`${file}: ${node.name}`, node] as const);
  });

it('there are workflows with our nodes', () => {
  expect(stored.length).toBeGreaterThan(0);
});

/** n8n drops a stored parameter that the node does not have for its operation, without a word. */
describe.each(stored)('%s', (_, node) => {
  const description = descriptions.find(({ name }) => `n8n-nodes-soc.${name}` === node.type.replace(/Tool$/, ''));
  const { resource, operation, ...others } = node.parameters as Record<string, unknown> & { operation: string };
  const shown = (description?.properties ?? []).filter(({ displayOptions }) =>
    displayOptions?.show?.operation?.includes(operation),
  );

  it('names a node, resource and operation that exist', () => {
    expect(description?.version).toContain(node.typeVersion);
    const choices = (description?.properties ?? []).filter(
      ({ name, displayOptions }) =>
        name === 'operation' && displayOptions?.show?.resource?.includes(resource as string),
    );
    expect(choices.flatMap(({ options }) => (options as INodePropertyOptions[]).map(({ value }) => value))).toContain(
      operation,
    );
  });

  it('stores only parameters that the operation has, each in its place', () => {
    const { options = {}, toolDescription: _tool, descriptionType: _kind, ...required } = others;
    const collection = shown.find(({ name }) => name === 'options')?.options as INodeProperties[] | undefined;
    expect(Object.keys(required).sort()).toEqual(
      shown
        .filter((parameter) => parameter.required)
        .map(({ name }) => name)
        .sort(),
    );
    const known = (collection ?? []).map(({ name }) => name);
    expect(Object.keys(options as object).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('asks for credentials that the node takes', () => {
    const taken = (description?.credentials ?? []).map(({ name }) => name);
    expect(Object.keys(node.credentials ?? {}).filter((name) => !taken.includes(name))).toEqual([]);
  });
});
