import { request } from 'node:http';
import { createLogger } from '../../../bridge/src/hosting/logging';
import { Metrics } from '../../../bridge/src/observing/metrics';
import { MetricsServer } from '../../../bridge/src/observing/metrics-server';
import type { CallStart } from '../../../bridge/src/observing/observers';
import { traceIdOf } from '../../../bridge/src/observing/trace-context';
import { runBridge, testToken } from '../../support/bridge/running-bridge';

const call: CallStart = {
  requestId: 'r',
  transport: 'http',
  principal: { name: 'hunt', proof: 'token', scopes: [] },
  tool: 'get_case',
  arguments: {},
  meta: {},
  startedAt: new Date(),
};

function get(url: string, host?: string, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: host === undefined ? {} : { host } }, (response) => {
      let body = '';
      response.on('data', (piece) => {
        body += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

it("calls are counted under the guide's names and under OpenTelemetry's", async () => {
  const metrics = new Metrics('1.2.3');
  metrics.callEnded(call, { outcome: 'ok', code: null, durationMs: 30 });
  metrics.callEnded(call, { outcome: 'error', code: 'timeout', durationMs: 4000 });
  metrics.callEnded(call, { outcome: 'withheld', code: 'missing_permission', durationMs: 1 });
  metrics.refused({ kind: 'bad_credential', status: 401, path: '/mcp', from: '192.0.2.1' });
  metrics.answered({ method: 'POST', route: '/mcp', status: 200, durationMs: 5 });
  const text = await metrics.registry.metrics();
  for (const line of [
    'mcp_tool_requests_total{tool="get_case",status="ok"} 1',
    'mcp_tool_requests_total{tool="get_case",status="error"} 1',
    'mcp_tool_duration_seconds_count{tool="get_case"} 3',
    'mcp_tool_duration_seconds_bucket{le="0.05",tool="get_case"} 2',
    'mcp_security_events_total{event="bad_credential"} 1',
    'mcp_security_events_total{event="withheld"} 1',
    'mcp_server_operation_duration_seconds_count{mcp_method_name="tools/call",gen_ai_tool_name="get_case",gen_ai_operation_name="execute_tool",error_type="timeout",network_transport="tcp",mcp_protocol_version=""} 1',
    'soc_http_request_duration_seconds_count{route="/mcp",method="POST",status="200"} 1',
    'soc_bridge_info{version="1.2.3"} 1',
  ])
    expect(text).toContain(line);
  expect(text).toContain('nodejs_eventloop_lag_seconds');
});

it('every request of the protocol is measured, in both eras, and a tool that there is not is one of all', async () => {
  const rig = await runBridge({ SOC_METRICS_PORT: '0' });
  const post = (method: string, params: object, headers: Record<string, string> = {}) =>
    fetch(`${rig.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${testToken}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    }).then((response) => response.text());
  const before = { 'mcp-protocol-version': '2025-11-25' };
  try {
    await post('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    });
    await post('tools/list', {}, before);
    await post('prompts/get', { name: 'no_prompt' }, before);
    for (const name of ['no_tool', 'nor_this', 'x'.repeat(50)])
      await post('tools/call', { name, arguments: {} }, before);
    await post(
      'tools/list',
      {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
      { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
    );
    const { body } = await get(rig.metricsUrl ?? '');
    const of = (method: string, error: string, version: string, tool = '', doing = '') =>
      `mcp_server_operation_duration_seconds_count{mcp_method_name="${method}",gen_ai_tool_name="${tool}",gen_ai_operation_name="${doing}",error_type="${error}",network_transport="tcp",mcp_protocol_version="${version}"}`;
    for (const line of [
      `${of('initialize', '', '2025-11-25')} 1`,
      `${of('tools/list', '', '2025-11-25')} 1`,
      `${of('tools/list', '', '2026-07-28')} 1`,
      `${of('prompts/get', '-32602', '2025-11-25')} 1`,
      `${of('tools/call', '-32602', '2025-11-25', '_other', 'execute_tool')} 3`,
      'mcp_tool_requests_total{tool="_other",status="error"} 3',
    ])
      expect(body).toContain(line);
    expect(body).not.toMatch(/no_tool|nor_this|xxxxx/);
  } finally {
    await rig.stop();
  }
});

it('a caller cannot make new series', async () => {
  const metrics = new Metrics('1.2.3');
  for (const protocolVersion of ['2099-01-01', 'x\u202e', undefined])
    metrics.methodEnded({ method: 'ping', transport: 'stdio', protocolVersion, errorCode: null, durationMs: 1 });
  expect((await metrics.registry.metrics()).match(/mcp_server_operation_duration_seconds_count/g)).toHaveLength(1);
  for (let index = 0; index < 100; index += 1)
    metrics.answered({ method: `M${index}`, route: 'other', status: 405, durationMs: 1 });
  const text = await metrics.registry.metrics();
  expect(text.match(/soc_http_request_duration_seconds_count/g)).toHaveLength(1);
});

it('is served on a port of its own, to whoever names loopback, with the figures of the store', async () => {
  const rig = await runBridge({ SOC_METRICS_PORT: '0' });
  try {
    const { metricsUrl } = rig;
    if (metricsUrl === undefined) throw new Error('no metrics');
    await fetch(`${rig.url}/alerts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'metrics-1' }),
    });
    const { status, body } = await get(metricsUrl);
    expect(status).toBe(200);
    expect(body).toMatch(/soc_cases\{status="[a-z_]+"\} 1/);
    expect(body).toContain('soc_store_up 1');
    expect((await get(metricsUrl, 'evil.simulated.example')).status).toBe(403);
    expect((await get(metricsUrl.replace('/metrics', '/'))).status).toBe(404);
    expect((await get(metricsUrl, undefined, 'POST')).status).toBe(405);
    // The port that clients call does not have them.
    expect((await get(`${rig.url}/metrics`)).status).not.toBe(200);
  } finally {
    await rig.stop();
  }
});

it('a store that is away shows, and takes nothing else with it', async () => {
  const server = new MetricsServer({
    metrics: new Metrics('x'),
    host: '127.0.0.1',
    port: 0,
    figures: () => Promise.reject(new Error('gone')),
    logger: createLogger('silent'),
  });
  const url = await server.listen();
  const { status, body } = await get(url);
  expect(status).toBe(200);
  expect(body).toContain('soc_store_up 0');
  expect(body).not.toMatch(/^soc_cases\{/m);
  await server.close();
});

it.each([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '0af7651916cd43dd8448eb211c80319c'],
  ['00-00000000000000000000000000000000-b7ad6b7169203331-01', undefined],
  ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', undefined],
  ['nonsense\u202e', undefined],
  [7, undefined],
  [undefined, undefined],
])('the trace of %j', (traceparent, id) => {
  expect(traceIdOf({ traceparent })).toBe(id);
});
