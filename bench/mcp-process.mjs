import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { lastLines } from '../scripts/stack/child-process.mjs';

const longestCallMs = 180_000;

/**
 * An MCP server on stdio, spoken to line by line: the bytes that are counted are those on the wire, and no client library
 * stands between the clock and the server.
 */
export class McpProcess {
  #child;
  #what;
  #log;
  #waiting = new Map();
  #rest = [];
  #last = 0;
  #ended;

  /** @param {{command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string, log: string, what: string}} options */
  static async start({ command, args, env, cwd, log, what }) {
    const server = new McpProcess();
    server.#what = what;
    server.#log = log;
    const errors = openSync(log, 'w');
    server.#child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', errors] });
    closeSync(errors);
    server.#ended = once(server.#child, 'close').catch(() => {});
    server.#child.stdin.on('error', () => {});
    server.#child.stdout.on('data', (chunk) => server.#read(chunk));
    server.#child.once('error', (error) => server.#fail(error.message));
    server.#child.once('exit', (code, signal) => server.#fail(`ended with ${signal ?? code}`));
    try {
      const info = { name: 'soc-bench', version: '0' };
      await server.ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: info });
      server.#send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** One request. `bytes` is the length of the answer's line. */
  async ask(method, params) {
    this.#last += 1;
    const id = this.#last;
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.#what} did not answer ${method} within ${longestCallMs / 1000} s`));
      }, longestCallMs);
      this.#waiting.set(id, { resolve, reject, timer });
    });
    this.#send({ jsonrpc: '2.0', id, method, params });
    const { message, bytes } = await answer;
    if (message.error) throw new Error(`${this.#what} refused ${method}: ${JSON.stringify(message.error)}`);
    return { result: message.result, bytes };
  }

  /** One tool call: its text, the bytes on the wire and the milliseconds it took. Throws when the tool failed. */
  async call(name, args) {
    const begun = performance.now();
    const { result, bytes } = await this.ask('tools/call', { name, arguments: args });
    const ms = performance.now() - begun;
    const text = result.content.map((part) => part.text ?? '').join('\n');
    if (result.isError) throw new Error(`${this.#what}: ${name} failed: ${text.slice(0, 500)}`);
    return { text, bytes, ms };
  }

  async stop() {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#ended;
    clearTimeout(timer);
  }

  #send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #read(chunk) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#rest.push(chunk.subarray(from, end));
      this.#line(Buffer.concat(this.#rest));
      this.#rest = [];
      from = end + 1;
    }
    if (from < chunk.length) this.#rest.push(chunk.subarray(from));
  }

  #line(line) {
    let message;
    try {
      message = JSON.parse(line.toString('utf8'));
    } catch {
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    waiting.resolve({ message, bytes: line.length });
  }

  #fail(why) {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error(`${this.#what} ${why}. ${lastLines(this.#log)}`));
    }
    this.#waiting.clear();
  }
}
