import { resourceValue } from '../../nodes-host/wording';
import type { Operation, Toolset } from '../../operations/operation';
import { camelCase } from '../../operations/operation';
import { nodeParameters } from './node-parameters';
import type { SocStack } from './soc-stack';
import { until } from './until';

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

export interface WorkflowNode {
  name: string;
  type: string;
  [key: string]: unknown;
}

/** The end of an execution, as n8n stores it. */
export interface Outcome {
  status: string;
  data: {
    resultData: {
      error?: { message: string };
      runData: Record<
        string,
        { data: { main: { json: Record<string, unknown>; pairedItem?: { item: number } }[][] } }[]
      >;
    };
  };
}

/**
 * Publishes a workflow of these nodes behind a webhook named `path`, one after the other unless `connections` say otherwise,
 * and calls it once with `body`. Resolves to n8n's answer and to the execution once it is stored.
 */
export async function callWorkflow(
  stack: SocStack,
  path: string,
  nodes: WorkflowNode[],
  { body, respond = {}, connections }: { body?: unknown; respond?: object; connections?: object } = {},
): Promise<{ response: Response; outcome: () => Promise<Outcome> }> {
  const webhook = {
    id: 'webhook',
    name: 'Webhook',
    type: 'n8n-nodes-base.webhook',
    typeVersion: 2.1,
    position: [0, 0],
    webhookId: path,
    parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', options: {}, ...respond },
  };
  const all = [
    webhook,
    ...nodes.map((node, index) => ({ id: String(index), position: [200 * (index + 1), 0], ...node })),
  ];
  const chain = nodes.map(({ name }, index) => [
    all[index]?.name,
    { main: [[{ node: name, type: 'main', index: 0 }]] },
  ]);
  const { id } = await stack.n8n.api('POST', '/workflows', {
    name: path,
    settings: { executionOrder: 'v1' },
    nodes: all,
    connections: connections ?? Object.fromEntries(chain),
  });
  await stack.n8n.api('POST', `/workflows/${id}/activate`, {});
  const response = await until(`the webhook ${path}`, async () => {
    const answer = await fetch(`${stack.n8n.url}/webhook/${path}`, {
      method: 'POST',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    // n8n answers the activation a moment before the webhook is registered.
    return answer.status === 404 ? undefined : answer;
  });
  const outcome = () =>
    until(`the execution of ${path}`, async () => {
      const { data } = await stack.n8n.api('GET', `/executions?workflowId=${id}&includeData=true&limit=1`);
      const [last] = data as Outcome[];
      return last === undefined || ['new', 'running'].includes(last.status) ? undefined : last;
    });
  return { response, outcome };
}

/** An operation in its n8n node, with the credentials its toolset takes unless others are given. */
export function operationNode(
  operation: Operation,
  input: Record<string, unknown>,
  credentials: object = nodes[operation.toolset].credentials,
): WorkflowNode {
  return {
    name: 'Operation',
    type: `n8n-nodes-soc.${nodes[operation.toolset].type}`,
    typeVersion: 1.1,
    credentials,
    parameters: {
      resource: resourceValue(operation.resource),
      operation: camelCase(operation.name),
      ...nodeParameters(operation, input),
    },
  };
}

/**
 * Runs an operation in its n8n node: a workflow of its own behind a webhook, named `path`, which answers with what the node
 * gives. Throws with n8n's own error when the execution fails.
 */
export async function runInNode(
  stack: SocStack,
  operation: Operation,
  input: Record<string, unknown>,
  path: string,
  credentials?: object,
): Promise<unknown> {
  const { response, outcome } = await callWorkflow(stack, path, [operationNode(operation, input, credentials)]);
  const body = (await response.json()) as unknown;
  if (response.ok) return body;
  const { error } = (await outcome()).data.resultData;
  throw new Error(`${operation.name} through n8n: ${response.status} ${JSON.stringify(error ?? body).slice(0, 2000)}`);
}
