import { PassThrough } from 'node:stream';
import { type ConnectCredential, StdioProxy } from '../../../bridge/src/connect/stdio-proxy';
import { toolCall } from '../../support/bridge/raw-request';
import { eventually, type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';
import { waits } from '../../support/bridge/test-operations';

const secret = 'simulated-signing-secret-of-a-laptop';
let running: RunningBridge;
beforeAll(async () => {
  running = await runBridge({ SOC_SIGNING_KEYS: `laptop(soc:read)=${secret}` });
});
afterAll(() => running?.stop());

function start(credential: ConnectCredential, path = '/mcp') {
  const input = new PassThrough();
  const output = new PassThrough();
  const problems: string[] = [];
  let text = '';
  output.on('data', (chunk) => {
    text += chunk;
  });
  const proxy = new StdioProxy(
    new URL(`${running.url}${path}`),
    credential,
    output,
    (problem) => void problems.push(problem),
  );
  const ended = proxy.run(input);
  return {
    send: (message: string) => void input.write(`${message}\n`),
    end: async () => {
      input.end();
      await ended;
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    problems,
  };
}

it.each<[string, ConnectCredential]>([
  ['signed', { kind: 'signature', id: 'laptop', secret }],
  ['with a token', { kind: 'token', token: testToken }],
])('carries calls of both eras, %s, each answer on a line', async (_how, credential) => {
  const proxy = start(credential);
  proxy.send(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 'i',
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    }),
  );
  proxy.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
  for (const id of [1, 2]) proxy.send(toolCall('repeat_text', { text: `<${id}>`, times: 1 }, id));
  const answers = await proxy.end();
  expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 'i']);
  expect(JSON.stringify(answers.find(({ id }) => id === 2))).toContain('<2>');
  expect(proxy.problems).toEqual([]);
});

it('says why a call was refused, to the client and on stderr', async () => {
  const proxy = start({ kind: 'none' });
  proxy.send(toolCall('repeat_text', { text: 'x' }, 9));
  proxy.send('{"jsonrpc":');
  const answers = await proxy.end();
  expect(answers).toContainEqual(
    expect.objectContaining({ id: 9, error: { code: -32603, message: expect.stringContaining('answered 401') } }),
  );
  expect(answers).toContainEqual(expect.objectContaining({ id: null, error: { code: -32700, message: 'not JSON' } }));
  expect(proxy.problems.join()).toContain('needs a credential');
});

it('a cancellation ends the call at the bridge', async () => {
  waits.length = 0;
  const proxy = start({ kind: 'token', token: testToken });
  proxy.send(toolCall('wait_with_progress', { steps: 1, step_ms: 8000 }, 5));
  const { signal } = await eventually(() => waits[0]);
  proxy.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}');
  await eventually(() => (signal.aborted ? true : undefined));
  expect(await proxy.end()).toEqual([]);
});
