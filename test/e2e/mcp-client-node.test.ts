import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { callWorkflow } from '../support/run-in-node';
import { SocStack } from '../support/soc-stack';

/** n8n's own MCP Client node, as docs/clients.md has it to paste, against the bridge: only address and credential are put in. */
jest.setTimeout(300_000);

interface Node {
  name: string;
  type: string;
  typeVersion: number;
  parameters: Record<string, unknown>;
  credentials: { httpBearerAuth: { id: string; name: string } };
}

const page = readFileSync(resolve(__dirname, '../../docs/clients.md'), 'utf8');
const section = page.split(/^## /m).find((part) => part.startsWith('n8n\n')) ?? '';
const pasted = JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '') as { nodes: Node[] };

let stack: SocStack;
beforeAll(async () => {
  stack = await SocStack.start('mcp-client-node');
});
afterAll(() => stack?.stop());

async function pastedNode(token: string): Promise<Node> {
  const [node] = pasted.nodes;
  if (node === undefined) throw new Error('docs/clients.md has no node for n8n');
  const name = node.credentials.httpBearerAuth.name;
  const { id } = await stack.n8n.api('POST', '/credentials', { name, type: 'httpBearerAuth', data: { token } });
  const parameters = { ...node.parameters, endpointUrl: `${stack.bridge.url}/mcp` };
  return { ...node, parameters, credentials: { httpBearerAuth: { id, name } } };
}

/** Every text in a value, however deep. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

/** A webhook's path can be taken once. */
let runs = 0;

async function run(node: Node) {
  runs += 1;
  const { response, outcome } = await callWorkflow(stack, `mcp-client-${runs}`, [{ ...node }]);
  return { status: response.status, text: await response.text(), execution: JSON.stringify([await outcome()]) };
}

it('calls a tool and passes its whole result on', async () => {
  const { status, text } = await run(await pastedNode(stack.bridgeToken));
  expect(status).toBe(200);
  const direct = await stack.callTool<{ tables: { name: string }[] }>('list_available_tables', {});
  expect(direct.tables.length).toBeGreaterThan(0);
  for (const { name } of direct.tables.slice(0, 5)) expect(text).toContain(name);
});

it('offers the tools of the bridge to choose from', async () => {
  const node = await pastedNode(stack.bridgeToken);
  const { data } = await stack.n8n.rest('POST', '/rest/dynamic-node-parameters/resource-locator-results', {
    path: 'parameters.tool',
    nodeTypeAndVersion: { name: node.type, version: node.typeVersion },
    currentNodeParameters: node.parameters,
    credentials: node.credentials,
    methodName: 'getTools',
  });
  const names = (data as { results: { value: string }[] }).results.map(({ value }) => value);
  expect(names).toEqual(expect.arrayContaining(['investigate_alert', 'execute_sql_query', 'list_available_tables']));
});

it('shows what a refused call says, and that a wrong token is one', async () => {
  const good = await pastedNode(stack.bridgeToken);
  const parameters = {
    ...good.parameters,
    tool: { __rl: true, mode: 'id', value: 'get_case' },
    jsonInput: '{"case_id":"INV-NONE"}',
  };
  const refused = await run({ ...good, parameters });
  const direct = await stack.callTool('get_case', { case_id: 'INV-NONE' }).catch((error: Error) => error.message);
  const [{ text }] = JSON.parse(String(direct).replace(/^get_case: /, '')) as [{ text: string }];
  expect(text.length).toBeGreaterThan(20);
  const shown = JSON.parse(refused.execution) as { data: unknown }[];
  expect(texts(shown).some((one) => one.includes(text))).toBe(true);
  const wrong = await run(await pastedNode('simulated-wrong-token-of-nobody'));
  expect(wrong.status).toBe(500);
  expect(wrong.execution).toMatch(/401|authenticat/i);
});
