import { z } from 'zod';
import { BadResponseError, type ErrorCode, errorCodes, OperationError } from '../operations/errors';
import type { HttpResponse } from '../operations/ports';
import { cleanLine, dataNotice } from '../operations/text';
import { wholeResults } from '../operations/whole-results';

const bridge = 'The SOC bridge';
const protocolVersion = '2026-07-28';
const requestId = 1;

/** Headers and body of a `tools/call` of MCP 2026-07-28: no handshake, no session, one POST. */
export function toolCall(
  name: string,
  input: Record<string, unknown>,
): { headers: Record<string, string>; body: string } {
  return {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': protocolVersion,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: requestId,
      method: 'tools/call',
      params: {
        name,
        arguments: input,
        _meta: {
          // Whatever comes next in a workflow needs all of it, and no model reads it as it is.
          [wholeResults.name]: wholeResults.value,
          'io.modelcontextprotocol/protocolVersion': protocolVersion,
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'n8n-nodes-soc', version: '0.1.0' },
        },
      },
    }),
  };
}

const messageSchema = z.object({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  result: z
    .object({
      isError: z.boolean().optional(),
      structuredContent: z.record(z.unknown()).optional(),
      content: z.array(z.object({ type: z.string(), text: z.string().optional() }).passthrough()).default([]),
    })
    .passthrough()
    .optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown() }).optional(),
});
type Message = z.infer<typeof messageSchema>;
type ProtocolFailure = NonNullable<Message['error']>;

/**
 * The structured content of a tool's result. Throws the OperationError that the tool ended with, or with which the
 * bridge refused the request, and BadResponseError for what is no MCP answer.
 */
export function readToolResult(name: string, response: HttpResponse): Record<string, unknown> {
  if (response.truncated) throw new BadResponseError(bridge, `its result of ${name} is too large to take`);
  const message = readMessages(response).find(
    ({ id, error }) => id === requestId || ((id ?? null) === null && error !== undefined),
  );
  if (message?.error !== undefined) throw protocolError(name, message.error, response);
  if (message?.result === undefined) {
    const refusal = readRefusal(response);
    if (refusal !== undefined) {
      throw new OperationError(refusal.code, `${bridge} refused the call: ${refusal.message}`, {
        status: response.status,
      });
    }
    throw new BadResponseError(
      bridge,
      `status ${response.status} without an MCP result at /mcp; check the address in the SOC Bridge credential`,
      { status: response.status },
    );
  }
  if (message.result.isError) throw toolError(name, message.result.content);
  if (message.result.structuredContent === undefined) {
    throw new BadResponseError(bridge, `its result of ${name} has no structured content`);
  }
  // What the bridge says to models about the answer is no part of it.
  const { [dataNotice.key]: _, ...output } = message.result.structuredContent;
  return output;
}

/** JSON bodies hold one message; event streams hold one in each event's `data` lines. */
function readMessages(response: HttpResponse): Message[] {
  const isStream = (response.headers['content-type'] ?? '').includes('text/event-stream');
  const texts = isStream
    ? response.body.split(/\r?\n\r?\n/).map((event) =>
        event
          .split(/\r?\n/)
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).replace(/^ /, ''))
          .join('\n'),
      )
    : [response.body];
  return texts.flatMap((text) => {
    const parsed = messageSchema.safeParse(tryParse(text));
    return parsed.success ? [parsed.data] : [];
  });
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const detailsSchema = z.record(z.union([z.string(), z.number(), z.boolean(), z.null()]));
/** What the bridge answers outside MCP: an unknown host name, no token, too large a body. */
const refusalSchema = z.object({ code: z.enum(errorCodes), message: z.string() });

/** What the bridge says about a request that it refused; undefined when somebody else answered. */
export function readRefusal({ body }: HttpResponse): { code: ErrorCode; message: string } | undefined {
  const refusal = refusalSchema.safeParse(tryParse(body));
  return refusal.success ? { code: refusal.data.code, message: cleanLine(refusal.data.message, 500) } : undefined;
}

/** The error as the operation threw it: `code: message`, and its details as JSON in a last line of their own. */
function toolError(name: string, content: { text?: string }[]): OperationError {
  const text = content[0]?.text ?? '';
  const code = errorCodes.find((known) => text.startsWith(`${known}: `));
  if (code === undefined) {
    return new OperationError(
      'bad_response',
      `${bridge} could not run ${name}: ${cleanLine(text, 500) || 'no reason given'}`,
    );
  }
  const message = text.slice(code.length + 2);
  const lastLine = message.lastIndexOf('\n');
  const details = detailsSchema.safeParse(lastLine < 0 ? undefined : tryParse(message.slice(lastLine + 1)));
  return details.success
    ? new OperationError(code, message.slice(0, lastLine), details.data)
    : new OperationError(code, message);
}

const missingScopeSchema = z.object({ scope: z.string().max(100) });

function protocolError(name: string, error: ProtocolFailure, { status, headers }: HttpResponse): OperationError {
  const said = cleanLine(error.message, 300);
  if (status === 403) {
    const told = missingScopeSchema.safeParse(error.data);
    const scope = cleanLine(told.success ? told.data.scope : scopesIn(headers['www-authenticate']), 100);
    return new OperationError(
      'missing_permission',
      scope === ''
        ? `${bridge} refused ${name}: ${said}`
        : `${bridge} refused ${name}: the SOC Bridge credential lacks the scope ${scope}. Use a token or signing key that has it.`,
      { tool: name, ...(scope === '' ? {} : { scope }), status },
    );
  }
  // -32602 is what MCP answers for a tool that is not there or not allowed.
  if (error.code === -32602 && /tool/i.test(error.message)) {
    return new OperationError(
      'not_found_or_no_access',
      `${bridge} does not offer ${name} (it said: ${said}). Allow it on the bridge, or update the bridge.`,
      { tool: name },
    );
  }
  return new BadResponseError(bridge, `it refused the call of ${name} with ${error.code}: ${said}`, {
    rpc_code: error.code,
  });
}

/** The scopes that a challenge asks for (RFC 6750 section 3); empty when it asks for none. */
function scopesIn(challenge: string | undefined): string {
  return /\bscope="([^"]*)"/.exec(challenge ?? '')?.[1] ?? '';
}
