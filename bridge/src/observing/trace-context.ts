import { context, ProxyTracerProvider, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ToolAnswer } from '../mcp/call-tool';
import type { CallStart } from './observers';

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The trace that a client says its call belongs to (W3C `traceparent` in `_meta`); for logs, and never for more. */
export function traceIdOf(meta: Readonly<Record<string, unknown>>): string | undefined {
  const given = meta.traceparent;
  const id = typeof given === 'string' ? traceparent.exec(given)?.[1] : undefined;
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

/** What stands in for the SDK of OpenTelemetry where none was loaded. */
const nobody = new ProxyTracerProvider().getDelegate();

function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== nobody;
}

/**
 * Runs a call inside a span, under the client's trace. It costs nothing and sends nothing unless an OpenTelemetry SDK was
 * loaded into the process (`node --import ...`), which then also sees the requests made inside.
 */
export function traced(call: CallStart, run: () => Promise<ToolAnswer>): Promise<ToolAnswer> {
  return isTracing() ? inSpan(call, run) : run();
}

async function inSpan(call: CallStart, run: () => Promise<ToolAnswer>): Promise<ToolAnswer> {
  const parent =
    traceIdOf(call.meta) === undefined ? context.active() : propagation.extract(context.active(), call.meta);
  const attributes = {
    'mcp.method.name': 'tools/call',
    'gen_ai.tool.name': call.tool,
    'gen_ai.operation.name': 'execute_tool',
    'network.transport': call.transport === 'http' ? 'tcp' : 'pipe',
    ...(call.protocolVersion === undefined ? {} : { 'mcp.protocol.version': call.protocolVersion }),
  };
  const span = trace
    .getTracer('soc-bridge')
    .startSpan(`tools/call ${call.tool}`, { kind: SpanKind.SERVER, attributes }, parent);
  try {
    const answer = await context.with(trace.setSpan(parent, span), run);
    if (answer.outcome !== 'ok') {
      span.setAttribute('error.type', answer.code ?? 'tool_error');
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    return answer;
  } finally {
    span.end();
  }
}
