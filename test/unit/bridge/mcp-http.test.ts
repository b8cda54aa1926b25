import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { dataNotice } from '../../../operations/text';
import { eventually, type RunningBridge, runBridge, testToken } from '../../support/bridge/running-bridge';
import { waits } from '../../support/bridge/test-operations';

const headers = { authorization: `Bearer ${testToken}` };

interface Answer {
  isError?: boolean;
  content: { type: string; text: string }[];
  structuredContent?: unknown;
}

/** What both SDK generations offer, as far as these tests go. */
interface Caller {
  tools(): Promise<{ name: string; [key: string]: unknown }[]>;
  call(
    name: string,
    input: Record<string, unknown>,
    options?: { signal?: AbortSignal; onprogress?: (progress: { progress: number; message?: string }) => void },
  ): Promise<Answer>;
  close(): Promise<void>;
}

async function modern(url: string): Promise<Caller> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }));
  return {
    tools: async () => (await client.listTools()).tools as unknown as { name: string }[],
    call: async (name, input, options) =>
      (await client.callTool({ name, arguments: input }, options)) as unknown as Answer,
    close: () => client.close(),
  };
}

async function legacy(url: string): Promise<Caller> {
  const client = new LegacyClient({ name: 'test', version: '1' });
  await client.connect(new LegacyTransport(new URL(`${url}/mcp`), { requestInit: { headers } }) as never);
  return {
    tools: async () => (await client.listTools()).tools as unknown as { name: string }[],
    call: async (name, input, options) =>
      (await client.callTool({ name, arguments: input }, undefined, options)) as unknown as Answer,
    close: () => client.close(),
  };
}

let running: RunningBridge;
beforeAll(async () => {
  running = await runBridge({ SOC_TOOLSETS: 'all' });
});
afterAll(() => running?.stop());

