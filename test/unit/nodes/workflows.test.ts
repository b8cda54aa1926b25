import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type INodeParameters, type INodeProperties, type INodePropertyOptions, NodeHelpers } from 'n8n-workflow';
import { GitLabSoc } from '../../../nodes/GitLabSoc/GitLabSoc.node';
import { PantherSiem } from '../../../nodes/PantherSiem/PantherSiem.node';
import { PantherSiemPollingTrigger } from '../../../nodes/PantherSiemPollingTrigger/PantherSiemPollingTrigger.node';
import { PantherSiemTrigger } from '../../../nodes/PantherSiemTrigger/PantherSiemTrigger.node';
import { SocInvestigation } from '../../../nodes/SocInvestigation/SocInvestigation.node';
import { SocSlack } from '../../../nodes/SocSlack/SocSlack.node';
import { SocSlackTrigger } from '../../../nodes/SocSlackTrigger/SocSlackTrigger.node';

const folder = resolve(__dirname, '../../../workflows');
const descriptions = [new PantherSiem(), new GitLabSoc(), new SocSlack(), new SocInvestigation()].map(
  ({ description }) => description,
);
const triggers = [new PantherSiemTrigger(), new PantherSiemPollingTrigger(), new SocSlackTrigger()].map(
  ({ description }) => description,
);

interface StoredNode {
  name: string;
  type: string;
  typeVersion: number;
  parameters: Record<string, unknown>;
  credentials?: Record<string, unknown>;
  webhookId?: string;
}

const inWorkflows = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((file) => {
    const { nodes } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { nodes: StoredNode[] };
    return nodes
      .filter(({ type }) => type.startsWith('n8n-nodes-soc.'))
      .map((node) => [`${file}: ${node.name}`, node] as const);
  });

const isTrigger = ([, { type }]: readonly [string, StoredNode]) => type.endsWith('Trigger');
const stored = inWorkflows.filter((entry) => !isTrigger(entry));
const storedTriggers = inWorkflows.filter(isTrigger);

it('there are workflows with our nodes and triggers', () => {
  expect(stored.length).toBeGreaterThan(0);
  expect(storedTriggers.length).toBeGreaterThan(0);
});

describe.each(storedTriggers)('%s', (_, node) => {
  const description = triggers.find(({ name }) => `n8n-nodes-soc.${name}` === node.type);

  it('names a trigger that exists, and stores only its parameters', () => {
    expect(description?.version).toContain(node.typeVersion);
    const known = (description?.properties ?? []).map(({ name }) => name);
    // n8n adds the poll times to every node that polls.
    if (description?.polling) known.push('pollTimes');
    expect(Object.keys(node.parameters).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('has an address of its own when it is a webhook', () => {
    expect(node.webhookId !== undefined).toBe((description?.webhooks ?? []).length > 0);
  });

  it('asks for the credentials that the node takes', () => {
    const taken = (description?.credentials ?? []).map(({ name }) => name);
    expect(Object.keys(node.credentials ?? {}).filter((name) => !taken.includes(name))).toEqual([]);
  });
});

/** n8n drops a stored parameter that the node does not have for its operation, without a word. */
describe.each(stored)('%s', (_, node) => {
  const description = descriptions.find(({ name }) => `n8n-nodes-soc.${name}` === node.type.replace(/Tool$/, ''));
  const { resource, operation, ...others } = node.parameters as Record<string, unknown> & { operation: string };
  // As n8n loads it: Limit shows while Return All is off, and that is its default.
  const filled = NodeHelpers.getNodeParameters(
    description?.properties ?? [],
    node.parameters as INodeParameters,
    true,
    false,
    node,
    description ?? null,
  );
  const shown = (description?.properties ?? []).filter(
    (property) =>
      property.displayOptions?.show?.operation?.includes(operation) &&
      NodeHelpers.displayParameter(filled ?? {}, property, node, description ?? null),
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
    const { options = {}, filters = {}, toolDescription: _tool, descriptionType: _kind, ...top } = others;
    const required = shown.filter((parameter) => parameter.required).map(({ name }) => name);
    expect(Object.keys(top)).toEqual(expect.arrayContaining(required));
    expect(unknownAmong(top, shown)).toEqual([]);
    for (const [name, entries] of Object.entries({ options, filters })) {
      const collection = shown.find((parameter) => parameter.name === name)?.options as INodeProperties[] | undefined;
      expect(unknownAmong(entries as object, collection ?? [])).toEqual([]);
    }
  });

  it('asks for credentials that the node takes', () => {
    const taken = (description?.credentials ?? []).map(({ name }) => name);
    expect(Object.keys(node.credentials ?? {}).filter((name) => !taken.includes(name))).toEqual([]);
  });
});

function unknownAmong(stored: object, known: INodeProperties[]): string[] {
  return Object.keys(stored).filter((key) => !known.some(({ name }) => name === key));
}
