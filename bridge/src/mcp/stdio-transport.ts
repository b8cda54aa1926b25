import { deserializeMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/server';

/** What is not answered by the SDK's server. */
export interface Shortcut {
  /** Whether it takes the message, which is any JSON; it then answers it by itself, through `write` of the transport. */
  take(message: unknown): boolean;
  /** The SDK's server has said something. */
  answered(): void;
  /** The connection ends. */
  close(): void;
}

/** Longest message, in bytes; as the SDK's own. */
const longestMessage = 10 * 1024 * 1024;

/** No connection survives it: what is not read to its end has no id to answer to. */
export class MessageTooLong extends Error {
  constructor() {
    super(`A message is longer than ${longestMessage} bytes; the connection is closed`);
  }
}

const lineFeed = 10;

/**
 * MCP on stdin and stdout, one message a line. It stands in for the SDK's own, which looks through its buffer and copies it for
 * each line, checks each message against four schemas before the server checks it again, and writes each answer by itself.
 * What the SDK's does not take this does not either: its check is the same for all messages that `shortcut` leaves.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** The beginning of a line whose end has not come. */
  private rest: Buffer[] = [];
  private restBytes = 0;
  private lines = '';
  private closed = false;
  private drained: Promise<void> | undefined;

  constructor(
    private readonly input: NodeJS.ReadableStream,
    private readonly output: NodeJS.WritableStream,
    private readonly shortcut?: Shortcut,
  ) {}

  async start(): Promise<void> {
    // It stays: what is written last may fail when nobody asks any more.
    this.output.on('error', this.failed);
    this.input.on('data', this.read);
    this.input.on('error', this.report);
    this.input.on('end', this.ended);
    this.input.on('close', this.ended);
  }

  /** Resolves when it is with the system, or when the system takes more again. */
  async send(message: JSONRPCMessage): Promise<void> {
    if (this.closed) throw new Error('The connection is closed');
    this.shortcut?.answered();
    this.write(JSON.stringify(message));
    if (this.drained !== undefined) await this.drained;
  }

  /** One message as its JSON. What is written in one turn goes out together. */
  write(json: string): void {
    if (this.closed) return;
    if (this.lines === '') process.nextTick(this.flush);
    this.lines += `${json}\n`;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    this.input.off('data', this.read);
    this.input.off('error', this.report);
    this.input.off('end', this.ended);
    this.input.off('close', this.ended);
    if (this.input.listenerCount('data') === 0) this.input.pause();
    this.rest = [];
    this.shortcut?.close();
    this.onclose?.();
  }

  private readonly read = (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      this.receive(this.lineOf(chunk, from, end));
      if (this.closed) return;
      from = end + 1;
    }
    if (from === chunk.length) return;
    this.rest.push(from === 0 ? chunk : chunk.subarray(from));
    this.restBytes += chunk.length - from;
    if (this.restBytes <= longestMessage) return;
    this.report(new MessageTooLong());
    void this.close();
  };

  private lineOf(chunk: Buffer, from: number, end: number): string {
    if (this.rest.length === 0) return chunk.toString('utf8', from, end);
    const line = Buffer.concat([...this.rest, chunk.subarray(from, end)]);
    this.rest = [];
    this.restBytes = 0;
    return line.toString('utf8');
  }

  private receive(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      // As the SDK's own does: what is no JSON is no message, and there is no id to answer to.
      return;
    }
    try {
      if (this.shortcut?.take(message)) return;
      this.onmessage?.(deserializeMessage(line));
    } catch (error) {
      this.report(error as Error);
    }
  }

  private readonly flush = (): void => {
    const { lines } = this;
    if (lines === '') return;
    this.lines = '';
    if (this.output.write(lines)) return;
    this.drained ??= new Promise((resolve) => {
      this.wakeUp = resolve;
      this.output.once('drain', this.more);
    });
  };

  private wakeUp = (): void => {};

  private readonly more = (): void => {
    this.drained = undefined;
    this.wakeUp();
  };

  private readonly report = (error: Error): void => this.onerror?.(error);

  private readonly ended = (): void => void this.close();

  private readonly failed = (error: Error): void => {
    if (this.closed) return;
    this.more();
    this.report(error);
    void this.close();
  };
}