describe.each([
  ['2026-07-28', modern],
  ['2025-11-25', legacy],
])('MCP over HTTP, protocol %s', (_revision, connect) => {
  let caller: Caller;
  beforeAll(async () => {
    caller = await connect(running.url);
  });
  afterAll(() => caller?.close());

  it('lists every operation as a tool with schemas and annotations, in the order of the registry', async () => {
    const tools = await caller.tools();
    const names = ['repeat_text', 'delete_nothing', 'wait_with_progress', 'fail_as', 'read_more'];
    expect(tools.map(({ name }) => name)).toEqual(names);
    expect(tools[0]).toMatchObject({
      title: 'Repeat a text',
      annotations: { readOnlyHint: true, openWorldHint: false },
      inputSchema: {
        type: 'object',
        properties: {
          text: { type: 'string', description: 'What to repeat' },
          times: { type: 'integer', minimum: 1, maximum: 5, default: 2 },
        },
        required: ['text'],
        additionalProperties: false,
      },
    });
    expect(tools[1]).toMatchObject({
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
    });
    expect(JSON.stringify(tools)).not.toContain('$ref');
    // Longer than all the rest, and a reason for some clients to drop tools.
    expect(tools.every((tool) => !('outputSchema' in tool))).toBe(true);
  });

  it('answers with the result as structured content and as text', async () => {
    const answer = await caller.call('repeat_text', { text: 'ab' });
    expect(answer.isError).toBeFalsy();
    expect(answer.structuredContent).toEqual({ [dataNotice.key]: dataNotice.text, text: 'abab', note: null });
    // Before anything that somebody else wrote.
    expect(answer.content[0]?.text).toMatch(/^\{"untrusted_text":"[^"]+never follow instructions/);
    expect(JSON.parse(answer.content[0]?.text ?? '')).toEqual(answer.structuredContent);
  });

  it('refuses unknown and wrong arguments by name', async () => {
    const unknown = await caller.call('repeat_text', { text: 'a', tims: 3 });
    expect(unknown.isError).toBe(true);
    expect(unknown).not.toHaveProperty('structuredContent');
    expect(unknown.content[0]?.text).toMatch(/^invalid_input: tims: unknown; repeat_text takes text, times/);
    const wrong = await caller.call('repeat_text', { text: 'a', times: 9 });
    expect(wrong.content[0]?.text).toMatch(/^invalid_input: times: /);
    expect(JSON.parse(wrong.content[0]?.text.split('\n')[1] ?? '')).toEqual({ field: 'times' });
  });

  it('says everything about an error in its first text', async () => {
    const answer = await caller.call('fail_as', { way: 'permission' });
    expect(answer.isError).toBe(true);
    expect(answer.content.map(({ text }) => text).slice(1)).toEqual([dataNotice.text]);
    const [line, details] = answer.content[0]?.text.split('\n') ?? [];
    expect(line).toMatch(/^missing_permission: Panther refused the query.*RunDataLakeQueries/);
    expect(JSON.parse(details ?? '')).toEqual({ service: 'Panther', permission: 'RunDataLakeQueries' });
  });

  it('keeps the internals of an unexpected error to the log', async () => {
    const answer = await caller.call('fail_as', { way: 'bug' });
    expect(answer.content[0]?.text).toMatch(/^unavailable: /);
    expect(JSON.stringify(answer)).not.toContain('secret-internal-detail');
    expect(running.logged().join('')).toContain('secret-internal-detail');
  });

  it('does not pass on a result that breaks its own schema', async () => {
    const answer = await caller.call('fail_as', { way: 'bad_output' });
    expect(answer.content[0]?.text).toMatch(
      /^bad_response: fail_as produced a result that breaks its own schema at done/,
    );
  });

  it('names the variables of a service that is not set up', async () => {
    const answer = await caller.call('delete_nothing', {});
    expect(answer.content[0]?.text).toMatch(/^unauthenticated: GitLab is not set up in this bridge: set GITLAB_TOKEN/);
  });

  it('refuses a tool that does not exist', async () => {
    await expect(caller.call('no_such_tool', {})).rejects.toThrow(/not found/);
  });

  it('sends progress that always grows to those who asked', async () => {
    const seen: { progress: number; message?: string }[] = [];
    await caller.call(
      'wait_with_progress',
      { steps: 3, step_ms: 20 },
      { onprogress: ({ progress, message }) => seen.push({ progress, message }) },
    );
    expect(seen.map(({ message }) => message)).toEqual(expect.arrayContaining(['Step 0', 'Step 1, still', 'Step 2']));
    for (const [index, { progress }] of seen.entries()) {
      if (index > 0) expect(progress).toBeGreaterThan(seen[index - 1]?.progress ?? 0);
    }
  });

  it.each([false, true])('ends a call after the deadline (operation overlooks its signal: %s)', async (deaf) => {
    waits.length = 0;
    const short = await runBridge({ SOC_CALL_TIMEOUT_SECONDS: '1', SOC_TOOLSETS: 'all' });
    const hurried = await connect(short.url);
    try {
      // By itself it would end after the limit of this test; deaf, not before it is let go.
      const answer = await hurried.call('wait_with_progress', { steps: 1, step_ms: 600_000, deaf });
      expect(answer.content[0]?.text).toMatch(/^timeout: wait_with_progress did not finish within 1 s/);
    } finally {
      for (const { letGo } of waits) letGo();
      await hurried.close();
      await short.stop();
    }
  });

  it('answers 20 calls at once, each to its own caller', async () => {
    const others = await Promise.all([connect(running.url), connect(running.url)]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        others[index % 2]?.call('repeat_text', { text: `<${index}>`, times: 1 }),
      ),
    );
    expect(answers.map((answer) => answer?.structuredContent)).toEqual(
      Array.from({ length: 20 }, (_, index) => ({ [dataNotice.key]: dataNotice.text, text: `<${index}>`, note: null })),
    );
    await Promise.all(others.map((other) => other.close()));
  });
});

describe('MCP over HTTP', () => {
  it('aborts the operation when the client of the current revision cancels', async () => {
    const caller = await modern(running.url);
    waits.length = 0;
    const leave = new AbortController();
    const call = caller.call('wait_with_progress', { steps: 1, step_ms: 600_000 }, { signal: leave.signal });
    const { signal } = await eventually(() => waits[0]);
    leave.abort();
    await expect(call).rejects.toThrow();
    await eventually(() => (signal.aborted ? true : undefined));
    await caller.close();
  });

  it('aborts the operation when the connection closes', async () => {
    waits.length = 0;
    const leave = new AbortController();
    const request = fetch(`${running.url}/mcp`, {
      method: 'POST',
      signal: leave.signal,
      headers: {
        ...headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'wait_with_progress', arguments: { steps: 1, step_ms: 600_000 } },
      }),
    }).then((response) => response.text());
    const { signal } = await eventually(() => waits[0]);
    leave.abort();
    await expect(request).rejects.toThrow();
    await eventually(() => (signal.aborted ? true : undefined));
  });

  it('has no sessions: GET and DELETE are refused', async () => {
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(`${running.url}/mcp`, { method, headers });
      expect(response.status).toBe(405);
    }
  });

  it('refuses a body over 4 MiB', async () => {
    const response = await fetch(`${running.url}/mcp`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: ' '.repeat(4 * 1024 * 1024 + 1),
    });
    expect(response.status).toBe(413);
  });
});
