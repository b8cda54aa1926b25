import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { signRequest } from '../../../operations/request-signature';

/** How the requests say who sends them. */
export type ConnectCredential =
  | { kind: 'none' }
  | { kind: 'token'; token: string }
  | { kind: 'signature'; id: string; secret: string }
  /** A person signs in when the bridge asks for it. */
  | { kind: 'login'; open: () => Promise<Login> };

/** What a sign-in gives; see oauth-login.ts. */
export interface Login {
  readonly accessToken: string | undefined;
  /** Whether signing in may help against this refusal. */
  canAnswer(response: Response): boolean;
  /** Rejects with an error for the person. */
  renew(response: Response, used: string | undefined): Promise<void>;
  cancel(): void;
}

interface Message {
  id?: string | number;
  method?: string;
  params?: {
    name?: unknown;
    uri?: unknown;
    requestId?: string | number;
    protocolVersion?: unknown;
    _meta?: Record<string, unknown>;
  };
}

const versionKey = 'io.modelcontextprotocol/protocolVersion';
/** Longest line that is taken from the client: what the bridge takes. */
const maxLineBytes = 4 * 1024 * 1024;

/**
 * One stdio client of a bridge elsewhere: each line becomes one POST, each answer one line. It keeps what HTTP has no
 * place for: a cancellation, which over HTTP without sessions reaches nobody, ends the request it is about.
 */
export class StdioProxy {
  private readonly running = new Map<string | number, AbortController>();
  /** What `initialize` agreed on; the later messages of that era carry it in a header. */
  private version: string | undefined;
  private login: Login | undefined;
  private opening: Promise<Login> | undefined;

  constructor(
    private readonly url: URL,
    private readonly credential: ConnectCredential,
    private readonly out: Writable,
    private readonly say: (problem: string) => void,
  ) {}

  /** Resolves when the client has closed its end and everything is answered. */
  async run(input: Readable): Promise<void> {
    const open = new Set<Promise<void>>();
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue;
      const sent = this.forward(line).catch((error: unknown) => this.say(String(error)));
      open.add(sent);
      void sent.finally(() => open.delete(sent));
      // The first message of a session decides how the next are sent.
      if (this.version === undefined && line.includes('"initialize"')) await sent;
    }
    this.login?.cancel();
    await Promise.all(open);
  }

  private async forward(line: string): Promise<void> {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
    } catch {
      return this.answer({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'not JSON' } });
    }
    if (Buffer.byteLength(line) > maxLineBytes) return this.fail(message, 'the message is over 4 MiB');
    const { method, params, id } = message;
    if (method === 'notifications/cancelled' && params?.requestId !== undefined) {
      this.running.get(params.requestId)?.abort();
      return;
    }
    const stop = new AbortController();
    if (id !== undefined) this.running.set(id, stop);
    try {
      await this.relay(message, await this.post(message, line, stop.signal));
    } catch (error) {
      if (error instanceof LoginProblem) return this.fail(message, error.message);
      // Whoever cancelled a request waits for nothing.
      if (!stop.signal.aborted) this.fail(message, `${this.url.host} cannot be reached: ${reasonOf(error)}`);
    } finally {
      if (id !== undefined) this.running.delete(id);
    }
  }

  private async post(message: Message, body: string, signal: AbortSignal): Promise<Response> {
    const send = () => {
      const headers = { ...this.headersFor(message), ...this.prove(body) };
      return fetch(this.url, { method: 'POST', headers, body, redirect: 'error', signal });
    };
    const used = this.login?.accessToken;
    const response = await send();
    if (this.credential.kind !== 'login' || response.status === 200) return response;
    this.opening ??= this.credential.open();
    this.login = await this.opening;
    if (!this.login.canAnswer(response)) return response;
    await response.body?.cancel();
    await this.login.renew(response, used).catch((error: unknown) => {
      throw new LoginProblem(reasonOf(error));
    });
    return send();
  }

  private headersFor({ method, params }: Message): Record<string, string> {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const modern = params?._meta?.[versionKey];
    if (typeof modern === 'string' && method !== undefined) {
      headers['mcp-protocol-version'] = modern;
      headers['mcp-method'] = method;
      const name = params?.name ?? params?.uri;
      if (typeof name === 'string') headers['mcp-name'] = name;
    } else if (this.version !== undefined) headers['mcp-protocol-version'] = this.version;
    return headers;
  }

  private prove(body: string): Record<string, string> {
    if (this.credential.kind === 'none') return {};
    if (this.credential.kind === 'login') {
      const token = this.login?.accessToken;
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    }
    if (this.credential.kind === 'token') return { authorization: `Bearer ${this.credential.token}` };
    const target = `${this.url.pathname}${this.url.search}`;
    return signRequest(
      { method: 'POST', target, body },
      this.credential,
      new Date(),
      randomBytes(16).toString('base64url'),
    );
  }

  private async relay(message: Message, response: Response): Promise<void> {
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream') && response.body !== null) {
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const events = (rest + chunk).replace(/\r\n/g, '\n').split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) this.pass(message, dataOf(event));
      }
      this.pass(message, dataOf(rest));
      return;
    }
    const text = await response.text();
    if (message.id === undefined) {
      if (!response.ok)
        this.say(`${message.method ?? 'a message'} was refused with ${response.status}: ${text.slice(0, 300)}`);
      return;
    }
    if (isAnswer(text)) this.pass(message, text);
    else this.fail(message, `the bridge answered ${response.status}: ${saidIn(text)}`);
  }

  /** One message of the bridge, on one line whatever it looked like. */
  private pass({ method }: Message, text: string): void {
    if (text === '') return;
    const value = JSON.parse(text) as { result?: { protocolVersion?: unknown } };
    const agreed = value.result?.protocolVersion;
    if (method === 'initialize' && typeof agreed === 'string') this.version = agreed;
    this.answer(value);
  }

  private fail({ id }: Message, problem: string): void {
    this.say(problem);
    if (id !== undefined) this.answer({ jsonrpc: '2.0', id, error: { code: -32603, message: problem } });
  }

  private answer(value: unknown): void {
    this.out.write(`${JSON.stringify(value)}\n`);
  }
}

/** Nobody is signed in, and why. */
class LoginProblem extends Error {}

function dataOf(event: string): string {
  return event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''))
    .join('\n');
}

function isAnswer(text: string): boolean {
  try {
    return (JSON.parse(text) as { jsonrpc?: unknown }).jsonrpc === '2.0';
  } catch {
    return false;
  }
}

/** The bridge's own refusals are JSON with a message; a proxy's are anything. */
function saidIn(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text).slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string }; message?: string };
  return cause?.message ?? message ?? String(error);
}
