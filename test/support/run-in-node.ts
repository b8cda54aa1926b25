import { resourceValue } from '../../nodes-host/wording';
import type { Operation, Toolset } from '../../operations/operation';
import { camelCase } from '../../operations/operation';
import { nodeParameters } from './node-parameters';
import type { SocStack } from './soc-stack';

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
  analytics: {
    type: 'socInvestigation',
    credentials: {
      pantherApi: { id: 'soc-panther', name: 'Panther' },
      socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' },
    },
  },
  compliance: {
    type: 'socInvestigation',
    credentials: {
      pantherApi: { id: 'soc-panther', name: 'Panther' },
      socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' },
      gitLabSocApi: { id: 'soc-gitlab', name: 'GitLab' },
    },
  },
  response: { type: 'socInvestigation', credentials: { socBridgeApi: { id: 'soc-bridge', name: 'SOC Bridge' } } },
};

/**
 * Runs an operation in its n8n node: a workflow of its own behind a webhook, named `path`, which answers with what the node
 * gives. Throws with n8n's own error when the execution fails.
 */
export async function runInNode(
  stack: SocStack,
  operation: Operation,
  input: Record<string, unknown>,
  path: string,
): Promise<unknown> {
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
          ...nodeParameters(operation, input),
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
