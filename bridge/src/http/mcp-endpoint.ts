import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { Operation } from '../../../operations/operation';
import type { AccessSettings } from '../access/access-settings';
import { challenge } from '../access/challenge';
import { callerKey, type Principal, toAuthInfo } from '../access/principal';
import type { RateLimits } from '../access/rate-limits';
import { covers, isScope, scopeFor } from '../access/scopes';
import { readMoreName } from '../mcp/result-pager';
import { selectionAt } from '../mcp/tool-selection';
import type { Refused } from '../observing/observers';
import { answerJson, readBytes } from './exchange';
import { JsonProblem, parseStrictJson } from './strict-json';
import { abortOnClose, sendWebResponse, toWebRequest } from './web-response';

export const maxMcpBytes = 4 * 1024 * 1024;
const parseError = -32700;
const invalidRequest = -32600;

export interface McpEndpointParts {
  handler: Pick<McpHttpHandler, 'fetch' | 'close'>;
  operations: readonly Operation[];
  access: AccessSettings;
  limits: RateLimits;
}

/** Tells observers and the log. */
export type McpRefusal = (kind: Refused['kind'], status: number, more: { tool?: string }) => void;

/** What the endpoint reads of a message itself. */
interface Message {
  id?: unknown;
  method?: unknown;
  params?: { name?: unknown };
}

/**
 * `/mcp`: what goes for every message whatever its era and whoever answers it. The body is read once, and what was checked
 * is what the handler gets.
 */
export class McpEndpoint {
  private readonly byName: ReadonlyMap<string, Operation>;

  constructor(private readonly parts: McpEndpointParts) {
    this.byName = new Map(parts.operations.map((operation) => [operation.name, operation]));
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
    refused: McpRefusal,
  ): Promise<void> {
    const reject = (status: number, code: number, problem: string) => {
      refused('malformed', status, {});
      answerError(response, status, code, null, problem, { connection: 'close' });
    };
    const selection = selectionAt(request.url ?? '/');
    if ('problem' in selection) return reject(400, invalidRequest, selection.problem);
    let body: Message | undefined;
    if (request.method === 'POST') {
      const problem = mediaProblem(request);
      if (problem !== undefined) return reject(415, invalidRequest, problem);
      const text = (await readBytes(request, maxMcpBytes)).toString('utf8');
      try {
        body = message(parseStrictJson(text));
      } catch (error) {
        if (!(error instanceof JsonProblem)) throw error;
        const code = error.message === 'the body is not JSON' ? parseError : invalidRequest;
        return reject(400, code, error.message);
      }
      if (await this.isHeldBack(response, principal, body, refused)) return;
    }
    const signal = abortOnClose(response);
    // Whoever asked has gone, or was told not to wait, while the limits were asked for: nothing is begun for them.
    if (signal.aborted) return void response.destroy();
    const answered = await this.parts.handler
      .fetch(toWebRequest(request, signal), {
        authInfo: toAuthInfo(principal),
        ...(body === undefined ? {} : { parsedBody: body }),
      })
      .catch((error: unknown) => {
        // Nobody is there to read what became of it.
        if (signal.aborted) return undefined;
        throw error;
      });
    if (answered === undefined) response.destroy();
    else await sendWebResponse(answered, response, signal);
  }

  close(): Promise<void> {
    return this.parts.handler.close();
  }

  /** Whether the message was answered here: over a limit, or a tool beyond the caller's scopes. */
  private async isHeldBack(
    response: ServerResponse,
    principal: Principal,
    { id, method, params }: Message,
    refused: McpRefusal,
  ): Promise<boolean> {
    const { rates } = this.parts.access;
    const caller = callerKey(principal);
    const name = method === 'tools/call' && typeof params?.name === 'string' ? params.name : undefined;
    const tool = name === undefined ? undefined : this.byName.get(name);
    // A name that is no tool is no key either: it would be a new one with every call.
    const counted = tool?.name ?? (name === readMoreName ? name : undefined);
    const wait =
      (await this.parts.limits.take(caller, rates.principal)) ??
      (counted === undefined ? undefined : await this.parts.limits.take(`${caller} ${counted}`, rates.tool));
    if (wait !== undefined) {
      refused('rate_limited', 429, { tool: counted });
      const message = `Too many ${counted === undefined ? 'requests' : `calls of ${counted}`} within a minute. Try again in ${wait} s.`;
      answerJson(response, 429, { code: 'rate_limited', message }, { 'retry-after': String(wait) });
      return true;
    }
    if (name !== undefined && counted === undefined) refused('unknown_tool', 400, {});
    if (tool === undefined || covers(principal.scopes, scopeFor(tool))) return false;
    const needed = scopeFor(tool);
    refused('insufficient_scope', 403, { tool: tool.name });
    // With what is held already, so that a client that asks anew loses nothing.
    const scope = [...new Set([...principal.scopes.filter(isScope), needed])].join(' ');
    const problem = `${tool.name} needs the scope ${needed}, which this credential does not have.`;
    const headers = { 'www-authenticate': challenge(this.parts.access, { error: 'insufficient_scope', scope }) };
    answerError(response, 403, invalidRequest, id, problem, headers, { tool: tool.name, scope: needed });
    return true;
  }
}

function answerError(
  response: ServerResponse,
  status: number,
  code: number,
  id: unknown,
  message: string,
  headers: Record<string, string>,
  data?: Record<string, string>,
): void {
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  const error = { code, message, ...(data === undefined ? {} : { data }) };
  answerJson(response, status, { jsonrpc: '2.0', id: known, error }, headers);
}

/** One JSON-RPC message. Batches were taken out of MCP in 2025-06-18, and hide calls from whoever counts them. */
function message(value: unknown): Message {
  if (Array.isArray(value)) throw new JsonProblem('batches are no part of MCP; send one message at a time');
  if (typeof value !== 'object' || value === null) throw new JsonProblem('a message is a JSON object');
  return value;
}

function mediaProblem({ headers, headersDistinct }: IncomingMessage): string | undefined {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json' || (headersDistinct['content-type']?.length ?? 0) > 1) {
    return 'content-type: a message is application/json';
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  return encoding === undefined || encoding === 'identity' ? undefined : 'content-encoding: send the message as it is';
}
