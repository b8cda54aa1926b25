import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { operations } from '../../operations/registry';
import { runInNode } from '../support/run-in-node';
import { SocStack } from '../support/soc-stack';

/** The credential SOC Bridge API in the real n8n, signing, against a bridge that cuts long results for models. */
jest.setTimeout(300_000);

const writer = { id: 'n8n.a', secret: 'simulated-signing-secret-of-n8n-for-cases' };
const reader = { id: 'reader', secret: 'simulated-signing-secret-of-a-mere-reader' };

let stack: SocStack;
let caseId: string;

beforeAll(async () => {
  stack = await SocStack.start('bridge-credential', {
    bridge: {
      SOC_RESULT_TOKENS: '2000',
      SOC_SIGNING_KEYS: `${writer.id}(cases:write)=${writer.secret}, ${reader.id}(cases:read)=${reader.secret}`,
    },
  });
  const answer = await stack.postAlert(await stack.sampleAlert('credential-case'));
  caseId = String(answer.body.case_id);
  await stack.settledCase(caseId);
});
afterAll(() => stack?.stop());

type Key = typeof writer;
const dataOf = (key: Key) => ({
  url: stack.bridge.url,
  authentication: 'signature',
  keyId: key.id,
  keySecret: key.secret,
});

async function testCredential(data: object): Promise<{ status: string; message: string }> {
  const created = await stack.n8n.rest('POST', '/rest/credentials', {
    name: 'SOC Bridge under test',
    type: 'socBridgeApi',
    data,
  });
  const { data: tested } = await stack.n8n.rest('POST', '/rest/credentials/test', {
    credentials: { id: created.data.id, name: 'SOC Bridge under test', type: 'socBridgeApi', data },
  });
  return tested;
}

let runs = 0;
/** Runs one operation in a workflow, and resolves to its items or rejects with what the node says. */
async function run(key: Key, name: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  runs += 1;
  const path = `credential-${runs}`;
  const { data: credential } = await stack.n8n.rest('POST', '/rest/credentials', {
    name: path,
    type: 'socBridgeApi',
    data: dataOf(key),
  });
  const credentials = { socBridgeApi: { id: credential.id, name: credential.name } };
  return (await runInNode(stack, operation, input, path, credentials)) as Record<string, unknown>;
}

it('its test says whether the bridge takes the signature', async () => {
  expect(await testCredential(dataOf(writer))).toMatchObject({ status: 'OK' });
  expect(await testCredential({ url: stack.bridge.url, token: stack.bridgeToken })).toMatchObject({ status: 'OK' });
  const wrong = await testCredential(dataOf({ ...writer, secret: 'simulated-wrong-secret-simulated-wrong' }));
  expect(wrong.status).toBe('Error');
});

it('signed, a workflow gets whole what a model gets in pages', async () => {
  const whole = await run(writer, 'export_case', { case_id: caseId, format: 'json' });
  expect(JSON.parse(String(whole.content))).toHaveProperty('case.alert.entities');
  const client = new Client({ name: 'model', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${stack.bridge.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${stack.bridgeToken}` } },
    }),
  );
  const call = async (name: string, given: Record<string, unknown>) =>
    (await client.callTool({ name, arguments: given })).structuredContent as Record<string, unknown>;
  let page = await call('export_case', { case_id: caseId, format: 'json' });
  let content = (page.result as { content: string }).content;
  expect(page).toMatchObject({
    truncated: true,
    part: { cut: [{ path: '/content', of: String(whole.content).length }] },
  });
  while (page.next !== null) {
    page = await call('read_more', (page.next as { arguments: { cursor: string } }).arguments);
    content += (page.pieces as { text: string }[]).map(({ text }) => text).join('');
  }
  expect(content).toBe(whole.content);
  await client.close();
});

it('a key may do what its scopes say; the node names the one that is missing', async () => {
  const note = { case_id: caseId, note: 'Simulated: looked at by a test.' };
  await expect(run(reader, 'add_case_note', note)).rejects.toThrow(/lacks the scope cases:write/);
  expect(await run(writer, 'add_case_note', note)).toMatchObject({ case_id: caseId });
});
