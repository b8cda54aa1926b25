import { PassThrough } from 'node:stream';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { StdioProxy } from '../../../bridge/src/connect/stdio-proxy';
import { defineOperation, type Operation } from '../../../operations/operation';
import { FaultBoard } from '../../../sandbox/src/faults';
import { type RunningService, startService } from '../../../sandbox/src/service';
import { type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';

/** Says nothing while it works. */
const workSilently = defineOperation({
  name: 'work_silently',
  toolset: 'investigation',
  resource: 'Test',
  title: 'Work',
  action: 'Work silently',
  description: 'Works; for tests.',
  effect: 'read',
  idempotent: true,
  services: [],
  permissions: [],
  runs: 'bridge',
  input: z.object({ ms: z.number().describe('How long') }),
  output: z.object({ done: z.boolean() }),
  example: { ms: 1 },
  run: async (ports, { ms }) => {
    await ports.sleep(ms, ports.signal);
    return { done: true };
  },
});

/** One of Panther's, for which the permissions of the token have to be known. */
const askPanther: Operation = { ...workSilently, name: 'ask_panther', toolset: 'panther', action: 'Ask Panther' };

let panther: RunningService;
let running: RunningBridge;
beforeAll(async () => {
  // Never answers.
  panther = await startService('panther', 0, () => new Promise(() => {}), new FaultBoard());
  running = await runBridge(
    {
      PANTHER_API_URL: panther.url,
      PANTHER_API_TOKEN: 't',
      SOC_ALLOW_PRIVATE_NETWORK: 'true',
      SOC_TOOLSETS: 'all',
    },
    { operations: [workSilently, askPanther] },
  );
});
afterAll(async () => {
  await running?.stop();
  await panther?.close();
});

const silent = { name: 'work_silently', arguments: { ms: 2600 } };

it.each<[string, object]>([
  ['2026-07-28', { versionNegotiation: { mode: { pin: '2026-07-28' } } }],
  ['2025-11-25', {}],
])('a tool that works for more than two seconds without a word is told to be alive, in %s', async (_era, options) => {
  const client = new Client({ name: 'progress', version: '1' }, options);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${running.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${testToken}` } },
    }),
  );
  const seen: string[] = [];
  const answer = await client.callTool(silent, { onprogress: ({ message }) => void seen.push(message ?? '') });
  expect(answer.structuredContent).toMatchObject({ done: true });
  expect(seen[0]).toMatch(/^Work silently \(\d+ s\)$/);
  await client.close();
});

it('the same through `soc-bridge connect`', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let text = '';
  output.on('data', (chunk) => {
    text += chunk;
  });
  const url = new URL(`${running.url}/mcp`);
  const proxy = new StdioProxy(url, { kind: 'token', token: testToken }, output, () => {});
  const ended = proxy.run(input);
  const params = { ...silent, _meta: { progressToken: 'mine' } };
  input.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
  await ended;
  const messages = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(messages[0]).toMatchObject({
    method: 'notifications/progress',
    params: { progressToken: 'mine', message: expect.stringMatching(/^Work silently \(\d+ s\)$/) },
  });
  expect(messages.at(-1)).toMatchObject({ id: 1, result: { structuredContent: { done: true } } });
});

it('waiting for a service that does not answer is told too, and ends', async () => {
  const client = new Client({ name: 'progress', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${running.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${testToken}` } },
    }),
  );
  const seen: string[] = [];
  const answer = await client.callTool(
    { name: 'ask_panther', arguments: { ms: 1 } },
    { onprogress: ({ message }) => void seen.push(message ?? '') },
  );
  expect(answer.structuredContent).toMatchObject({ done: true });
  expect(seen[0]).toMatch(/^Ask Panther \(\d+ s\)$/);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('ask_panther');
  await client.close();
});
