import type { ServerResponse } from 'node:http';
import { type RecordedRequest, RequestRecorder } from '../recorded-request';
import type { ServiceHandler, ServiceRequest, ServiceResponse } from '../service';
import { type Behaviour, type ChatRequest, type Completion, complete } from './completion';
import { textOf } from './message-text';

export interface ModelStandIn {
  handler: ServiceHandler;
  /** The id to ask for. */
  model: string;
  requests: RecordedRequest[];
  /** How it answers from now on: as it should, with broken text, with a hostile reply, or never. */
  setBehaviour(behaviour: Behaviour): void;
  reset(): void;
}

const MODEL = 'simulated-soc-model';

/** An OpenAI-compatible server whose model is a rule: it asks for scrutiny when a calm verdict has hostile evidence. */
export function createModel(options: { apiKey: string }): ModelStandIn {
  const recorder = new RequestRecorder();
  let behaviour: Behaviour = 'honest';
  let count = 0;
  const handler: ServiceHandler = async (request, raw) => {
    recorder.record(request);
    if (request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return problem(401, 'Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key');
    }
    if (request.method === 'GET' && request.path === '/v1/models')
      return { status: 200, body: { object: 'list', data: [modelEntity()] } };
    if (request.method === 'GET' && request.path === `/v1/models/${MODEL}`) return { status: 200, body: modelEntity() };
    if (request.method !== 'POST' || request.path !== '/v1/chat/completions') {
      return problem(404, `Invalid URL (${request.method} ${request.path})`, 'invalid_request_error', null);
    }
    const chat = parse(request);
    if (!chat)
      return problem(
        400,
        "Missing required parameter: 'messages'.",
        'invalid_request_error',
        'missing_required_parameter',
      );
    if (chat.model !== undefined && chat.model !== MODEL) {
      return problem(
        404,
        `The model \`${chat.model}\` does not exist or you do not have access to it.`,
        'invalid_request_error',
        'model_not_found',
      );
    }
    if (behaviour === 'hang') return hang(request);
    count += 1;
    const head = { id: `chatcmpl-simulated-${count}`, created: Math.floor(Date.now() / 1000), model: MODEL };
    const completion = complete(chat, behaviour);
    const usage = usageOf(chat, completion);
    if (chat.stream) return stream(raw, head, completion, chat.stream_options?.include_usage ? usage : undefined);
    return {
      status: 200,
      body: {
        ...head,
        object: 'chat.completion',
        choices: [choiceOf(completion)],
        usage,
        system_fingerprint: 'simulated',
      },
    };
  };
  return {
    handler,
    model: MODEL,
    requests: recorder.requests,
    setBehaviour: (next) => {
      behaviour = next;
    },
    reset: () => {
      behaviour = 'honest';
      count = 0;
      recorder.clear();
    },
  };
}

function modelEntity() {
  return { id: MODEL, object: 'model', created: 1_700_000_000, owned_by: 'simulated' };
}

function problem(status: number, message: string, type: string, code: string | null): ServiceResponse {
  return { status, body: { error: { message, type, param: null, code } } };
}

function parse(request: ServiceRequest): ChatRequest | undefined {
  try {
    const value = JSON.parse(request.body.toString('utf8')) as ChatRequest;
    return Array.isArray(value.messages) && value.messages.length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the caller waiting until it gives up. */
function hang(request: ServiceRequest): Promise<undefined> {
  return new Promise((resolve) => {
    if (request.signal.aborted) resolve(undefined);
    else request.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function choiceOf({ content, toolCall }: Completion) {
  const calls = toolCall ? { tool_calls: [{ id: 'call_simulated_1', type: 'function', function: toolCall }] } : {};
  return {
    index: 0,
    message: { role: 'assistant', content, refusal: null, ...calls },
    logprobs: null,
    finish_reason: toolCall ? 'tool_calls' : 'stop',
  };
}

/** Four characters count as a token; near enough for budgets and for seeing that something was counted. */
function usageOf(chat: ChatRequest, completion: Completion) {
  const tokens = (text: string) => Math.ceil(text.length / 4);
  const prompt = tokens(chat.messages.map(textOf).join('\n')) + chat.messages.length * 4;
  const answer = tokens(completion.content ?? completion.toolCall?.arguments ?? '');
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer };
}

function stream(
  raw: ServerResponse,
  head: { id: string; created: number; model: string },
  completion: Completion,
  usage: object | undefined,
): undefined {
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const send = (delta: object, finish: string | null) => {
    const chunk = { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] };
    raw.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  send({ role: 'assistant', content: completion.toolCall ? null : '' }, null);
  if (completion.toolCall) {
    send({ tool_calls: [{ index: 0, id: 'call_simulated_1', type: 'function', function: completion.toolCall }] }, null);
  }
  for (const piece of completion.content?.match(/[\s\S]{1,24}/g) ?? []) send({ content: piece }, null);
  send({}, completion.toolCall ? 'tool_calls' : 'stop');
  if (usage) raw.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`);
  raw.end('data: [DONE]\n\n');
}
