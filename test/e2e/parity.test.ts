import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { resourceValue } from '../../nodes-host/wording';
import type { Operation, Toolset } from '../../operations/operation';
import { camelCase } from '../../operations/operation';
import { operations } from '../../operations/registry';
import { withReferences } from '../support/example-references';
import { maskVarying } from '../support/mask-varying';
import { nodeParameters } from '../support/node-parameters';
import { SocStack } from '../support/soc-stack';

/** Every operation of the registry, called through the n8n node and through an MCP client: the same result. */
jest.setTimeout(120_000);

let stack: SocStack;
let client: Client;
let caseId: string;

beforeAll(async () => {
  stack = await SocStack.start('parity');
  client = new Client({ name: 'parity', version: '1.0.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${stack.bridge.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${stack.bridgeToken}` } },
    }),
  );
  const answer = await stack.postAlert(await stack.sampleAlert('parity-case'));
  caseId = String(answer.body.case_id);
  await stack.settledCase(caseId);
}, 240_000);

afterAll(async () => {
  await client?.close();
  await stack?.stop();
}, 30_000);

const nodes: Record<Toolset, { type: string; credentials: Record<string, { id: string; name: string }> }> = {
  panther: { type: 'pantherSiem', credentials: { pantherApi: { id: 'soc-panther', name: 'Panther' } } },
  gitlab: {
    type: 'gitLabSoc',
    credentials: {
      gitLabSocApi: { id: 'soc-gitlab', name: 'GitLab' },
      socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' },
    },
  },
  slack: {
    type: 'socSlack',
    credentials: {
      socSlackApi: { id: 'soc-slack', name: 'Slack' },
      socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' },
    },
  },
  investigation: { type: 'socInvestigation', credentials: { socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' } } },
};

async function throughMcp(operation: Operation): Promise<unknown> {
  const result = await client.callTool({
    name: operation.name,
    arguments: await withReferences(operation.example, stack, caseId),
  });
  if (result.isError) throw new Error(`${operation.name} over MCP: ${JSON.stringify(result.content)}`);
  return result.structuredContent;
}

async function throughNode(operation: Operation): Promise<unknown> {
  const path = `parity-${operation.name}`;
  const { type, credentials } = nodes[operation.toolset];
  const workflow = {
    name: path,
    settings: { executionOrder: 'v1' },
    nodes: [
      {
        id: '1',
        name: 'Webhook',
        type: 'n8n-nodes-base.webhook',
        typeVersion: 2.1,
        position: [0, 0],
        webhookId: path,
        parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', options: {} },
      },
      {
        id: '2',
        name: 'Operation',
        type: `n8n-nodes-soc.${type}`,
        typeVersion: 1.1,
        position: [200, 0],
        credentials,
        parameters: {
          resource: resourceValue(operation.resource),
          operation: camelCase(operation.name),
          ...nodeParameters(operation, await withReferences(operation.example, stack, caseId)),
        },
      },
    ],
    connections: { Webhook: { main: [[{ node: 'Operation', type: 'main', index: 0 }]] } },
  };
  const { id } = await stack.n8n.api('POST', '/workflows', workflow);
  await stack.n8n.api('POST', `/workflows/${id}/activate`, {});
  let response = await fetch(`${stack.n8n.url}/webhook/${path}`, { method: 'POST' });
  // n8n answers the activation a moment before the webhook is registered.
  for (let attempt = 0; response.status === 404 && attempt < 50; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    response = await fetch(`${stack.n8n.url}/webhook/${path}`, { method: 'POST' });
  }
  const body = (await response.json()) as unknown;
  if (!response.ok) {
    const { data } = await stack.n8n.api('GET', `/executions?workflowId=${id}&includeData=true&limit=1`);
    throw new Error(
      `${operation.name} through n8n: ${response.status} ${JSON.stringify(data[0]?.data?.resultData?.error ?? body).slice(0, 2000)}`,
    );
  }
  return body;
}

it('covers a registry that is not empty', () => {
  expect(operations.length).toBeGreaterThanOrEqual(16);
});

it.each(operations.map((operation) => [operation.name, operation] as const))(
  '%s',
  async (_name, operation) => {
    // A first call, so that a call that makes something once finds it made both times.
    if (operation.effect !== 'read' && operation.idempotent) await throughMcp(operation);
    await stack.control('POST', '/reset');
    const mcp = await throughMcp(operation);
    await stack.control('POST', '/reset');
    const node = await throughNode(operation);
    expect(maskVarying(node, operation.varies)).toEqual(maskVarying(mcp, operation.varies));
    expect(Object.keys(mcp as object).length).toBeGreaterThan(0);
  },
  60_000,
);
