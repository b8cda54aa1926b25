import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Operation } from '../../operations/operation';
import { operations } from '../../operations/registry';
import { dataNotice } from '../../operations/text';
import { wholeResults } from '../../operations/whole-results';
import { varDir } from '../../scripts/stack/paths.mjs';
import { withReferences } from '../support/example-references';
import { maskVarying } from '../support/mask-varying';
import { runInNode } from '../support/run-in-node';
import { SocStack } from '../support/soc-stack';

/** Every operation of the registry, called through the n8n node and through an MCP client: the same result. */
jest.setTimeout(300_000);

let stack: SocStack;
let client: Client;
let caseId: string;

beforeAll(async () => {
  stack = await SocStack.start('parity', {
    // n8n always has somewhere to put files; the bridge has it where it is told.
    bridge: { SOC_COMPLIANCE_DIR: join(varDir, 'test', 'parity', 'compliance') },
  });
  client = new Client({ name: 'parity', version: '1.0.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${stack.bridge.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${stack.bridgeToken}` } },
    }),
  );
  const answer = await stack.postAlert(await stack.sampleAlert('parity-case'));
  caseId = String(answer.body.case_id);
  await stack.settledCase(caseId);
});

afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

async function throughMcp(operation: Operation): Promise<unknown> {
  const result = await client.callTool({
    name: operation.name,
    arguments: await withReferences(operation.example, stack, caseId),
    // As n8n asks: a page of a long result is for models.
    _meta: { [wholeResults.name]: wholeResults.value },
  });
  if (result.isError) throw new Error(`${operation.name} over MCP: ${JSON.stringify(result.content)}`);
  const { [dataNotice.key]: notice, ...output } = result.structuredContent as Record<string, unknown>;
  expect(notice).toBe(dataNotice.text);
  return output;
}

async function throughNode(operation: Operation): Promise<unknown> {
  const input = await withReferences(operation.example, stack, caseId);
  return runInNode(stack, operation, input, `parity-${operation.name}`);
}

it('covers a registry that is not empty', () => {
  expect(operations.length).toBeGreaterThanOrEqual(16);
});

it.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (_name, operation) => {
  // A first call, so that a call that makes something once finds it made both times.
  if (operation.effect !== 'read' && operation.idempotent) await throughMcp(operation);
  await stack.control('POST', '/reset');
  const mcp = await throughMcp(operation);
  await stack.control('POST', '/reset');
  const node = await throughNode(operation);
  expect(maskVarying(node, operation.varies)).toEqual(maskVarying(mcp, operation.varies));
  expect(Object.keys(mcp as object).length).toBeGreaterThan(0);
});
